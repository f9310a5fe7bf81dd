package desk

import (
	"strings"
	"time"

	"cartline/shared"
)

// filter is which carts the table shows. The zero filter is all of them.
type filter struct {
	words []string // each of which a cart has to have
	// since leaves only what changed here after that time, newest first: the caller
	// was asked to change something.
	since time.Time
	// only leaves these carts, if it isn't nil: those of a customer who was looked up.
	only map[string]bool
}

// none says that every cart is shown.
func (f filter) none() bool { return len(f.words) == 0 && f.since.IsZero() && f.only == nil }

// matches says whether a cart passes. customer is whose it is, in lower case, where
// the reader may know that, or "".
func (f filter) matches(e *entry, customer string) bool {
	if !f.since.IsZero() && !e.changed.After(f.since) {
		return false
	}
	if f.only != nil && !f.only[e.cart.ID] {
		return false
	}
	for _, word := range f.words {
		if !strings.Contains(e.searched(), word) && !strings.Contains(customer, word) {
			return false
		}
	}
	return true
}

// searched is the text of a cart in which the words of a search are looked for: its
// name, its products, its page, its total and who attends it.
func searched(c shared.CartSummary) string {
	parts := append([]string{c.Name, plain(c.Total), c.Total.String(), pageName(c.Page)}, c.Products...)
	parts = append(parts, c.Attendants...)
	return strings.ToLower(strings.Join(parts, "\n"))
}

// plain is an amount without its currency.
func plain(m shared.Money) string {
	return strings.TrimLeft(m.String(), "€$£ ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// intent is what a text in the search box asks for.
type intent int

// The intents.
const (
	toFilter intent = iota
	toAttach        // by the code that it is
	toLookUp        // the e-mail address that it is
)

// query is what is in the search box.
type query struct {
	intent intent
	words  []string // to filter by
	find   shared.FindCart
}

// ask reads what is in the search box.
func ask(text string) query {
	text = strings.TrimSpace(text)
	code := shared.FindCart{Code: text}
	if shared.IsCode(code.Digits()) {
		return query{intent: toAttach, find: shared.FindCart{Code: code.Digits()}}
	}
	email := shared.FindCart{Email: text}
	if strings.Contains(text, "@") && email.Validate() == nil && strings.Contains(text[strings.Index(text, "@"):], ".") {
		return query{intent: toLookUp, find: email}
	}
	return query{words: strings.Fields(strings.ToLower(text))}
}

// grouped writes a code as it is read aloud: "482 913".
func grouped(code string) string { return code[:3] + " " + code[3:] }

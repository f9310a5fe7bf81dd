package shop

import (
	"strconv"
	"time"

	"cartline/app/part"
	"cartline/shared"
)

// news is one thing that others did with the visitor's cart. Version is that of the
// cart which it made, by which it is known and can be undone.
type news struct {
	Version int64     `json:"version"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Undo    bool      `json:"undo,omitempty"` // can be taken back
	Undone  bool      `json:"undone,omitempty"`
	// Until is when it goes out of sight; it stays in the list.
	Until time.Time `json:"until"`
}

// maxNews is how many things the list keeps.
const maxNews = 8

// happened takes an event of the visitor's cart: what the cart is now, and who did
// what. It says whether the cart has to be looked for anew.
func (m *model) happened(e shared.CartEvent) (look bool) {
	if m.over[e.Cart.ID] {
		return false
	}
	mine := e.Cart.ID == m.cart.ID
	m.took(e.Cart)
	if e.Cart.Status == shared.CartMerged || e.Cart.Status == shared.CartExpired {
		return mine
	}
	m.mark(e.Activity)
	if text := sentence(e.Activity, e.Cart); text != "" && !m.known(e.Activity.CartVersion) {
		m.tell(news{
			Version: e.Activity.CartVersion, Text: text, At: e.Activity.At, Undo: undoable(e.Activity),
		}, e.Activity.Kind != shared.Attached) // of that, the banner tells
	}
	if e.Activity.Undoes > 0 {
		m.undone(e.Activity.Undoes)
	}
	return false
}

// known says whether the list has what made a version.
func (m *model) known(version int64) bool {
	if m.newsFor != m.cart.ID {
		return false
	}
	for _, n := range m.news {
		if n.Version == version {
			return true
		}
	}
	return false
}

// tell adds to the list, newest first, and for a while puts it in sight.
func (m *model) tell(n news, show bool) {
	if m.newsFor != m.cart.ID {
		m.newsFor, m.news = m.cart.ID, nil
	}
	if show {
		n.Until = m.now().Add(toastTime)
	}
	m.news = append([]news{n}, m.news...)
	if len(m.news) > maxNews {
		m.news = m.news[:maxNews]
	}
}

// undone notes that a change was taken back.
func (m *model) undone(version int64) {
	for i := range m.news {
		if m.news[i].Version == version {
			m.news[i].Undone = true
			m.news[i].Until = m.now().Add(toastTime / 4)
		}
	}
	delete(m.undoSaid, version)
}

// recent are the news of the present cart.
func (m *model) recent() []news {
	if m.newsFor != m.cart.ID || m.cart.ID == "" {
		return nil
	}
	return m.news
}

// toasts are the news that are still in sight.
func (m *model) toasts() []news {
	var seen []news
	for _, n := range m.recent() {
		if n.Until.After(m.now()) {
			seen = append(seen, n)
		}
	}
	return seen[:min(len(seen), 3)]
}

// dismiss takes one out of sight.
func (m *model) dismiss(version int64) {
	for i := range m.news {
		if m.news[i].Version == version {
			m.news[i].Until = time.Time{}
		}
	}
}

// mark notes by whom a line was changed last.
func (m *model) mark(a shared.Activity) {
	sku := ""
	switch {
	case a.Line != nil:
		sku = a.Line.SKU
	case a.Discount != nil:
		sku = a.Discount.SKU
	}
	switch {
	case sku == "":
	case a.Actor.Kind == shared.ActorStaff:
		m.touch[sku] = touch{by: a.Actor.Name, until: m.now().Add(touchTime)}
	default:
		delete(m.touch, sku)
	}
}

// credit marks the line that staff changed last in a cart that was looked at, and
// not heard of.
func (m *model) credit(cart shared.Cart) {
	last := cart.Last
	if last == nil || last.Actor.Kind != shared.ActorStaff || last.Line == nil || cart.ID != m.cart.ID {
		return
	}
	if _, marked := m.touch[last.Line.SKU]; !marked {
		m.touch[last.Line.SKU] = touch{by: last.Actor.Name}
	}
}

// undoable says whether the visitor is offered to take a change back.
func undoable(a shared.Activity) bool {
	if a.Actor.Kind != shared.ActorStaff || a.Undoes > 0 {
		return false
	}
	switch a.Kind {
	case shared.LineAdded, shared.LineChanged, shared.LineRemoved, shared.DiscountSet, shared.DiscountRemoved:
		return true
	}
	return false
}

// sentence puts what others did into words, and is empty for what needs none: the
// visitor's own deeds, and what a card or the banner shows already.
func sentence(a shared.Activity, cart shared.Cart) string {
	switch a.Kind {
	case shared.Attached:
		return whoever(a) + " is helping you with this cart now."
	case shared.Released:
		return whoever(a) + " no longer sees your name or changes this cart."
	case shared.CartsMerged:
		return mergedWords(a.MergedLines)
	}
	if a.Actor.Kind != shared.ActorStaff {
		return ""
	}
	switch a.Kind {
	case shared.LineAdded, shared.LineChanged, shared.LineRemoved:
		if a.Line == nil {
			return ""
		}
		return a.Actor.Name + " " + lineWords(*a.Line, a.Undoes > 0)
	case shared.DiscountSet, shared.DiscountRemoved:
		if a.Discount == nil {
			return ""
		}
		return a.Actor.Name + " " + discountWords(*a.Discount, cart)
	}
	return ""
}

// whoever is whom an activity is about.
func whoever(a shared.Activity) string {
	if a.Staff != "" {
		return a.Staff
	}
	if a.Actor.Name != "" {
		return a.Actor.Name
	}
	return "Our colleague"
}

func lineWords(l shared.LineChange, undo bool) string {
	again := ""
	if undo {
		again = " again"
	}
	switch {
	case l.OldQuantity == 0:
		return "added " + strconv.Itoa(l.NewQuantity) + " × " + l.Name + again
	case l.NewQuantity == 0:
		return "took " + l.Name + " out" + again
	case l.NewQuantity > l.OldQuantity:
		return "raised " + l.Name + " from " + strconv.Itoa(l.OldQuantity) + " to " + strconv.Itoa(l.NewQuantity) + again
	default:
		return "lowered " + l.Name + " from " + strconv.Itoa(l.OldQuantity) + " to " + strconv.Itoa(l.NewQuantity) + again
	}
}

func discountWords(d shared.DiscountChange, cart shared.Cart) string {
	what := "the whole cart"
	if d.SKU != "" {
		what = d.SKU
		if line, ok := cart.Line(d.SKU); ok {
			what = line.Name
		}
	}
	if d.New == nil {
		return "took the discount off " + what
	}
	return "gave you " + worth(d.New, cart.Total.Currency) + " " + what + ", " + reasonWords(d.New.Reason)
}

// mergedWords tells what signing in has done to the cart.
func mergedWords(lines int) string {
	if lines <= 0 {
		return ""
	}
	return part.Count(lines, "line", "lines") + " from your guest cart " + was(lines) + " added."
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

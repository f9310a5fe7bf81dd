package desk

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// cartRow is one cart of the table. It is a component with exported fields that can be
// compared, so that go-app draws it again only when it has changed.
type cartRow struct {
	app.Compo

	ID     string
	Name   string
	Kind   string // of shopper
	Class  string
	Items  int
	Total  string
	At     string // page
	Ago    string
	Last   string
	Who    string // attends
	Knock  string
	Picked bool
	Open   bool // in the tab on top
	Fresh  bool // what is in it has changed just now
	Help   bool
	Ask    bool // a knock makes sense
	Number int  // of the slot, from 1
	// Page is asked to do things. It is the same always.
	Page *Desk
}

func (d *Desk) newRow(e *entry, number int) *cartRow {
	m, c := d.model, e.cart
	kind, class := shopperKind(c)
	r := &cartRow{
		ID: c.ID, Name: c.Name, Kind: kind, Class: class, Items: c.Items, Total: sum(c.Total),
		At: pageName(c.Page), Last: lastWords(c.Last, m.Who.Username), Ago: ago(m.now().Sub(c.UpdatedAt)),
		Who: strings.Join(c.Attendants, ", "), Knock: m.knockWords(c.ID), Help: shared.HelpWanted(c.HelpAt, m.now()),
		Picked: m.picked == c.ID, Open: m.tabs.active == c.ID, Number: number, Page: d,
		Fresh: e.fresh(m.now()),
	}
	r.Ask = m.desk.ConsentNeeded && !r.Help && !c.Phone && len(c.Attendants) == 0 && e.closed.IsZero()
	if !e.closed.IsZero() {
		r.Last, r.Help = closedWords(c.Status), false
	}
	return r
}

// shopperKind names whose cart it is, and how that is marked.
func shopperKind(c shared.CartSummary) (words, class string) {
	switch {
	case c.Status != shared.CartOpen:
		return capital(string(c.Status)), "closed"
	case c.Phone:
		return "Phone", "phone"
	case c.Simulated:
		return "Demo", "demo"
	case c.SignedIn:
		return "Signed in", "member"
	default:
		return "Guest", "guest"
	}
}

func closedWords(s shared.CartStatus) string {
	switch s {
	case shared.CartOrdered:
		return "ordered"
	case shared.CartMerged:
		return "merged into the customer's own cart"
	default:
		return "expired"
	}
}

// Render draws the row.
func (r *cartRow) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	class := "cart-row " + r.Class
	if r.Open {
		class += " open"
	}
	if r.Help {
		class += " help"
	}
	if r.Fresh {
		class += " fresh"
	}
	index := -1
	if r.Picked {
		index = 0
		class += " picked"
	}
	return h.HTML(`<tr class={} id={} role="row" tabindex={} aria-rowindex={} data-id={} onclick={}>
		<td class="c-name" role="cell">
			<button class="cart-name" type="button">{}</button>
			<span class={}>{}</span>
		</td>
		<td class="c-items" role="cell">{}<span class="unit">{}</span></td>
		<td class="c-total" role="cell">{}</td>
		<td class="c-page" role="cell">{}</td>
		<td class="c-last" role="cell">
			<span class="ago">{}</span>
			<span class="what">{}</span>
		</td>
		<td class="c-who" role="cell">{}</td>
	</tr>`,
		class,
		rowID(r.ID),
		index,
		r.Number+1,
		r.ID,
		r.onOpen,
		r.Name,
		"badge "+r.Class,
		r.Kind,
		strconv.Itoa(r.Items),
		unit(r.Items),
		r.Total,
		r.At,
		r.Ago,
		r.Last,
		r.renderWho(),
	)
}

// renderWho draws who attends the cart, or how to get to do so.
func (r *cartRow) renderWho() app.UI {
	switch {
	case r.Knock != "":
		return h.HTML(`<span class="badge wait">{}</span>`, r.Knock)
	case r.Help:
		return h.HTML(`<span class="badge alert">Asks for help</span>`)
	case r.Who != "":
		return h.HTML(`<span class="badge staff">{}</span>`, r.Who)
	case r.Ask:
		return h.HTML(`<button class="button small knock" type="button" title="Ask the shopper whether they are on the phone with you" aria-label={} onclick={}>Knock</button>`,
			"Knock at "+r.Name,
			r.onKnock,
		)
	default:
		return gone()
	}
}

// gone holds the place of what isn't there, so that what follows keeps its own: go-app
// tells elements apart by their place.
func gone() app.UI { return app.Elem("template") }

// when draws something if a condition holds, and otherwise holds its place.
func when(condition bool, draw func() app.UI) app.UI {
	if !condition {
		return gone()
	}
	return draw()
}

// unit is what stands after a number of items where no column names it.
func unit(items int) string {
	if items == 1 {
		return "\u00a0item"
	}
	return "\u00a0items"
}

func rowID(id string) string { return "cart-" + id }

func (r *cartRow) onOpen(app.Context, app.Event) {
	defer part.Guard()
	r.Page.open(r.ID)
}

func (r *cartRow) onKnock(_ app.Context, e app.Event) {
	defer part.Guard()
	e.StopImmediatePropagation()
	e.Call("stopPropagation") // the row would open
	r.Page.knock(r.ID)
}

package status

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// foldAt is the length in bytes from which a text may not fit into its line, on
// the narrowest of phones.
const foldAt = 32

// row is one item of the feed: what happened in words, if there are any, and the
// exact text of the message. It is a component with exported fields that can be
// compared, so that go-app draws it again only when it has changed.
type row struct {
	app.Compo

	ID     int
	At     time.Time
	Origin origin
	Words  string
	Text   string
	Left   int
	Open   bool
	// Page is asked to unfold. It is the same always.
	Page *Status
}

func newRow(i item, page *Status) *row {
	return &row{ID: i.id, At: i.at, Origin: i.origin, Words: i.words, Text: i.text, Left: i.left, Open: i.open, Page: page}
}

// Render draws the item.
func (r *row) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	arrow, name := r.Origin.sign()
	raw := "raw"
	if r.Words == "" {
		raw += " alone"
	}
	if r.Open {
		raw += " whole"
	}
	return h.HTML(`<li class={}>
		<span class="way" title={} aria-hidden="true">{}</span>
		<span class="sr">{}</span>
		<time class="at" datetime={}>{}</time>
		<div class="body">
			{}
			{}
			{}
		</div>
		{}
	</li>`,
		"entry "+name,
		name,
		arrow,
		name+": ",
		r.At.Format(time.RFC3339Nano),
		part.Clock(r.At),
		app.If(r.Words != "", func() app.UI { return h.HTML(`<p class="words">{}</p>`, r.Words) }),
		app.If(r.Text != "", func() app.UI { return h.HTML(`<p class={}>{}</p>`, raw, r.Text) }),
		app.If(r.Left > 0 && r.Open, func() app.UI {
			return h.HTML(`<p class="muted">{}</p>`, "The other "+part.Size(r.Left)+" are not kept.")
		}),
		app.If(len(r.Text) > foldAt, r.renderToggle),
	)
}

func (r *row) renderToggle() app.UI {
	name, sign, expanded := "Show the whole message", "▸", "false"
	if r.Open {
		name, sign, expanded = "Show less of the message", "▾", "true"
	}
	return h.HTML(`<button class="fold" type="button" title={} aria-label={} aria-expanded={} onclick={}>{}</button>`,
		name,
		name,
		expanded,
		r.toggle,
		sign,
	)
}

func (r *row) toggle(app.Context, app.Event) {
	defer part.Guard()
	r.Page.model.feed.toggle(r.ID)
}

// sign is how an item's origin looks and what it is called.
func (o origin) sign() (arrow, name string) {
	switch o {
	case fromHere:
		return "↑", "sent"
	case fromPage:
		return "·", "note"
	default:
		return "↓", "received"
	}
}

package console

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// row is one entry of the log. It is a component with exported fields that can
// be compared, so that go-app draws it again only when it has changed.
type row struct {
	app.Compo

	ID   int
	Way  direction
	At   string
	Size string
	Text string
	Left int
	Open bool
	// Page is asked to unfold. It is the same always.
	Page *Console
}

func newRow(e entry, page *Console) *row {
	return &row{ID: e.id, Way: e.way, At: part.Clock(e.at), Size: e.size, Text: e.text, Left: e.left, Open: e.open, Page: page}
}

// Render draws the entry.
func (r *row) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	text, hidden := r.Text, 0
	if !r.Open {
		text, hidden = part.Clip(r.Text, foldAt)
	}
	arrow, name := r.Way.sign()
	return h.Li().Class("entry "+name).Body(
		h.Span().Class("way").Title(name).Aria("hidden", "true").Text(arrow),
		h.Span().Class("sr").Text(name+": "),
		h.Span().Class("at").Text(r.At),
		h.Div().Class("body").Body(
			h.Span().Class("text").Text(text),
			app.If(hidden > 0 || len(r.Text) > foldAt, func() app.UI {
				name := "Show all " + part.Size(len(r.Text))
				if r.Open {
					name = "Show less"
				}
				return h.Button().Class("link").Attr("type", "button").Text(name).OnClick(r.toggle)
			}),
			app.If(r.Left > 0 && r.Open, func() app.UI {
				return h.Span().Class("muted").Text("The other " + part.Size(r.Left) + " are not kept.")
			}),
		),
		h.Span().Class("size").Text(r.Size),
	)
}

func (r *row) toggle(ctx app.Context, _ app.Event) {
	defer part.Guard()
	r.Page.model.toggle(r.ID)
}

// sign is how an entry's direction looks and what it is called.
func (d direction) sign() (arrow, name string) {
	switch d {
	case sent:
		return "↑", "sent"
	case received:
		return "↓", "received"
	case trouble:
		return "!", "problem"
	default:
		return "·", "note"
	}
}

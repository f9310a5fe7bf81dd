package transcript

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// row is one entry of the list. It is a component with exported fields that can be
// compared, so that go-app draws it again only when it has changed.
type row struct {
	app.Compo

	ID      int
	Number  int // among those that are shown, from 1
	Arrow   string
	Way     string
	At      string
	Gap     string // since the row before, or ""
	Before  string // the text, as far as it is shown, in three parts
	Found   string
	Behind  string
	Size    string
	Channel string // of an event, as what follows
	Cursor  string
	Delay   string
	Chosen  bool // the keyboard is there
	Old     bool // from a recording
}

// newRow makes the row of an entry that is shown.
func (v *view) newRow(i int, s search) *row {
	e := v.Log.At(i)
	r := &row{
		ID: e.id, Number: i + 1, At: part.Clock(e.At), Size: e.sizeWords(), Chosen: v.Log.chosen == e.id,
		Old: e.Imported,
	}
	r.Arrow, r.Way = e.sign()
	r.Before, r.Found, r.Behind = e.piece(s)
	if i > 0 {
		before := v.Log.At(i - 1)
		r.Gap = gapWords(e.At.Sub(before.At))
	}
	if event := e.Event; event != nil {
		r.Channel, r.Cursor = event.Channel, event.Cursor
		if event.Timed {
			r.Delay = milliseconds(event.Delay)
		}
	}
	return r
}

// Render draws the row. The list hears its clicks.
func (r *row) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	class := "entry " + r.Way
	current, way, from := "", r.Way, ""
	if r.Old {
		class += " imported"
		way, from = "imported, "+way, "From a recording"
	}
	if r.Chosen {
		class += " chosen"
		current = "true"
	}
	// How many there are isn't told to assistive technology with each row: it changes
	// all the time, and would have each row drawn again.
	return h.HTML(`<li class={} data-id={} aria-posinset={} aria-setsize="-1" aria-current={}>
		<span class="way" title={} aria-hidden="true">{}</span>
		<span class="sr">{}</span>
		<span class="at" title={}>{}</span>
		<span class="gap">{}</span>
		<span class="body">{}<span class="text">{}{}{}</span></span>
		<span class="size">{}</span>
	</li>`,
		class,
		r.ID,
		r.Number,
		current,
		way,
		r.Arrow,
		way+": ",
		from,
		r.At,
		r.Gap,
		when(r.Channel != "", r.renderEvent),
		r.Before,
		when(r.Found != "", func() app.UI { return h.HTML(`<mark>{}</mark>`, r.Found) }),
		r.Behind,
		r.Size,
	)
}

// renderEvent draws what an event tells of itself.
func (r *row) renderEvent() app.UI {
	return h.HTML(`<span class="event"><span class="channel">{}</span><span class="cursor" title={}>{}</span><span class="delay" title="From the change to this browser">{}</span></span>`,
		r.Channel, h.Safe(r.Cursor), shortCursor(r.Cursor), r.Delay)
}

// number reads what was written as a row's data-id.
func number(id string) int {
	n, err := strconv.Atoi(id)
	if err != nil {
		return 0 // no entry's
	}
	return n
}

package transcript

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/part"
)

// onKey is for the keys that the list takes: it is one stop of the Tab key, and the
// arrows go from row to row.
func (v *view) onKey(_ app.Context, e app.Event) {
	defer part.Guard()
	for _, modifier := range []string{"ctrlKey", "metaKey", "altKey", "shiftKey"} {
		if e.Get(modifier).Bool() {
			return
		}
	}
	key := e.Get("key").String()
	if !v.press(key) {
		return
	}
	e.PreventDefault() // the list would scroll
	v.arrange()
}

// press does what a key does, and says whether it does anything.
func (v *view) press(key string) bool {
	n := v.Log.Shown()
	if n == 0 {
		return false
	}
	page := max(1, v.place.size()/v.place.height()-1)
	switch key {
	case "ArrowDown":
		v.step(1)
	case "ArrowUp":
		v.step(-1)
	case "PageDown":
		v.step(page)
	case "PageUp":
		v.step(-page)
	case "Home":
		v.move(0)
	case "End":
		v.move(n - 1)
	case "Enter", " ":
		i, ok := v.Log.find(v.Log.chosen)
		if !ok {
			i = v.nearest(-1)
		}
		v.toggle(v.Log.At(i).id)
	default:
		return false
	}
	return true
}

// step goes so many rows down. It starts from the rows in view if none is chosen.
func (v *view) step(by int) {
	i, ok := v.Log.find(v.Log.chosen)
	if !ok {
		v.move(v.nearest(by))
		return
	}
	v.move(i + by)
}

// nearest is the row where the keyboard enters the list: the first in view on the way
// down, the last on the way up.
func (v *view) nearest(by int) int {
	row := v.place.height()
	if by > 0 {
		return min((v.place.top+row-1)/row, v.Log.Shown()-1)
	}
	return min(max(0, (v.place.top+v.place.size())/row-1), v.Log.Shown()-1)
}

// move chooses a row, and looks at its message if one is looked at.
func (v *view) move(i int) {
	n := v.Log.Shown()
	i = min(max(0, i), n-1)
	e := v.Log.At(i)
	v.Log.chosen = e.id
	v.place.reveal(i, n)
	if v.Log.opened != nil {
		v.Log.open(e)
	}
	before, found, behind := e.piece(newSearch(v.Log.filter.Text))
	_, way := e.sign()
	v.said = way + ", " + part.Clock(e.At) + ", " + before + found + behind
}

// toggle looks at an entry, or no longer.
func (v *view) toggle(id int) {
	i, ok := v.Log.find(id)
	if !ok {
		return
	}
	if v.Log.opened != nil && v.Log.opened.entry.id == id {
		v.Log.close()
		v.said = "Message closed"
		return
	}
	v.Log.open(v.Log.At(i))
	v.place.reveal(i, v.Log.Shown())
	v.shows = true
	v.said = "Message shown below"
}

// onEscape empties the search, or closes the message that is looked at.
func (v *view) onEscape(ctx app.Context, e app.Event) {
	defer part.Guard()
	if e.Get("key").String() != "Escape" {
		ctx.PreventUpdate()
		return
	}
	id := e.Get("target").Get("id").String()
	if id == v.id(idSearch) && browser.Value(id) != "" {
		e.PreventDefault()
		browser.SetValue(id, "")
		v.narrow(Filter{Direction: v.Log.filter.Direction})
		return
	}
	if v.Log.opened != nil {
		v.shut()
	}
}

// shut closes the message that is looked at, and gives the keyboard back to the list.
func (v *view) shut() {
	v.Log.close()
	browser.FocusInPlace(v.id(idLog))
	v.arrange()
}

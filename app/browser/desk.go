package browser

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// ReplaceAddress changes the address of the page that is there, without loading
// anything or adding to the history.
func ReplaceAddress(path string) {
	if app.IsServer {
		return
	}
	app.Window().Get("history").Call("replaceState", nil, "", base.Of(path))
}

// Frame tells of an element that scrolls how far down it is, how high it is, and how
// high the first element in it with a data-id is, all in pixels; 0 is what isn't
// there.
func Frame(id string) (top, height, row int) {
	element := find(id)
	if element == nil {
		return 0, 0, 0
	}
	if first := element.Call("querySelector", "[data-id]"); first.Truthy() {
		row = first.Get("offsetHeight").Int()
	}
	return element.Get("scrollTop").Int(), element.Get("clientHeight").Int(), row
}

// Pointed says whether the pointer is over an element. A browser may leave out to say
// that it has left, when what was under it has gone from the page.
func Pointed(id string) bool {
	element := find(id)
	return element != nil && element.Call("matches", ":hover").Bool()
}

// ScrollDown scrolls an element to so many pixels from its start.
func ScrollDown(id string, top int) {
	if element := find(id); element != nil {
		element.Set("scrollTop", top)
	}
}

// OnKey calls handle for each key that is pressed while nothing takes it: no dialog is
// open, no modifier held, and the visitor isn't typing; but Escape comes also from
// inputs. on is the id of the element that has the keyboard. It is to be called once
// per page, and handle must not block.
func OnKey(handle func(key, on string)) {
	app.Window().Set("onkeydown", app.FuncOf(func(_ app.Value, args []app.Value) any {
		event := args[0]
		key, target := event.Get("key").String(), event.Get("target")
		for _, modifier := range []string{"ctrlKey", "metaKey", "altKey", "isComposing"} {
			if event.Get(modifier).Bool() {
				return nil
			}
		}
		if app.Window().Get("document").Call("querySelector", "dialog[open]").Truthy() {
			return nil
		}
		tag := target.Get("tagName").String()
		typing := tag == "INPUT" || tag == "TEXTAREA" || tag == "SELECT"
		pressing := tag == "BUTTON" || tag == "A" || tag == "SUMMARY"
		if typing && key != "Escape" || pressing && key == "Enter" {
			return nil
		}
		if key == "/" || key == "?" {
			event.Call("preventDefault") // it would be typed where the keyboard goes
		}
		handle(key, target.Get("id").String())
		return nil
	}))
}

// Blur takes the keyboard away from an element.
func Blur(id string) {
	if element := find(id); element != nil {
		element.Call("blur")
	}
}

package browser

import (
	"fmt"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// Location returns the scheme, "http" or "https", and the host with its port
// from which the page came. While prerendering both are empty.
func Location() (scheme, host string) {
	if app.IsServer {
		return "", ""
	}
	u := app.Window().URL()
	return u.Scheme, u.Host
}

// Socket returns the address of a WebSocket of the server from which the page came.
func Socket(path string) string {
	scheme, host := Location()
	return map[string]string{"http": "ws", "https": "wss"}[scheme] + "://" + host + base.Of(path)
}

// Reload loads the page again.
func Reload() {
	app.Window().Get("location").Call("reload")
}

// LeaveLinksAlone takes go-app's click handler off the window. It would turn
// each link into a change of component on the page that is there; but our pages
// have different content security policies, which only a full load brings.
func LeaveLinksAlone() {
	app.Window().Set("onclick", app.Null())
}

// OnLeave calls leave when the visitor goes to another page. A browser may keep the
// page that was left, with its sockets open, to show it again; if it does show it,
// the page is loaded anew, as what it was connected to is gone. It is to be called
// once per page.
func OnLeave(leave func()) {
	app.Window().Set("onpagehide", app.FuncOf(func(app.Value, []app.Value) any {
		leave()
		return nil
	}))
	app.Window().Set("onpageshow", app.FuncOf(func(_ app.Value, args []app.Value) any {
		if args[0].Get("persisted").Bool() {
			Reload()
		}
		return nil
	}))
}

// Value returns what is in an input, as it is, and "" if there is none.
func Value(id string) string {
	if element := find(id); element != nil {
		return element.Get("value").String()
	}
	return ""
}

// SetValue writes into an input. Inputs are not bound to state, since go-app
// can't empty one by way of its value attribute.
func SetValue(id, text string) {
	if element := find(id); element != nil {
		element.Set("value", text)
	}
}

// Focus moves the keyboard to an element, if it is there.
func Focus(id string) {
	if element := find(id); element != nil {
		element.Call("focus")
	}
}

// FocusFrom moves the keyboard to an element without scrolling to it, if it is nowhere or
// at one of those that are named: who is at something else by now stays there.
func FocusFrom(id string, from ...string) {
	if app.IsServer {
		return
	}
	document := app.Window().Get("document")
	at := document.Get("activeElement")
	if !at.Truthy() || at.Equal(document.Get("body")) || slices.Contains(from, at.Get("id").String()) {
		FocusInPlace(id)
	}
}

// FocusInPlace moves the keyboard to an element without scrolling to it.
func FocusInPlace(id string) {
	if element := find(id); element != nil {
		element.Call("focus", map[string]any{"preventScroll": true})
	}
}

// Select marks the whole text of an input and moves the keyboard there.
func Select(id string) {
	if element := find(id); element != nil {
		element.Call("focus")
		element.Call("select")
	}
}

// atEndSlack is how many pixels from its end a list still counts as being read
// at the end: one line, since browsers round and people scroll coarsely.
const atEndSlack = 32

// AtEnd tells whether an element that scrolls shows its end.
func AtEnd(id string) bool {
	element := find(id)
	if element == nil {
		return true
	}
	below := element.Get("scrollHeight").Float() - element.Get("scrollTop").Float() - element.Get("clientHeight").Float()
	return below <= atEndSlack
}

// ScrollToEnd shows the end of an element that scrolls.
func ScrollToEnd(id string) {
	if element := find(id); element != nil {
		element.Set("scrollTop", element.Get("scrollHeight").Float())
	}
}

// crashID is of the banner that Alarm adds.
const crashID = "crash"

// Alarm tells the visitor that something in the page broke, where it can't be
// overlooked, and leaves the details in the browser's console. It works on the
// document itself, as what broke may be the drawing.
func Alarm(cause any) {
	if app.IsServer {
		return
	}
	window := app.Window()
	window.Get("console").Call("error", "page broke: "+fmt.Sprint(cause))
	if find(crashID) != nil {
		return
	}
	document := window.Get("document")
	banner := document.Call("createElement", "div")
	banner.Set("id", crashID)
	banner.Set("className", "crash")
	banner.Call("setAttribute", "role", "alert")
	text := document.Call("createElement", "p")
	text.Set("textContent", "Something in this page broke: "+fmt.Sprint(cause))
	again := document.Call("createElement", "a")
	again.Set("href", window.Get("location").Get("pathname").String())
	again.Set("className", "button")
	again.Set("textContent", "Load it again")
	banner.Call("append", text, again)
	document.Get("body").Call("append", banner)
}

// find returns the element, or nil where there is none.
func find(id string) app.Value {
	if app.IsServer {
		return nil
	}
	element := app.Window().GetElementByID(id)
	if !element.Truthy() {
		return nil
	}
	return element
}

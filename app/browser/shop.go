package browser

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// TemplateText returns the text in a template element of the document, and "" if
// there is none. A template is how the server hands data to the program.
func TemplateText(id string) string {
	if element := find(id); element != nil {
		return element.Get("content").Get("textContent").String()
	}
	return ""
}

// Path returns the path of the page's address, below the base.
func Path() string {
	if app.IsServer {
		return ""
	}
	path, _ := base.Below(app.Window().Get("location").Get("pathname").String())
	return path
}

// Go loads another page of this site.
func Go(path string) {
	if app.IsClient {
		app.Window().Get("location").Call("assign", base.Of(path))
	}
}

// FocusedAttr returns an attribute of the element that has the keyboard, and "" if
// it has none such.
func FocusedAttr(name string) string {
	if app.IsServer {
		return ""
	}
	element := app.Window().Get("document").Get("activeElement")
	if !element.Truthy() {
		return ""
	}
	if value := element.Call("getAttribute", name); value.Truthy() {
		return value.String()
	}
	return ""
}

// FocusByAttr moves the keyboard to the first element whose attribute has that
// value, without scrolling to it.
func FocusByAttr(name, value string) {
	if app.IsServer {
		return
	}
	list := app.Window().Get("document").Call("querySelectorAll", "["+name+"]")
	for i := range list.Length() {
		element := list.Index(i)
		if element.Call("getAttribute", name).String() == value {
			element.Call("focus", map[string]any{"preventScroll": true})
			return
		}
	}
}

// HoldFocus notes which element has the keyboard, and what an attribute of it says,
// before the page is drawn anew. The function that it returns is to be called after
// that: where the element means something else by then, or is gone, it moves the
// keyboard to the one that has the attribute now. What the visitor did meanwhile
// counts more.
func HoldFocus(name string) (restore func()) {
	value := FocusedAttr(name)
	if value == "" {
		return func() {}
	}
	document := app.Window().Get("document")
	before := document.Get("activeElement")
	return func() {
		now := document.Get("activeElement")
		lost := !before.Get("isConnected").Bool() && now.Equal(document.Get("body"))
		if lost || now.Equal(before) && FocusedAttr(name) != value {
			FocusByAttr(name, value)
		}
	}
}

// OnReturn calls back whenever the visitor comes back to the page, from another
// tab, or the network does. The function that it returns ends that.
func OnReturn(back func()) (end func()) {
	if app.IsServer {
		return func() {}
	}
	document := app.Window().Get("document")
	called := app.FuncOf(func(app.Value, []app.Value) any {
		if document.Get("visibilityState").String() == "visible" {
			back()
		}
		return nil
	})
	document.Call("addEventListener", "visibilitychange", called)
	app.Window().Call("addEventListener", "online", called)
	return func() {
		document.Call("removeEventListener", "visibilitychange", called)
		app.Window().Call("removeEventListener", "online", called)
		called.Release()
	}
}

// Tabs connects the page with the other pages of this site that the browser shows:
// heard is called when one of them has told something. The function that it returns
// tells it to them. It is to be called once per page.
func Tabs(channel string, heard func()) (tell func()) {
	if app.IsServer || !app.Window().Get("BroadcastChannel").Truthy() {
		return func() {}
	}
	c := app.Window().Get("BroadcastChannel").New(channel)
	c.Set("onmessage", app.FuncOf(func(app.Value, []app.Value) any {
		heard()
		return nil
	}))
	return func() { c.Call("postMessage", "") }
}

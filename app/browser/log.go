package browser

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Scroll tells of an element that scrolls how far down it is, how high it is, how much
// there is below what it shows, and how high the first element in it with a data-id is,
// all in pixels; 0 is what isn't there.
func Scroll(id string) (top, height, below, row int) {
	top, height, row = Frame(id)
	if height > 0 {
		below = find(id).Get("scrollHeight").Int() - top - height
	}
	return top, height, below, row
}

// ScrollIntoView scrolls no further than it takes to see an element.
func ScrollIntoView(id string) {
	if element := find(id); element != nil {
		element.Call("scrollIntoView", map[string]any{"block": "nearest"})
	}
}

// Nearest returns an attribute of the element on which an event happened, or of the
// nearest around it that has it; "" if none has.
func Nearest(event app.Value, attribute string) string {
	target := event.Get("target")
	if !target.Get("closest").Truthy() {
		return ""
	}
	if target = target.Call("closest", "["+attribute+"]"); target.Truthy() {
		return target.Call("getAttribute", attribute).String()
	}
	return ""
}

// Selecting says whether the visitor has marked any text of the page.
func Selecting() bool {
	if app.IsServer {
		return false
	}
	selection := app.Window().Call("getSelection")
	return selection.Truthy() && selection.Call("toString").String() != ""
}

// ErrNotCopied is returned where the browser doesn't let a page write to the clipboard.
var ErrNotCopied = errors.New("the browser did not let the page copy")

// Copy puts a text into the clipboard. It is to be called when the visitor has asked for
// that: browsers allow it for a moment then. It blocks like Fetch.
func Copy(ctx context.Context, text string) error {
	if app.IsServer {
		return ErrNoBrowser
	}
	clipboard := app.Window().Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		// Browsers offer it to secure pages only, but have an older way.
		return copyMarked(text)
	}
	if _, err := await(ctx, clipboard.Call("writeText", text), func() {}); err != nil {
		return errors.Join(ErrNotCopied, err)
	}
	return nil
}

// copyMarked copies by way of a field that is there for just so long.
func copyMarked(text string) error {
	document := app.Window().Get("document")
	before := document.Get("activeElement")
	field := document.Call("createElement", "textarea")
	field.Set("className", "sr")
	field.Set("value", text)
	document.Get("body").Call("append", field)
	field.Call("select")
	copied := document.Call("execCommand", "copy").Bool()
	field.Call("remove")
	if before.Truthy() {
		before.Call("focus", map[string]any{"preventScroll": true})
	}
	if !copied {
		return ErrNotCopied
	}
	return nil
}

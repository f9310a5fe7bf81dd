package testenv

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// Click clicks in the middle of the element, once it is visible, enabled and
// not covered by another one. If the page moves it away in that very moment, what is
// there instead hears nothing, and the click is made again. In a page without scripts
// that is so for what takes the focus, as links, buttons and fields do.
func (tab *Tab) Click(sel string) {
	tab.t.Helper()
	var last element
	if !poll(waitTimeout, func() bool {
		if tab.withoutScripts && !tab.loaded() {
			return false // it is laid out anew when its style is there, and nobody would notice
		}
		last = tab.scrolled(sel)
		return last.Found && last.Visible && !last.Disabled && last.Reachable && tab.hits(sel, last.X, last.Y)
	}) {
		tab.t.Fatalf("timed out after %v waiting to click %s; %s", waitTimeout, sel, last)
	}
}

// hits clicks at a place, and reports whether the element was clicked by that.
func (tab *Tab) hits(sel string, x, y float64) bool {
	tab.t.Helper()
	if tab.withoutScripts {
		return tab.hitsFocused(sel, x, y)
	}
	if _, err := evaluate[chromedp.Void](tab, fmt.Sprintf("%s(%s)", watchClick, quote(sel))); err != nil {
		return false // the page is being replaced
	}
	tab.do("clicking "+sel, chromedp.MouseClickXY(x, y))
	// Where nobody watches any more, or can be asked, the click has led to another page.
	missed, err := evaluate[bool](tab, `window.endClick !== undefined && !window.endClick()`)
	return err != nil || !missed
}

// hitsFocused is hits where no script may watch: what was clicked has the focus then, or
// the page is another one already. It asks the page that it marked before, since the next
// one may well have such an element, too.
func (tab *Tab) hitsFocused(sel string, x, y float64) bool {
	tab.t.Helper()
	if _, err := evaluate[chromedp.Void](tab, `document.activeElement?.blur(), window.unclicked = true`); err != nil {
		return false // the page is being replaced
	}
	tab.do("clicking "+sel, chromedp.MouseClickXY(x, y))
	missed, err := evaluate[bool](tab, fmt.Sprintf(`window.unclicked === true && !document.querySelector(%s)?.matches(":focus")`, quote(sel)))
	return err != nil || !missed
}

// loaded reports whether the page and all that it needs are there.
func (tab *Tab) loaded() bool {
	complete, err := evaluate[bool](tab, `document.readyState === "complete"`)
	return err == nil && complete
}

// watchClick is called with a selector. Until endClick is, which tells whether the
// element was clicked, what the mouse does elsewhere has no effect.
const watchClick = `(selector => {
	const types = ["mousedown", "mouseup", "click"]
	let clicked = false
	const watch = (event) => {
		const el = document.querySelector(selector)
		if (clicked || el && (el.contains(event.target) || event.target.closest?.("label")?.control === el)) {
			clicked ||= event.type === "click"
			return
		}
		event.preventDefault()
		event.stopImmediatePropagation()
	}
	for (const type of types) window.addEventListener(type, watch, true)
	window.endClick = () => {
		for (const type of types) window.removeEventListener(type, watch, true)
		delete window.endClick
		return clicked
	}
})`

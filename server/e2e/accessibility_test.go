package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// checkAccessible finds what stands in the way of those who don't see a page, or use no
// mouse.
func checkAccessible(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	checkTree(t, tab)
	checkTabbing(t, tab)
	for _, dark := range []bool{false, true} {
		tab.EmulateDark(dark)
		for _, text := range testenv.Eval[[]string](tab, weakContrast) {
			t.Errorf("dark = %t: contrast of %s, want 4.5 or more", dark, text)
		}
	}
}

// checkTree looks at what assistive technology is offered.
func checkTree(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	count := map[string]int{}
	for _, node := range tab.AXTree() {
		count[node.Role]++
		switch node.Role {
		case "button", "textbox", "searchbox", "checkbox", "combobox", "link", "region", "navigation", "log", "table", "heading",
			"dialog", "group", "tab", "tabpanel":
			if strings.TrimSpace(node.Name) == "" {
				t.Errorf("a %s has no name", node.Role)
			}
		}
	}
	checkLandmarks(t, count)
	if n := testenv.Eval[int](tab, `document.querySelectorAll("h1").length`); n != 1 {
		t.Errorf("%d headings of the first level, want 1", n)
	}
	if got, want := testenv.Eval[string](tab, "document.documentElement.lang"), "en"; got != want {
		t.Errorf("language = %q, want %q", got, want)
	}
}

// checkLandmarks looks at what one finds one's way by. Under an open dialog there is
// nothing else.
func checkLandmarks(t *testing.T, count map[string]int) {
	t.Helper()
	if count["dialog"] > 0 {
		if count["dialog"] != 1 || count["main"] != 0 {
			t.Errorf("%d dialogs, and the page below is offered %d times, want 1 and 0", count["dialog"], count["main"])
		}
		return
	}
	for _, role := range []string{"main", "banner"} {
		if count[role] != 1 {
			t.Errorf("%d landmarks %s, want 1", count[role], role)
		}
	}
	if count["contentinfo"] > 1 { // the desk fills the window, and has no foot
		t.Errorf("%d landmarks contentinfo, want 1 at most", count["contentinfo"])
	}
	if count["navigation"] == 0 {
		t.Error("there is no navigation")
	}
	if count["status"] == 0 {
		t.Error("there is no live region")
	}
}

// checkTabbing goes through the page with the Tab key: it must get everywhere,
// and where it is must show.
func checkTabbing(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	want := testenv.Eval[[]string](tab, `(() => {
		window.nameOf = (e) => e.tagName.toLowerCase() + " " + (e.id || e.getAttribute("aria-label") || e.textContent.trim() || e.parentElement.textContent.trim())
		const within = document.querySelector("dialog[open]") ?? document
		const all = [...within.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")].filter((e) => e.tabIndex >= 0)
		const start = within === document ? document.body : within
		start.tabIndex = -1
		start.focus() // where tabbing begins
		start.removeAttribute("tabindex")
		return all.filter((e) => !e.disabled && e.checkVisibility()).map(nameOf)
	})()`)
	var got []string
	for range want {
		tab.Press(kb.Tab)
		at := testenv.Eval[struct {
			Name  string `json:"name"`
			Shows bool   `json:"shows"`
		}](tab, `(() => {
			const e = document.activeElement, box = e.getBoundingClientRect()
			const shows = getComputedStyle(e).outlineStyle !== "none" || getComputedStyle(e.parentElement).outlineStyle !== "none"
			return {name: nameOf(e), shows: shows && box.bottom > 0 && box.top < innerHeight}
		})()`)
		got = append(got, at.Name)
		if !at.Shows {
			t.Errorf("the focus on %q does not show", at.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the Tab key goes to %q,\nwant %q", got, want)
	}
}

// weakContrast lists the texts in the page whose contrast to what is behind them
// is below 4.5, that of WCAG 2.2, criterion 1.4.3 (AA); disabled controls are
// exempt there. Where backgrounds are partly transparent they are blended.
const weakContrast = `(() => {
	const parse = (colour) => {
		const n = colour.match(/-?[\d.]+/g).map(Number)
		const unit = colour.startsWith("color(") ? 1 : 255 // color(srgb 0.5 …) or rgb(127, …)
		return [n[0] / unit, n[1] / unit, n[2] / unit, n[3] ?? 1]
	}
	const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1)
	const ground = (e) => {
		const below = e.parentElement ? ground(e.parentElement) : [1, 1, 1, 1]
		return over(parse(getComputedStyle(e).backgroundColor), below)
	}
	const luminance = (c) => {
		const [r, g, b] = c.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		return 0.2126 * r + 0.7152 * g + 0.0722 * b
	}
	const contrast = (e, colour) => {
		const behind = ground(e), a = luminance(over(parse(colour), behind)), b = luminance(behind)
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
	}
	const weak = []
	const check = (e, colour, text) => {
		const ratio = contrast(e, colour)
		if (ratio < 4.5) weak.push(JSON.stringify(text) + " is " + ratio.toFixed(2))
	}
	let seen = 0
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement, text = texts.currentNode.data.trim()
		if (!text || e.closest(":disabled, noscript, .sr") || !e.checkVisibility()) continue
		seen++
		check(e, getComputedStyle(e).color, text)
	}
	for (const e of document.querySelectorAll("input:enabled, select:enabled")) {
		check(e, getComputedStyle(e).color, e.id)
		if (e.placeholder) check(e, getComputedStyle(e, "::placeholder").color, e.placeholder)
	}
	if (seen < 10) weak.push("only " + seen + " texts that were found")
	return weak
})()`

// Who asked their system for less motion gets none. The rules for that are
// switched on by hand, as if the browser had been asked.
func TestReducedMotion(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	release := make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free) // before the front waits for its requests
	f.handle(wasmPath, holdBack(release))
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(f.URL + "/")
	tab.WaitFunc("document.getAnimations().length > 0") // the loader's
	switched := testenv.Eval[int](tab, fmt.Sprintf(`Array.from(document.styleSheets)
		.flatMap((sheet) => Array.from(sheet.cssRules))
		.filter((rule) => rule instanceof CSSMediaRule && rule.conditionText === %q)
		.map((rule) => { rule.media.mediaText = "all" }).length`, "(prefers-reduced-motion: reduce)"))
	if switched == 0 {
		t.Fatal("there are no rules for less motion")
	}
	if n := testenv.Eval[int](tab, "document.getAnimations().length"); n > 0 {
		t.Errorf("%d things still move", n)
	}
	free()
	waitEnabled(tab, "open")
}

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
)

// minTarget is the least size of what a finger is to hit, in CSS pixels (WCAG
// 2.2, criterion 2.5.5). Links within a sentence are exempt there.
const minTarget = 44

// stands says whether nothing slides or fades at present.
const stands = `document.getAnimations().every((a) => a.playState !== "running" || a.effect.getTiming().iterations === Infinity)`

// Each view fits its window, in light and dark, on a desk and on a phone, and can be used
// by everyone. They are looked at in one go, as it takes longer to get there.
func TestViews(t *testing.T) {
	t.Parallel()
	for _, view := range views {
		t.Run(view.name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t)
			tab := testenv.Browser(t, testenv.BrowserOptions{Allow: view.allow})
			tab.SetViewport(1280, 900, false)
			view.show(t, g, tab)
			checkLooks(t, tab, strings.ReplaceAll(view.name, " ", "-"))
			tab.SetViewport(1280, 900, false)
			tab.EmulateDark(false)
			checkAccessible(t, tab)
		})
	}
}

// checkLooks sees that a page fits its windows, and that fingers hit what they want.
// Pictures are taken on the way.
func checkLooks(t *testing.T, tab *testenv.Tab, name string) {
	t.Helper()
	for _, look := range []struct {
		name          string
		width, height int
		phone, dark   bool
	}{
		{"light", 1280, 900, false, false},
		{"dark", 1280, 900, false, true},
		{"phone", 390, 844, true, false},
		{"phone-dark", 390, 844, true, true},
		{"small", 320, 640, true, false},
	} {
		tab.SetViewport(look.width, look.height, look.phone)
		tab.EmulateDark(look.dark)
		if got := testenv.Eval[int](tab, "document.documentElement.scrollWidth"); got > look.width {
			t.Errorf("%s: the page is %d wide, and can be scrolled sideways", look.name, got)
		}
		if look.phone {
			for _, target := range testenv.Eval[[]string](tab, smallTargets(minTarget)) {
				t.Errorf("%s: %s", look.name, target)
			}
		}
		testenv.Eval[chromedp.Void](tab, "scrollTo(0, 0)")
		tab.WaitFunc(stands)
		tab.Screenshot(name + "-" + look.name)
	}
}

// smallTargets lists what can be tapped and is lower than that. A label counts as
// a part of its control; a link that is laid over the box around it is as large as that.
func smallTargets(height int) string {
	return fmt.Sprintf(`Array.from(document.querySelectorAll("a[href], button, input, select, textarea"))
		.filter((e) => e.checkVisibility() && !e.matches(".skip"))
		.map((e) => {
			const over = getComputedStyle(e, "::after").position === "absolute"
			return {e, box: (over ? e.offsetParent : e.matches("[type=checkbox]") ? e.closest("label") : e).getBoundingClientRect()}
		})
		.filter(({box}) => box.height < %[1]d - 0.5)
		.map(({e, box}) => (e.id || e.textContent || e.type) + " is " + box.height.toFixed(1) + " high, less than %[1]d")`, height)
}

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// Saved messages and the history outlive the page, and other tabs have them.
func TestComposeKept(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	tab.Fill("#text", "from the line")
	tab.Press(kb.Enter)
	waitHeard(tab, "text:from the line")
	unfoldComposer(tab, "saved")
	const hostile = `<img src=x onerror=alert(1)> "quoted"`
	tab.Fill("#compose-text", "<b>first</b>")
	tab.Fill("#compose-name", hostile)
	tab.Press(kb.Enter)
	tab.WaitText("#compose-said", "Saved as “"+hostile+"”.")
	chooseFormat(tab, "hex")
	tab.Fill("#compose-text", "ca fe")
	tab.Fill("#compose-name", "bytes")
	tab.Click("#compose-save")
	tab.WaitText("#compose-said", "Saved as “bytes”.")
	tab.Click("#compose-send")
	waitHeard(tab, "binary:cafe")

	other := tab.Another()
	openComposer(t, other, g, "")
	unfoldComposer(other, "saved")
	other.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 2`)
	other.Fill("#compose-text", "of the other tab")
	other.Fill("#compose-name", "third")
	other.Click("#compose-save")
	other.WaitText("#compose-said", "Saved as “third”.")

	// This tab hasn't heard of that yet, and must not write over it.
	tab.Fill("#compose-text", "be ef")
	tab.Fill("#compose-name", "bytes")
	tab.WaitText("#compose-save", "Replace")
	tab.Click("#compose-save")
	tab.WaitContains("#compose-said", "in place of what was saved so before")
	want := []string{"<b>first</b>", "be ef", "of the other tab"}
	tab.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 3`)
	if got := contents(tab, "saved"); !slices.Equal(got, want) {
		t.Errorf("saved are %q, want %q", got, want)
	}

	openComposer(t, tab, g, "/echo") // again
	unfoldComposer(tab, "saved")
	tab.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 3`)
	tab.Click(`[aria-label="Load bytes"]`)
	tab.WaitFunc(`document.getElementById("compose-text").value === "be ef"`)
	tab.WaitFunc(exists(`#compose-as-hex[aria-pressed="true"]`))
	tab.Click(`#compose-saved li:nth-child(1) [aria-label^="Send "]`)
	waitHeard(tab, "text:<b>first</b>")
	tab.Click(`[aria-label="Rename third"]`)
	tab.WaitFunc(`document.activeElement.id === "compose-new-name"`)
	tab.Press("last" + kb.Enter)
	tab.WaitFunc(exists(`[aria-label="Delete last"]`))
	tab.Click(`[aria-label="Delete last"]`)
	tab.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 2 && document.activeElement.id === "compose-undo"`)
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 3`)
	if testenv.Eval[bool](tab, `document.querySelector("#compose-saved img, #compose-saved .compose-content b") !== null`) {
		t.Error("the page took what was saved for markup")
	}

	unfoldComposer(tab, "history")
	want = []string{"<b>first</b>", "ca fe", "from the line"}
	if got := contents(tab, "history"); !slices.Equal(got, want) {
		t.Errorf("the history is %q, want %q", got, want)
	}
	tab.Click(`#compose-history [aria-label="Send ca fe"]`)
	waitHeard(tab, "binary:cafe")
	tab.WaitFunc(`document.querySelector("#compose-history .compose-content").textContent === "ca fe"`)
	tab.Click("#compose-forget")
	tab.WaitFunc(exists("#compose-forget:disabled"))
	tab.Click("#compose-undo")
	tab.WaitFunc(`document.querySelectorAll("#compose-history li").length === 3`)
}

// Each connection has an editor of its own; what is saved is there for all of them. What
// one of them sends by itself ends with it.
func TestComposeSideBySide(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	unfoldComposer(tab, "saved")
	tab.Click("#add-pane")
	tab.Click(`[aria-controls="compose-2"]`)
	tab.WaitFunc(exists("#compose-text-2"))
	tab.Click("#compose-saved-fold-2")
	tab.WaitFunc(exists("#compose-saved-2"))
	tab.Fill("#compose-text", "of the first")
	tab.Fill("#compose-text-2", "of the second")
	tab.Fill("#compose-name", "kept")
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.querySelectorAll("#compose-saved-2 li").length === 1`)
	if got, want := tab.Value("#compose-text-2"), "of the second"; got != want {
		t.Errorf("the second editor has %q, want %q", got, want)
	}
	tab.Click(`#compose-saved-2 [aria-label="Load kept"]`)
	tab.WaitFunc(`document.getElementById("compose-text-2").value === "of the first"`)

	// The fold may be closed: what was written, and what runs, is there again.
	tab.Fill("#compose-text", "again and again")
	unfoldComposer(tab, "repeat")
	tab.Fill("#compose-every", "10")
	tab.Press(kb.Enter)
	tab.WaitFunc(`heard.length > 5`)
	tab.Click(`[aria-controls="compose"]`)
	tab.WaitFunc(`!document.getElementById("compose-text")`)
	heard := testenv.Eval[int](tab, `heard.length`)
	tab.WaitFunc(fmt.Sprintf(`heard.length > %d`, heard+5))
	tab.Click(`[aria-controls="compose"]`)
	tab.WaitFunc(exists("#compose-stop"))
	tab.WaitFunc(`document.getElementById("compose-text").value === "again and again"`)
	tab.Click(`[aria-label="Remove Connection 1"]`)
	g.WaitLog(t, "echo disconnected")
	tab.WaitFunc(exists("#compose-text-2"))
}

// What can't be read is told, and stays until something is saved.
func TestComposeForeign(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	testenv.Eval[chromedp.Void](tab, `localStorage.setItem("cartline.messages.saved", "not ours")`)
	openComposer(t, tab, g, "")
	unfoldComposer(tab, "saved")
	tab.WaitContains("#compose-saved-part", "can't be read")
	if got := testenv.Eval[string](tab, `localStorage.getItem("cartline.messages.saved")`); got != "not ours" {
		t.Errorf("what was kept is %q now", got)
	}
	tab.Fill("#compose-text", "x")
	tab.Fill("#compose-name", "x")
	tab.Click("#compose-save")
	tab.WaitText("#compose-said", "Saved as “x”.")
	tab.WaitFunc(`document.querySelectorAll("#compose-saved li").length === 1`)

	// A browser that keeps nothing.
	testenv.Eval[chromedp.Void](tab, `Storage.prototype.setItem = () => { throw new DOMException("no", "QuotaExceededError") }`)
	tab.Fill("#compose-name", "y")
	tab.Click("#compose-save")
	tab.WaitContains("#compose-said", "Not saved. This browser has no room left for it")
	if got := tab.Value("#compose-name"); got != "y" {
		t.Errorf("the name is %q now, want it kept", got)
	}
}

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// The browser would install the console as an application. A page without a manifest
// shows that it looks.
func TestInstallable(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	waitKept(t, tab)
	// It doesn't install anything in a private window, which tests run in.
	for _, problem := range tab.InstallProblems() {
		if problem != "in-incognito" {
			t.Errorf("the console can't be installed: %s", problem)
		}
	}
	tab.Navigate(g.BaseURL + "/healthz")
	if got := tab.InstallProblems(); len(got) == 0 {
		t.Error("a page that is no application could be installed")
	}
}

// Without the server the console opens with what was sent and saved before, in the
// connections as they were; only connecting needs a network.
func TestOfflineHistory(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
	openConsole(tab, g.BaseURL)
	waitKept(t, tab)
	connectTo(tab, "ws://"+g.host()+"/echo?burst=2")
	say(tab, "first", "second")
	unfold(tab, "compose")
	tab.Fill("#compose-text", "a draft")
	unfoldComposer(tab, "saved")
	tab.Fill("#compose-name", "draft")
	tab.Click("#compose-save")
	tab.WaitContains("#compose-said", "Saved")
	settleWorker(tab)
	g.Stop(t)

	openConsole(tab, g.BaseURL)
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/echo?burst=2"; got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
	unfold(tab, "compose")
	unfoldComposer(tab, "history")
	if got, want := contents(tab, "history"), []string{"second", "first"}; !slices.Equal(got, want) {
		t.Errorf("the history is %q, want %q", got, want)
	}
	unfoldComposer(tab, "saved")
	tab.Click(`[aria-label="Load draft"]`)
	tab.WaitFunc(`document.getElementById("compose-text").value === "a draft"`)
	tab.Click("#open")
	tab.WaitText("#message", "Error: This server can't be reached. Is it still running?")
}

// In the one-line field the arrow keys bring back what was sent before, and what stood
// there.
func TestRecall(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	connectTo(tab, "ws://"+g.host()+"/echo")
	say(tab, "first", "second")
	tab.Fill("#text", "half a sen")
	for _, step := range []struct{ key, want string }{
		{kb.ArrowUp, "second"}, {kb.ArrowUp, "first"}, {kb.ArrowUp, "first"}, {kb.ArrowDown, "second"}, {kb.ArrowDown, "half a sen"},
	} {
		tab.Press(step.key)
		tab.WaitFunc(fmt.Sprintf(`document.getElementById("text").value === %q`, step.want))
	}
	tab.Press(kb.ArrowUp + kb.Enter)
	tab.WaitFunc(`Array.from(document.querySelectorAll("#log li.sent .text"), (e) => e.textContent).join() === "first,second,second"`)
}

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// views are the faces of the pages, with something on them, for tests that look
// at all of them.
var views = []struct {
	name string
	show func(*testing.T, *gateway, *testenv.Tab)
}{
	{"console", func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
	}},
	{"console connected", func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		tab.Fill("#url", "nonsense")
		tab.Click("#open")
		tab.WaitContains("#message", "Error: ")
		tab.Click(toEcho)
		tab.Click("#open")
		waitEnabled(tab, "close send")
		for _, text := range []string{"Hello, is this the cart line?", `{"listen":"cart_activity"}`} {
			tab.Fill("#text", text)
			tab.Press(kb.Enter)
			tab.WaitText("#message", "Server Says: "+text)
		}
	}},
	{"sign-in", func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		tab.Navigate(g.BaseURL + "/events")
		fillSignIn(tab, "demo", "not the password")
		tab.WaitContains(".message.error", "wrong")
	}},
	{"events", func(t *testing.T, g *gateway, tab *testenv.Tab) {
		signIn(tab, g.BaseURL, "demo", g.password)
		shopper := newCaller(t, g.BaseURL)
		shopper.put("MUG-BLUE", 2)
		shopper.put("LAMP-READ", 1)
		shopper.put("SHELF-2", 3)
		tab.WaitContains("#feed li:last-child", "Wall shelf")
		tab.Fill("#line", `{"listen":"nothing_of_ours"}`)
		tab.Press(kb.Enter)
		tab.WaitContains("#feed li:last-child", "Refused: ")
	}},
}

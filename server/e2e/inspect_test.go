package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// The page of the events answers why a message did not arrive: of a session that listens
// to nothing, of its own, which got everything, and of one that is gone; by keyboard, on
// every size of screen.
func TestInspector(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	longest := strings.Repeat("w", shared.MaxUsername)
	g.hire(t, longest)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	tab.WaitText("#state", "Connected")
	listen := func(username, password string) *live.Conn {
		t.Helper()
		program := newCaller(t, g.BaseURL)
		program.call(http.MethodPost, "/api/staff/session", shared.SignIn{Username: username, Password: password})
		return dial(t, g, "/events/io", http.Header{"Origin": {g.BaseURL}, "Cookie": {program.cookies()}})
	}
	listen("demo", g.password) // and is silent
	gone := listen(longest, password)
	tab.WaitText("#connections", "Serving 3 connections")
	if err := gone.Close(1000, "done here"); err != nil {
		t.Fatal(err)
	}
	tab.WaitText("#connections", "Serving 2 connections")
	newCaller(t, g.BaseURL).put("MUG-BLUE", 1)
	tab.WaitContains("#feed", "Blue mug added")

	row := func(n int) string {
		return strings.Join(strings.Fields(testenv.Eval[string](tab, `document.querySelectorAll("#inspected tbody tr")[`+string(rune('0'+n))+`]?.innerText ?? ""`)), " ")
	}
	tab.Click("#inspect")
	tab.WaitText("#inspect", "Look again")
	tab.WaitContains("#inspect-standing", "The log is told to ")
	for n, wants := range [][]string{
		{"demo-1", "Told of everything that this process has heard of.", "cart_activity ", "gateway"},
		{"demo-2", "Listens to nothing, so it is told of nothing."},
		{longest + "-1", "Ended by the client, with 1000, normal closure (“done here”)."},
	} {
		for _, want := range wants {
			if got := row(n); !strings.Contains(got, want) {
				t.Errorf("row %d: got %q, want %q in it", n, got, want)
			}
		}
	}

	tab.Fill("#inspect-name", longest)
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.querySelectorAll("#inspected tbody tr").length === 1`)
	tab.WaitContains("#inspected", longest)
	tab.Fill("#inspect-name", "nobody")
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.querySelectorAll("#inspected tbody tr").length === 0`)
	tab.Fill("#inspect-name", "")
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.querySelectorAll("#inspected tbody tr").length === 3`)

	checkLooks(t, tab, "inspector")
	for _, look := range []struct {
		name   string
		width  int
		mobile bool
		dark   bool
	}{{"light", 1280, false, false}, {"dark", 1280, false, true}, {"phone", 390, true, false}, {"phone-dark", 390, true, true}} {
		tab.SetViewport(look.width, 900, look.mobile)
		tab.EmulateDark(look.dark)
		testenv.Eval[chromedp.Void](tab, `document.getElementById("inspect-title").scrollIntoView()`)
		tab.WaitFunc(stands)
		tab.Screenshot("inspector-table-" + look.name)
	}
	tab.SetViewport(1280, 900, false)
	tab.EmulateDark(false)
	checkAccessible(t, tab)
}

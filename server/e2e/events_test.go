package e2e

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

func TestEventsSignIn(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(g.BaseURL + "/events")
	tab.WaitText("h1", "Sign in")

	fillSignIn(tab, "demo", "not the password")
	tab.WaitContains(".message.error", "wrong")
	if got, want := tab.Value("#username"), "demo"; got != want {
		t.Errorf("after a wrong password, username = %q, want %q", got, want)
	}
	tab.Fill("#password", g.password)
	tab.Press(kb.Enter)
	tab.WaitText("#connections", "Serving 1 connections")
	tab.WaitText("#who", "demo")
	tab.WaitText("#sessions tbody td", "demo-1")

	tab.Click("#signout")
	tab.WaitText("h1", "Sign in")
	if got := tab.Value("#password"); got != "" {
		t.Errorf("after signing out, the form has the password %q", got)
	}
	// The socket ended with the session.
	g.WaitLog(t, `msg="events disconnected" session=demo-1`)
	tab.Navigate(g.BaseURL + "/events")
	tab.WaitText("h1", "Sign in")
}

// The figures follow the connections, those to the echo counted apart.
func TestEventsFigures(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	tab.WaitText("#echo", "0 echo connections")
	names := func(want ...string) {
		t.Helper()
		testenv.Eventually(t, commandTimeout, strings.Join(want, " and ")+" in the list of sessions", func() bool {
			return slices.Equal(want, testenv.Eval[[]string](tab, `Array.from(document.querySelectorAll("#sessions tbody tr"), (e) => e.cells[0].textContent)`))
		})
	}
	names("demo-1")

	program := newCaller(t, g.BaseURL)
	program.call(http.MethodPost, "/api/staff/session", shared.SignIn{Username: "demo", Password: g.password})
	second := dial(t, g, "/events/io", http.Header{"Origin": {g.BaseURL}, "Cookie": {program.cookies()}})
	tab.WaitText("#connections", "Serving 2 connections")
	names("demo-1", "demo-2")
	tab.WaitText("#sessions tbody tr:last-child td:last-child", "nothing")
	if err := second.WriteText(t.Context(), `{"listen":"cart_activity"}`); err != nil {
		t.Fatal(err)
	}
	tab.WaitText("#sessions tbody tr:last-child td:last-child", "cart_activity")

	echo := dial(t, g, "/echo", nil)
	tab.WaitText("#echo", "1 echo connection")
	echo.Abandon()
	tab.WaitText("#echo", "0 echo connections")
	if got, want := tab.Text("#connections"), "Serving 2 connections"; got != want {
		t.Errorf("connections = %q, want %q", got, want)
	}

	second.Abandon()
	tab.WaitText("#connections", "Serving 1 connections")
	names("demo-1")
}

// dial connects as a program does, until the end of the test.
func dial(t *testing.T, g *gateway, path string, header http.Header) *live.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := live.Dial(ctx, "ws://"+g.host()+path, live.Options{Header: header})
	if err != nil {
		t.Fatalf("connecting to %s: %v", path, err)
	}
	t.Cleanup(conn.Abandon)
	return conn
}

func TestEventsFeed(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)

	shopper := newCaller(t, g.BaseURL)
	shopper.put("MUG-BLUE", 2)
	began := time.Now()
	tab.WaitContains("#feed li:last-child .words", "2 × Blue mug added, 2 items, €25.00")
	t.Logf("the change showed after %v", time.Since(began))
	raw := testenv.Eval[string](tab, `document.querySelector("#feed li:last-child .raw").textContent`)
	message, err := shared.ParseMessage([]byte(raw))
	if err != nil {
		t.Fatalf("raw text: %v\n%s", err, raw)
	}
	var activity shared.Activity
	if err := message.Into(&activity); err != nil || message.Kind != shared.ChannelCartActivity || activity.CartVersion != 1 || activity.Line == nil || activity.Line.SKU != "MUG-BLUE" {
		t.Errorf("raw text tells of %s %+v (error: %v), want the first version of a cart with the mug", message.Kind, activity, err)
	}

	shopper.call(http.MethodDelete, "/api/cart/lines/MUG-BLUE", nil)
	tab.WaitContains("#feed li:last-child .words", "Blue mug removed, 0 items")
}

// The line sends what is typed, right or wrong, and the answer shows.
func TestEventsLine(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	shopper := newCaller(t, g.BaseURL)

	tab.Fill("#line", `{"unlisten":"cart_activity"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("#feed li:last-child", "No longer listening to cart_activity")
	tab.WaitContains(".listening", "Not listening to cart_activity")
	if got := tab.Value("#line"); got != "" {
		t.Errorf("after sending, the line has %q, want none", got)
	}
	shopper.put("MUG-BLUE", 1)

	tab.Fill("#line", `{"listen":`)
	tab.Press(kb.Enter)
	tab.WaitContains("#feed li:last-child", "Refused: ")
	tab.Fill("#line", `{"listen":"secrets"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("#feed li:last-child", "secrets")
	if got, want := tab.Text("#state"), "Connected"; got != want {
		t.Errorf("after malformed messages, state = %q, want %q", got, want)
	}

	tab.Fill("#line", `{"listen":"cart_activity"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("#feed li:last-child", "Listening to cart_activity")
	shopper.put("SOAP-OLIVE", 1)
	tab.WaitContains("#feed li:last-child", "Olive soap added")
	if strings.Contains(tab.Text("#feed"), "Blue mug added") {
		t.Error("the feed shows what was changed while nobody listened")
	}
}

// What has been heard can be asked for again, and so it can be seen what the gateway
// answers; and that it keeps to what was asked for after a break.
func TestEventsReplay(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	link := testenv.NewLink(t, g.host())
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: lost})
	signIn(tab, "http://"+link.Address(), "demo", g.password)
	shopper := newCaller(t, g.BaseURL)
	shopper.put("MUG-BLUE", 2)
	tab.WaitContains("#feed", "2 × Blue mug added")
	feed := func(part string) int { return strings.Count(tab.Text("#feed"), part) }
	waitFeed := func(n int, part string) {
		t.Helper()
		testenv.Eventually(t, commandTimeout, part, func() bool { return feed(part) == n })
	}
	tab.Click("#replay")
	tab.Press(kb.Enter)
	waitFeed(1, "No longer listening to cart_activity")
	waitFeed(1, "Listening to cart_activity, recovered: all after ")
	waitFeed(2, "2 × Blue mug added")
	tab.Fill("#line", `{"listen":"cart_activity","after":"x.1.1.1"}`)
	tab.Press(kb.Enter)
	waitFeed(1, "Listening to cart_activity, not recovered")
	tab.Fill("#line", `{"ping":"are you there?"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("#feed li:last-child", "The connection stands: the gateway answers “are you there?”")

	// What is missed during a break comes, and nothing twice.
	settleWorker(tab)
	link.Cut()
	tab.WaitContains("#state", "Reconnecting…")
	tab.WaitText(".listening", "Not listening at the moment.")
	shopper.put("SOAP-OLIVE", 3)
	link.Mend()
	waitFeed(1, "3 × Olive soap added")
	tab.WaitText("#state", "Connected")
	waitFeed(2, "Listening to cart_activity, recovered: all after ")
	shopper.put("LAMP-READ", 1)
	waitFeed(1, "Reading light added")
	if n := feed("2 × Blue mug added"); n != 2 {
		t.Errorf("the mug was told of %d times, want the 2 that were asked for", n)
	}

	tab.Fill("#line", `{"unlisten":"cart_activity"}`)
	tab.Press(kb.Enter)
	tab.WaitContains(".listening", "Not listening to cart_activity")
	settleWorker(tab)
	link.Cut()
	tab.WaitContains("#state", "Reconnecting…")
	link.Mend()
	tab.WaitText("#state", "Connected")
	tab.WaitContains(".listening", "Not listening to cart_activity")
}

// The page outlives a restart of the server, with the session and what it shows.
func TestEventsServerRestart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		back func(*testing.T, *gateway, *testenv.Tab) (times int)
	}{
		{"by itself", func(t *testing.T, g *gateway, _ *testenv.Tab) int { g.restart(t); return 1 }},
		{"by hand", func(t *testing.T, g *gateway, tab *testenv.Tab) int {
			// On a busy machine the next attempt may come first, but not each time.
			for times := 1; ; times++ {
				// By then the next attempt is far enough away.
				tab.WaitFunc(`/ in\s(1[2-9]|[2-9]\d)\ss/.test(document.getElementById("state").textContent)`)
				g.restart(t)
				left := testenv.Eval[float64](tab, `Number(document.getElementById("state").textContent.match(/ in\s(\d+)\ss/)?.[1] ?? 0)`)
				began := time.Now()
				if left > 8 { // else the button may be gone
					tab.Click(".summary button")
				}
				tab.WaitText("#state", "Connected")
				took := time.Since(began).Seconds()
				if took < left-1 {
					return times
				}
				if times == 3 {
					t.Errorf("connected after %.1f s, when the next attempt was %.0f s away anyway", took, left)
					return times
				}
				g.Kill()
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t)
			g.staff(t, "correct horse\n", "add", "anna", "--role", "event_listener")
			tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
			signIn(tab, g.BaseURL, "anna", "correct horse")
			newCaller(t, g.BaseURL).put("MUG-BLUE", 1)
			tab.WaitContains("#feed", "Blue mug added")
			testenv.Eval[chromedp.Void](tab, "window.loadedOnce = true")

			settleWorker(tab)
			g.Kill()
			tab.WaitContains("#state", "Reconnecting")
			times := tt.back(t, g, tab)
			tab.WaitText("#state", "Connected")
			tab.WaitText("#connections", "Serving 1 connections")
			testenv.Eventually(t, commandTimeout, "the page to listen again", func() bool {
				return strings.Count(tab.Text("#feed"), "Listening to cart_activity") == 1+times
			})
			newCaller(t, g.BaseURL).put("SOAP-OLIVE", 3)
			tab.WaitContains("#feed", "3 × Olive soap added")
			if !strings.Contains(tab.Text("#feed"), "Blue mug added") {
				t.Error("what the feed showed before the restart is gone")
			}
			if !testenv.Eval[bool](tab, "window.loadedOnce === true") {
				t.Error("the page was loaded again")
			}
		})
	}
}

// Rights taken away on the command line are gone in the open page.
func TestEventsRightsLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		command []string
		heading string
		reason  string
	}{
		{"account removed", []string{"remove", "demo"}, "Sign in", "Your session has ended"},
		{"role taken", []string{"role", "demo", "--none"}, "Not for this account", "lacks the role event_listener"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t)
			tab := testenv.Browser(t, testenv.BrowserOptions{})
			signIn(tab, g.BaseURL, "demo", g.password)
			g.staff(t, "", tt.command...)
			began := time.Now()
			tab.WaitText("h1", tt.heading)
			t.Logf("the page knew after %v", time.Since(began))
			tab.WaitContains("main", tt.reason)
		})
	}
}

func TestEventsWithoutRole(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.staff(t, "correct horse\n", "add", "bob", "--role", "discounter")
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(g.BaseURL + "/events")
	fillSignIn(tab, "bob", "correct horse")
	tab.WaitText("h1", "Not for this account")
	tab.WaitText("#who", "bob")
	tab.WaitContains("main", "lacks the role event_listener")
	tab.Click("#signout")
	tab.WaitText("h1", "Sign in")
}

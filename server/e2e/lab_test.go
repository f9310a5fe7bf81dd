package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
)

// openLab loads the console and opens one of its folds.
func openLab(t *testing.T, g *gateway, fold string) *testenv.Tab {
	t.Helper()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	unfold(tab, fold)
	return tab
}

// The handshake is shown as the server saw it, with what is secret masked; and one that
// was refused, with why.
func TestLabHandshake(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	// A secret of this site's, such as a page can set.
	testenv.Eval[chromedp.Void](tab, `document.cookie = "other_session=topsecret; Path=/"`)
	unfold(tab, "options")
	tab.Fill("#offer", "nobody.knows")
	tab.Press("\r")
	tab.Fill("#offer", "fault.delay-20")
	tab.Press("\r")
	unfold(tab, "details")
	connectTo(tab, "ws://"+g.host()+"/echo")
	tab.WaitContains("#details .record", "101, switched to WebSocket")
	shown := tab.Text("#details .record")
	for _, want := range []string{
		"GET /echo HTTP/1.1", "Origin: ", "Sec-WebSocket-Version\n13", "nobody.knows, fault.delay-20", "127.0.0.1",
		"other_session", "masked", "permessage-deflate", "delay=20", "clock agrees with the server's",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in %q", want, shown)
		}
	}
	if strings.Contains(shown, "topsecret") || strings.Contains(shown, "cartline_handshake") {
		t.Errorf("a secret is shown: %q", shown)
	}
	if got := tab.Text("#known"); !strings.Contains(got, "fault.delay-20, of nobody.knows, fault.delay-20") {
		t.Errorf("the sub-protocol is not shown in %q", got)
	}
	tab.WaitFunc(exists("#details .verdict.good"))
	tab.Click("#close")
	waitEnabled(tab, "open")

	// Not signed in, one may not listen to events.
	tab.Fill("#url", "ws://"+g.host()+"/events/io")
	tab.Click("#open")
	tab.WaitContains("#details .record", "403")
	tab.WaitContains("#details .record", "GET /events/io")
	tab.WaitContains("#known", "It was never open")

	// The path is the endpoint's, so no other request carries the cookie, and later ones
	// of that endpoint neither.
	if got := testenv.Eval[string](tab, `document.cookie`); strings.Contains(got, "cartline_handshake") {
		t.Errorf("the page has the cookies %q", got)
	}

	tab.Fill("#url", "ws://"+deadHost(t)+"/")
	tab.Click("#open")
	tab.WaitContains("#details", "Only this server's own handshakes can be shown")
}

// Two that are opened in the same moment each show their own handshake.
func TestLabHandshakesOfTwo(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "details")
	tab.Click("#add-pane")
	tab.WaitFunc(exists("#open-2:enabled"))
	tab.Click(`.fold-switch[aria-controls="details-2"]`)
	tab.Fill("#url-2", "ws://"+g.host()+"/echo?delay=5")
	testenv.Eval[chromedp.Void](tab, `["open", "open-2"].forEach((id) => document.getElementById(id).click())`)
	tab.WaitContains("#details .record", "GET /echo HTTP/1.1")
	tab.WaitContains("#details-2 .record", "GET /echo?delay=5 HTTP/1.1")
}

// Code and reason of a close are the visitor's choice, as far as browsers allow, and the
// server learns of both.
func TestLabClose(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "details")
	if !tab.Disabled("#close-with") {
		t.Error("it can be closed before it is open")
	}
	connectTo(tab, "ws://"+g.host()+"/echo")
	tab.Fill("#close-code", "1001")
	tab.Click("#close-with")
	tab.WaitContains("#close-error", "Browsers close with 1000, or a code from 3000 to 4999.")
	tab.Fill("#close-code", "3001")
	tab.Fill("#close-reason", strings.Repeat("☕", 42))
	tab.Click("#close-with")
	tab.WaitContains("#close-error", "and this one has 126")
	tab.WaitText("#status", "Connected")
	tab.Fill("#close-reason", "bye")
	tab.Press("\r")
	tab.WaitText("#status", "Not Connected")
	tab.WaitContains("#known", "code 3001")
	tab.WaitContains("#known", "this page closed it with 3001 and “bye”")
	g.WaitLog(t, `msg="echo disconnected"`)
	if line := regexp.MustCompile(`.*echo disconnected.*`).FindString(g.Log()); !strings.Contains(line, "3001") || !strings.Contains(line, "bye") {
		t.Errorf("the server's log has %q, want 3001 and bye in it", line)
	}
	if !tab.Disabled("#close-with") {
		t.Error("it can be closed again")
	}
}

// How a connection ended is told with its code, that code's name and meaning, and what
// was counted.
func TestLabEnd(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "details")
	connectTo(tab, "ws://"+g.host()+"/echo?close=1011&after=1&reason=out+of+tea")
	tab.WaitContains("#known", "Open since")
	say(tab, "hello")
	tab.WaitContains("#known", "code 1011, internal error")
	shown := tab.Text("#known")
	for _, want := range []string{"something went wrong on the server", "“out of tea”", "It was open", "1 message, 5 B", "2 messages, 19 B"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in %q", want, shown)
		}
	}
}

// While it is open, the fold follows what goes on.
func TestLabFollows(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "details")
	connectTo(tab, "ws://"+g.host()+"/echo")
	tab.WaitContains("#known", "Open since")
	tab.WaitFunc(`!document.getElementById("known").textContent.includes("for 0 s")`)
	say(tab, "a", "bc")
	tab.WaitContains("#known", "2 messages, 3 B")
	tab.WaitContains("#known", "3 messages, 17 B")
	fold := func() {
		tab.Click(`.fold-switch[aria-controls="details"]`)
		tab.WaitFunc(gone("#details"))
	}
	fold()
	// What stops with the fold doesn't hold up the page; see part.Nudge.
	tab.Click("#close")
	waitEnabled(tab, "open")
	connectTo(tab, "ws://"+g.host()+"/echo")
	unfold(tab, "details")
	// Told in turns that the page had for something else, as a busy machine gives it few.
	testenv.Eval[chromedp.Void](tab, fmt.Sprintf(`
		document.addEventListener("click", () => { window.turns = 0 }, true);
		setInterval(() => { if (!(%s)) window.turns++ }, 100)`, gone("#details")))
	fold()
	if turns := testenv.Eval[int](tab, `window.turns`); turns > 50 {
		t.Errorf("the page stood still for %d turns", turns)
	}
}

// Round trips are measured on demand, and are no messages of the visitor's.
func TestLabRoundTrip(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	openConsole(tab, g.BaseURL)
	unfold(tab, "details")
	const ten = `#details [aria-label="How many"] .segment:first-child`
	for _, tt := range []struct {
		path, want string
	}{
		{"/echo", "100 of 100 came back."},
		{"/echo?delay=30&burst=2", "10 of 10 came back."},
		{"/events/io", "10 of 10 came back."},
	} {
		tab.Fill("#url", "ws://"+g.host()+tt.path)
		if tt.want != "100 of 100 came back." {
			tab.Click(ten)
		}
		tab.Click("#open")
		tab.WaitText("#status", "Connected")
		tab.Click("#measure")
		tab.WaitText("#measured", tt.want)
		trips := tab.Text("#details .trips")
		for _, want := range []string{"p50", "p95", "p99", " ms", "█"} {
			if !strings.Contains(trips, want) {
				t.Errorf("%s: %q is missing in %q", tt.path, want, trips)
			}
		}
		if strings.Contains(tt.path, "delay=30") {
			least := regexp.MustCompile(`Least\n([0-9.]+) ms`).FindStringSubmatch(trips)
			if least == nil {
				t.Fatalf("no least in %q", trips)
			}
			if ms, err := strconv.ParseFloat(least[1], 64); err != nil || ms < 30 {
				t.Errorf("the least of what is delayed by 30 ms took %s ms", least[1])
			}
		}
		if got := tab.Text("#log"); strings.Contains(got, "probe") {
			t.Errorf("%s: the log has the probes: %q", tt.path, got)
		}
		tab.Click("#close")
		waitEnabled(tab, "open")
	}

	// It can be stopped, and ends with the connection.
	tab.Fill("#url", "ws://"+g.host()+"/echo?delay=2000")
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	tab.Click("#measure")
	tab.WaitText("#measure", "Stop")
	tab.Click("#measure")
	tab.WaitContains("#measured", "Stopped: ")
	tab.Click("#measure")
	tab.WaitText("#measure", "Stop")
	tab.Click("#close")
	tab.WaitContains("#measured", "The connection ended: ")
}

// Of this server's events, it is told by channel how many came, and how late.
func TestLabTap(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	openConsole(tab, g.BaseURL)
	unfold(tab, "details")
	tab.Click(toEvents)
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	say(tab, `{"listen":"cart_activity"}`)
	tab.WaitContains("#message", `"listening"`)
	shopper := newCaller(t, g.BaseURL)
	shopper.put("MUG-BLUE", 2)
	shopper.put("TEAPOT-1", 1)
	tab.WaitContains("#tap", "cart_activity")
	cells := func() []string {
		return testenv.Eval[[]string](tab, `Array.from(document.querySelectorAll("#tap tbody tr:first-child > *"), (e) => e.textContent.trim())`)
	}
	testenv.Eventually(t, commandTimeout, "two events", func() bool { return cells()[1] == "2" })
	row := cells()
	for _, i := range []int{2, 3} {
		if !strings.HasSuffix(row[i], " ms") {
			t.Errorf("the delay is %q", row[i])
		}
	}
	if row[4] != "0" || row[5] != "0" || row[6] == "" || row[6] == "none" {
		t.Errorf("got gaps, replaced, cursor %q", row[4:])
	}
}

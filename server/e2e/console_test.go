package e2e

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// The buttons that switch to this server's own endpoints.
const (
	toEcho   = ".segment:nth-child(1)"
	toEvents = ".segment:nth-child(2)"
)

// logTexts returns the texts in the console's log, oldest first.
func logTexts(tab *testenv.Tab) []string {
	return testenv.Eval[[]string](tab, `Array.from(document.querySelectorAll("#log .text"), (e) => e.textContent)`)
}

func TestConsoleAtLoad(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	if got, want := tab.Text("#status"), "Not Connected"; got != want {
		t.Errorf("status = %q, want %q", got, want)
	}
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/echo"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	if got := tab.Text("#message"); got != "" {
		t.Errorf("message = %q, want none", got)
	}
	if strings.Contains(g.Log(), "echo connected") {
		t.Error("the page connected by itself")
	}
}

func TestConsoleEchoes(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)

	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	waitEnabled(tab, "close send")
	tab.WaitText("#message", "Server Says: Echo Initiated")

	const markup = `<b id=bold>bold</b> & <img src=x>`
	for _, tt := range []struct {
		name, text string
		send       func()
	}{
		{"by the button", "hello", func() { tab.Click("#send") }},
		{"by Enter", "again ☕", func() { tab.Press(kb.Enter) }},
		{"markup", markup, func() { tab.Press(kb.Enter) }},
	} {
		tab.Fill("#text", tt.text)
		tt.send()
		tab.WaitText("#message", "Server Says: "+tt.text)
		if got := tab.Value("#text"); got != "" {
			t.Errorf("%s: after sending, the field has %q, want none", tt.name, got)
		}
	}
	if testenv.Eval[bool](tab, `document.querySelector("#bold, #message img, #log img") !== null`) {
		t.Error("the page took a message for markup")
	}

	tab.Click("#close")
	tab.WaitText("#status", "Not Connected")
	waitEnabled(tab, "open")
	tab.WaitText("#message", "")

	tab.Click("#open")
	tab.WaitText("#message", "Server Says: Echo Initiated")
	waitEnabled(tab, "close send")
	session := []string{"Connecting to ws://" + g.host() + "/echo", "Connected", "Echo Initiated"}
	want := slices.Concat(session, []string{"hello", "hello", "again ☕", "again ☕", markup, markup, "Disconnected"}, session)
	if got := logTexts(tab); !slices.Equal(got, want) {
		t.Errorf("log = %q,\nwant %q", got, want)
	}
}

// A large message comes back whole, and the page goes on.
func TestConsoleLargeText(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	tab.Click("#open")
	waitEnabled(tab, "close send")

	testenv.Eval[chromedp.Void](tab, `document.getElementById("text").value = "x".repeat(100_000)`)
	tab.Click("#send")
	tab.WaitFunc(`document.querySelectorAll("#log .entry").length === 5`)
	if got, want := testenv.Eval[[]string](tab, `Array.from(document.querySelectorAll("#log .size"), (e) => e.textContent).slice(-2)`), []string{"97.7 KiB", "97.7 KiB"}; !slices.Equal(got, want) {
		t.Errorf("sizes in the log = %q, want %q", got, want)
	}
	if n := testenv.Eval[int](tab, `document.querySelector("#log li:last-child .text").textContent.length`); n > 1000 {
		t.Errorf("its row has %d characters", n)
	}
	tab.Click("#log li:last-child")
	tab.WaitFunc(`document.querySelector("#log-message pre").textContent.length === 65_536`)
	tab.Click("#log-message .whole .button") // more
	tab.WaitFunc(`document.querySelector("#log-message pre").textContent.length === 100_000 && ` + gone("#log-message .whole .button"))
	tab.Click("#log li:last-child")
	tab.WaitFunc(gone("#log-message"))

	tab.Fill("#text", "still here")
	tab.Press(kb.Enter)
	tab.WaitText("#message", "Server Says: still here")
}

// What is no address is told, and nothing is opened.
func TestConsoleBadURL(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	testenv.Eval[chromedp.Void](tab, `(() => {
		window.opened = []
		window.WebSocket = new Proxy(WebSocket, {construct(to, args) { opened.push(args[0]); return new to(...args) }})
	})()`)
	for _, tt := range []struct{ typed, want string }{
		{"", "Enter the address of a WebSocket."},
		{"nonsense", "starts with ws:// or wss://"},
		{g.BaseURL + "/echo", "This is the address of a web page."},
		{"ftp://127.0.0.1/echo", "not with ftp://"},
		{"ws://", "names no host"},
		{"ws://127.0.0.1:99999/", "ports are from 1 to 65535"},
		{"ws://127.0.0.1/#part", "no fragment"},
		{"ws://127.0.0.1:x y/", "can't be read"},
	} {
		tab.Fill("#url", tt.typed)
		tab.Click("#open")
		tab.WaitContains("#message", tt.want)
		if got := tab.Text("#message"); !strings.HasPrefix(got, "Error: ") {
			t.Errorf("%q: message = %q, want it to begin with Error:", tt.typed, got)
		}
		if got, want := tab.Text("#status"), "Not Connected"; got != want {
			t.Errorf("%q: status = %q, want %q", tt.typed, got, want)
		}
		if got := testenv.Eval[[]string](tab, "opened"); len(got) > 0 {
			t.Errorf("%q: opened %q", tt.typed, got)
		}
	}

	// What was meant is one click away, and the counting above works.
	tab.Fill("#url", g.BaseURL+"/echo")
	tab.Press(kb.Enter)
	tab.WaitContains("#message", "web page")
	tab.Click(".message-line .chip")
	tab.Click("#open")
	tab.WaitText("#message", "Server Says: Echo Initiated")
	if got, want := testenv.Eval[[]string](tab, "opened"), []string{"ws://" + g.host() + "/echo"}; !slices.Equal(got, want) {
		t.Errorf("opened %q, want %q", got, want)
	}
}

// Browsers hide why a handshake failed; the page finds out, or tells what is
// likely.
func TestConsoleRefusals(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)

	tab.Click(toEvents)
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/events/io"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	tab.Click("#open")
	tab.WaitContains("#message", "Error: ")
	tab.WaitText(".message-line a", "To the sign-in")
	if got := tab.Text("#message"); !strings.Contains(strings.ToLower(got), "sign in") {
		t.Errorf("not signed in: message = %q, want it to tell to sign in", got)
	}
	waitEnabled(tab, "open")

	dead := deadHost(t)
	tab.Fill("#url", "ws://"+dead+"/")
	tab.Click("#open")
	tab.WaitContains("#message", dead)
	for _, part := range []string{"Error: ", "nothing listens there", "doesn't let pages of " + g.BaseURL + " in"} {
		if got := tab.Text("#message"); !strings.Contains(got, part) {
			t.Errorf("nobody there: message = %q, want %q in it", got, part)
		}
	}

	tab.Click(toEcho)
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/echo"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	tab.Click("#open")
	tab.WaitText("#message", "Server Says: Echo Initiated")
}

// deadHost returns a HOST:PORT at which nothing listens.
func deadHost(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func TestConsoleServerGone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(*gateway, *testing.T)
		want string
	}{
		{"stopped", func(g *gateway, t *testing.T) { g.Stop(t) }, "the server is going away"},
		{"killed", func(g *gateway, _ *testing.T) { g.Kill() }, "the connection broke off without a goodbye"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t)
			tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
			openConsole(tab, g.BaseURL)
			tab.Click("#open")
			tab.WaitText("#status", "Connected")

			settleWorker(tab)
			tt.end(g, t)
			tab.WaitText("#status", "Not Connected")
			waitEnabled(tab, "open")
			tab.WaitContains("#message", tt.want)

			tab.Click("#open")
			tab.WaitText("#message", "Error: This server can't be reached. Is it still running?")
		})
	}
}

// Who is signed in can watch events from the console, too.
// A browser may keep the page that was left, but its connection has to end.
func TestLeavingEndsTheConnection(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	openConsole(tab, g.BaseURL)
	g.WaitLog(t, "events disconnected")
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	tab.Click(`.pages a[href="/events"]`)
	tab.WaitText("#connections", "Serving 1 connections")
	tab.WaitText("#echo", "0 echo connections")
	testenv.Eval[any](tab, `history.back()`)
	waitEnabled(tab, "open")
}

func TestConsoleEvents(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)
	openConsole(tab, g.BaseURL)
	tab.Click(toEvents)
	tab.Click("#open")
	tab.WaitText("#status", "Connected")

	tab.Click(".hint .chip")
	if got, want := tab.Value("#text"), `{"listen":"cart_activity"}`; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	tab.Press(kb.Enter)
	tab.WaitContains("#message", `Server Says: ["listening"`)
	newCaller(t, g.BaseURL).put("MUG-BLUE", 2)
	tab.WaitContains("#message", `Server Says: ["cart_activity",{`)
	tab.WaitFunc(fmt.Sprintf(`document.querySelector("#log li:last-child .text").textContent.includes(%q)`, "MUG-BLUE"))
}

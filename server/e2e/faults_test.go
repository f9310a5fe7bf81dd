package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

// received returns the texts of the messages that came since the page last connected, as
// the log shows them.
func received(tab *testenv.Tab) []string {
	return testenv.Eval[[]string](tab, `(() => {
		const rows = Array.from(document.querySelectorAll("#log li"))
		const last = rows.findLastIndex((row) => row.textContent.includes("Connecting to"))
		return rows.slice(last).filter((row) => row.matches(".received")).map((row) => row.querySelector(".text").textContent)
	})()`)
}

// connectTo connects the first pane to an address and waits for the greeting.
func connectTo(tab *testenv.Tab, url string) {
	tab.Fill("#url", url)
	tab.Click("#open")
	tab.WaitText("#message", "Server Says: Echo Initiated")
}

// say sends texts, one after the other, by the keyboard.
func say(tab *testenv.Tab, texts ...string) {
	for _, text := range texts {
		tab.Fill("#text", text)
		tab.Press("\r")
		tab.WaitFunc(`document.getElementById("text").value === ""`)
	}
}

// Each fault that the page documents can be met in the page.
func TestFaults(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	echo := "ws://" + g.host() + "/echo"
	const late = 400 * time.Millisecond
	tests := []struct {
		query string
		said  []string
		want  func(tab *testenv.Tab)
		// got is what came after the greeting, once the connection has ended.
		got   []string
		after time.Duration // at the earliest
	}{
		{query: "delay=400", said: []string{"a"}, want: shows("a"), got: []string{"a"}, after: late},
		{query: "jitter=10", said: []string{"a", "b"}, want: shows("b"), got: []string{"a", "b"}},
		{query: "drop=100", said: []string{"a", "b"}},
		{query: "fragment=1", said: []string{"in pieces"}, want: shows("in pieces"), got: []string{"in pieces"}},
		{query: "burst=3", said: []string{"a"}, want: func(tab *testenv.Tab) {
			testenv.Eventually(t, commandTimeout, "three echoes", func() bool { return len(received(tab)) == 4 })
		}, got: []string{"a", "a", "a"}},
		{query: "slow=400", said: []string{"a", "b"}, want: shows("b"), got: []string{"a", "b"}, after: late},
		{query: "big=9", said: []string{"abcd"}, want: shows("abcdabcda"), got: []string{"abcdabcda"}},
		{query: "close=1011&after=2&reason=out+of+tea", said: []string{"a", "b"}, want: func(tab *testenv.Tab) {
			tab.WaitText("#message", "Disconnected: something went wrong on the server (code 1011, internal error). The server says: out of tea")
		}, got: []string{"a", "b"}},
		{query: "close=1006&after=1", said: []string{"a"}, want: func(tab *testenv.Tab) {
			tab.WaitContains("#message", "broke off without a goodbye")
		}, got: []string{"a"}},
		{query: "close=1005&after=1", said: []string{"a"}, want: func(tab *testenv.Tab) {
			tab.WaitContains("#message", "without saying why (code 1005")
		}, got: []string{"a"}},
	}
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			connectTo(tab, echo+"?"+tt.query)
			began := time.Now()
			say(tab, tt.said...)
			if tt.want != nil {
				tt.want(tab)
			}
			if took := time.Since(began); took < tt.after {
				t.Errorf("came after %v, want %v at the earliest", took, tt.after)
			}
			if tab.Text("#status") == "Connected" {
				tab.Click("#close") // what was sent before is answered first
			}
			tab.WaitText("#status", "Not Connected")
			if got, want := received(tab), append([]string{"Echo Initiated"}, tt.got...); !slices.Equal(got, want) {
				t.Errorf("received %q, want %q", got, want)
			}
		})
	}
}

func shows(text string) func(*testenv.Tab) {
	return func(tab *testenv.Tab) { tab.WaitText("#message", "Server Says: "+text) }
}

// A fault is asked for with a click, a number, or a sub-protocol, of which the server
// takes the first that it knows; what can't be is refused in words.
func TestFaultOptions(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	echo := "ws://" + g.host() + "/echo"
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{"status 400", "400 (Bad Request)"}})
	openConsole(tab, g.BaseURL)
	unfold(tab, "options")
	for _, chip := range []struct{ name, query string }{
		{"Lossy", "?drop=20"}, {"Fails at the third", "?close=1011&after=3&reason=out+of+tea"}, {"None", ""},
	} {
		found := fmt.Sprintf(`Array.from(document.querySelectorAll(".fault-examples .chip")).find((e) => e.textContent === %q)`, chip.name)
		testenv.Eval[any](tab, found+".click()")
		tab.WaitFunc(fmt.Sprintf(`document.getElementById("url").value === %q`, echo+chip.query))
	}
	tab.Fill("#fault-burst", "3")
	tab.Press("\t")
	tab.WaitFunc(fmt.Sprintf(`document.getElementById("url").value === %q`, echo+"?burst=3"))
	tab.WaitText("#faults-protocol", "As a sub-protocol: fault.burst-3")
	tab.Fill("#fault-drop", "101")
	tab.Press("\t")
	tab.WaitContains("#options .faults + p + .error", "drop is a number from 1 to 100")
	tab.Fill("#fault-drop", "")
	tab.Press("\t")

	tab.Fill("#url", echo+"?drop=0")
	tab.Click("#open")
	tab.WaitContains("#message", "Error: drop is a number from 1 to 100")

	tab.Fill("#url", echo)
	for _, name := range []string{"graphql-ws", "fault.burst-2", "no good"} {
		tab.Fill("#offer", name)
		tab.Press("\r")
	}
	tab.WaitContains("#offer-error", "no spaces")
	tab.WaitFunc(`document.querySelectorAll(".offered li").length === 2`)
	connectTo(tab, echo)
	tab.WaitContains("#log", "Connected, with the sub-protocol fault.burst-2")
	say(tab, "twice")
	tab.WaitFunc(`document.querySelectorAll("#log li.received").length === 3`)
	if got, want := received(tab), []string{"Echo Initiated", "twice", "twice"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
	if got := logTexts(tab); !strings.Contains(strings.Join(got, "\n"), "offering graphql-ws, fault.burst-2") {
		t.Errorf("the log doesn't tell what was offered: %q", got)
	}
}

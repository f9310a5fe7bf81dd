package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// What is sent by itself goes on until its number, until it is stopped, or until the
// connection ends; and its placeholders are filled in.
func TestComposeRepeat(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	unfoldComposer(tab, "repeat")
	chooseFormat(tab, "json")
	tab.Fill("#compose-text", `{"n": {{n}}, "at": "{{time}}"}`)
	tab.WaitContains("#compose-check", "it can be sent repeatedly")
	tab.Fill("#compose-every", "10")
	tab.Fill("#compose-count", "5")
	tab.Press(kb.Enter)
	tab.WaitText("#compose-said", "5 of 5 sent. Done.")
	tab.WaitFunc(`heard.length === 6`)
	if !testenv.Eval[bool](tab, `heard.slice(1).every((m, i) => {
		const {n, at} = JSON.parse(m.slice("text:".length))
		return n === i + 1 && Math.abs(Date.now() - Date.parse(at)) < 600_000 && /T\d\d:\d\d:\d\d\.\d{3}Z$/.test(at)
	})`) {
		t.Errorf("heard %q", testenv.Eval[[]string](tab, "heard"))
	}

	for _, bad := range []struct{ field, typed, want string }{
		{"every", "9", "from 10 to 3,600,000"}, {"every", "ten", "from 10 to 3,600,000"}, {"count", "0", "from 1 to 1,000,000"},
	} {
		was := tab.Value("#compose-" + bad.field)
		tab.Fill("#compose-"+bad.field, bad.typed)
		tab.Click("#compose-start")
		tab.WaitContains("#compose-said", bad.want)
		tab.Fill("#compose-"+bad.field, was)
	}

	tab.Fill("#compose-count", "")
	tab.Click("#compose-start")
	tab.WaitFunc(`heard.length > 20`)
	tab.WaitFunc(`document.activeElement.id === "compose-stop"`)
	tab.Press(kb.Enter)
	tab.WaitContains("#compose-said", "Stopped: you stopped it.")
	stopped := testenv.Eval[int](tab, `Number(/^[\d,]+/.exec(document.getElementById("compose-said").textContent)[0].replace(",", ""))`)
	tab.WaitFunc(fmt.Sprintf(`heard.length === %d`, 6+stopped))

	tab.Click("#compose-start")
	tab.WaitFunc(fmt.Sprintf(`heard.length > %d`, 20+stopped))
	tab.Click("#close")
	tab.WaitText("#status", "Not Connected")
	tab.WaitContains("#compose-said", "Stopped: the connection has ended.")
	tab.WaitFunc(exists("#compose-start:disabled"))
}

// A burst comes back whole, while the page answers, and can be stopped.
func TestComposeBurst(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	unfoldComposer(tab, "repeat")
	tab.Fill("#compose-text", "m{{n}}")
	tab.Fill("#compose-burst", "1000")
	tab.Press(kb.Enter)
	tab.WaitText("#compose-said", "1,000 of 1,000 sent. Done.")
	tab.WaitFunc(`heard.length === 1001`)
	if !testenv.Eval[bool](tab, `heard.slice(1).every((m, i) => m === "text:m" + (i + 1))`) {
		t.Error("what came back isn't what was sent, in its order")
	}

	// A server that reads slowly has it wait, so that it can be stopped.
	openComposer(t, tab, g, "/echo?slow=500")
	unfoldComposer(tab, "repeat")
	testenv.Eval[chromedp.Void](tab, `document.getElementById("compose-text").value = "x".repeat(100_000)`)
	tab.Fill("#compose-burst", "10000")
	tab.Click("#compose-burst-start")
	tab.WaitContains("#compose-progress", "of 10,000 sent")
	tab.Click("#compose-stop")
	tab.WaitContains("#compose-said", "of 10,000 sent. Stopped: you stopped it.")
	tab.WaitFunc(exists("#compose-burst-start:enabled"))
}

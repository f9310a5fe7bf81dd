package e2e

import (
	"fmt"
	"slices"
	"testing"

	"cartline/server/internal/testenv"
)

// Several connections stand side by side, each with a name, an address and a log of its
// own; a reload brings them back, without what was said.
func TestSeveralConnections(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	if testenv.Eval[bool](tab, exists("#name")) {
		t.Error("a connection that is alone asks for a name")
	}
	for n := 2; n <= 4; n++ {
		tab.Click("#add-pane")
		tab.WaitFunc(exists(fmt.Sprintf("#open-%d:enabled", n)))
	}
	tab.WaitFunc(`document.getElementById("add-pane").disabled`)
	tab.Fill("#name", "Ann")
	tab.Fill("#name-3", "Bob")
	tab.Press("\t")
	tab.Fill("#url-3", "ws://"+g.host()+"/echo?burst=2")
	for _, suffix := range []string{"", "-3"} {
		tab.Click("#open" + suffix)
		tab.WaitText("#message"+suffix, "Server Says: Echo Initiated")
	}
	tab.Fill("#text", "to the first")
	tab.Press("\r")
	tab.WaitText("#message", "Server Says: to the first")
	tab.Fill("#text-3", "to the third")
	tab.Press("\r")
	tab.WaitText("#message-3", "Server Says: to the third")
	tab.WaitFunc(`document.querySelectorAll("#log-3 li.received").length === 3`)
	tab.WaitText("#status-2", "Not Connected")
	if got, want := received(tab), []string{"Echo Initiated", "to the first"}; !slices.Equal(got, want) {
		t.Errorf("the first received %q, want %q", got, want)
	}

	// Taking one away leaves the others as they are.
	tab.Fill("#text-3", "half a sen")
	tab.Click(`[aria-label="Remove Connection 2"]`)
	tab.WaitFunc(`!document.getElementById("status-2")`)
	tab.Click(`[aria-label="Remove Ann"]`)
	tab.WaitFunc(`!document.getElementById("status")`)
	g.WaitLog(t, "echo disconnected")
	tab.WaitText("#status-3", "Connected")
	if got, want := tab.Value("#text-3"), "half a sen"; got != want {
		t.Errorf("the third's field has %q, want %q", got, want)
	}
	tab.Click("#add-pane") // where the first was
	tab.WaitFunc(exists("#open:enabled"))
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/echo"; got != want {
		t.Errorf("a new one begins with %q, want %q", got, want)
	}

	tab.Navigate(g.BaseURL + "/")
	waitEnabled(tab, "open")
	tab.WaitFunc(`document.getElementById("name-3").value === "Bob"`)
	if got, want := tab.Value("#url-3"), "ws://"+g.host()+"/echo?burst=2"; got != want {
		t.Errorf("after a reload the third has %q, want %q", got, want)
	}
	if testenv.Eval[bool](tab, exists("#status-2")) {
		t.Error("what was removed is back")
	}
	tab.WaitText("#status-3", "Not Connected")
	if got := testenv.Eval[int](tab, `document.querySelectorAll("#log-3 li").length`); got != 0 {
		t.Errorf("after a reload the log has %d rows", got)
	}
}

// The presets connect to what this server has, the shopper's own cart among it.
func TestPresets(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openShop(tab, g.BaseURL+"/shop/p/iron-teapot")
	tab.Click(".buy")
	tab.WaitFunc(`document.getElementById("cart-drawer").open`)
	openConsole(tab, g.BaseURL)
	tab.Click(".segment:nth-child(3)")
	if got, want := tab.Value("#url"), "ws://"+g.host()+"/events/io"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	tab.Click(".hint .chip")
	tab.Press("\r")
	tab.WaitContains("#message", `Server Says: ["listening",{"channel":"my_cart"`)
	testenv.Eval[any](tab, `fetch("/api/cart/lines/MUG-BLUE", {method: "PUT", headers: {"Content-Type": "application/json"}, body: '{"quantity":2}'}).then((r) => r.ok)`)
	tab.WaitContains("#message", `Server Says: ["my_cart",{`)
	tab.WaitFunc(`document.querySelector("#log li:last-child").textContent.includes("my_cart")`)
}

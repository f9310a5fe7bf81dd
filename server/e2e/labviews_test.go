package e2e

import (
	"fmt"
	"testing"

	"cartline/server/internal/testenv"
)

// labViews are the faces of the console's folded parts.
var labViews = []view{
	{name: "console options", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		unfold(tab, "options")
		tab.Fill("#offer", "fault.drop-5")
		tab.Press("\r")
		tab.Fill("#offer", "no good")
		tab.Press("\r")
		tab.WaitContains("#offer-error", "no spaces")
	}},
	{name: "console compose", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		connectTo(tab, "ws://"+g.host()+"/echo")
		say(tab, "Hello?", `{"listen":"cart_activity"}`)
		unfold(tab, "compose")
	}},
	{name: "console details", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		connectTo(tab, "ws://"+g.host()+"/echo?delay=5")
		unfold(tab, "details")
		tab.WaitContains("#details", "Sec-WebSocket-Version")
	}},
	{name: "console recording", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		connectTo(tab, "ws://"+g.host()+"/echo")
		say(tab, "one", "two")
		unfold(tab, "recording")
	}},
	{name: "console message", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		connectTo(tab, "ws://"+g.host()+"/echo")
		say(tab, "plain", `{"cart":{"name":"Amber Fox 42","lines":[{"sku":"MUG-BLUE","quantity":2,"price":1250},{"sku":"TEAPOT-1","quantity":1,"price":4900}],"total":7400},"open":true,"note":null}`)
		tab.WaitFunc(`document.querySelectorAll("#log li.received").length === 3`)
		tab.Click("#log li:last-child")
	}},
	{name: "console several", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
		tab.Click("#add-pane")
		tab.WaitFunc(exists("#open-2:enabled"))
		connectTo(tab, "ws://"+g.host()+"/echo")
		say(tab, "to the first")
		tab.Fill("#name-2", "Bob, on a bad line")
		tab.Fill("#url-2", "ws://"+g.host()+"/echo?delay=300&drop=20")
		tab.Click("#open-2")
		tab.WaitText("#message-2", "Server Says: Echo Initiated")
	}},
}

// unfold opens a fold of the console's first pane.
func unfold(tab *testenv.Tab, id string) {
	tab.Click(fmt.Sprintf(`.fold-switch[aria-controls=%q]`, id))
	tab.WaitFunc(exists("#" + id))
}

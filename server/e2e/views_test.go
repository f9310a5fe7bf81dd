package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// views are the faces of the pages, with something on them, for tests that look
// at all of them.
var views = slices.Concat(wholeViews, labViews, cutOffViews)

// view is one of them. allow is what its page has to complain of.
type view struct {
	name  string
	allow []string
	show  func(*testing.T, *gateway, *testenv.Tab)
}

var wholeViews = []view{
	{name: "console", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openConsole(tab, g.BaseURL)
	}},
	{name: "console connected", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
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
	{name: "sign-in", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		tab.Navigate(g.BaseURL + "/events")
		fillSignIn(tab, "demo", "not the password")
		tab.WaitContains(".message.error", "wrong")
	}},
	{name: "events", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
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
	{name: "shop", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openShop(tab, g.BaseURL+"/shop")
	}},
	{name: "shop search", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openShop(tab, g.BaseURL+"/shop?q=lamp")
	}},
	{name: "shop product", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openShop(tab, g.BaseURL+"/shop/p/iron-teapot")
	}},
	{name: "shop cart", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		helpInShop(t, g, tab)
		openShop(tab, g.BaseURL+"/shop/cart")
		tab.WaitContains("#banner", representative)
		tab.WaitContains("#link-card", "Desk lamp")
	}},
	{name: "shop drawer", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		helpInShop(t, g, tab)
		tab.Click("#cart-button")
		tab.WaitContains("#cart-drawer #banner", representative)
		tab.WaitContains("#cart-drawer #link-card", "Desk lamp")
	}},
	{name: "shop call", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openShop(tab, g.BaseURL+"/shop")
		showCode(tab)
	}},
	{name: "desk", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		waitingShoppers(t, g)
		openDesk(tab, g.BaseURL, "demo", g.password)
		tab.WaitContains(".list-count", "4 carts")
	}},
	{name: "desk cart", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		waitingShoppers(t, g)
		openDesk(tab, g.BaseURL, "demo", g.password)
		tab.WaitContains(".list-count", "4 carts")
		tab.Click("#carts .cart-name")
		tab.Click("#attach")
		tab.WaitContains("#cart-panel", "Attached")
		tab.Click("#show-discount")
		tab.WaitFunc(exists("#discount-form"))
		tab.WaitContains("#timeline", "The customer asked for help")
		tab.WaitFunc(gone("#carts tr:first-child.open")) // it no longer waits on top
	}},
	{name: "desk help", show: func(_ *testing.T, g *gateway, tab *testenv.Tab) {
		openDesk(tab, g.BaseURL, "demo", g.password)
		tab.Click("#help")
		tab.WaitFunc(`document.getElementById("help-dialog").open`)
	}},
	{name: "audit", show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		waitingShoppers(t, g)
		openDesk(tab, g.BaseURL, "demo", g.password)
		tab.Click("#carts .cart-name")
		tab.Click("#attach")
		tab.WaitContains("#cart-panel", "Attached")
		tab.Navigate(g.BaseURL + "/desk/audit")
		tab.WaitContains("#audit tbody", "attach")
	}},
}

// waitingShoppers makes carts of shoppers, of whom one asks for help.
func waitingShoppers(t *testing.T, g *gateway) {
	t.Helper()
	for i, skus := range [][]string{
		{"MUG-BLUE", "TEAPOT-1", "BOARD-OAK"}, {"LAMP-READ"}, {"SOAP-OLIVE", "TOWEL-BATH"}, {"CHAIR-ASH"},
	} {
		shopper := newCaller(t, g.BaseURL)
		for n, sku := range skus {
			shopper.put(sku, n+1)
		}
		shopper.call("POST", "/api/cart/pageview", shared.ViewPage{Path: "/shop/cart"})
		if i == 0 {
			shopper.call("POST", "/api/cart/help", nil)
		}
	}
}

// helpInShop has the shopper of a page put things into their cart, with which someone
// helps: a discount, a line, and a page that is suggested.
func helpInShop(t *testing.T, g *gateway, tab *testenv.Tab) {
	t.Helper()
	g.hire(t, representative)
	openShop(tab, g.BaseURL+"/shop/p/iron-teapot")
	tab.Click(".buy")
	tab.WaitFunc(`document.getElementById("cart-drawer").open`)
	cart := ownCart(tab)
	helper := newCaller(t, g.BaseURL)
	helper.call("POST", "/api/staff/session", shared.SignIn{Username: representative, Password: password})
	code := testenv.Eval[shared.AssistCode](tab, `fetch("/api/cart/code", {method: "POST"}).then((r) => r.json())`)
	helper.call("POST", "/api/carts/find", shared.FindCart{Code: code.Code})
	helper.call("PUT", "/api/carts/"+cart.ID+"/lines/MUG-BLUE", shared.SetLine{Quantity: 2})
	helper.call("PUT", "/api/carts/"+cart.ID+"/discount", shared.SetDiscount{BasisPoints: 1000, Reason: "loyalty", MinSubtotal: 9000})
	helper.call("POST", "/api/carts/"+cart.ID+"/links", shared.SendLink{URL: "/shop/p/desk-lamp"})
	tab.Press(kb.Escape)
	// The browser closes it first, and the page learns of it.
	tab.WaitFunc(`!document.querySelector("#cart-drawer .drawer-body")`)
}

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// The shop reads without any program, and can be searched and walked through.
func TestShopWithoutScripts(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.DisableScripts()
	tab.Navigate(g.BaseURL + "/shop")
	tab.WaitContains("main", "Blue mug")
	tab.WaitContains("main", "€12.50")
	if got, want := testenv.Eval[string](tab, "document.title"), "Hearth & Field"; got != want {
		t.Errorf("title = %q, want %q", got, want)
	}
	tab.Fill("#q", "teapot")
	tab.Press(kb.Enter)
	tab.WaitText("h1", "Results for “teapot”")
	tab.Click(".tile a")
	tab.WaitText("h1", "Iron teapot")
	tab.WaitContains("main", "€49.00")
	tab.WaitFunc(`document.querySelector(".product .picture").naturalWidth > 0`)
	if !tab.Disabled(".buy") {
		t.Error("what needs the program looks as if it worked")
	}
	tab.Click(`.shop-nav a[href="/shop?category=Garden"]`)
	tab.WaitText("h1", "Garden")
	tab.WaitContains("main", "Watering can")
	tab.Click("#cart-button")
	tab.WaitText("h1", "Your cart")
}

// From the first look to the order: the cart lives on across pages, reloads and a
// restart of the server, and shows in every tab.
func TestShopOrder(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
	second := tab.Another() // opened before there is a cart
	openShop(second, g.BaseURL+"/shop/cart")
	second.WaitContains("main", "There is nothing in it yet.")

	openShop(tab, g.BaseURL+"/shop/p/iron-teapot")
	tab.Click(`.buy-row [data-step="1"]`)
	tab.Click(".buy")
	tab.WaitText("#cart-drawer "+line("TEAPOT-1")+" .qty", "2")
	tab.WaitText("#cart-drawer #total", "€98.00")
	second.WaitText(line("TEAPOT-1")+" .qty", "2")

	tab.Click(`#cart-drawer [aria-label="One Iron teapot more"]`)
	tab.WaitText("#cart-drawer #total", "€147.00")
	second.WaitText("#total", "€147.00")
	tab.Click("#cart-drawer " + line("TEAPOT-1") + " .line-remove")
	tab.WaitText("#cart-drawer .line-gone p", "Iron teapot is out of the cart.")
	second.WaitContains("main", "There is nothing in it yet.")
	tab.Click("#cart-drawer .line-gone button") // Undo
	tab.WaitText("#cart-drawer "+line("TEAPOT-1")+" .qty", "3")
	second.WaitText(line("TEAPOT-1")+" .qty", "3")

	tab.Press(kb.Escape)
	tab.WaitFunc(`!document.getElementById("cart-drawer").open`)
	openShop(tab, g.BaseURL+"/shop")
	tab.WaitText("#cart-count", "3")
	testenv.Eval[chromedp.Void](second, "window.loadedOnce = true")
	settleWorker(second)
	settleWorker(tab)
	g.Kill()
	second.WaitContains("main", "Not connected at the moment")
	g.restart(t)
	openShop(tab, g.BaseURL+"/shop/cart")
	tab.WaitText("#total", "€147.00")
	second.WaitText(".late", "")
	tab.Click(`[aria-label="One Iron teapot less"]`)
	second.WaitText("#total", "€98.00")

	tab.Click("#place-order")
	tab.WaitText("#confirm-order", "Yes, order for €98.00")
	tab.Click("#confirm-order")
	tab.WaitFunc(`document.getElementById("order-number")?.textContent.length > 3`)
	number := tab.Text("#order-number")
	second.WaitText("#order-number", number)
	tab.WaitFunc(cartEmpty)
	second.WaitFunc(cartEmpty)
	if !testenv.Eval[bool](second, "window.loadedOnce === true") {
		t.Error("the second tab was loaded again")
	}
	openShop(tab, g.BaseURL+"/shop/cart")
	tab.WaitText("#orders .order-name", number)
	tab.WaitContains("#orders", "2 × Iron teapot")
	if cart := ownCart(tab); cart.ID != "" {
		t.Errorf("after the order there is the cart %+v", cart)
	}
}

// cartEmpty says whether the shop's header shows an empty cart.
const cartEmpty = `document.getElementById("cart-count").textContent === "0"`

// The total that was agreed to is the one that is ordered: if it moves while the
// question stands, the question is another one.
func TestShopOrderOfAnotherTotal(t *testing.T) {
	t.Parallel()
	p := attend(t)
	p.shop.Click("#place-order")
	p.shop.WaitText("#confirm-order", "Yes, order for €25.00")
	p.add("SOAP-OLIVE")
	p.shop.WaitContains(".place .message", "The total is €31.50 now; it was €25.00.")
	p.shop.WaitText("#confirm-order", "Yes, order for €31.50")
	p.shop.Click("#confirm-order")
	p.shop.WaitContains(".placed", "€31.50")
	p.desk.WaitContains("#ordered", p.shop.Text("#order-number"))
}

// What a guest has collected comes along into the account.
func TestShopAccount(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openShop(tab, g.BaseURL+"/shop/p/blue-mug")
	tab.Click(".buy")
	tab.WaitText("#cart-drawer "+line("MUG-BLUE")+" .qty", "1")
	openShop(tab, g.BaseURL+"/shop/cart")
	signUp(tab, "Mara Lind", "mara@example.org")
	tab.WaitText("#total", "€12.50")

	tab.Click("#signout")
	tab.WaitContains("#account", "You are signed out.")
	tab.WaitFunc(cartEmpty)
	for _, path := range []string{"/shop/p/blue-mug", "/shop/p/olive-soap"} {
		openShop(tab, g.BaseURL+path)
		tab.Click(".buy")
		tab.WaitFunc(`document.getElementById("cart-drawer").open`)
	}
	tab.WaitText("#cart-count", "2")
	openShop(tab, g.BaseURL+"/shop/cart")
	tab.Fill("#signin-email", "mara@example.org")
	tab.Fill("#signin-password", "not it")
	tab.Press(kb.Enter)
	tab.WaitContains("#signin .message.error", "wrong")
	tab.WaitText("#cart-count", "2")
	signInShop(tab, "mara@example.org")
	tab.WaitContains("#account", "Mara Lind · mara@example.org")
	tab.WaitContains("#account .message.good", "2 lines")
	tab.WaitText(line("MUG-BLUE")+" .qty", "2")
	tab.WaitText(line("SOAP-OLIVE")+" .qty", "1")
	tab.WaitText("#total", "€31.50")
}

// shopPassword is that of the shop's customers.
const shopPassword = "a long enough one"

// signUp makes an account on the page of the cart.
func signUp(tab *testenv.Tab, name, email string) {
	tab.Click("#account .swap button")
	tab.Fill("#signup-name", name)
	tab.Fill("#signup-email", email)
	tab.Fill("#signup-password", shopPassword)
	tab.Press(kb.Enter)
	tab.WaitContains("#account", name+" · "+email)
}

// signInShop fills in the form on the page of the cart.
func signInShop(tab *testenv.Tab, email string) {
	tab.Fill("#signin-email", email)
	tab.Fill("#signin-password", shopPassword)
	tab.Press(kb.Enter)
}

// A shop without products says how to get some; without a demo there are none.
func TestShopEmpty(t *testing.T) {
	t.Parallel()
	g := &gateway{database: "sqlite:" + filepath.Join(t.TempDir(), "empty.db")}
	g.Server = testenv.StartServer(t, testenv.ServerOptions{Args: []string{"--database", g.database}})
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{"failed resource: status 404"}})
	openShop(tab, g.BaseURL+"/shop")
	tab.WaitText("h1", "This shop has no products yet")
	tab.WaitContains("main", "bin/cartline product import FILE")

	openShop(tab, g.BaseURL+"/shop/p/no-such-thing")
	tab.WaitText("h1", "This is not on our shelves")
	if problems := strings.Join(tab.TakeProblems(), "\n"); !strings.Contains(problems, "status 404: "+g.BaseURL+"/shop/p/no-such-thing") {
		t.Errorf("the page of a product that there isn't has another status than 404: %q", problems)
	}
	tab.Click("main .button")
	tab.WaitText("h1", "This shop has no products yet")

	// What is imported beside the running server is there at the next look.
	file := filepath.Join(t.TempDir(), "products.csv")
	if err := os.WriteFile(file, []byte("sku,name,price,currency\nTIN-1,Tin whistle,9.50,EUR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.command(t, "", "product", "import", file)
	tab.Navigate(g.BaseURL + "/shop")
	tab.WaitContains("main", "Tin whistle")
}

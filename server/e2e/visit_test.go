package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// openShop loads a page of the shop and waits until it works.
func openShop(tab *testenv.Tab, address string) {
	tab.Navigate(address)
	waitShop(tab)
}

// waitShop waits until the program has taken the page over and knows the cart.
func waitShop(tab *testenv.Tab) {
	tab.WaitFunc(`document.getElementById("call-us")?.disabled === false`)
}

// openDesk loads the desk, signs in and waits until it shows what is.
func openDesk(tab *testenv.Tab, origin, username, password string) {
	tab.SetViewport(1280, 900, false)
	tab.Navigate(origin + "/desk")
	fillSignIn(tab, username, password)
	tab.WaitText("#who", username)
	waitLive(tab)
	tab.Hover("h1") // rows would stand still under the pointer
}

func waitLive(tab *testenv.Tab) { tab.WaitText("#freshness", "Connected") }

// ownCart returns the cart that the visitor of the page has.
func ownCart(tab *testenv.Tab) shared.Cart {
	return testenv.Eval[shared.Cart](tab, `fetch("/api/cart").then((r) => r.json())`)
}

// status asks for something with the page's session and returns how that went.
func status(tab *testenv.Tab, method, path string) int {
	return testenv.Eval[int](tab, fmt.Sprintf(`fetch(%q, {method: %q}).then((r) => r.status)`, path, method))
}

// The account of most tests: someone with all that helping takes, but no admin.
const (
	representative = "anna"
	password       = "correct horse"
)

// hire adds a member of the staff; without roles it is one who may help.
func (g *gateway) hire(t *testing.T, username string, roles ...string) {
	t.Helper()
	if len(roles) == 0 {
		roles = []string{shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter}
	}
	args := []string{"add", username}
	for _, role := range roles {
		args = append(args, "--role", role)
	}
	g.staff(t, password+"\n", args...)
}

// pair is a shopper and a representative, each in a browser of their own.
type pair struct {
	*gateway
	front      *front // between them and the server
	shop, desk *testenv.Tab
	cart       shared.Cart // of the shopper, as it was at first
}

// meet opens the shopper's page of their cart, with two mugs in it, and the desk,
// where the cart shows.
func meet(t *testing.T, args ...string) *pair {
	t.Helper()
	g := startGateway(t, args...)
	g.hire(t, representative)
	p := &pair{gateway: g, front: startFront(t, g.BaseURL)}
	p.shop = testenv.Browser(t, testenv.BrowserOptions{})
	p.shop.SetViewport(1280, 900, false)
	openShop(p.shop, p.front.URL+"/shop/p/blue-mug")
	p.shop.Click(`.buy-row [data-step="1"]`)
	p.shop.Click(".buy")
	p.shop.WaitText("#cart-drawer "+line("MUG-BLUE")+" .qty", "2")
	openShop(p.shop, p.front.URL+"/shop/cart")
	p.shop.WaitText(line("MUG-BLUE")+" .qty", "2")
	p.cart = ownCart(p.shop)

	p.desk = testenv.Browser(t, testenv.BrowserOptions{})
	openDesk(p.desk, p.front.URL, representative, password)
	p.desk.WaitContains(row(p.cart), p.cart.Name)
	return p
}

// attend is meet, and the shopper's code read to the representative.
func attend(t *testing.T, args ...string) *pair {
	t.Helper()
	p := meet(t, args...)
	p.attachByCode()
	return p
}

func (p *pair) attachByCode() {
	code := showCode(p.shop)
	p.desk.Fill("#desk-search", code)
	p.desk.Press(kb.Enter)
	p.desk.WaitContains("#cart-panel", "Attached by the customer's code")
	p.shop.WaitContains("#banner", representative+" is helping you with this cart")
}

// showCode has the shopper's page show a code, and returns it as it is shown.
func showCode(tab *testenv.Tab) string {
	tab.Click("#call-us")
	tab.Click("#call-dialog [data-key=code]")
	const shown = `document.querySelector("#assist-code span")?.textContent ?? ""`
	tab.WaitFunc(`/^\d{3} \d{3}$/.test(` + shown + `)`)
	return testenv.Eval[string](tab, shown)
}

// add puts a product into the cart that is open at the desk.
func (p *pair) add(sku string) {
	p.desk.Fill("#add-product-words", sku)
	p.desk.Click(fmt.Sprintf(`.found-item[data-sku=%q] .add-one`, sku))
	p.desk.WaitFunc(exists(line(sku)))
	p.desk.Fill("#add-product-words", "")
	p.desk.WaitFunc(gone(".found-item")) // what is below moves up
}

// setQuantity types a line's quantity at the desk.
func (p *pair) setQuantity(sku, quantity string) {
	p.desk.Fill("#quantity-"+sku, quantity)
	p.desk.Press(kb.Enter)
}

// waitTimeline waits until the desk's timeline tells of something.
func (p *pair) waitTimeline(words string) { p.desk.WaitContains("#timeline", words) }

// waitQuantity waits until both pages show a quantity of a product.
func (p *pair) waitQuantity(sku, quantity string) {
	p.shop.WaitText(line(sku)+" .qty", quantity)
	p.desk.WaitFunc(fmt.Sprintf(`document.querySelector(%q).value === %q`, "#quantity-"+sku, quantity))
}

// waitTotal waits until both pages show a total.
func (p *pair) waitTotal(total string) {
	p.shop.WaitText("#total", total)
	p.desk.WaitText("#cart-total", total)
}

// The selectors of what several tests use: a line of the cart in either page, and a
// cart's row at the desk.
func line(sku string) string      { return fmt.Sprintf(`.line[data-sku=%q]`, sku) }
func row(cart shared.Cart) string { return fmt.Sprintf(`#carts tr[data-id=%q]`, cart.ID) }
func exists(selector string) string {
	return fmt.Sprintf(`document.querySelector(%q) !== null`, selector)
}
func gone(selector string) string {
	return fmt.Sprintf(`document.querySelector(%q) === null`, selector)
}

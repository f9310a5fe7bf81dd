package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// absence is how long a representative stays attached whose connection is gone: 15
// seconds, which is promised, and time for a busy machine.
const absence = 2 * time.Minute

// A colleague sees who attends, and takes over with what was noted; when the
// browser of who attends dies, the customer and the desk see that nobody does.
func TestHandoverAndAbsence(t *testing.T) {
	t.Parallel()
	p := attend(t)
	p.hire(t, "ben")
	ben := testenv.Browser(t, testenv.BrowserOptions{})
	openDesk(ben, p.front.URL, "ben", password)
	ben.WaitText(row(p.cart)+" .c-who", representative)

	// The list of colleagues was read before ben was there.
	p.desk.Navigate(p.front.URL + "/desk/cart/" + p.cart.ID)
	p.desk.WaitContains("#cart-panel", "Attached by the customer's code") // that soon, it is no absence
	p.desk.Click("#show-handover")
	p.desk.WaitContains("#handover-to", "ben")
	testenv.Eval[string](p.desk, `document.getElementById("handover-to").value = "ben"`)
	p.desk.Fill("#handover-note", "wants it by Friday")
	p.desk.Press(kb.Enter)
	ben.WaitContains(".desk-news", representative+" hands "+p.cart.Name+" over to you.")
	ben.Click(".desk-news .button")
	ben.WaitContains("#cart-panel", "wants it by Friday")
	ben.Click("#attach")
	ben.WaitContains("#cart-panel", "Attached")
	p.desk.WaitContains("#stop-note", "ben took this cart over from you")
	p.shop.WaitContains("#banner", "ben is helping you with this cart")
	if got := p.shop.Text("#banner"); strings.Contains(got, representative) {
		t.Errorf("after the handover the banner says %q", got)
	}

	p.desk.WaitText(row(p.cart)+" .c-who", "ben")
	ben.Crash()
	began := time.Now()
	testenv.Eventually(t, absence, "the banner to vanish", func() bool { return testenv.Eval[bool](p.shop, gone("#banner")) })
	t.Logf("the customer saw that nobody helps after %v", time.Since(began))
	p.desk.WaitText(row(p.cart)+" .c-who", "Knock")
	p.waitTimeline("ben lost the connection and was released")
}

// Who signs in while they are helped, into an account that has a cart already, takes
// the representative along.
func TestSignInWhileAttended(t *testing.T) {
	t.Parallel()
	p := meet(t)
	before := newCaller(t, p.BaseURL)
	before.call("POST", "/api/customers", shared.SignUp{Name: "Mara Lind", Email: "mara@example.org", Password: shopPassword})
	before.put("MUG-BLUE", 1)
	before.put("TEAPOT-1", 1)
	var there shared.Cart
	before.read("GET", "/api/cart", nil, &there)

	p.attachByCode()
	signInShop(p.shop, "mara@example.org")
	p.shop.WaitContains("#account", "Mara Lind")
	p.waitQuantity("MUG-BLUE", "3")
	p.waitTotal("€86.50")
	p.desk.WaitContains("#merged", "Now signed in as Mara Lind; 1 line merged.")
	p.desk.WaitText("#cart-panel .panel-name", there.Name+"\nSigned in")
	p.desk.WaitText("#cart-panel .customer", "Mara Lind\nmara@example.org")
	p.shop.WaitContains("#banner", representative+" is helping you with this cart")
	p.desk.WaitFunc(fmt.Sprintf(`location.pathname === %q`, "/desk/cart/"+there.ID))

	// The consent came along, in both directions.
	p.setQuantity("TEAPOT-1", "2")
	p.waitTotal("€135.50")
	p.shop.WaitText(line("TEAPOT-1")+" .by", "by "+representative)
}

// A caller who has no browser open is helped as well.
func TestPhoneOrder(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.hire(t, representative)
	p := &pair{gateway: g, desk: testenv.Browser(t, testenv.BrowserOptions{})}
	openDesk(p.desk, g.BaseURL, representative, password)
	p.desk.Click("#phone-order")
	p.desk.Fill("#phone-name", "Jo Winter")
	p.desk.Fill("#phone-email", "not an address")
	p.desk.Press(kb.Enter)
	p.desk.WaitContains("#phone-form .message", "address")
	p.desk.Fill("#phone-email", "jo@example.org")
	p.desk.Press(kb.Enter)
	p.desk.WaitContains("#cart-panel", "Attached for a phone order")
	p.desk.WaitText("#cart-panel .customer", "Jo Winter\njo@example.org")

	p.add("TEAPOT-1")
	p.add("SOAP-OLIVE")
	p.setQuantity("SOAP-OLIVE", "4")
	p.desk.WaitText("#cart-total", "€75.00")
	p.desk.Click("#show-discount")
	p.desk.Fill("#discount-value", "20")
	p.desk.Press(kb.Enter)
	p.desk.WaitText("#place-order", "Place order · €60.00")
	p.desk.Click("#place-order")
	p.desk.WaitContains("#ordered", "Ordered, number ")
	p.waitTimeline("You placed the order, number ")
	p.desk.WaitContains("#carts tr", "Ordered")
	p.desk.WaitContains("#timeline", "You started a phone order")
	for _, editing := range []string{"#add-product", "#cart-panel .stepper", "#place-order"} {
		if testenv.Eval[bool](p.desk, exists(editing)) {
			t.Errorf("after the order there is %s", editing)
		}
	}
}

// The desk can be used without a mouse.
func TestDeskKeyboard(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	var carts []shared.Cart // the newest last
	for _, sku := range []string{"MUG-BLUE", "LAMP-READ", "SOAP-OLIVE"} {
		shopper := newCaller(t, g.BaseURL)
		shopper.put(sku, 1)
		shopper.call("POST", "/api/cart/pageview", shared.ViewPage{Path: "/shop"})
		shopper.call("POST", "/api/cart/help", nil)
		var cart shared.Cart
		shopper.read("GET", "/api/cart", nil, &cart)
		carts = append(carts, cart)
	}
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.SetViewport(1280, 900, false)
	tab.Navigate(g.BaseURL + "/desk")
	tab.WaitFunc(`document.activeElement.id === "username"`)
	tab.Press("demo" + kb.Tab + g.password + kb.Enter)
	waitLive(tab)
	tab.WaitContains(".list-count", "3 carts")
	picked := func(cart shared.Cart) {
		t.Helper()
		tab.WaitFunc(fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, row(cart)))
	}
	tab.Press("j")
	picked(carts[0]) // has waited longest
	tab.Press("jj")
	picked(carts[2])
	tab.Press("k")
	picked(carts[1])
	tab.Press(kb.Enter)
	tab.WaitContains("#cart-panel .panel-name", carts[1].Name)
	tab.WaitContains("#cart-panel .consent", "The customer asked for help at")
	tab.Press(kb.Enter)
	tab.WaitContains("#cart-panel", "Attached at the customer's request")

	tab.Press(kb.Escape)
	tab.Press("/")
	tab.WaitFunc(`document.activeElement.id === "desk-search"`)
	tab.Press("olive j/?") // typed, not obeyed
	if got, want := tab.Value("#desk-search"), "olive j/?"; got != want {
		t.Errorf("the search has %q, want %q", got, want)
	}
	tab.WaitContains(".desk-list .empty", "No cart matches.")
	tab.Press(kb.Escape)
	tab.WaitText(".list-count", "3 carts")
	tab.Press(kb.Escape) // out of the search
	tab.Press("?")
	tab.WaitFunc(`document.getElementById("help-dialog").open`)
	tab.Press("j" + kb.Escape)
	tab.WaitFunc(`!document.getElementById("help-dialog").open`)
}

// What an account may not do is said, and isn't offered.
func TestDeskRoles(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.hire(t, "bob", shared.RoleDiscounter)
	g.hire(t, "eve", shared.RoleEventListener)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.SetViewport(1280, 900, false)
	tab.Navigate(g.BaseURL + "/desk")
	fillSignIn(tab, "bob", password)
	tab.WaitText("h1", "Not for this account")
	tab.WaitContains("main", "lacks the role event_listener")
	tab.Click("#signout")
	tab.WaitText("h1", "Sign in")

	shopper := newCaller(t, g.BaseURL)
	shopper.put("MUG-BLUE", 2)
	shopper.call("POST", "/api/cart/help", nil)
	openDesk(tab, g.BaseURL, "eve", password)
	tab.Click("#carts .cart-name")
	tab.Click("#attach")
	tab.WaitContains("#cart-panel", "Attached at the customer's request")
	tab.WaitContains("#cart-panel .tools", "your account has neither")
	tab.WaitText("#lines .quantity", "× 2")
	tab.Fill("#add-product-words", "mug") // to suggest it, at most
	tab.WaitFunc(exists(".found-item .send-one"))
	for _, editing := range []string{".add-one", "#cart-panel .stepper", "#cart-panel .remove", "#show-discount", "#timeline .link", `a[href="/desk/audit"]`} {
		if testenv.Eval[bool](tab, exists(editing)) {
			t.Errorf("without the roles for it there is %s", editing)
		}
	}
}

// What staff do is told to an admin, and can be taken away as JSON lines; nobody else
// gets to see it.
func TestAudit(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.hire(t, representative)
	shopper := newCaller(t, g.BaseURL)
	shopper.put("MUG-BLUE", 2)
	shopper.call("POST", "/api/cart/help", nil)
	var cart shared.Cart
	shopper.read("GET", "/api/cart", nil, &cart)
	helper := newCaller(t, g.BaseURL)
	helper.call("POST", "/api/staff/session", shared.SignIn{Username: representative, Password: password})
	helper.call("POST", "/api/carts/"+cart.ID+"/claim", nil)
	helper.call("PUT", "/api/carts/"+cart.ID+"/lines/MUG-BLUE", shared.SetLine{Quantity: 5, Version: cart.Lines[0].Version})

	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openDesk(tab, g.BaseURL, "demo", g.password)
	tab.Click(`.desk-who a[href="/desk/audit"]`)
	tab.WaitFunc(`document.querySelectorAll("#audit tbody tr").length >= 2`)
	tab.WaitContains("#audit tbody tr", representative) // the newest is on top
	tab.WaitContains("#audit tbody tr", cart.Name)
	tab.WaitContains("#audit tbody tr", "done")
	tab.WaitContains("#audit tbody", "request") // the consent
	lines := testenv.Eval[string](tab, `fetch(document.getElementById("audit-download").href).then((r) => r.text())`)
	entries := 0
	for text := range strings.Lines(lines) {
		var entry shared.AuditEntry
		if err := json.Unmarshal([]byte(text), &entry); err != nil {
			t.Errorf("a line of the download: %v\n%s", err, text)
		}
		// With no page open, who helps is released sooner or later.
		if entry.Staff == representative && entry.CartID == cart.ID && entry.Action != "released_disconnected" {
			entries++
		}
	}
	if entries != 2 {
		t.Errorf("%d entries of what %s did, want 2:\n%s", entries, representative, lines)
	}

	tab.Click("#signout")
	tab.WaitText("h1", "Sign in")
	fillSignIn(tab, representative, password)
	tab.WaitText("h1", "Not for this account")
	tab.WaitContains("main", "lacks the role admin")
	if got, want := status(tab, "GET", "/api/audit?format=jsonl"), 403; got != want {
		t.Errorf("without the role, the download has the status %d, want %d", got, want)
	}
}

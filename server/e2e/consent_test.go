package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Reading the code aloud is the consent: it opens the cart, and the shopper sees to
// whom, since when.
func TestCode(t *testing.T) {
	t.Parallel()
	p := meet(t)
	p.desk.Click(row(p.cart) + " .cart-name")
	p.desk.WaitContains("#cart-panel", "Watching, without personal data")
	if !testenv.Eval[bool](p.desk, gone("#add-product")) {
		t.Error("without consent the cart can be edited")
	}

	p.desk.Fill("#desk-search", "000 000")
	p.desk.WaitText(".find-action button", "Attach by code 000 000 ↵")
	p.desk.Press(kb.Enter)
	p.desk.WaitContains(".find-action", "code")
	p.desk.WaitFunc(exists(`.find-action [role="alert"]`))
	if testenv.Eval[bool](p.shop, exists("#banner")) {
		t.Error("the shopper is told of help by someone who guessed wrong")
	}

	p.attachByCode()
	p.shop.WaitFunc(`/ since \d\d:\d\d/.test(document.querySelector("#banner").textContent)`)
	p.shop.WaitFunc(`!document.getElementById("call-dialog").open`) // the code is used up
	p.desk.WaitFunc(exists("#add-product"))
	p.desk.WaitContains(row(p.cart)+" .c-who", representative)
}

// A knock asks on the shopper's page, and the answer is heard at the desk.
func TestKnock(t *testing.T) {
	t.Parallel()
	p := meet(t)
	question := "Are you on the phone with " + representative + "?"

	p.desk.Click(row(p.cart) + " .knock")
	p.shop.WaitText("#knock-card .ask-title", question)
	p.desk.WaitContains(row(p.cart)+" .c-who", "waiting")
	p.shop.Click(`#knock-card [data-accept="no"]`)
	p.desk.WaitContains(".desk-news", "The customer of "+p.cart.Name+" said no.")
	p.desk.WaitContains(row(p.cart)+" .c-who", "said no")
	p.shop.WaitFunc(gone("#knock-card"))
	if testenv.Eval[bool](p.shop, exists("#banner")) {
		t.Error("the shopper said no, and is helped")
	}

	// Another shopper says yes; it is asked from the opened cart.
	other := testenv.Browser(t, testenv.BrowserOptions{})
	openShop(other, p.front.URL+"/shop/p/olive-soap")
	other.Click(".buy")
	other.WaitText("#cart-drawer "+line("SOAP-OLIVE")+" .qty", "1")
	cart := ownCart(other)
	p.desk.Hover("h1") // not over the table any more
	p.desk.Click(row(cart) + " .cart-name")
	p.desk.Click("#knock")
	other.WaitText("#cart-drawer #knock-card .ask-title", question) // where the shopper looks
	other.Click(`#knock-card [data-accept="yes"]`)
	p.desk.WaitContains("#cart-panel", "Attached by the customer's yes to a knock")
	other.WaitContains("#banner", representative+" is helping you with this cart")
}

// Whoever is asked to change something is the one whose cart moves.
func TestAskThem(t *testing.T) {
	t.Parallel()
	p := meet(t)
	for _, sku := range []string{"SOAP-OLIVE", "LAMP-READ", "MUG-BLUE"} {
		other := newCaller(t, p.BaseURL)
		other.put(sku, 1)
		other.call(http.MethodPost, "/api/cart/pageview", shared.ViewPage{Path: "/shop"})
	}
	p.desk.WaitContains(".list-count", "4 carts")
	p.desk.Click("#ask-change")
	p.desk.WaitContains(".desk-list .empty", "Nothing has changed yet.")
	p.shop.Click(`[aria-label="One Blue mug more"]`)
	p.desk.WaitText(".list-count", "1 cart of 4")
	p.desk.WaitContains(row(p.cart)+" .c-last", "raised Blue mug to 3")

	// Any word finds, too, and Enter opens the only one that is left.
	p.desk.Click("#ask-change")
	p.desk.WaitText(".list-count", "4 carts")
	p.desk.Fill("#desk-search", "mug "+p.cart.Name)
	p.desk.WaitText(".list-count", "1 cart of 4")
	p.desk.Press(kb.Enter)
	p.desk.WaitText("#cart-panel .panel-name", p.cart.Name+"\nGuest")
}

// The shopper's Stop ends everything at once: what was shown of them, the feed of
// their cart, and changes.
func TestStop(t *testing.T) {
	t.Parallel()
	p := attend(t)
	signUp(p.shop, "Mara Lind", "mara@example.org")
	p.desk.WaitText("#cart-panel .customer", "Mara Lind\nmara@example.org")
	p.waitListening(t, true)

	p.shop.Click("#stop")
	p.desk.WaitContains("#stop-note", "The customer ended your access")
	p.shop.WaitFunc(gone("#banner"))
	for _, personal := range []string{"Mara Lind", "mara@example.org"} {
		if strings.Contains(testenv.Eval[string](p.desk, `document.body.textContent`), personal) {
			t.Errorf("after Stop the desk still shows %q", personal)
		}
	}
	for _, editing := range []string{"#add-product", "#cart-panel .stepper", "#show-discount", "#show-link", "#note-form"} {
		if testenv.Eval[bool](p.desk, exists(editing)) {
			t.Errorf("after Stop there is %s", editing)
		}
	}
	p.waitListening(t, false)
	cart := "/api/carts/" + ownCart(p.shop).ID
	if got, want := status(p.desk, http.MethodDelete, cart+"/lines/MUG-BLUE"), http.StatusForbidden; got != want {
		t.Errorf("after Stop, a change has the status %d, want %d", got, want)
	}
	view := testenv.Eval[shared.CartView](p.desk, fmt.Sprintf(`fetch(%q).then((r) => r.json())`, cart))
	if view.Attached || view.Cart.Customer != nil {
		t.Errorf("after Stop the server tells %+v", view)
	}
	// What goes on is still seen, as before the consent.
	p.shop.Click(`[aria-label="One Blue mug more"]`)
	p.desk.WaitContains(row(p.cart)+" .c-items", "3")
}

// waitListening waits until the desk's connection has the cart's own channel, or not.
func (p *pair) waitListening(t *testing.T, want bool) {
	t.Helper()
	channel := shared.ChannelOfCart(ownCart(p.shop).ID)
	testenv.Eventually(t, commandTimeout, fmt.Sprintf("listening to the cart to be %t", want), func() bool {
		gateway := testenv.Eval[shared.GatewayStatus](p.desk, `fetch("/api/gateway").then((r) => r.json())`)
		return want == slices.ContainsFunc(gateway.Sessions, func(s shared.SocketSession) bool {
			return slices.Contains(s.Listening, channel)
		})
	})
}

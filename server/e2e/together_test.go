package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// What either side does shows on the other's open page, says whose it was, and can be
// taken back; on SQLite and on PostgreSQL.
func TestEditTogether(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			var args []string
			if store == "postgres" {
				args = []string{"--database", testenv.Postgres(t)}
			}
			p := attend(t, args...)
			p.desk.Fill("#add-product-words", "soap")
			p.desk.Click(`.found-item[data-sku="SOAP-OLIVE"] .add-one`)
			began := time.Now()
			p.shop.WaitContains("#toasts", representative+" added 1 × Olive soap")
			t.Logf("the shopper saw it after %v", time.Since(began))
			p.shop.WaitText(line("SOAP-OLIVE")+" .by", "by "+representative)
			p.waitQuantity("SOAP-OLIVE", "1")
			p.waitTimeline("You added 1 × Olive soap")

			p.shop.Click("#toasts .undo")
			p.shop.WaitFunc(gone(line("SOAP-OLIVE")))
			p.shop.WaitContains("#changes", "Undone")
			p.waitTimeline("The customer removed Olive soap (undoing a change)")
			p.desk.WaitFunc(gone(line("SOAP-OLIVE")))

			p.shop.Click(`[aria-label="One Blue mug more"]`)
			p.waitTimeline("The customer raised Blue mug from 2 to 3")
			p.waitQuantity("MUG-BLUE", "3")
			p.waitTotal("€37.50")
			// The desk can take that back, too.
			p.desk.Click(`#timeline li:first-child .link`)
			p.waitQuantity("MUG-BLUE", "2")
			p.shop.WaitContains("#toasts", representative+" lowered Blue mug from 3 to 2")

			p.shop.Click(line("MUG-BLUE") + " .line-remove")
			p.waitTimeline("The customer removed Blue mug")
			p.desk.WaitText("#timeline li:first-child .link", "Restore")
			p.desk.Click("#timeline li:first-child .link")
			p.waitQuantity("MUG-BLUE", "2")
			p.waitTotal("€25.00")

			p.desk.Fill("#note-text", "wants it wrapped")
			p.desk.Press(kb.Enter)
			p.waitTimeline("wants it wrapped")
			if got := testenv.Eval[string](p.shop, `fetch("/api/cart").then((r) => r.text()).then((text) => text + document.body.textContent)`); strings.Contains(got, "wrapped") {
				t.Error("the shopper can see the note")
			}
		})
	}
}

// Two changes of the same line, made from the same version: whoever comes second sees
// both values and chooses, whichever side that is.
func TestConflict(t *testing.T) {
	t.Parallel()
	p := attend(t)

	arrived, release := p.holdBack(t, "/api/cart/lines/*")
	p.shop.Click(`[aria-label="One Blue mug more"]`)
	arrived()
	p.setQuantity("MUG-BLUE", "5")
	p.waitTimeline("You raised Blue mug from 2 to 5")
	release()
	p.shop.WaitContains(".line-conflict", "You wanted 3, but it was changed to 5 meanwhile.")
	p.shop.WaitText(".line-conflict button:not(.primary)", "Keep 5")
	p.shop.Click(".line-conflict .primary") // Make it 3
	p.waitQuantity("MUG-BLUE", "3")
	p.waitTimeline("The customer lowered Blue mug from 5 to 3")

	arrived, release = p.holdBack(t, "/api/carts/*/lines/*")
	p.desk.Click(`[aria-label="One Blue mug more"]`)
	arrived()
	p.shop.Click(`[aria-label="One Blue mug less"]`)
	p.waitTimeline("The customer lowered Blue mug from 3 to 2")
	release()
	p.desk.WaitContains(".conflict", "You wanted 4; the customer made it 2.")
	p.desk.Click(".conflict .keep")
	p.desk.WaitFunc(gone(".conflict"))
	p.waitQuantity("MUG-BLUE", "2")

	// The line that the desk wants more of is taken out.
	arrived, release = p.holdBack(t, "/api/carts/*/lines/*")
	p.desk.Click(`[aria-label="One Blue mug more"]`)
	arrived()
	p.shop.Click(line("MUG-BLUE") + " .line-remove")
	p.waitTimeline("The customer removed Blue mug")
	release()
	p.desk.WaitContains(".conflict", "You wanted 3 of Blue mug; the customer removed it.")
	p.desk.Click(".conflict .force")
	p.waitQuantity("MUG-BLUE", "3")
}

// holdBack has requests for a path wait until they are released. arrived waits until
// there is one.
func (p *pair) holdBack(t *testing.T, pattern string) (arrived, release func()) {
	t.Helper()
	came, free := make(chan struct{}, 1), make(chan struct{})
	p.front.handle(pattern, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case came <- struct{}{}:
		default:
		}
		select {
		case <-free:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	arrived = func() {
		t.Helper()
		select {
		case <-came:
		case <-time.After(commandTimeout):
			t.Fatalf("no request for %s", pattern)
		}
	}
	release = func() {
		p.front.forward(pattern)
		close(free)
	}
	return arrived, release
}

// A discount above the limit is refused in words, one below it shows on both sides,
// and when its condition breaks both sides see what is missing.
func TestDiscount(t *testing.T) {
	t.Parallel()
	p := attend(t)
	p.add("LAMP-READ")
	p.setQuantity("LAMP-READ", "2")
	p.waitTotal("€94.00")

	p.desk.Click("#show-discount")
	p.desk.WaitContains("#discount-form", "You may take off up to 20 %.")
	p.desk.Fill("#discount-value", "25")
	p.desk.Press(kb.Enter)
	p.desk.WaitText(`#discount-form [role="alert"]`, "You may take off up to 20 %; 25 % is more than that.")
	p.desk.WaitText("#cart-total", "€94.00")

	p.desk.Fill("#discount-value", "10")
	p.desk.Fill("#discount-min", "90")
	p.desk.Press(kb.Enter)
	p.waitTotal("€84.60")
	p.shop.WaitContains("#toasts", representative+" gave you 10 % off")
	p.desk.WaitContains(".totals .given", "−€9.40")

	p.shop.Click(`[aria-label="One Reading light less"]`)
	p.waitTotal("€59.50")
	p.shop.WaitText(".sums .deal-limit", "Needs €30.50 more to count.")
	p.desk.WaitContains(".totals .given", "not now, needs €30.50 more")

	p.shop.Click(`[aria-label="One Reading light more"]`)
	p.waitTotal("€84.60")
	p.shop.WaitFunc(gone(".sums .deal-limit"))

	p.desk.Click(".totals .given .link") // Take off
	p.waitTotal("€94.00")
}

// A page that is suggested arrives as a card, and the desk sees what becomes of it.
// Other addresses are refused in words.
func TestLink(t *testing.T) {
	t.Parallel()
	p := attend(t)
	p.desk.Click("#show-link")
	for _, tt := range []struct{ typed, want string }{
		{"//example.com/shop", "Only pages of this site can be sent."},
		{"javascript:alert(1)", "Only addresses of pages can be sent."},
		{"https://example.com/shop", "Only pages of this site can be sent."},
		{"/desk", "There is no such page in the shop."},
	} {
		p.desk.Fill("#link-url", tt.typed)
		p.desk.Press(kb.Enter)
		p.desk.WaitText(`#link-form [role="alert"]`, tt.want)
	}
	if testenv.Eval[bool](p.shop, exists("#link-card")) {
		t.Error("the shopper was sent a page that was refused")
	}

	p.desk.Fill("#link-url", p.front.URL+"/shop/p/iron-teapot")
	p.desk.Press(kb.Enter)
	p.shop.WaitContains("#link-card", representative+" suggests:")
	p.shop.WaitText("#link-card .ask-title", "Iron teapot")
	p.waitTimeline("“Iron teapot” is on the customer's screen")
	p.desk.WaitContains(".receipt .badge", "delivered")

	p.shop.Click("#link-card .primary")
	p.shop.WaitFunc(`location.pathname === "/shop/p/iron-teapot"`)
	p.waitTimeline("The customer opened “Iron teapot”")
	waitShop(p.shop)
	p.shop.Click(".buy")
	p.desk.WaitContains(".receipt .badge", "added")
	p.waitTimeline("The customer added 1 × Iron teapot")
	p.desk.WaitText("#cart-total", "€74.00")
	p.desk.WaitContains("#cart-panel", "on “Iron teapot”")

	// From the search it takes one click; this one is not wanted.
	p.desk.Fill("#add-product-words", "lamp")
	p.desk.Click(`.found-item[data-sku="LAMP-DESK"] .send-one`)
	p.shop.WaitText("#cart-drawer #link-card .ask-title", "Desk lamp")
	p.shop.Click("#link-card button:not(.primary)")
	p.waitTimeline("The customer dismissed “Desk lamp”")
	p.shop.WaitFunc(gone("#link-card"))
}

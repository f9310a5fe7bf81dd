package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
)

// What "make run" shows: a desk that lives, as simulated shoppers come and go, and a
// caller among them. README.md has these pictures, as docs/images/desk.png and
// docs/images/shop.png.
func TestDemo(t *testing.T) {
	t.Parallel()
	p := meet(t, "--demo-shoppers", "24")
	openShop(p.shop, p.front.URL+"/shop/p/desk-lamp")
	p.shop.Click(".buy")
	p.shop.WaitText("#cart-drawer #total", "€94.00")
	openShop(p.shop, p.front.URL+"/shop/cart")
	p.attachByCode()
	signUp(p.shop, "Mara Lind", "mara@example.org")
	p.desk.WaitContains("#cart-panel .customer", "Mara Lind")
	p.add("TEAPOT-1")
	p.shop.WaitContains("#changes", representative+" added 1 × Iron teapot")
	p.desk.Click("#show-discount")
	p.desk.Fill("#discount-value", "10")
	p.desk.Click("#discount-form .primary")
	p.waitTotal("€128.70")
	p.desk.Fill("#add-product-words", "light")
	p.desk.Click(".found-item .send-one")
	p.shop.WaitContains("#link-card", representative+" suggests:")
	p.desk.WaitFunc(gone(".found-item"))
	p.desk.WaitContains(".receipt .badge", "delivered")
	p.desk.WaitFunc(`document.querySelectorAll("#carts .badge.demo").length >= 8`)
	p.desk.Hover("h1")

	p.shop.WaitFunc(stands) // at the desk something moves all the time
	for name, tab := range map[string]*testenv.Tab{"readme-shop": p.shop, "readme-desk": p.desk} {
		testenv.Eval[chromedp.Void](tab, `(() => {
			document.activeElement.blur()
			document.getElementById("cart-panel")?.scrollTo(0, 0)
		})()`)
		tab.Screenshot(name)
	}
}

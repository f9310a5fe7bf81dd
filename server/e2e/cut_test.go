package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// cutOffViews are pages that have lost the server. They are looked at while the next
// attempt is far enough away.
var cutOffViews = []view{
	{name: "events cut off", allow: lost, show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		link := testenv.NewLink(t, g.host())
		signIn(tab, "http://"+link.Address(), "demo", g.password)
		newCaller(t, g.BaseURL).put("MUG-BLUE", 2)
		tab.WaitContains("#feed li:last-child", "Blue mug")
		settleWorker(tab)
		link.Cut()
		waitFarOff(t, tab, "#state")
	}},
	{name: "desk cut off", allow: lost, show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		link := openRemoteDesk(t, g, tab)
		settleWorker(tab)
		link.Cut()
		waitFarOff(t, tab, "#freshness")
	}},
	{name: "desk cart cut off", allow: lost, show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		link := openRemoteDesk(t, g, tab)
		tab.Click("#carts .cart-name")
		tab.Click("#attach")
		tab.WaitContains("#timeline", "attached, ")
		tab.WaitFunc(`document.querySelector("#cart-panel .line:first-child .step:last-of-type")`)
		settleWorker(tab)
		link.Cut()
		waitFarOff(t, tab, "#freshness")
		tab.Click("#cart-panel .line:first-child .step:last-of-type")
		tab.WaitContains("#cart-panel", "can't be reached")
	}},
	{name: "shop cart cut off", allow: lost, show: func(t *testing.T, g *gateway, tab *testenv.Tab) {
		link := testenv.NewLink(t, g.host())
		origin := "http://" + link.Address()
		openShop(tab, origin+"/shop/p/iron-teapot")
		tab.Click(".buy")
		tab.WaitFunc(`document.getElementById("cart-drawer").open`)
		openShop(tab, origin+"/shop/cart")
		tab.WaitText(line("TEAPOT-1")+" .qty", "1")
		g.WaitLog(t, "session=shopper-2") // of the second page
		settleWorker(tab)
		link.Cut()
		waitFarOff(t, tab, ".late")
	}},
}

// openRemoteDesk opens the desk with some carts, and returns the line to it.
func openRemoteDesk(t *testing.T, g *gateway, tab *testenv.Tab) *testenv.Link {
	t.Helper()
	waitingShoppers(t, g)
	link := testenv.NewLink(t, g.host())
	openDesk(tab, "http://"+link.Address(), "demo", g.password)
	tab.WaitContains(".list-count", "4 carts")
	return link
}

// settleWorker waits until the page's service worker is the newest. go-app looks for another
// one with each page, and what that throws when the line is cut, it doesn't catch.
func settleWorker(tab *testenv.Tab) {
	testenv.Eval[bool](tab, `navigator.serviceWorker.ready.then((r) => r.update()).then(() => true)`)
}

// waitFarOff waits until a page says that its next attempt comes in ten seconds or more.
func waitFarOff(t *testing.T, tab *testenv.Tab, selector string) {
	t.Helper()
	testenv.Eventually(t, silence, "the next attempt to be far off", func() bool {
		return testenv.Eval[bool](tab, fmt.Sprintf(`/next try in\s\d\d\ss/.test(document.querySelector(%q).textContent)`, selector))
	})
}

// lost is allowed in tests that break the line: what the page asks for then fails.
var lost = []string{closing, refused, "net::ERR_CONNECTION_RESET", "net::ERR_CONNECTION_CLOSED", "net::ERR_EMPTY_RESPONSE", "net::ERR_SOCKET_NOT_CONNECTED"}

// silence is how long a page may take to notice by itself that a line is dead: its
// heartbeat, its patience, and time for a busy machine.
const silence = 2 * time.Minute

// remote is a shopper and a representative, who helps them, at the far end of a line to
// the server that can be broken; and the list of carts has somebody else's too.
type remote struct {
	*gateway
	link       *testenv.Link
	shop, desk *testenv.Tab
	cart       shared.Cart // the shopper's, with two mugs
	other      shared.Cart // somebody else's
	near       *caller     // the representative at another machine, which is not cut off
	somebody   *caller
}

func connectRemotely(t *testing.T) *remote {
	t.Helper()
	r := &remote{gateway: startGateway(t)}
	r.hire(t, representative)
	r.link = testenv.NewLink(t, r.host())
	origin := "http://" + r.link.Address()

	r.shop = testenv.Browser(t, testenv.BrowserOptions{Allow: lost})
	r.shop.SetViewport(1280, 900, false)
	openShop(r.shop, origin+"/shop/p/blue-mug")
	r.shop.Click(`.buy-row [data-step="1"]`)
	r.shop.Click(".buy")
	r.shop.WaitText("#cart-drawer "+line("MUG-BLUE")+" .qty", "2")
	openShop(r.shop, origin+"/shop/cart")
	r.shop.WaitText(line("MUG-BLUE")+" .qty", "2")
	r.cart = ownCart(r.shop)

	r.somebody = newCaller(t, r.BaseURL)
	r.somebody.put("LAMP-READ", 1)
	r.somebody.call(http.MethodPost, "/api/cart/pageview", shared.ViewPage{Path: "/shop"})
	r.somebody.read(http.MethodGet, "/api/cart", nil, &r.other)

	r.desk = testenv.Browser(t, testenv.BrowserOptions{Allow: lost})
	openDesk(r.desk, origin, representative, password)
	r.desk.WaitContains(row(r.other), "1")
	(&pair{shop: r.shop, desk: r.desk}).attachByCode()
	r.desk.WaitFunc(fmt.Sprintf(`document.querySelector(%q)?.value === "2"`, "#quantity-MUG-BLUE"))

	r.near = newCaller(t, r.BaseURL)
	r.near.call(http.MethodPost, "/api/staff/session", shared.SignIn{Username: representative, Password: password})
	r.setMugs(3)
	r.setMugs(2)
	// All that had to be read to begin with is asked for once this is heard.
	(&pair{shop: r.shop, desk: r.desk}).waitTimeline("You lowered Blue mug from 3 to 2")
	r.shop.WaitContains("#changes", "lowered Blue mug from 3 to 2")
	for _, tab := range []*testenv.Tab{r.shop, r.desk} {
		settleWorker(tab)
		testenv.Eval[chromedp.Void](tab, "window.loadedOnce = true; window.wholeAt = performance.now()")
	}
	return r
}

// change changes both carts without the broken line. The mugs become as many, and of
// lamps there are as many.
func (r *remote) change(mugs, lamps int) {
	r.setMugs(mugs)
	r.somebody.read(http.MethodGet, "/api/cart", nil, &r.other)
	l, _ := r.other.Line("LAMP-READ")
	r.somebody.call(http.MethodPut, "/api/cart/lines/LAMP-READ", shared.SetLine{Quantity: lamps, Version: l.Version})
}

func (r *remote) setMugs(quantity int) {
	var view shared.CartView
	r.near.read(http.MethodGet, "/api/carts/"+r.cart.ID, nil, &view)
	l, _ := view.Cart.Line("MUG-BLUE")
	r.near.call(http.MethodPut, "/api/carts/"+r.cart.ID+"/lines/MUG-BLUE", shared.SetLine{Quantity: quantity, Version: l.Version})
}

// waitCutOff waits until both pages say that they are cut off.
func (r *remote) waitCutOff(t *testing.T) {
	t.Helper()
	testenv.Eventually(t, silence, "the desk to say that it is cut off", func() bool {
		return testenv.Eval[bool](r.desk, `/Reconnecting…\s*· as of \d\d:\d\d:\d\d/.test(document.getElementById("freshness").textContent)`)
	})
	testenv.Eventually(t, silence, "the shop to say that it is cut off", func() bool {
		return testenv.Eval[bool](r.shop, `/Not connected at the moment.*as of \d\d:\d\d:\d\d/s.test(document.querySelector(".late").textContent)`)
	})
}

// check waits until both pages show what is, and tells whether they got there without
// being loaded again, and without asking for what they had.
func (r *remote) check(t *testing.T, mugs, lamps int) {
	t.Helper()
	r.waitWhole(t, mugs, lamps)
	for _, path := range []string{"/api/carts", "/api/carts/" + r.cart.ID, "/api/carts/" + r.cart.ID + "/activity"} {
		if n := reads(r.desk, path); n != 0 {
			t.Errorf("the desk read %s %d times again", path, n)
		}
	}
}

// waitWhole waits until both pages show what is, without being loaded again.
func (r *remote) waitWhole(t *testing.T, mugs, lamps int) {
	t.Helper()
	for tab, lost := range map[*testenv.Tab]string{
		r.desk: `document.getElementById("freshness").textContent.trim() !== "Connected"`,
		r.shop: `document.querySelector(".late").textContent !== ""`,
	} {
		// The next attempt may be half a minute away.
		testenv.Eventually(t, silence, "the page to be connected", func() bool { return !testenv.Eval[bool](tab, lost) })
	}
	r.desk.WaitFunc(fmt.Sprintf(`document.querySelector("#quantity-MUG-BLUE").value === "%d"`, mugs))
	r.desk.WaitText(r.lamps(), manyItems(lamps))
	r.shop.WaitText(line("MUG-BLUE")+" .qty", fmt.Sprint(mugs))
	for name, tab := range map[string]*testenv.Tab{"shop": r.shop, "desk": r.desk} {
		if !testenv.Eval[bool](tab, "window.loadedOnce === true") {
			t.Errorf("the %s was loaded again", name)
		}
	}
}

// lamps is where the list says how many somebody else's cart has, as manyItems does.
func (r *remote) lamps() string { return row(r.other) + " .c-items" }

func manyItems(n int) string {
	if n == 1 {
		return "1\u00a0item"
	}
	return fmt.Sprintf("%d\u00a0items", n)
}

// reads tells how often a page has asked for a path since it had all.
func reads(tab *testenv.Tab, path string) int {
	return testenv.Eval[int](tab, fmt.Sprintf(`performance.getEntriesByType("resource").filter((e) => e.startTime > window.wholeAt && new URL(e.name).pathname === %q).length`, path))
}

// A line that breaks, and comes back, costs nothing but the time: both pages say what
// they show of when, refuse nothing silently, and go on where they were.
func TestCutOffAndBack(t *testing.T) {
	t.Parallel()
	r := connectRemotely(t)
	r.link.Cut()
	r.waitCutOff(t)
	r.desk.WaitContains(".status-line", "Try now")
	r.shop.WaitContains(".late", "Try now")

	// What is done now says that it may not be.
	r.desk.Click(`[aria-label="One Blue mug more"]`)
	r.desk.WaitContains("#cart-panel", "The server can't be reached, so this may not be done")
	r.shop.Click(`[aria-label="One Blue mug more"]`)
	r.shop.WaitContains(line("MUG-BLUE"), "The shop can't be reached")

	r.change(5, 4)
	r.link.Mend()
	r.desk.Click(".status-line .button")
	r.check(t, 5, 4)
	r.change(6, 7) // and it goes on
	r.check(t, 6, 7)
	r.desk.WaitContains("#timeline", "5 to 6")
	r.shop.WaitContains("#changes", "raised Blue mug from 2 to 5")
	r.shop.WaitContains("#changes", "raised Blue mug from 5 to 6")
}

// A line that dies without a word is noticed by the heartbeat. What is shown is then as
// old as the last word, and not as the notice.
func TestSilentLine(t *testing.T) {
	t.Parallel()
	r := connectRemotely(t)
	r.link.Die()
	r.link.Cut() // there is no other line either
	died := time.Now()
	r.change(5, 4)
	r.waitCutOff(t)
	for name, text := range map[string]string{"desk": r.desk.Text("#freshness"), "shop": r.shop.Text(".late")} {
		found := regexp.MustCompile(`as of (\d\d:\d\d:\d\d)`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("the %s says %q", name, text)
		}
		// What had come by then may be taken a little later, and the notice comes after ten
		// seconds at the earliest. Around midnight this can't fail.
		if found[1] > died.Add(5*time.Second).Format(time.TimeOnly) {
			t.Errorf("the %s shows what was at %s, it says; the line died at %v", name, found[1], died)
		}
	}
	r.link.Mend()
	r.check(t, 5, 4)
}

// Somebody who comes back to the page, or whose network does, doesn't wait for the
// heartbeat.
func TestSilentLineIsNoticedOnReturn(t *testing.T) {
	t.Parallel()
	r := connectRemotely(t)
	var took []time.Duration
	// A busy machine may be as slow as the heartbeat, but not each time.
	for quantity := 5; quantity < 8; quantity++ {
		r.link.Die()
		r.change(quantity, quantity-1)
		began := time.Now()
		for _, tab := range []*testenv.Tab{r.desk, r.shop} {
			testenv.Eval[chromedp.Void](tab, `window.dispatchEvent(new Event("online"))`)
		}
		r.check(t, quantity, quantity-1)
		took = append(took, time.Since(began))
		if took[len(took)-1] < 20*time.Second {
			return
		}
	}
	t.Errorf("it took %v", took)
}

// The server can be killed at any time: whoever comes back is told what they missed.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	r := connectRemotely(t)
	r.Kill()
	r.waitCutOff(t)
	r.restart(t)
	r.change(5, 4)
	r.check(t, 5, 4)
}

// A database that was put back to what it had been before is another one, of which
// nothing can be told to who knows the old one: both pages show what is, by themselves.
func TestRestored(t *testing.T) {
	t.Parallel()
	r := connectRemotely(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	r.command(t, "", "backup", backup)
	r.change(5, 4)
	r.check(t, 5, 4)
	r.Kill()
	r.command(t, "", "restore", backup, "--replace")
	r.restart(t)
	r.waitWhole(t, 2, 1)
	if n := reads(r.desk, "/api/carts"); n != 1 {
		t.Errorf("the desk read the list %d times again, want once", n)
	}
	r.desk.WaitFunc(`!document.getElementById("timeline").textContent.includes("2 to 5")`)
}

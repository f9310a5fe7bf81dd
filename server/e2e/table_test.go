package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

const (
	manyCarts = 2_000
	pace      = 50 // changes a second, in all
	drawnMost = 150
	// wantedEvery is how many changes there are to each one that is wanted.
	wantedEvery = 5
)

// The table stays fluent with two thousand carts of which fifty change a second: only
// what can be seen is drawn, clicks are answered, and the row under the pointer stays
// where it is. It outlives a restart of the server and misses nothing.
func TestTableOfManyCarts(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	began := time.Now()
	crowd := gather(t, g.BaseURL, manyCarts)
	t.Logf("%d carts after %v", manyCarts, time.Since(began))
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
	openDesk(tab, g.BaseURL, "demo", g.password)
	tab.WaitText(".list-count", "0 carts") // no browser has reported a page view
	tab.Click(".list-head [type=checkbox]")
	tab.Hover("h1")
	tab.WaitText(".list-count", "2,000 carts")
	checkDrawn(t, tab)
	testenv.Eval[chromedp.Void](tab, "window.loadedOnce = true")

	stop := crowd.stir(t)
	const first = `document.querySelector("#carts tr[data-id]").dataset.id`
	top := testenv.Eval[string](tab, first)
	tab.WaitFunc(first + " !== " + quoted(top)) // the newest is on top

	// Point at a row of the middle: it stays, and what happens to it shows.
	tab.Hover("#carts tr:nth-child(6)")
	tab.WaitFunc(exists(".list-head .button")) // "… more changed · sort"
	const pointed = `document.querySelector("#carts tr:nth-child(6)").dataset.id`
	id := testenv.Eval[string](tab, pointed)
	seen := crowd.changes()
	testenv.Eventually(t, commandTimeout, "a hundred more changes", func() bool { return crowd.changes() > seen+100 })
	if got := testenv.Eval[string](tab, pointed); got != id {
		t.Error("the row under the pointer has moved")
	}
	checkDrawn(t, tab)
	clicked := time.Now()
	tab.Click("#carts tr:nth-child(6) .cart-name")
	tab.WaitFunc(fmt.Sprintf(`document.querySelector(".tab-name[aria-selected=true]")?.id === %q`, "tab-"+id))
	t.Logf("a click is answered after %v while changes flow", time.Since(clicked))
	testenv.Eval[chromedp.Void](tab, `document.getElementById("carts-frame").scrollTop = 40_000`)
	tab.WaitFunc(`Number(document.querySelector("#carts tr").getAttribute("aria-rowindex")) > 500`)
	checkDrawn(t, tab)
	stop()
	testenv.Eval[chromedp.Void](tab, `document.getElementById("carts-frame").scrollTop = 0`)
	tab.Hover("h1")
	crowd.check(t, tab)

	settleWorker(tab)
	g.Stop(t)
	tab.WaitFunc(`/^Reconnecting… · as of \d\d:\d\d:\d\d/.test(document.getElementById("freshness").textContent.replace(/\s+/g, " ").trim())`)
	g.restart(t)
	crowd.put(t, 7, 9)
	waitLive(tab)
	crowd.check(t, tab)
	crowd.put(t, 8, 11)
	crowd.check(t, tab)
	if !testenv.Eval[bool](tab, "window.loadedOnce === true") {
		t.Error("the page was loaded again")
	}
}

func checkDrawn(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	if n := testenv.Eval[int](tab, `document.querySelectorAll(".list-table tr").length`); n > drawnMost || n < 10 {
		t.Errorf("%d rows are drawn, want %d at most and 10 at least", n, drawnMost)
	}
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// crowd is many shoppers with a cart each, who have no browsers.
type crowd struct {
	origin string
	client *http.Client

	mu       sync.Mutex
	shoppers []shopper
	made     int     // changes
	last     int     // whose cart changed last
	wanted   []int   // of whom one changes their cart every so often; nil for nobody
	noted    []noted // changes of those
}

// noted is a change of a cart and when it was sent.
type noted struct {
	cart     string
	quantity int
	sent     time.Time
}

type shopper struct {
	cookie   string
	cart     string
	quantity int
	version  int64
}

// gather makes shoppers who have put one mug into their carts.
func gather(t testing.TB, origin string, n int) *crowd {
	t.Helper()
	c := &crowd{origin: origin, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: commandTimeout}}
	t.Cleanup(c.client.CloseIdleConnections)
	c.shoppers = make([]shopper, n)
	next := make(chan int)
	var workers sync.WaitGroup
	failed := make(chan error, 8)
	for range cap(failed) {
		workers.Go(func() {
			for i := range next {
				if err := c.send(t.Context(), i, 1); err != nil {
					failed <- err
					return
				}
			}
		})
	}
give:
	for i := range n {
		select {
		case next <- i:
		case err := <-failed:
			t.Errorf("making a cart: %v", err)
			break give
		}
	}
	close(next)
	workers.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return c
}

// send makes a shopper's cart hold so many mugs.
func (c *crowd) send(ctx context.Context, i, quantity int) error {
	c.mu.Lock()
	s := c.shoppers[i]
	c.mu.Unlock()
	body, err := json.Marshal(shared.SetLine{Quantity: quantity, Version: s.version})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, c.origin+"/api/cart/lines/MUG-BLUE", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cookie", s.cookie)
	sent := time.Now()
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var cart shared.Cart
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(text, &cart) != nil || len(cart.Lines) != 1 {
		return fmt.Errorf("%s (error: %v)\n%s", response.Status, err, text)
	}
	for _, cookie := range response.Cookies() {
		s.cookie = cookie.Name + "=" + cookie.Value
	}
	changed := cart.Lines[0].Version != s.version // it may have had as many before
	s.cart, s.quantity, s.version = cart.ID, quantity, cart.Lines[0].Version
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shoppers[i] = s
	if changed {
		c.last = i
		c.made++
		if slices.Contains(c.wanted, i) {
			c.noted = append(c.noted, noted{s.cart, quantity, sent})
		}
	}
	return nil
}

func (c *crowd) put(t testing.TB, i, quantity int) {
	t.Helper()
	if err := c.send(t.Context(), i, quantity); err != nil {
		t.Fatal(err)
	}
}

// changes is how many there were.
func (c *crowd) changes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made
}

// stir has shoppers change their carts, until stop is called.
func (c *crowd) stir(t testing.TB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		tick := time.NewTicker(time.Second / pace)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				done <- nil
				return
			case <-tick.C:
			}
			// One that was begun is finished, so that we know what came of it.
			if err := c.send(context.WithoutCancel(ctx), c.next(), 1+rand.IntN(98)); err != nil {
				done <- err
				return
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("changing a cart: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// next returns who changes their cart next.
func (c *crowd) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wanted) > 0 && c.made%wantedEvery == 0 {
		return c.wanted[rand.IntN(len(c.wanted))]
	}
	return rand.IntN(len(c.shoppers))
}

// check waits until the desk has all carts, and the ones that changed last as they are.
func (c *crowd) check(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	c.mu.Lock()
	last := c.shoppers[c.last]
	c.mu.Unlock()
	tab.WaitText(".list-count", "2,000 carts")
	tab.WaitFunc(fmt.Sprintf(`document.querySelector("#carts tr[data-id]").dataset.id === %q`, last.cart))
	tab.WaitContains("#carts tr[data-id] .c-items", fmt.Sprint(last.quantity))
	checkDrawn(t, tab)
}

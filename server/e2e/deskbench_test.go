package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
)

// BenchmarkDesk has the desk show two thousand carts of which fifty change a second, and
// measures how many frames the browser draws, how much of its thread the page takes, and
// how long it is from when a shopper sends a change until it has been painted: of carts
// that have a row all the while, to which every fifth change is made.
func BenchmarkDesk(b *testing.B) {
	g := startGateway(b)
	crowd := gather(b, g.BaseURL, manyCarts)
	tab := testenv.Browser(b, testenv.BrowserOptions{})
	openAllCarts(tab, g.BaseURL, g.password, "2,000 carts")
	crowd.stir(b)
	testenv.Eval[chromedp.Void](tab, watchRows)

	const lasts = 12 * time.Second
	var frames, busy, worst float64
	var late []time.Duration
	rounds := 0.0
	for b.Loop() {
		first, before, began := crowd.changes(), tab.Seconds(), time.Now()
		testenv.Eval[chromedp.Void](tab, "watched.begin()")
		for time.Since(began) < lasts {
			crowd.want(testenv.Eval[[]string](tab, `[...document.querySelectorAll("#carts tr[data-id]")].slice(0, 12).map((row) => row.dataset.id)`))
			time.Sleep(200 * time.Millisecond)
		}
		took, after := time.Since(began), tab.Seconds()
		seen := testenv.Eval[watched](tab, "watched.end()")
		late = append(late, crowd.delays(seen)...)
		busy += (after["TaskDuration"] - before["TaskDuration"]) / took.Seconds()
		frames += float64(len(seen.Frames)) / took.Seconds()
		worst += seen.longest()
		b.ReportMetric(float64(crowd.changes()-first)/took.Seconds(), "changes/s")
		rounds++
	}
	slices.Sort(late)
	if len(late) == 0 {
		b.Fatal("no change was seen")
	}
	b.ReportMetric(frames/rounds, "frames/s")
	b.ReportMetric(worst/rounds, "ms-longest-frame")
	b.ReportMetric(100*busy/rounds, "%-of-thread")
	b.ReportMetric(float64(late[len(late)/2].Milliseconds()), "ms-to-paint-p50")
	b.ReportMetric(float64(late[len(late)*99/100].Milliseconds()), "ms-to-paint-p99")
	b.ReportMetric(float64(len(late)), "seen")
}

// BenchmarkDeskLoad measures how long the desk takes to show ten thousand carts, from the
// click that asks for them until their number is painted, and how much of that is work of
// the page's thread.
func BenchmarkDeskLoad(b *testing.B) {
	g := startGateway(b)
	gather(b, g.BaseURL, 10_000)
	tab := testenv.Browser(b, testenv.BrowserOptions{})
	openAllCarts(tab, g.BaseURL, g.password, "10,000 carts")
	var took, busy float64
	rounds := 0.0
	for b.Loop() {
		tab.Click(".list-head [type=checkbox]")
		tab.WaitText(".list-count", "0 carts")
		before := tab.Seconds()
		took += testenv.Eval[float64](tab, loadAll)
		busy += tab.Seconds()["TaskDuration"] - before["TaskDuration"]
		rounds++
	}
	b.ReportMetric(took/rounds, "ms-to-list")
	b.ReportMetric(1000*busy/rounds, "ms-of-thread")
}

// openAllCarts opens the desk with the carts of shoppers whose browsers reported nothing.
func openAllCarts(tab *testenv.Tab, origin, password, count string) {
	openDesk(tab, origin, "demo", password)
	tab.Click(".list-head [type=checkbox]")
	tab.Hover("h1")
	tab.WaitText(".list-count", count)
}

// loadAll asks for all carts, and tells after how many milliseconds they are counted on
// the screen.
const loadAll = `new Promise((done) => {
	const began = performance.now()
	const count = document.querySelector(".list-count")
	new MutationObserver((_, observer) => {
		if (!count.textContent.includes("10,000")) return
		observer.disconnect()
		requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)))
	}).observe(count, {subtree: true, childList: true, characterData: true})
	document.querySelector(".list-head [type=checkbox]").click()
})`

// watched is what watchRows notes.
type watched struct {
	Frames []float64 `json:"frames"` // when each began, in milliseconds
	Rows   []painted `json:"rows"`   // in order
	Lists  []drawn   `json:"lists"`  // likewise
}

// drawn is which carts had a row from a time on.
type drawn struct {
	At    float64  `json:"at"` // in milliseconds since 1970
	Carts []string `json:"carts"`
}

// stayed says whether a cart had a row all the time.
func (w watched) stayed(cart string, from, to time.Time) bool {
	for i, list := range w.Lists {
		ended := i+1 < len(w.Lists) && !millis(w.Lists[i+1].At).After(from)
		if !ended && !millis(list.At).After(to) && !slices.Contains(list.Carts, cart) {
			return false
		}
	}
	return true
}

func millis(at float64) time.Time { return time.UnixMilli(int64(at)) }

// painted is a row as it was seen.
type painted struct {
	Cart  string  `json:"cart"`
	Items string  `json:"items"`
	At    float64 `json:"at"` // in milliseconds since 1970
}

// longest is how long the longest frame was on the screen, in milliseconds.
func (w watched) longest() (longest float64) {
	for i := 1; i < len(w.Frames); i++ {
		longest = max(longest, w.Frames[i]-w.Frames[i-1])
	}
	return longest
}

// watchRows notes frames, and what rows of the table that changed say once they have been
// painted.
const watchRows = `window.watched = (() => {
	let frames = [], rows = [], changed = new Map()
	const painted = new MessageChannel()
	const noted = []
	painted.port1.onmessage = () => {
		const at = Date.now()
		for (const [cart, items] of noted.splice(0)) rows.push({cart, items, at})
	}
	const frame = (now) => {
		frames.push(now)
		if (changed.size > 0) {
			noted.push(...changed)
			changed = new Map()
			painted.port2.postMessage(0) // comes after this frame is painted
		}
		requestAnimationFrame(frame)
	}
	requestAnimationFrame(frame)
	const drawn = () => ({at: Date.now(), carts: [...document.querySelectorAll("#carts tr[data-id]")].map((row) => row.dataset.id)})
	let lists = [drawn()]
	new MutationObserver((records) => {
		if (records.some((record) => record.type === "childList" || record.attributeName === "data-id")) lists.push(drawn())
		for (const record of records) {
			const row = (record.target.closest ? record.target : record.target.parentElement)?.closest("tr[data-id]")
			if (row) changed.set(row.dataset.id, row.querySelector(".c-items").firstChild.textContent)
		}
	}).observe(document.getElementById("carts"), {subtree: true, childList: true, characterData: true, attributes: true})
	return {
		begin: () => { frames = []; rows = []; lists = [drawn()] },
		end: () => ({frames, rows, lists}),
	}
})()`

// want has the shoppers of these carts change them more often.
func (c *crowd) want(carts []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = nil
	for i, s := range c.shoppers {
		if slices.Contains(carts, s.cart) {
			c.wanted = append(c.wanted, i)
		}
	}
}

// delays returns how long the changes took that were seen, of carts that had a row all
// the time, and forgets all.
func (c *crowd) delays(seen watched) (delays []time.Duration) {
	c.mu.Lock()
	changes := c.noted
	c.noted = nil
	c.mu.Unlock()
	for _, change := range changes {
		for _, row := range seen.Rows {
			at := millis(row.At)
			if row.Cart == change.cart && row.Items == fmt.Sprint(change.quantity) && at.After(change.sent) {
				if seen.stayed(change.cart, change.sent, at) {
					delays = append(delays, at.Sub(change.sent))
				}
				break
			}
		}
	}
	return delays
}

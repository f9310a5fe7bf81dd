package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/shared"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func frozen() time.Time { return noon }

// summary makes a cart that was changed some seconds after noon.
func summary(id string, version int64, seconds int) shared.CartSummary {
	return shared.CartSummary{
		ID: id, Name: "name-" + id, Version: version, Status: shared.CartOpen, Seen: true,
		UpdatedAt: noon.Add(time.Duration(seconds) * time.Second),
	}
}

func event(c shared.CartSummary, kind shared.ActivityKind) shared.Activity {
	return shared.Activity{CartID: c.ID, CartVersion: c.Version, Kind: kind, Cart: c}
}

// fill makes a table that has read these carts.
func fill(t *table, carts ...shared.CartSummary) *table {
	t.begin(false)
	t.page(carts)
	t.finish()
	t.sort()
	return t
}

// However the pages of a list and events fall together, and whatever is told twice or
// late, the table ends as the shop is; also if events were missed before the list was
// read anew.
func TestTableEndsAsTheShopIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shop := map[string]shared.CartSummary{}
		var log []shared.Activity
		version := map[string]int64{}
		change := func() {
			id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "cart")
			_, open := shop[id]
			if version[id] > 0 && !open {
				return // closed for good
			}
			version[id]++
			c := summary(id, version[id], len(log))
			kind := shared.LineChanged
			if version[id] > 1 && rapid.IntRange(0, 4).Draw(t, "close") == 0 {
				c.Status, kind = shared.CartOrdered, shared.Ordered
				delete(shop, id)
			} else {
				shop[id] = c
			}
			log = append(log, event(c, kind))
		}
		table := newTable(frozen)
		for range rapid.IntRange(1, 3).Draw(t, "connections") {
			for range rapid.IntRange(0, 10).Draw(t, "missed") {
				change()
			}
			// From here on we listen.
			next := len(log)
			hear := func(n int) {
				for ; n > 0 && next < len(log); n, next = n-1, next+1 {
					table.apply(log[next])
					if rapid.Bool().Draw(t, "twice") {
						table.apply(log[next])
					}
				}
			}
			table.begin(false)
			for _, ids := range [][]string{{"a", "b"}, {"c"}, {"d", "e"}} {
				for range rapid.IntRange(0, 3).Draw(t, "before the page") {
					change()
				}
				hear(rapid.IntRange(0, 3).Draw(t, "heard"))
				var page []shared.CartSummary
				for _, id := range ids {
					if c, ok := shop[id]; ok {
						page = append(page, c)
					}
				}
				// The page was read now, and arrives later.
				for range rapid.IntRange(0, 3).Draw(t, "after the page") {
					change()
				}
				hear(rapid.IntRange(0, 9).Draw(t, "heard before it arrives"))
				table.page(page)
			}
			table.finish()
			hear(len(log))
		}
		got := map[string]shared.CartSummary{}
		for id, e := range table.carts {
			if e.closed.IsZero() {
				got[id] = e.cart
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(shop) {
			t.Fatalf("got %v, want %v", got, shop)
		}
	})
}

// While the table is held nothing moves, whatever happens; what would is counted, and
// in its slot once it is let go.
func TestHeldSlotsStandStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		table := fill(newTable(func() time.Time { return now }), summary("a", 1, 1), summary("b", 1, 2), summary("c", 1, 3))
		table.held = true
		before := slices.Clone(table.slots)
		version := int64(1)
		for range rapid.IntRange(1, 10).Draw(t, "changes") {
			version++
			now = now.Add(3 * time.Second)
			c := summary(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "cart"), version, int(version)+10)
			if rapid.IntRange(0, 5).Draw(t, "close") == 0 {
				c.Status = shared.CartOrdered
			}
			table.apply(event(c, shared.LineChanged))
			if table.tick() || !slices.Equal(table.slots, before) {
				t.Fatalf("moved to %v from %v", table.slots, before)
			}
		}
		table.held = false
		table.tick()
		last := noon.Add(time.Hour)
		for _, id := range table.slots {
			if at := table.carts[id].cart.UpdatedAt; at.After(last) {
				t.Fatalf("%v: not the newest change first", table.slots)
			} else {
				last = at
			}
		}
		if len(table.slots) != len(table.carts) || table.moved() != 0 {
			t.Fatalf("%d slots for %d carts, %d moved", len(table.slots), len(table.carts), table.moved())
		}
	})
}

func TestOrder(t *testing.T) {
	help := summary("help", 1, 0)
	help.HelpAt = noon.Add(5 * time.Second)
	longer := summary("longer", 1, 0)
	longer.HelpAt = noon.Add(2 * time.Second)
	table := fill(newTable(frozen), summary("old", 1, 1), help, summary("new", 1, 9), longer, summary("alike", 1, 9))
	if got, want := strings.Join(table.slots, " "), "longer help alike new old"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnseenCarts(t *testing.T) {
	bot := summary("bot", 1, 1)
	bot.Seen = false
	table := fill(newTable(frozen), summary("a", 1, 1))
	if table.apply(event(bot, shared.LineAdded)) || len(table.carts) != 1 {
		t.Error("a cart that may be a bot's is shown")
	}
	for name, seen := range map[string]func(*shared.CartSummary){
		"seen":     func(c *shared.CartSummary) { c.Seen = true },
		"phone":    func(c *shared.CartSummary) { c.Phone = true },
		"attended": func(c *shared.CartSummary) { c.Attendants = []string{"ada"} },
		"help":     func(c *shared.CartSummary) { c.HelpAt = noon },
	} {
		c := bot
		c.ID, c.Version = name, 2
		seen(&c)
		if !table.apply(event(c, shared.PageViewed)) || table.carts[name] == nil {
			t.Errorf("%s: not shown", name)
		}
	}
	table.begin(true)
	table.page([]shared.CartSummary{bot})
	table.finish()
	if len(table.carts) != 1 || table.carts["bot"] == nil {
		t.Errorf("asked for all: got %d carts", len(table.carts))
	}
}

// What is closed stays for a moment, and then goes.
func TestClosedCartsLinger(t *testing.T) {
	now := noon
	table := fill(newTable(func() time.Time { return now }), summary("a", 1, 1), summary("b", 1, 2))
	ordered := summary("a", 2, 3)
	ordered.Status = shared.CartOrdered
	table.apply(event(ordered, shared.Ordered))
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "a b"}, {lingering - time.Second, "a b"}, {lingering, "b"}} {
		now = noon.Add(step.after)
		table.tick()
		if got := strings.Join(table.slots, " "); got != step.want {
			t.Errorf("after %v: got %s, want %s", step.after, got, step.want)
		}
		if table.open() != 1 {
			t.Errorf("after %v: %d carts count as open", step.after, table.open())
		}
	}
}

func TestNotOurs(t *testing.T) {
	table := newTable(frozen)
	if table.apply(shared.Activity{}) || len(table.carts) != 0 {
		t.Error("a notification of anyone became a cart")
	}
}

func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "rows")
		row := rapid.IntRange(20, 90).Draw(t, "row")
		frame := rapid.IntRange(100, 1500).Draw(t, "frame")
		top := rapid.IntRange(0, max(0, n*row-frame)).Draw(t, "top")
		first, last := window(top, frame, row, n)
		if first < 0 || last > n || first > last {
			t.Fatalf("rows %d to %d of %d", first, last, n)
		}
		if n > 0 && (first*row > top || last < n && last*row < top+frame) {
			t.Fatalf("rows %d to %d of %d px leave a gap at %d to %d", first, last, row, top, top+frame)
		}
		if last-first > frame/row+2*spare+8 {
			t.Fatalf("%d rows are drawn for %d px", last-first, frame)
		}
		if n == 0 {
			return
		}
		at := rapid.IntRange(0, n-1).Draw(t, "index")
		if got := within(top, frame, row, at); at*row < got || at*row+row > got+frame {
			t.Fatalf("row %d is out of view at %d", at, got)
		}
	})
}

// A cart that closed after its page was read, and before that arrived, is not
// brought back by it; nor is an event that is told twice news.
func TestWhatCrossesThePage(t *testing.T) {
	table := newTable(frozen)
	table.begin(false)
	closed := summary("a", 3, 3)
	closed.Status = shared.CartOrdered
	table.apply(event(closed, shared.Ordered))
	table.page([]shared.CartSummary{summary("a", 2, 2), summary("b", 1, 1)})
	table.finish()
	if table.carts["a"] != nil || table.carts["b"] == nil {
		t.Errorf("got %d carts, want b alone", len(table.carts))
	}
	change := event(summary("b", 2, 5), shared.LineChanged)
	if !table.apply(change) || table.apply(change) {
		t.Error("an event is news once")
	}
}

// What has changed is marked for a moment: news of it, not that the list was read.
func TestFreshRows(t *testing.T) {
	now := noon
	table := fill(newTable(func() time.Time { return now }), summary("a", 1, 1), summary("b", 1, 2))
	table.apply(event(summary("a", 2, 3), shared.LineChanged))
	table.apply(event(summary("b", 2, 4), shared.PageViewed))
	if !table.carts["a"].fresh(now) || table.carts["b"].fresh(now) {
		t.Error("a changed, and b did not")
	}
	if now = now.Add(flashing); table.carts["a"].fresh(now) {
		t.Error("the mark stays")
	}
}

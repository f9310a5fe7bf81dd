package event

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cartline/server/cart"
	"cartline/shared"
)

// about makes the event of a cart; its text is its number, as long as the cart's name
// has it.
func about(t testing.TB, channel, cartID string, n int) Delivery {
	return aboutAtLength(t, channel, cartID, n, 0)
}

// aboutAtLength is about with a longer number.
func aboutAtLength(t testing.TB, channel, cartID string, n, digits int) Delivery {
	t.Helper()
	e, err := FromLog(channel, cart.Entry{Position: cart.Position{Epoch: "e", Seq: int64(n)}, CartID: cartID, At: noon}, fmt.Appendf(nil, "%d%s", n, strings.Repeat("0", digits)))
	if err != nil {
		t.Fatal(err)
	}
	return Delivery{text: e.Text, event: e}
}

// A client that is behind gets the newest of each cart, at its place, and is told for
// what it stands. What nothing else can stand for stays.
func TestQueueCoalesces(t *testing.T) {
	one := about(t, "c", "a", 1)
	q := NewQueue(12 * len(one.text))
	push := func(d Delivery) {
		t.Helper()
		if got := q.Push(d); got != Queued && got != Begin {
			t.Fatalf("got %d", got)
		}
	}
	push(Plain([]byte("first")))
	push(one)
	push(about(t, "c", "b", 2))
	push(about(t, "c", "a", 3)) // behind by now
	push(Plain([]byte("between")))
	push(about(t, "c", "a", 4))
	push(about(t, "other", "a", 5)) // another channel's
	uncoalesced := about(t, "c", "a", 6)
	push(Plain(uncoalesced.text))
	push(about(t, "c", "b", 7))
	text := func(channel string, n int, replaces string) string {
		return fmt.Sprintf(`["%s",%d,{"cursor":"e.0.%d.0","at":"2026-11-21T12:00:00Z"%s}]`, channel, n, n, replaces)
	}
	want := []string{
		"first", "between",
		text("c", 4, `,"replaces":{"from":"e.0.1.0","count":2}`),
		text("other", 5, ""),
		text("c", 6, ""),
		text("c", 7, `,"replaces":{"from":"e.0.2.0","count":1}`),
	}
	if got := texts(next(q, nil)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// What was taken is on its way, and nothing stands for it any more.
	push(about(t, "c", "a", 8))
	push(about(t, "c", "a", 9))
	if got, want := texts(next(q, nil)), []string{text("c", 9, `,"replaces":{"from":"e.0.8.0","count":1}`)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// As long as a client keeps up, it gets each event by itself.
func TestQueueOfWhoKeepsUp(t *testing.T) {
	q := NewQueue(4 * len(about(t, "c", "a", 10).text))
	var buffer []Delivery
	for n := range 50 {
		q.Push(about(t, "c", "a", n))
		if buffer = next(q, buffer); len(buffer) != 1 || buffer[0].replaced != nil {
			t.Fatalf("got %q, want one by itself", texts(buffer))
		}
		buffer = next(q, buffer)
	}
}

// However much happens to a few carts, a client that doesn't read holds a few events.
func TestQueueOfWhoNeverReadsIsBounded(t *testing.T) {
	q := NewQueue(64 << 10)
	for n := range 20_000 {
		if got := q.Push(about(t, "c", string(rune('a'+n%3)), n)); got == Overflow {
			t.Fatalf("overflow after %d", n)
		}
	}
	if len(q.waiting) > 1000 || q.Bytes() > 64<<10/4+3*remembered {
		t.Errorf("got %d places and %d bytes", len(q.waiting), q.Bytes())
	}
	taken := next(q, nil)
	counted := 0
	for _, d := range taken {
		counted += 1 + d.replaced.Count
	}
	if counted != 20_000 {
		t.Errorf("got %d, which stand for %d, want 20,000", len(taken), counted)
	}
}

// Many carts are too many also for one who coalesces.
func TestCoalescingOverflows(t *testing.T) {
	const limit = 100 * remembered
	q := NewQueue(limit)
	n, pushed := 0, Queued
	for ; pushed != Overflow && n < 1000; n++ {
		pushed = q.Push(about(t, "c", fmt.Sprint(n), n))
	}
	if n != 101 || q.Bytes() != 0 {
		t.Errorf("got overflow at %d, %d bytes; want it at the 101st", n, q.Bytes())
	}
	if got := q.Push(about(t, "c", "1", 1)); got != Closed || len(next(q, nil)) != 0 {
		t.Errorf("got %d, want Closed and nothing left", got)
	}
}

// What counts for little while it waits is no less text for that: a reader who was away is
// given it in parts, each of which may have to wait for them again.
func TestTakeIsBounded(t *testing.T) {
	const limit = 64 << 10
	q := NewQueue(limit)
	const carts = 300 // 600 KiB, of which the queue remembers 300 times 128 bytes
	for n := range carts {
		if got := q.Push(aboutAtLength(t, "c", fmt.Sprint(n), n+1, 2<<10)); got == Overflow {
			t.Fatalf("overflow after %d", n)
		}
	}
	var buffer []Delivery
	got := 0
	for buffer = next(q, buffer); len(buffer) > 0; buffer = next(q, buffer) {
		size := 0
		for _, d := range buffer {
			if want := fmt.Sprint(got); d.event.cartID != want {
				t.Fatalf("got cart %s, want %s", d.event.cartID, want)
			}
			size += len(d.text)
			got++
		}
		if size > limit {
			t.Fatalf("got %d bytes at once, want %d at most", size, limit)
		}
		if held, want := q.Bytes(), (carts-got+len(buffer))*remembered; held != want {
			t.Fatalf("got %d bytes held, want %d", held, want)
		}
	}
	if got != carts {
		t.Errorf("got %d, want %d", got, carts)
	}
}

// Only what all queues hold together counts for little.
func TestWhatWasReadForOneAloneCountsWhole(t *testing.T) {
	const limit = 100 * remembered
	q := NewQueue(limit)
	held := 0
	for n := 0; ; n++ {
		d := about(t, "c", fmt.Sprint(n), n)
		d.alone = true
		if q.Push(d) == Overflow {
			break
		}
		if held += len(d.text); q.Bytes() != held {
			t.Fatalf("after %d: got %d bytes, want %d", n, q.Bytes(), held)
		}
	}
	if held < limit/2 || held > limit {
		t.Errorf("held %d bytes, want %d at most", held, limit)
	}
}

// keeper keeps what was delivered last.
type keeper struct{ Delivery }

func (k *keeper) Deliver(d Delivery) { k.Delivery = d }

func TestWhatIsReplayedIsHeldAlone(t *testing.T) {
	h := topicHub(t)
	ann := new(keeper)
	s, _ := h.Join(ann, "cart/1", "cart/1", Manner{Coalesce: true})
	if s.replay(&Event{Text: []byte("replayed")}); !ann.alone {
		t.Error("what was replayed counts as if others had it")
	}
	if s.take(&Event{Text: []byte("published")}); ann.alone {
		t.Error("what was published counts as if nobody else had it")
	}
}

// modelled is one delivery in the model of a queue.
type modelled struct {
	channel, cartID string // "" unless a later one may stand for it
	text            string // without what it replaces
	from            string
	count           int
}

// The queue beside a model that looks at everything again each time: when more than a
// quarter is held, of the events of one cart only the last remains.
func TestCoalescingFollowsTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(500, 4000).Draw(rt, "limit")
		q := NewQueue(limit)
		var waiting []modelled
		var buffer []Delivery
		var draining, behind, closed bool
		taken, n := 0, 0
		weigh := func() (total int) {
			for _, m := range waiting {
				if behind && m.cartID != "" {
					total += remembered
				} else {
					total += len(m.text)
				}
			}
			return total
		}
		squeeze := func() {
			var kept []modelled
			for _, m := range waiting {
				if m.cartID != "" {
					earlier := slices.IndexFunc(kept, func(k modelled) bool { return k.cartID == m.cartID && k.channel == m.channel })
					if earlier >= 0 {
						k := kept[earlier]
						m.count += k.count + 1
						if k.count > 0 {
							m.from = k.from
						} else {
							m.from = cursorIn(k.text)
						}
						kept = slices.Delete(kept, earlier, earlier+1)
					}
				}
				kept = append(kept, m)
			}
			waiting = kept
		}
		rt.Repeat(map[string]func(*rapid.T){
			"push": func(rt *rapid.T) {
				n++
				d := aboutAtLength(t, rapid.SampledFrom([]string{"c", "d"}).Draw(rt, "channel"), rapid.SampledFrom([]string{"a", "b", "z"}).Draw(rt, "cart"), n, rapid.SampledFrom([]int{0, 200}).Draw(rt, "digits"))
				m := modelled{channel: d.event.Channel, cartID: d.event.cartID, text: string(d.text)}
				if rapid.IntRange(0, 3).Draw(rt, "plain") == 0 {
					d, m = Plain(d.text), modelled{text: m.text}
				}
				want := Begin
				if draining {
					want = Queued
				}
				switch before := slices.Clone(waiting); {
				case closed:
					want = Closed
				default:
					behind = behind || taken+weigh()+len(m.text) > limit/4
					waiting = append(waiting, m)
					if behind {
						squeeze()
					}
					if held := taken + weigh(); held > limit && (taken > 0 || len(before) > 0) {
						want, closed, waiting, taken = Overflow, true, nil, 0
					}
				}
				if got := q.Push(d); got != want {
					rt.Fatalf("push %d: got %d, want %d", n, got, want)
				}
				draining = draining || want == Begin
			},
			"take": func(rt *rapid.T) {
				if !draining {
					rt.Skip("only who was told to begin takes")
				}
				due, size := len(waiting), 0
				for i, m := range waiting {
					if size += len(m.text); behind && size > limit && i > 0 {
						due = i
						break
					}
				}
				rest := slices.Clone(waiting[due:])
				waiting = waiting[:due]
				var want []string
				for _, m := range waiting {
					if m.count > 0 {
						m.text = strings.Replace(m.text, `Z"}`, fmt.Sprintf(`Z","replaces":{"from":"%s","count":%d}}`, m.from, m.count), 1)
					}
					want = append(want, m.text)
				}
				taken = weigh()
				waiting, behind = rest, len(rest) > 0
				draining = len(want) > 0
				buffer = next(q, buffer)
				if got := texts(buffer); !slices.Equal(got, want) {
					rt.Fatalf("take: got %q, want %q", got, want)
				}
			},
			"": func(rt *rapid.T) {
				if got := q.Bytes(); got != taken+weigh() {
					rt.Fatalf("got %d bytes, want %d", got, taken+weigh())
				}
			},
		})
	})
}

func cursorIn(text string) string {
	message, err := shared.ParseMessage([]byte(text))
	if err != nil {
		return err.Error()
	}
	return message.Meta.Cursor
}

package event_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Whatever happens to the log, the tail, the connections and their readers: who listens
// hears everything of their scope that comes after their position, once and in order,
// or is told that there is a gap.
func TestEveryoneHearsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(timeless{t}, func(t *rapid.T) {
			w := newWorld(t)
			defer w.close()
			calm := rapid.Bool().Draw(t, "calm")
			var cursors []string // that were known once
			note := func() {
				w.set(func() {
					for _, n := range []int{w.visible, rapid.IntRange(w.trimmed, w.visible).Draw(t, "known")} {
						cursors = append(cursors, w.place(n).Cursor())
					}
				})
			}
			note()
			listen := func() {
				c := &client{
					world: w,
					feed:  rapid.SampledFrom([]event.Feed{feed.Watchers(), feed.OfCart("a"), feed.OfShopper("sue")}).Draw(t, "feed"),
					how:   event.Manner{Coalesce: rapid.Bool().Draw(t, "coalesce")},
					limit: rapid.IntRange(1500, 8000).Draw(t, "limit"),
				}
				if rapid.Bool().Draw(t, "from a cursor") {
					c.first = rapid.SampledFrom(cursors).Draw(t, "cursor")
					c.cursor = c.first
				}
				w.clients = append(w.clients, c)
				c.connect()
			}
			any := func() *client { return rapid.SampledFrom(w.clients).Draw(t, "client") }
			actions := []action{
				{"commit", 12, func() {
					for range rapid.IntRange(1, 12).Draw(t, "entries") {
						w.commit(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "cart"))
					}
				}},
				{"reveal", 8, func() { w.reveal(rapid.IntRange(1, 20).Draw(t, "entries")); note() }},
				{"wake", 8, w.tail.Wake},
				{"settle", 8, synctest.Wait},
				{"pass", 4, func() {
					time.Sleep(time.Duration(rapid.IntRange(1, 3000).Draw(t, "milliseconds")) * time.Millisecond)
				}},
				{"listen", 3, func() {
					if len(w.clients) < 6 {
						listen()
					}
				}},
				{"stall", 3, func() { any().setStalled(true) }},
				{"go on", 3, func() { any().setStalled(false) }},
				{"disconnect", 3, func() { any().disconnect() }},
				{"come back", 8, func() {
					if c := any(); c.connected() == nil || c.connected().overflowed() {
						c.connect()
					}
				}},
				{"answer late", 3, func() {
					w.set(func() {
						if w.late == nil {
							w.late = make(chan struct{})
						}
					})
				}},
				{"answer", 4, w.answerNow},
				{"fail", 1, func() { w.set(func() { w.fail = errAway }) }},
				{"recover", 2, func() { w.set(func() { w.fail = nil }) }},
			}
			if !calm {
				actions = append(actions, []action{
					{"trim", 1, func() { w.trim(rapid.IntRange(1, 40).Draw(t, "keep")) }},
					{"become a copy", 1, func() { w.set(func() { w.epoch++ }); note() }},
					{"put back", 1, func() {
						// The database is away while it is put back, for longer than what was
						// asked before could still be answered.
						w.set(func() { w.fail = errAway })
						time.Sleep(3 * time.Second)
						w.putBack(rapid.IntRange(0, 15).Draw(t, "entries"))
						w.set(func() { w.fail = nil })
					}},
				}...)
			}
			var drawn []action
			for _, a := range actions {
				for range a.weight {
					drawn = append(drawn, a)
				}
			}
			for range rapid.IntRange(1, 3).Draw(t, "listeners") {
				listen()
			}
			for range rapid.IntRange(10, 120).Draw(t, "steps") {
				rapid.SampledFrom(drawn).Draw(t, "step").do()
			}
			w.quieten()
			for i, c := range w.clients {
				if err := c.audit(calm && c.first == ""); err != nil {
					t.Fatalf("client %d of %s from %q, coalescing %v, limit %d: %v", i, c.feed.Topic, c.first, c.how.Coalesce, c.limit, err)
				}
			}
		})
	})
}

// timeless has no deadline, which can't be asked for where time is not the real one.
type timeless struct{ testing.TB }

// action is a step, of which some are more likely.
type action struct {
	name   string
	weight int
	do     func()
}

// String is what a failure tells of a step.
func (a action) String() string { return a.name }

func (w *world) answerNow() {
	w.set(func() {
		if w.late != nil {
			close(w.late)
			w.late = nil
		}
	})
}

// quieten lets everything come to its end: all is read, all are back, and read.
func (w *world) quieten() {
	w.answerNow()
	w.set(func() { w.fail, w.visible = nil, len(w.entries) })
	time.Sleep(5 * time.Second)
	for range 50 { // a small queue may overflow a few times more
		back := 0
		for _, c := range w.clients {
			c.setStalled(false)
			if s := c.connected(); s == nil || s.overflowed() {
				c.connect()
				back++
			}
		}
		time.Sleep(5 * time.Second)
		if back == 0 {
			return
		}
	}
	panic("they don't come to rest")
}

// The same with all of it at once, in real time: writers, the tail, notifications,
// clients that come and go and stall, and a log that becomes another now and then.
func TestEveryoneHearsEverythingAtOnce(t *testing.T) {
	for _, calm := range []bool{true, false} {
		t.Run(fmt.Sprint("calm ", calm), func(t *testing.T) {
			w := newWorld(t)
			defer w.close()
			const writers, writes = 3, 400
			for i := range 12 {
				c := &client{
					world: w, limit: 4000, how: event.Manner{Coalesce: i%4 == 0},
					feed: []event.Feed{feed.Watchers(), feed.OfCart("a"), feed.OfShopper("sue")}[i%3],
				}
				w.clients = append(w.clients, c)
				c.connect()
			}
			var work, alongside sync.WaitGroup
			for i := range writers {
				work.Go(func() {
					for range writes {
						w.commit(string(rune('a' + i)))
						w.reveal(rand.IntN(3))
						w.tail.Wake()
						pause(200)
					}
				})
			}
			done := make(chan struct{})
			until := func(do func()) {
				alongside.Go(func() {
					for {
						select {
						case <-done:
							return
						default:
							do()
						}
					}
				})
			}
			until(func() { w.notify(t); pause(500) })
			if !calm {
				until(func() { pause(100_000); w.set(func() { w.epoch++ }) })
				until(func() { pause(50_000); w.trim(20) })
			}
			for _, c := range w.clients[:8] {
				until(func() {
					switch rand.IntN(4) {
					case 0:
						c.setStalled(true)
					case 1:
						c.disconnect()
					default:
						c.setStalled(false)
						if s := c.connected(); s == nil || s.overflowed() {
							c.connect()
						}
					}
					pause(3000)
				})
			}
			work.Wait()
			close(done)
			alongside.Wait()
			w.set(func() { w.visible = len(w.entries) })
			w.tail.Wake()
			for i, c := range w.clients {
				c.setStalled(false)
				var err error
				defer func() {
					if err != nil {
						t.Errorf("client %d of %s: %.300s", i, c.feed.Topic, err.Error())
					}
				}()
				testenv.Eventually(t, time.Minute, fmt.Sprint("client ", i, " to have heard everything"), func() bool {
					if s := c.connected(); s == nil || s.overflowed() {
						c.connect()
					}
					err = c.audit(calm)
					return err == nil
				})
			}
		})
	}
}

// pause lets others come in between, for up to so many microseconds.
func pause(most int) { time.Sleep(time.Duration(rand.IntN(most)) * time.Microsecond) }

// notify tells something that isn't in the log on the channel of what is.
func (w *world) notify(t *testing.T) {
	e, err := event.FromNotification("news", "hello", time.Now())
	if err != nil {
		t.Error(err)
		return
	}
	e.Topic = shared.ChannelCartActivity
	w.hub.Publish(e)
}

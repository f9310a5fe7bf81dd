package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/cart"
)

// numbers is what is told of a fakeLog: each entry's number, to all or to some.
func numbers(topic string, readers func(seq int64) []string) Feed {
	return Feed{Channel: "numbers", Topic: topic, Tell: func(entry cart.Entry) (*Event, error) {
		e := &Event{Channel: "numbers", Topic: topic, Position: entry.Position, Text: fmt.Append(nil, entry.Position.Seq)}
		if readers != nil {
			e.Readers = readers(entry.Position.Seq)
		}
		return e, nil
	}}
}

// follower publishes a fakeLog by hand.
type follower struct {
	*Hub
	t    *testing.T
	log  *fakeLog
	feed Feed
}

func newFollower(t *testing.T, feed Feed, size int64) *follower {
	f := &follower{Hub: topicHub(t), t: t, log: newFakeLog(), feed: feed}
	f.log.size = size
	f.Reset(f.at(size))
	return f
}

func (f *follower) at(seq int64) cart.Position { return cart.Position{Epoch: f.log.epoch, Seq: seq} }

// tell publishes entries that are in the log, and puts them there if they aren't.
func (f *follower) tell(seqs ...int64) {
	f.t.Helper()
	for _, seq := range seqs {
		f.log.set(func() { f.log.size = max(f.log.size, seq) })
		f.Advance(f.at(seq))
		e, err := f.feed.Tell(cart.Entry{Position: f.at(seq)})
		if err != nil {
			f.t.Fatal(err)
		}
		f.Publish(e)
	}
}

func (f *follower) join(l Subscriber, how Manner) *Subscription {
	s, _ := f.Join(l, f.feed.Topic, f.feed.Channel, how)
	return s
}

// catchUp catches up in the background, in a synctest bubble.
func (f *follower) catchUp(s *Subscription, after cart.Position) (done chan error) {
	done = make(chan error, 1)
	go func() { done <- f.CatchUp(f.t.Context(), f.log, f.feed, s, after) }()
	return done
}

func (f *follower) wants(step string, l *listener, want ...string) {
	f.t.Helper()
	if got := l.take(); !slices.Equal(got, want) {
		f.t.Errorf("%s: got %q, want %q", step, got, want)
	}
}

const gapText = `["gap",{"channel":"numbers","lost":"activities"}]`

func TestBeginWhereTheLogStands(t *testing.T) {
	f := newFollower(t, numbers("cart/1", nil), 5)
	for name, test := range map[string]struct {
		from int64
		meet func() // between joining and beginning
		live bool
	}{
		"at the head":                         {5, func() {}, true},
		"before it":                           {4, func() {}, false},
		"the head moved on":                   {5, func() { f.tell(6) }, false},
		"the head moved on, nobody was told":  {6, func() { f.Advance(f.at(6)) }, true},
		"something is told of after the head": {5, func() { f.Advance(f.at(6)) }, false},
		"the log was reset to where it was":   {5, func() { f.Reset(f.at(5)) }, false},
		"the log has another epoch":           {5, func() { f.Reset(cart.Position{Epoch: "f", Seq: 5}) }, false},
		"nobody hears it any more":            {5, nil, false},
	} {
		f.Reset(f.at(5))
		var ann listener
		s := f.join(&ann, plain)
		if test.meet != nil {
			test.meet()
		} else {
			f.Leave(&ann)
		}
		if live := s.Begin(f.at(test.from)); live != test.live {
			t.Errorf("%s: got live %v, want %v", name, live, test.live)
		}
		f.Reset(f.at(5))
		ann.take() // the gap of those who were live
		f.tell(6)
		if got := len(ann.take()) == 1; got != test.live {
			t.Errorf("%s: heard: %v, want %v", name, got, test.live)
		}
		f.Leave(&ann)
	}
}

// What a position has waits until the subscription is live, what has none doesn't.
func TestOnlyTheLogWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		var ann listener
		s := f.join(&ann, plain)
		f.tell(6)
		f.Publish(own("cart/1", "notified"))
		f.wants("before", &ann, "notified")
		if err := <-f.catchUp(s, f.at(3)); err != nil {
			t.Fatal(err)
		}
		f.wants("replayed", &ann, "4", "5", "6")
		f.tell(7)
		f.Publish(own("cart/1", "notified"))
		f.wants("live", &ann, "7", "notified")
	})
}

// Catching up reads what the tail has yet to publish, which doesn't come twice.
func TestAheadOfTheTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		f.log.size = 8
		var ann listener
		if err := <-f.catchUp(f.join(&ann, plain), f.at(4)); err != nil {
			t.Fatal(err)
		}
		f.tell(6, 7, 8, 9)
		f.wants("all", &ann, "5", "6", "7", "8", "9")
	})
}

// However often something is published between the last look at the log and the end of
// catching up, it is looked at again.
func TestCaughtUpOnlyWhenNothingWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		var ann listener
		s := f.join(&ann, plain)
		looks := 0
		feed := f.feed
		feed.Tell = func(entry cart.Entry) (*Event, error) {
			// Right after it was read.
			if looks++; looks <= 3 {
				f.tell(entry.Position.Seq + 1)
			}
			return f.feed.Tell(entry)
		}
		if err := f.CatchUp(t.Context(), f.log, feed, s, f.at(4)); err != nil {
			t.Fatal(err)
		}
		f.tell(9)
		f.wants("all", &ann, "5", "6", "7", "8", "9")
	})
}

func TestCatchUpInBatches(t *testing.T) {
	for _, size := range []int64{0, 1, batch - 1, batch, batch + 1, 2*batch + 3} {
		synctest.Test(t, func(t *testing.T) {
			f := newFollower(t, numbers("cart/1", nil), size)
			var ann listener
			if err := <-f.catchUp(f.join(&ann, plain), f.at(0)); err != nil {
				t.Fatal(err)
			}
			got := ann.take()
			if int64(len(got)) != size || size > 0 && got[size-1] != fmt.Sprint(size) {
				t.Errorf("got %d, want %d", len(got), size)
			}
		})
	}
}

// To listen again changes how, and else nothing; to listen anew begins with another
// subscription, and nothing more comes over the first.
func TestListenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		var ann listener
		s := f.join(&ann, plain)
		s.Begin(f.at(5))
		f.tell(6)
		again, fresh := f.Join(&ann, "cart/1", "numbers", Manner{Coalesce: true})
		if again != s || fresh {
			t.Errorf("got another subscription, %v", fresh)
		}
		f.tell(7)
		f.wants("again", &ann, "6", "7")

		anew, fresh := f.Join(&ann, "cart/1", "numbers", Manner{Anew: true})
		if anew == s || !fresh || !s.Ended() || anew.Ended() {
			t.Errorf("got the same subscription, %v, %v, %v", fresh, s.Ended(), anew.Ended())
		}
		s.replay(&Event{Text: []byte("too late")})
		s.take(&Event{Text: []byte("too late"), Position: f.at(9)})
		s.gap("too late")
		f.tell(8)
		if f.Listeners("cart/1") != 1 {
			t.Errorf("got %d listeners, want 1", f.Listeners("cart/1"))
		}
		if err := <-f.catchUp(anew, f.at(6)); err != nil {
			t.Fatal(err)
		}
		f.tell(9)
		f.wants("anew", &ann, "7", "8", "9")
	})
}

// roomy is a listener who has to be waited for.
type roomy struct {
	listener
	room chan struct{}
}

func (r *roomy) Room(ctx context.Context) error {
	select {
	case <-r.room:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *roomy) Roomy() bool {
	select {
	case <-r.room:
		return true
	default:
		return false
	}
}

// Whoever hears no more, hears no more of what is still to be replayed either.
func TestCatchUpEnds(t *testing.T) {
	for name, leave := range map[string]func(*follower, *roomy){
		"part":  func(f *follower, r *roomy) { f.Part(r, "cart/1") },
		"leave": func(f *follower, r *roomy) { f.Leave(r) },
		"anew":  func(f *follower, r *roomy) { f.join(r, Manner{Anew: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFollower(t, numbers("cart/1", nil), 5)
				ann := &roomy{room: make(chan struct{})}
				done := f.catchUp(f.join(ann, plain), f.at(1))
				ann.room <- struct{}{}
				synctest.Wait()
				leave(f, ann)
				close(ann.room)
				if err := <-done; err != nil {
					t.Errorf("got %v, want nothing: it is no failure", err)
				}
				f.wants("before it left", &ann.listener, "2")
			})
		})
	}
}

func TestCatchUpEndsWithItsContext(t *testing.T) {
	for name, meet := range map[string]func(f *follower, r *roomy){
		"while it waits for room":     func(*follower, *roomy) {},
		"while the log can't be read": func(f *follower, r *roomy) { close(r.room); f.log.fail = errors.New("away") },
		"while the tail doesn't notice": func(f *follower, r *roomy) {
			close(r.room)
			f.log.epoch = "f"
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFollower(t, numbers("cart/1", nil), 5)
				ann := &roomy{room: make(chan struct{})}
				after := f.at(1)
				meet(f, ann)
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				s := f.join(ann, plain)
				go func() { done <- f.CatchUp(ctx, f.log, f.feed, s, after) }()
				time.Sleep(time.Minute)
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want the context's error", err)
				}
				if looks := len(f.log.takeLooks()); looks > 300 {
					t.Errorf("looked %d times in a minute", looks)
				}
			})
		})
	}
}

// The log can't be read for a while: what was missed comes when it can.
func TestCatchUpTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		var ann listener
		f.log.fail = errors.New("away")
		done := f.catchUp(f.join(&ann, plain), f.at(3))
		time.Sleep(10 * time.Second)
		f.wants("while it is away", &ann)
		f.log.set(func() { f.log.fail = nil })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		f.wants("then", &ann, "4", "5")
	})
}

// What can't be read any more is told of as a gap, after which everything comes.
func TestCatchUpGivesUp(t *testing.T) {
	for _, test := range []struct {
		name string
		meet func(f *follower)
		want []string
	}{
		{"forgotten", func(f *follower) { f.log.trimmed = 3 }, []string{gapText, "6"}},
		{"forgotten up to there", func(f *follower) { f.log.trimmed = 2 }, []string{"3", "4", "5", "6"}},
		{"put back before there", func(f *follower) {
			f.log.size = 1
			f.Reset(f.at(1))
			f.tell(2, 3, 4, 5)
		}, []string{gapText, "6"}},
		{"another epoch", func(f *follower) { f.log.epoch = "f"; f.Reset(f.at(5)) }, []string{gapText, "6"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFollower(t, numbers("cart/1", nil), 5)
				var ann listener
				after := f.at(2)
				after.Mark = 0
				test.meet(f)
				f.log.set(func() {
					if test.name == "put back before there" {
						f.log.other = 2 // what is at 2 now is another
					}
				})
				if err := <-f.catchUp(f.join(&ann, plain), after); err != nil {
					t.Fatal(err)
				}
				f.tell(6)
				f.wants("all", &ann, test.want...)
			})
		})
	}
}

// The tail doesn't know yet of another epoch. A client who loads afresh at the first gap
// may miss what comes until it does, so there is a second one.
func TestGapForEachLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		var ann listener
		after := f.at(2)
		f.log.epoch = "f"
		done := f.catchUp(f.join(&ann, plain), after)
		time.Sleep(3 * time.Second)
		f.wants("while the tail doesn't know", &ann, gapText)
		f.log.set(func() { f.log.size = 7 })
		f.Reset(f.at(7))
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		f.tell(8)
		f.wants("when it does", &ann, gapText, "8")
	})
}

// The log is put back while a subscriber is being waited for, and of the same epoch:
// what was replayed last is no more, and what comes in its place must not be taken for
// it. The reset tells.
func TestPutBackWhileCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		ann := &roomy{room: make(chan struct{})}
		f.tell(6)
		done := f.catchUp(f.join(ann, plain), f.at(2))
		for range 3 {
			ann.room <- struct{}{}
		}
		synctest.Wait() // it waits for room for 6
		f.log.set(func() { f.log.size = 3 })
		f.Reset(f.at(3))
		close(ann.room)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		f.tell(4, 5)
		f.wants("all", &ann.listener, "3", "4", "5", gapText, "4", "5")
	})
}

// A reset concerns those who were live before it. Whoever has become so since, perhaps
// ahead of the tail, is where the log is.
func TestResetIsToldOnce(t *testing.T) {
	f := newFollower(t, numbers("cart/1", nil), 5)
	f.log.epoch = "f"
	var before, since, later listener
	f.join(&before, plain).Begin(cart.Position{Epoch: "e", Seq: 5})
	s := f.join(&since, plain)
	// As Reset does, step by step.
	next := &place{head: f.at(5), resets: f.place.Load().resets + 1}
	f.place.Store(next)
	s.noteResets()
	if !s.goLive(f.at(7)) {
		t.Fatal("it isn't live")
	}
	l := f.join(&later, plain)
	for _, s := range []*Subscription{f.own["cart/1"].subscriptions[&before], s, l} {
		s.restart(next)
	}
	f.tell(6, 7, 8)
	f.wants("live before", &before, gapText, "6", "7", "8")
	f.wants("live since", &since, "8")
	f.wants("not live", &later)
}

// What was published before a reset isn't waited for after it.
func TestResetForgetsWhatWasMissed(t *testing.T) {
	f := newFollower(t, numbers("cart/1", nil), 5)
	var ann listener
	s := f.join(&ann, plain)
	f.tell(6, 7, 8)
	f.log.set(func() { f.log.size = 3 })
	f.Reset(f.at(3))
	s.noteResets()
	if !s.goLive(f.at(3)) {
		t.Error("it isn't live where the log is")
	}
}

// A reader isn't told of entries from before they might read, and isn't expelled for
// them. Once the hub publishes one from after, they hear no more.
func TestReadersWhileCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		readers := func(seq int64) []string {
			if seq < 3 || seq == 7 {
				return []string{}
			}
			return []string{"ann"}
		}
		f := newFollower(t, numbers("cart/1", readers), 5)
		ann := &reader{name: "ann"}
		if err := <-f.catchUp(f.join(ann, plain), f.at(0)); err != nil {
			t.Fatal(err)
		}
		f.tell(6, 7, 8)
		f.wants("allowed", &ann.listener, "3", "4", "5", "6")
		if !slices.Equal(ann.gone, []string{"cart/1"}) || f.Listeners("cart/1") != 0 {
			t.Errorf("got expelled from %q, %d listeners", ann.gone, f.Listeners("cart/1"))
		}
	})
}

// roomyReader is one who has to be waited for, and whose right is looked at.
type roomyReader struct {
	reader
	room chan struct{}
}

func (r *roomyReader) Room(ctx context.Context) error { return (&roomy{room: r.room}).Room(ctx) }
func (r *roomyReader) Roomy() bool                    { return (&roomy{room: r.room}).Roomy() }

// Whoever is expelled while they catch up doesn't get the rest.
func TestExpelledWhileCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		readers := func(seq int64) []string {
			if seq == 6 {
				return []string{}
			}
			return []string{"ann"}
		}
		f := newFollower(t, numbers("cart/1", readers), 5)
		ann := &roomyReader{reader: reader{name: "ann"}, room: make(chan struct{})}
		done := f.catchUp(f.join(ann, plain), f.at(1))
		ann.room <- struct{}{}
		synctest.Wait()
		f.tell(6)
		close(ann.room)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		f.wants("before", &ann.listener, "2")
		if !slices.Equal(ann.gone, []string{"cart/1"}) {
			t.Errorf("got expelled from %q", ann.gone)
		}
	})
}

// An entry of which nobody is told, or that can't be, doesn't end the catching up.
func TestWhatCannotBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 4)
		var ann listener
		feed := f.feed
		feed.Tell = func(entry cart.Entry) (*Event, error) {
			switch entry.Position.Seq {
			case 1:
				return nil, errors.New("no JSON")
			case 2:
				return nil, nil
			}
			return f.feed.Tell(entry)
		}
		if err := f.CatchUp(t.Context(), f.log, feed, f.join(&ann, plain), f.at(0)); err != nil {
			t.Fatal(err)
		}
		f.wants("the rest", &ann, "3", "4")
	})
}

// Everyone who hears the source's notifications is told when some may be lost, whether
// they are live or not; nobody else is.
func TestGapOfNotifications(t *testing.T) {
	h := newHub(t, NoSource{})
	var news, carts, gateway, cart1 listener
	listen(t, h, &news, "news", plain)
	listen(t, h, &carts, "cart_activity", plain)
	listen(t, h, &gateway, "gateway", plain)
	h.Join(&cart1, "cart/1", "cart/1", plain)
	h.Gap()
	for channel, l := range map[string]*listener{"news": &news, "cart_activity": &carts} {
		if got, want := l.take(), []string{`["gap",{"channel":"` + channel + `","lost":"notifications"}]`}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := append(gateway.take(), cart1.take()...); len(got) != 0 {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestPublishToLiveDoesNotAllocate(t *testing.T) {
	h := topicHub(t)
	h.Reset(cart.Position{Epoch: "e"})
	for i := range 1000 {
		s, _ := h.Join(new(nobody), "cart/1", "cart/1", Manner{Coalesce: i%2 == 0})
		if !s.Begin(h.Head()) {
			t.Fatal("it isn't live")
		}
	}
	e := own("cart/1", "x")
	h.Publish(e) // makes the list of listeners
	if got := testing.AllocsPerRun(100, func() {
		e.Position.Seq++
		e.Position.Epoch = "e"
		h.Publish(e)
	}); got != 0 {
		t.Errorf("got %v allocations for 1000 deliveries, want 0", got)
	}
}

func BenchmarkPublishToLive(b *testing.B) {
	for _, listeners := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(listeners), func(b *testing.B) {
			h := topicHub(b)
			h.Reset(cart.Position{Epoch: "e"})
			for range listeners {
				s, _ := h.Join(new(nobody), "cart/1", "cart/1", plain)
				s.Begin(h.Head())
			}
			e := own("cart/1", "x")
			b.ReportAllocs()
			for b.Loop() {
				e.Position.Seq++
				h.Publish(e)
			}
		})
	}
}

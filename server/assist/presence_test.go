package assist_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestLapsed(t *testing.T) {
	const absence, idle = assist.DefaultAbsence, assist.DefaultIdle
	tests := []struct {
		name   string
		keep   func(o *office, id string) // what zoe does after a while
		after  time.Duration
		reason shared.ReleaseReason // "" is that she stays
	}{
		{"just attached", nil, absence - time.Second, ""},
		{"gone", nil, absence + time.Second, shared.ReleasedDisconnected},
		{"present", func(o *office, id string) { alive(o, id) }, absence, ""},
		{"present, but idle", func(o *office, id string) { o.pass(idle); alive(o, id) }, time.Second, shared.ReleasedIdle},
		{"present and busy", func(o *office, id string) {
			o.pass(idle - time.Minute)
			o.wants("note", second(o.WriteNote(o.t.Context(), zoe, id, shared.WriteNote{Text: "x"})), "")
			o.pass(10 * time.Minute)
			alive(o, id)
		}, 0, ""},
		{"busy, but refused", func(o *office, id string) {
			o.pass(idle - time.Minute)
			o.wants("edit", second(o.RemoveLine(o.t.Context(), zoe, id, "NONE", 0)), shared.CodeNotFound)
			o.pass(10 * time.Minute)
			alive(o, id)
		}, 0, shared.ReleasedIdle},
	}
	for _, test := range tests {
		o := openOffice(t)
		id := o.attended(known, zoe)
		if test.keep != nil {
			test.keep(o, id)
		}
		o.pass(test.after)
		lines := len(o.audit())
		if err := o.ReleaseLapsed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if test.reason == "" {
			if got := o.attendants(id); got != "zoe:code" || len(o.audit()) != lines {
				t.Errorf("%s: got %q", test.name, got)
			}
			continue
		}
		last := o.last(id)
		if o.attendants(id) != "" || last.Kind != shared.Released || last.Reason != test.reason || last.Staff != "zoe" || last.Actor.Kind != shared.ActorServer {
			t.Errorf("%s: got %q, %+v", test.name, o.attendants(id), last)
		}
		line := o.oneLine(lines)
		if line.Action != "released_"+string(test.reason) || line.Staff != "zoe" || line.Customer != alice.ID || line.Consent != shared.ConsentCode || line.CartID != id {
			t.Errorf("%s: got %+v", test.name, line)
		}
		if err := o.ReleaseLapsed(t.Context()); err != nil || len(o.audit()) != lines+1 {
			t.Errorf("%s: released twice, %v", test.name, err)
		}
	}
}

func alive(o *office, id string) {
	o.t.Helper()
	present := []assist.Presence{{CartID: id, Staff: "zoe"}, {CartID: "none", Staff: "zoe"}, {CartID: id, Staff: "bob"}}
	if err := o.store.KeepAlive(o.t.Context(), present, o.clock()); err != nil {
		o.t.Fatal(err)
	}
}

// staleStore tells of lapses at carts that are no longer there, before those that are.
type staleStore struct{ assist.Store }

func (s staleStore) Lapsed(ctx context.Context, alive, acted time.Time) ([]assist.Lapse, error) {
	lapsed, err := s.Store.Lapsed(ctx, alive, acted)
	return append([]assist.Lapse{{Presence: assist.Presence{CartID: "gone", Staff: "zoe"}}}, lapsed...), err
}

func TestLapsedGoesOnAfterACartThatHasGone(t *testing.T) {
	o := openOffice(t, func(c *assist.Config) { c.Store = staleStore{c.Store} })
	id := o.attended(guest, zoe)
	o.pass(time.Minute)
	if err := o.ReleaseLapsed(t.Context()); err != nil || o.attendants(id) != "" {
		t.Errorf("got %v, %q", err, o.attendants(id))
	}
}

// forgetful is a store that can't note who is present until it is mended.
type forgetful struct {
	assist.Store
	broken atomic.Bool
	asked  atomic.Int64
}

func (s *forgetful) KeepAlive(ctx context.Context, present []assist.Presence, at time.Time) error {
	s.asked.Add(1)
	if s.broken.Load() {
		return errors.New("disk I/O error")
	}
	return s.Store.KeepAlive(ctx, present, at)
}

// Run keeps those attending who are present, and lets go of the others; but not before
// all have had the time to say that they are there, after nobody could.
func TestRun(t *testing.T) {
	const absence = 30 * time.Millisecond // of which only the ticks are real time
	var store *forgetful
	o := openOffice(t, func(c *assist.Config) {
		store = &forgetful{Store: c.Store}
		c.Store, c.Absence = store, absence
	})
	id := o.attended(guest, zoe, bob)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	store.broken.Store(true)
	var passing atomic.Int64 // time goes on at the beginning of a tick, never within it
	go func() {
		defer close(done)
		o.Run(ctx, func() []assist.Presence {
			o.pass(time.Duration(passing.Swap(0)))
			return []assist.Presence{{CartID: id, Staff: "zoe"}}
		})
	}()
	pass := func(d time.Duration) { passing.Add(int64(d)) }
	ticks := func(what string) {
		t.Helper()
		asked := store.asked.Load()
		testenv.Eventually(t, time.Minute, what, func() bool { return store.asked.Load() > asked+2 })
	}
	ticks("Run to begin")
	pass(time.Minute)
	ticks("Run to have failed a minute later")
	store.broken.Store(false)
	ticks("Run to note who is present again")
	if got := o.attendants(id); got != "zoe:code bob:code" {
		t.Errorf("after presence couldn't be noted: got %q", got)
	}
	pass(absence)
	testenv.Eventually(t, time.Minute, "bob to be released", func() bool { return o.attendants(id) == "zoe:code" })
	pass(absence * 10)
	ticks("Run to go on")
	if got := o.attendants(id); got != "zoe:code" {
		t.Errorf("who is present: got %q", got)
	}
	cancel()
	<-done
}

func TestViewPage(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.put(guest)
	view := func(path string, simulated bool) cart.Record {
		t.Helper()
		if err := o.ViewPage(ctx, "guest", shared.ViewPage{Path: path, Simulated: simulated}); err != nil {
			t.Fatal(err)
		}
		return o.cart(id)
	}
	r := view("/shop?q="+secretName, false)
	if !r.Seen || r.Page != "/shop" || r.PageAt.IsZero() || r.Simulated || r.Version != 2 {
		t.Errorf("got %+v", r)
	}
	if r = view("/shop#x", false); r.Version != 2 {
		t.Error("the same page again was noted")
	}
	if r = view("/shop/cart", true); r.Version != 3 || !r.Simulated || r.Page != "/shop/cart" {
		t.Errorf("got %+v", r)
	}
	o.pass(5 * time.Minute)
	if r = view("/shop/cart", false); r.Version != 4 || !r.Simulated {
		t.Errorf("after five minutes: got %+v", r)
	}
	for _, shopper := range []string{"", "nobody"} {
		o.wants("without a cart", o.ViewPage(ctx, shopper, shared.ViewPage{Path: "/shop"}), "")
	}
	if mustCart(o, "nobody").ID != "" {
		t.Error("a page view made a cart")
	}
	o.wants("no path", o.ViewPage(ctx, "guest", shared.ViewPage{Path: "shop"}), shared.CodeInvalid)
}

// stalling is a store that stands still for a minute when it is told to.
type stalling struct {
	assist.Store
	next  atomic.Bool
	stall func()
	asked atomic.Int64
}

func (s *stalling) KeepAlive(ctx context.Context, present []assist.Presence, at time.Time) error {
	s.asked.Add(1)
	if s.next.Swap(false) {
		s.stall()
	}
	return s.Store.KeepAlive(ctx, present, at)
}

// A database that stood still, and then notes what was asked of it before, doesn't cost
// those their carts who were present all the time.
func TestRunOutlivesAStall(t *testing.T) {
	const absence = 30 * time.Millisecond // of which only the ticks are real time
	var store *stalling
	o := openOffice(t, func(c *assist.Config) {
		store = &stalling{Store: c.Store}
		c.Store, c.Absence = store, absence
	})
	store.stall = func() { o.pass(time.Minute) }
	id := o.attended(guest, zoe)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Run(ctx, func() []assist.Presence { return []assist.Presence{{CartID: id, Staff: "zoe"}} })
	}()
	ticks := func(what string) {
		t.Helper()
		asked := store.asked.Load()
		testenv.Eventually(t, time.Minute, what, func() bool { return store.asked.Load() > asked+2 })
	}
	ticks("Run to begin")
	o.pass(absence / 2)
	ticks("Run to note who is present")
	o.pass(absence / 2)
	ticks("Run to trust that")
	store.next.Store(true)
	ticks("Run to go on after the stall")
	if got := o.attendants(id); got != "zoe:code" {
		t.Errorf("after the stall: got %q", got)
	}
	cancel()
	<-done
}

package cart_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// later makes a service to which it is later by some time.
func (s *shop) later(by time.Duration) *cart.Service {
	service := cart.NewService(s.store, s.store, s.wake)
	service.SetClock(func() time.Time { return cart.Now().Add(by) })
	return service
}

// Carts that were left are deleted: soon if no person was ever seen to be there, late
// otherwise, and never while someone attends them.
func TestExpire(t *testing.T) {
	keep := cart.Retention{Unseen: time.Hour, Seen: 24 * time.Hour}
	prepare := func(kind shared.ActivityKind, change func(*cart.Record)) cart.Rule {
		return func(r *cart.Record) (*cart.Outcome, error) {
			change(r)
			return cart.Did(&shared.Activity{Kind: kind}, nil)
		}
	}
	tests := []struct {
		name  string
		rule  cart.Rule
		after time.Duration // after which it is deleted; 0 is never
	}{
		{"unseen", nil, time.Hour},
		{"seen", prepare(shared.PageViewed, func(r *cart.Record) { r.Seen, r.PageAt = true, cart.Now() }), 24 * time.Hour},
		{"seen later than changed", prepare(shared.PageViewed, func(r *cart.Record) { r.Seen, r.PageAt = true, cart.Now().Add(30*time.Hour) }), 54 * time.Hour},
		{"asked for help", prepare(shared.HelpAsked, func(r *cart.Record) { r.HelpAt = cart.Now() }), 24 * time.Hour},
		{"phone", prepare(shared.PhoneStarted, func(r *cart.Record) { r.Phone = true }), 24 * time.Hour},
		{"attended", prepare(shared.Attached, func(r *cart.Record) { r.Attendants = []shared.Attendant{{Staff: "zoe"}} }), 0},
		{"ordered", cart.PlaceOrder(shared.PlaceOrder{Total: 1250}, cart.ShopperActor, cart.Now()), 0},
	}
	for _, test := range tests {
		s := openShop(t)
		r := s.set("alice", "MUG-1", 1, 0)
		if test.rule != nil {
			r = s.byStaff("alice", test.rule)
		}
		times := []time.Duration{0, 59 * time.Minute, 61 * time.Minute, 23 * time.Hour, 25 * time.Hour, 53 * time.Hour, 55 * time.Hour, 10_000 * time.Hour}
		for _, by := range times {
			if _, err := s.later(by).Expire(t.Context(), keep); err != nil {
				t.Fatal(err)
			}
			_, err := s.Cart(t.Context(), r.ID)
			if gone, want := code(err) == shared.CodeNotFound, test.after > 0 && by > test.after; gone != want {
				t.Errorf("%s, %v later: gone %v (%v), want %v", test.name, by, gone, err, want)
			}
		}
		if test.after == 0 {
			continue
		}
		log := s.activities()
		last := log[len(log)-1]
		if last.Kind != shared.Expired || last.CartVersion != r.Version+1 || last.Actor.Kind != shared.ActorServer || last.Cart.Status != shared.CartExpired {
			t.Errorf("%s: the log ends with %+v", test.name, last)
		}
		if s.woken() != len(log) {
			t.Errorf("%s: %d wakes for %d activities", test.name, s.woken(), len(log))
		}
	}
}

func TestExpireCounts(t *testing.T) {
	s := openShop(t)
	for i := range 3 {
		s.set(fmt.Sprint("bot-", i), "MUG-1", 1, 0)
	}
	keep := cart.Retention{Unseen: time.Hour, Seen: time.Hour}
	late := s.later(2 * time.Hour)
	for _, want := range []int{3, 0} {
		if got, err := late.Expire(t.Context(), keep); err != nil || got != want {
			t.Errorf("got %d, %v; want %d", got, err, want)
		}
	}
}

// hasty lists carts as idle that are not, or not any more.
type hasty struct {
	cart.Store
	ids []string
}

func (s hasty) Idle(context.Context, time.Time, time.Time, int) ([]string, error) { return s.ids, nil }

// What was listed may have come to life, or been deleted by another process; the rest
// is deleted all the same.
func TestExpireLooksAgain(t *testing.T) {
	s := openShop(t)
	var ids []string
	for i := range 3 {
		ids = append(ids, s.set(fmt.Sprint("bot-", i), "MUG-1", 1, 0).ID)
	}
	s.byStaff("bot-1", func(r *cart.Record) (*cart.Outcome, error) {
		r.Seen, r.PageAt = true, cart.Now()
		return cart.Did(&shared.Activity{Kind: shared.PageViewed}, nil)
	})
	service := cart.NewService(hasty{s.store, slices.Concat([]string{"gone"}, ids)}, s.store, func() {})
	service.SetClock(func() time.Time { return cart.Now().Add(2 * time.Hour) })
	if got, err := service.Expire(t.Context(), cart.Retention{Unseen: time.Hour, Seen: 3 * time.Hour}); err != nil || got != 2 {
		t.Errorf("got %d, %v; want 2", got, err)
	}
	if _, err := s.Cart(t.Context(), ids[1]); err != nil {
		t.Errorf("the one that came to life: %v", err)
	}
}

package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/demo"
	"cartline/shared"
)

// What the flags say of helping is what the desk says of itself.
func TestAssistFlagsReachTheDesk(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want shared.Desk
	}{
		{"default", nil, shared.Desk{ConsentNeeded: true, DiscountLimit: 5000, IdleSeconds: 1800}},
		{"consent", []string{"--consent", "notice"}, shared.Desk{DiscountLimit: 5000, IdleSeconds: 1800}},
		{"discount", []string{"--discount-limit", "discounter=5", "--discount-limit", "admin=7.25"}, shared.Desk{ConsentNeeded: true, DiscountLimit: 725, IdleSeconds: 1800}},
		{"idle", []string{"--idle", "90s"}, shared.Desk{ConsentNeeded: true, DiscountLimit: 5000, IdleSeconds: 90}},
	} {
		t.Run(test.name, func(t *testing.T) {
			database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
			s := start(t, append([]string{"--demo", "--demo-shoppers", "0", "--database", database}, test.args...)...)
			must(t, "", "staff", "role", demo.Username, "--role", "event_listener", "--role", "discounter", "--role", "admin", "--database", database)
			staff := s.visitor(t)
			staff.signInDemo(t)
			var got shared.Desk
			staff.ask(t, "GET", "/api/desk", "", &got)
			if got.ConsentNeeded != test.want.ConsentNeeded || got.DiscountLimit != test.want.DiscountLimit || got.IdleSeconds != test.want.IdleSeconds {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			must(t, "", "staff", "role", demo.Username, "--role", "event_listener", "--role", "discounter", "--database", database)
			staff.ask(t, "GET", "/api/desk", "", &got)
			if want := map[bool]int{true: 500, false: 2000}[test.name == "discount"]; got.DiscountLimit != want {
				t.Errorf("a mere discounter: got %d, want %d", got.DiscountLimit, want)
			}
		})
	}
}

// old makes things that are three hours old: a cart that nobody saw, one that somebody
// did, the activities that made them, and an audit entry; and an activity of now.
func old(t *testing.T, database string) {
	t.Helper()
	s := ok[store](t)(openStore(t.Context(), database))
	then := time.Now().Add(-3 * time.Hour).UTC().Truncate(time.Microsecond)
	for id, at := range map[string]time.Time{"unseen": then, "seen": then, "new": time.Now()} {
		which := cart.Which{Shopper: "shopper of " + id, New: &cart.Record{Shopper: "shopper of " + id, Cart: shared.Cart{ID: id, Status: shared.CartOpen, Seen: id != "unseen", UpdatedAt: at}}}
		_, err := s.Change(t.Context(), which, func(r *cart.Record) (*cart.Outcome, error) {
			r.Version++
			return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, Kind: shared.LineAdded, At: at}, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// The newest activity of the log always stays.
	_, err := s.Change(t.Context(), cart.Which{ID: "new"}, func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, Kind: shared.LineAdded, At: time.Now()}, nil)
	})
	if err := errors.Join(err, s.AppendAudit(t.Context(), shared.AuditEntry{At: then, Staff: "zoe", Outcome: shared.AuditDone}), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// left lists what of the old things is there.
func left(t *testing.T, database string) (names []string) {
	t.Helper()
	s := ok[store](t)(openStore(t.Context(), database))
	for _, id := range []string{"unseen", "seen"} {
		_, err := s.Cart(t.Context(), id)
		if err == nil {
			names = append(names, id)
		} else if !errors.Is(err, cart.ErrNotFound) {
			t.Error(err)
		}
	}
	for _, a := range ok[[]shared.Activity](t)(s.History(t.Context(), "seen", 0, 10)) {
		if a.Kind == shared.LineAdded {
			names = append(names, "log")
		}
	}
	if len(ok[[]shared.AuditEntry](t)(s.Audit(t.Context(), 0, 10))) > 0 {
		names = append(names, "audit")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return names
}

// Each flag of retention reaches what it is about, and nothing else.
func TestKeepFlagsReachTheSweep(t *testing.T) {
	for _, test := range []struct {
		args, logged string
		want         string
	}{
		{"--keep-unseen 4h", "", "unseen seen log audit"},
		{"--keep-unseen 2h", "carts=1", "seen log audit"},
		{"--keep-unseen 4h --keep-carts 2h", "carts=1", "unseen log audit"},
		{"--keep-unseen 4h --keep-log 2h", "what=activities", "unseen seen audit"},
		{"--keep-unseen 4h --keep-audit 2h", `what="audit entries"`, "unseen seen log"},
	} {
		t.Run(test.args, func(t *testing.T) {
			database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
			old(t, database)
			s := start(t, append([]string{"--database", database}, strings.Fields(test.args)...)...)
			if test.logged != "" {
				s.waitLog(t, test.logged)
			}
			s.end(t)
			if got := left(t, database); !slices.Equal(got, strings.Fields(test.want)) {
				t.Errorf("left are %q, want %q", got, test.want)
			}
		})
	}
}

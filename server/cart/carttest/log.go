package carttest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"cartline/server/cart"
)

func contains(t *testing.T, s Store, what string, position cart.Position, want bool) {
	t.Helper()
	if got, err := s.Contains(t.Context(), position); err != nil || got != want {
		t.Errorf("contains %s, %+v: got %v, %v; want %v", what, position, got, err, want)
	}
}

// wholeLog looks up positions of a log from which nothing was forgotten.
func wholeLog(t *testing.T, s Store) {
	beginning, err := s.Head(t.Context())
	if err != nil || beginning != (cart.Position{Epoch: beginning.Epoch}) {
		t.Fatalf("the head of an empty log: got %+v, %v; want the beginning", beginning, err)
	}
	contains(t, s, "the beginning, while empty", beginning, true)
	r := first(t, s, "alice")
	for range 2 {
		change(t, s, cart.Which{ID: r.ID}, raise(mug.SKU))
	}
	all := readLog(t, s, beginning, 3)
	contains(t, s, "the beginning", beginning, true)
	for _, entry := range all {
		contains(t, s, "an activity", entry.Position, true)
		if entry.Position.Mark != cart.MarkOf(entry.At) {
			t.Errorf("the mark of %+v isn't of %v", entry.Position, entry.At)
		}
		for what, change := range map[string]func(*cart.Position){
			"of another epoch":      func(p *cart.Position) { p.Epoch = "another" },
			"of none":               func(p *cart.Position) { p.Epoch = "" },
			"another there":         func(p *cart.Position) { p.Mark++ },
			"of a transaction more": func(p *cart.Position) { p.Tx++ },
			"far ahead":             func(p *cart.Position) { p.Seq += 1000 },
		} {
			other := entry.Position
			change(&other)
			contains(t, s, what, other, false)
		}
	}
	for what, position := range map[string]cart.Position{
		"of another epoch": {Epoch: "another", Tx: all[0].Position.Tx, Seq: all[0].Position.Seq}, "the beginning of another epoch": {Epoch: "another"},
	} {
		if got, err := s.After(t.Context(), position, cart.Scope{}, 10); !errors.Is(err, cart.ErrGone) || got != nil {
			t.Errorf("after one %s: got %v, %v; want ErrGone", what, got, err)
		}
		if _, err := s.Behind(t.Context(), position); !errors.Is(err, cart.ErrGone) {
			t.Errorf("behind one %s: got %v; want ErrGone", what, err)
		}
	}
}

// trimmedLog looks up positions before, at, and after the furthest that was forgotten.
func trimmedLog(t *testing.T, s Store) {
	ctx := t.Context()
	beginning, err := s.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := first(t, s, "alice")
	for range 4 {
		change(t, s, cart.Which{ID: r.ID}, raise(mug.SKU))
	}
	all := readLog(t, s, cart.Position{}, 5)
	for range 2 { // the second time finds nothing, and notes nothing
		if _, err := s.Trim(ctx, all[2].At); err != nil {
			t.Fatal(err)
		}
		contains(t, s, "the beginning", beginning, false)
		for i, want := range []bool{false, true, true, true, true} {
			contains(t, s, fmt.Sprint("the activity ", i), all[i].Position, want)
			entries, err := s.After(ctx, all[i].Position, cart.Scope{}, 10)
			if want && (err != nil || len(entries) != 4-i) || !want && !errors.Is(err, cart.ErrGone) {
				t.Errorf("after the activity %d: got %d, %v", i, len(entries), err)
			}
		}
	}
	other := all[1].Position
	other.Mark++
	contains(t, s, "another in the place of the furthest that is gone", other, false)
	if _, err := s.After(ctx, beginning, cart.Scope{}, 10); !errors.Is(err, cart.ErrGone) {
		t.Errorf("after the beginning: got %v, want ErrGone", err)
	}
	if head, err := s.Head(ctx); err != nil || head != all[4].Position {
		t.Errorf("the head: got %+v, %v; want %+v", head, err, all[4].Position)
	}
}

// scopes reads the log of one cart, and of one shopper.
func scopes(t *testing.T, s Store) {
	first(t, s, "alice")
	bob := first(t, s, "bob")
	change(t, s, own("alice"), raise(mug.SKU))
	change(t, s, cart.Which{ID: bob.ID}, raise(mug.SKU))
	// Bob's cart becomes Carol's: what was before remains Bob's.
	change(t, s, cart.Which{ID: bob.ID}, func(r *cart.Record) (*cart.Outcome, error) {
		r.Shopper = "carol"
		return raise(mug.SKU)(r)
	})
	change(t, s, own("alice"), raise(mug.SKU))
	all := readLog(t, s, cart.Position{}, 6)
	for _, test := range []struct {
		name  string
		after cart.Position
		scope cart.Scope
		limit int
		want  []int
	}{
		{"everything", cart.Position{}, cart.Scope{}, 10, []int{0, 1, 2, 3, 4, 5}},
		{"a cart", cart.Position{}, cart.Scope{CartID: bob.ID}, 10, []int{1, 3, 4}},
		{"a cart, later", all[1].Position, cart.Scope{CartID: bob.ID}, 10, []int{3, 4}},
		{"a cart, after another's", all[2].Position, cart.Scope{CartID: bob.ID}, 1, []int{3}},
		{"a shopper", cart.Position{}, cart.Scope{Shopper: "alice"}, 2, []int{0, 2}},
		{"a shopper, later", all[2].Position, cart.Scope{Shopper: "alice"}, 10, []int{5}},
		{"a shopper who gave a cart away", all[0].Position, cart.Scope{Shopper: "bob"}, 10, []int{1, 3}},
		{"a shopper who was given one", all[0].Position, cart.Scope{Shopper: "carol"}, 10, []int{4}},
		{"a cart while it was a shopper's", cart.Position{}, cart.Scope{CartID: bob.ID, Shopper: "carol"}, 10, []int{4}},
		{"a cart that never was a shopper's", cart.Position{}, cart.Scope{CartID: bob.ID, Shopper: "alice"}, 10, nil},
		{"at the end", all[5].Position, cart.Scope{Shopper: "alice"}, 10, nil},
		{"nobody", cart.Position{}, cart.Scope{Shopper: "nobody"}, 10, nil},
		{"everything, bare", all[1].Position, cart.Scope{Bare: true}, 2, []int{2, 3}},
		{"a cart, bare", all[1].Position, cart.Scope{CartID: bob.ID, Bare: true}, 10, []int{3, 4}},
		{"a shopper, bare", all[2].Position, cart.Scope{Shopper: "alice", Bare: true}, 10, []int{5}},
	} {
		entries, err := s.After(t.Context(), test.after, test.scope, test.limit)
		var got []int
		for _, entry := range entries {
			for i := range all {
				if entry.Position == all[i].Position {
					got = append(got, i)
				}
			}
			if bare := len(entry.State) == 0; bare != test.scope.Bare || len(entry.Activity) == 0 {
				t.Errorf("%s: got %d bytes of state and %d of activity", test.name, len(entry.State), len(entry.Activity))
			}
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: got %v, %v; want %v", test.name, got, err, test.want)
		}
	}
}

// behind tells how old the oldest activity is that a reader hasn't read.
func behind(t *testing.T, s Store) {
	ctx := t.Context()
	head, err := s.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := s.Behind(ctx, head); err != nil || !at.IsZero() {
		t.Errorf("of an empty log: got %v, %v; want the zero time", at, err)
	}
	first(t, s, "alice")
	change(t, s, own("alice"), raise(mug.SKU))
	all := readLog(t, s, head, 2)
	for i, test := range []struct {
		position cart.Position
		want     time.Time
	}{{head, all[0].At}, {all[0].Position, all[1].At}, {all[1].Position, time.Time{}}} {
		if at, err := s.Behind(ctx, test.position); err != nil || !at.Equal(test.want) || at.Location() != time.UTC {
			t.Errorf("after %d activities: got %v, %v; want %v", i, at, err, test.want)
		}
	}
}

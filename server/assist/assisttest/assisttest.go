// Package assisttest holds a store to the contract of assist.Store, together with
// cart.Store, in whose transactions presence and audit are written. It is for tests:
// each adapter calls Run with a way to open an empty store.
package assisttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// Store is what is held to the contract.
type Store interface {
	assist.Store
	cart.Store
}

// Run runs the suite. Open returns an empty store, which it also closes when the test
// ends.
func Run(t *testing.T, open func(t *testing.T) Store) {
	tests := []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"the audit is kept in order and read in parts", auditParts},
		{"the audit is read backwards", auditBackwards},
		{"the audit is trimmed", auditTrim},
		{"an entry is kept with its change or not at all", auditWithChange},
		{"presence follows the attendants", presence},
		{"a lapse is an absence or an idleness", lapses},
		{"presence goes with the cart", presenceGoes},
		{"an ended context ends the call", cancelled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// entry is one in which nothing is left out.
func entry(action string) shared.AuditEntry {
	return shared.AuditEntry{
		At: now(), Staff: "zoë", Action: action, CartID: "id", Cart: "amber-fox-42", Consent: shared.ConsentCode, Customer: "account",
		Outcome: shared.AuditDone, Before: "1 × MUG-1", After: "2 × “MUG-1” <&>",
	}
}

func appendAll(t *testing.T, s Store, entries ...shared.AuditEntry) {
	t.Helper()
	for _, e := range entries {
		if err := s.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func audit(t *testing.T, s Store, after int64, limit int) []shared.AuditEntry {
	t.Helper()
	entries, err := s.Audit(t.Context(), after, limit)
	if err != nil || entries == nil {
		t.Fatalf("got %v, %v; want entries", entries, err)
	}
	return entries
}

// auditBackwards reads the audit backwards, in parts of two.
func auditBackwards(t *testing.T, s Store) {
	var want []int64
	for i := range 5 {
		appendAll(t, s, entry(fmt.Sprint("deed-", i)))
	}
	for _, e := range audit(t, s, 0, 10) {
		want = append([]int64{e.ID}, want...)
	}
	var got []int64
	for before := int64(0); ; before = got[len(got)-1] {
		part, err := s.AuditBefore(t.Context(), before, 2)
		if err != nil || part == nil {
			t.Fatalf("got %v, %v; want entries", part, err)
		}
		if len(part) == 0 {
			break
		}
		for _, e := range part {
			got = append(got, e.ID)
		}
	}
	if !slices.Equal(got, want) || len(want) != 5 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func auditParts(t *testing.T, s Store) {
	if got := audit(t, s, 0, 10); len(got) != 0 {
		t.Errorf("an empty audit has %+v", got)
	}
	var want []shared.AuditEntry
	for i := range 5 {
		want = append(want, entry(fmt.Sprint("deed-", i)))
	}
	want[3] = shared.AuditEntry{At: want[3].At} // all that can be is empty
	appendAll(t, s, want...)
	var got []shared.AuditEntry
	for after := int64(0); ; {
		part := audit(t, s, after, 2)
		if len(part) == 0 {
			break
		}
		got = append(got, part...)
		after = part[len(part)-1].ID
	}
	if len(got) != len(want) {
		t.Fatalf("got %d entries, want %d", len(got), len(want))
	}
	var last int64
	for i, e := range got {
		if e.ID <= last {
			t.Errorf("ID %d comes after %d", e.ID, last)
		}
		last, e.ID = e.ID, 0
		if e != want[i] {
			t.Errorf("got %+v, want %+v", e, want[i])
		}
	}
}

func auditTrim(t *testing.T, s Store) {
	old, young := entry("old"), entry("young")
	old.At = old.At.Add(-time.Hour)
	appendAll(t, s, old, young, old)
	for _, want := range []int64{2, 0} {
		if got, err := s.TrimAudit(t.Context(), young.At); err != nil || got != want {
			t.Errorf("got %d, %v; want %d", got, err, want)
		}
	}
	left := audit(t, s, 0, 10)
	if len(left) != 1 || left[0].Action != "young" {
		t.Errorf("got %+v", left)
	}
	appendAll(t, s, young)
	if again := audit(t, s, left[0].ID, 10); len(again) != 1 || again[0].ID <= 3 {
		t.Errorf("an ID was used again: %+v", again)
	}
}

// attend makes those who are named the attendants of a shopper's cart, and expects
// no problem.
func attend(t *testing.T, s Store, shopper string, names ...string) cart.Record {
	t.Helper()
	r, err := s.Change(t.Context(), own(shopper), attended(nil, names...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func own(shopper string) cart.Which {
	at := now()
	return cart.Which{Shopper: shopper, New: &cart.Record{Shopper: shopper, Cart: shared.Cart{
		ID: cart.NewID(), Name: cart.NewName(), Status: shared.CartOpen, CreatedAt: at, UpdatedAt: at,
	}}}
}

func attended(note *shared.AuditEntry, names ...string) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		r.Attendants = nil
		for _, name := range names {
			r.Attendants = append(r.Attendants, shared.Attendant{Staff: name, Since: now(), Consent: shared.ConsentCode})
		}
		activity := &shared.Activity{CartID: r.ID, CartVersion: r.Version, Kind: shared.Attached, At: now()}
		return &cart.Outcome{Activity: activity, Audit: note}, nil
	}
}

func auditWithChange(t *testing.T, s Store) {
	ctx := t.Context()
	done := entry("done")
	if _, err := s.Change(ctx, own("alice"), attended(&done, "zoe")); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	_, err := s.Change(ctx, own("alice"), func(r *cart.Record) (*cart.Outcome, error) {
		outcome, _ := attended(&done, "ann")(r)
		return outcome, no
	})
	if !errors.Is(err, no) {
		t.Errorf("got %v, want the rule's own error", err)
	}
	// A cart with a code that another has can't be written, and then nothing is.
	withCode := func(audit *shared.AuditEntry, staff string) cart.Rule {
		return func(r *cart.Record) (*cart.Outcome, error) {
			outcome, err := attended(audit, staff)(r)
			r.Code, r.CodeUntil = "code", now().Add(time.Hour)
			return outcome, err
		}
	}
	if _, err := s.Change(ctx, own("bob"), withCode(nil, "eve")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Change(ctx, own("alice"), withCode(&done, "ann")); !errors.Is(err, cart.ErrTaken) {
		t.Errorf("got %v, want %v", err, cart.ErrTaken)
	}
	got := audit(t, s, 0, 10)
	r, err := s.CartOf(ctx, "alice")
	if err != nil || len(got) != 1 || got[0].Action != "done" || r.Attendants[0].Staff != "zoe" {
		t.Errorf("got %+v, %+v, %v", got, r.Attendants, err)
	}
	if lapsed := lapsed(t, s, now().Add(time.Hour), time.Time{}); !slices.Equal(lapsed, []string{"eve", "zoe"}) {
		t.Errorf("%v are present", lapsed)
	}
}

// lapsed lists who has lapsed, and of those that are idle says so.
func lapsed(t *testing.T, s Store, alive, acted time.Time) []string {
	t.Helper()
	found, err := s.Lapsed(t.Context(), alive, acted)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, l := range found {
		name := l.Staff
		if l.Idle {
			name += " idle"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func presence(t *testing.T, s Store) {
	late := now().Add(time.Hour)
	check := func(what string, want ...string) {
		t.Helper()
		if got := lapsed(t, s, late, time.Time{}); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	r := attend(t, s, "alice", "zoe", "ann")
	attend(t, s, "bob", "zoe")
	check("three came", "ann", "zoe", "zoe")
	attend(t, s, "alice", "ann")
	check("one left", "ann", "zoe")
	if err := s.KeepAlive(t.Context(), []assist.Presence{{CartID: r.ID, Staff: "ann"}}, late); err != nil {
		t.Fatal(err)
	}
	attend(t, s, "alice", "ann")
	check("who stays is as alive as before", "zoe")
	attend(t, s, "alice")
	attend(t, s, "alice", "ann")
	check("who comes back begins anew", "ann", "zoe")
	attend(t, s, "alice")
	attend(t, s, "bob")
	check("all left")
}

func lapses(t *testing.T, s Store) {
	ctx := t.Context()
	at := now().Add(time.Hour)
	ids := map[string]string{}
	for _, name := range []string{"both", "alive", "acted", "neither"} {
		ids[name] = attend(t, s, name, name).ID
	}
	present := func(names ...string) (all []assist.Presence) {
		for _, name := range names {
			all = append(all, assist.Presence{CartID: ids[name], Staff: name})
		}
		return all
	}
	stranger := []assist.Presence{{CartID: ids["neither"], Staff: "both"}, {CartID: "none", Staff: "neither"}}
	if err := s.KeepAlive(ctx, append(stranger, present("both", "alive")...), at); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepAlive(ctx, nil, at); err != nil {
		t.Errorf("nobody: %v", err)
	}
	for _, p := range append(stranger, present("both", "acted")...) {
		if err := s.Acted(ctx, p, at); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name         string
		alive, acted time.Time
		want         []string
	}{
		{"at that time", at, at, []string{"acted", "alive idle", "neither"}},
		{"just after", at.Add(time.Microsecond), at, []string{"acted", "alive", "both", "neither"}},
		{"absence only", at, time.Time{}, []string{"acted", "neither"}},
		{"idleness only", time.Time{}, at, []string{"alive idle", "neither idle"}},
		{"neither", time.Time{}, time.Time{}, []string{}},
	}
	for _, test := range tests {
		if got := lapsed(t, s, test.alive, test.acted); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// An expired cart takes its presences with it, and merged ones move.
func presenceGoes(t *testing.T, s Store) {
	ctx := t.Context()
	late := now().Add(time.Hour)
	gone := attend(t, s, "alice", "ann")
	_, err := s.Change(ctx, cart.Which{ID: gone.ID}, func(r *cart.Record) (*cart.Outcome, error) {
		r.Status = shared.CartExpired
		return attended(nil, "ann")(r) // as it was
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := lapsed(t, s, late, late); len(got) != 0 {
		t.Errorf("after it expired: got %v", got)
	}
	from, into := attend(t, s, "from", "zoe"), attend(t, s, "into")
	err = s.ChangeBoth(ctx, from.ID, into.ID, func(from, into *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
		one, err1 := attended(nil)(from)
		other, err2 := attended(nil, "zoe")(into)
		return one, other, errors.Join(err1, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Lapsed(ctx, late, late)
	if want := (assist.Presence{CartID: into.ID, Staff: "zoe"}); err != nil || len(found) != 1 || found[0].Presence != want {
		t.Errorf("after a merge: got %+v, %v; want %+v", found, err, want)
	}
}

func cancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err1 := s.Audit(ctx, 0, 1)
	_, err2 := s.Lapsed(ctx, now(), now())
	for what, err := range map[string]error{
		"AppendAudit": s.AppendAudit(ctx, entry("x")), "Audit": err1, "Lapsed": err2,
		"KeepAlive": s.KeepAlive(ctx, []assist.Presence{{CartID: "id", Staff: "zoe"}}, now()),
		"Acted":     s.Acted(ctx, assist.Presence{}, now()),
	} {
		if err == nil {
			t.Errorf("%s went on", what)
		}
	}
}

package identitytest

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/identity"
)

func guest(hash string, lifetime time.Duration) identity.Shopper {
	return identity.Shopper{Hash: []byte(hash), ID: "guest " + hash, CreatedAt: at, ExpiresAt: at.Add(lifetime)}
}

func customer(id, email, passwordHash string) identity.Customer {
	return identity.Customer{ID: id, Name: "Name of " + id, Email: email, PasswordHash: passwordHash, Shopper: "shopper " + id, CreatedAt: at}
}

func sessionOf(id, hash string) identity.Shopper {
	return identity.Shopper{Hash: []byte(hash), ID: "shopper " + id, Customer: id, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
}

// shopperThere tells whether there is a session, and that it is the one wanted.
func shopperThere(t *testing.T, s identity.Store, want identity.Shopper) bool {
	t.Helper()
	got, err := s.Shopper(t.Context(), want.Hash)
	if errors.Is(err, identity.ErrNotFound) {
		return false
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	return true
}

func shoppers(t *testing.T, s identity.Store) {
	ctx := t.Context()
	one, two, other := guest("one", time.Hour), guest("two", time.Hour), guest("other", time.Hour)
	must(t, s.AddShopper(ctx, one, nil))
	must(t, s.AddShopper(ctx, other, nil))
	if !shopperThere(t, s, one) || shopperThere(t, s, two) {
		t.Error("the session that began is not the one that is there")
	}
	must(t, s.AddShopper(ctx, two, one.Hash))
	if shopperThere(t, s, one) || !shopperThere(t, s, two) {
		t.Error("the replaced session is still there, or the new one isn't")
	}
	must(t, s.EndShopper(ctx, two.Hash))
	must(t, s.EndShopper(ctx, two.Hash)) // no error
	must(t, s.EndShopper(ctx, nil))
	if shopperThere(t, s, two) || !shopperThere(t, s, other) {
		t.Error("the ended session is still there, or another one isn't")
	}
}

func customers(t *testing.T, s identity.Store) {
	ctx := t.Context()
	ann := customer("ann", "Ann@Example.com", "hash")
	noted := customer("noted", "ANN@example.com", "")
	later := customer("later", "ann@example.com", "")
	nobody := customer("nobody", "", "")
	noted.CreatedAt, later.CreatedAt, nobody.CreatedAt = at.Add(time.Minute), at.Add(2*time.Minute), at.Add(3*time.Minute)
	for _, c := range []identity.Customer{later, nobody, ann, noted} {
		must(t, s.AddCustomer(ctx, c))
	}
	got, err := s.Customer(ctx, "ann")
	if err != nil || got != ann {
		t.Errorf("by ID: got %+v, %v; want %+v", got, err, ann)
	}
	got, err = s.CustomerByEmail(ctx, "ann@example.com")
	if err != nil || got != ann {
		t.Errorf("by address: got %+v, %v; want %+v", got, err, ann)
	}
	for name, list := range map[string]struct {
		got  func() ([]identity.Customer, error)
		want []identity.Customer
	}{
		"by address":     {func() ([]identity.Customer, error) { return s.CustomersByEmail(ctx, "ann@example.com") }, []identity.Customer{ann, later, noted}},
		"part of it":     {func() ([]identity.Customer, error) { return s.CustomersByEmail(ctx, "ann@example") }, nil},
		"a pattern":      {func() ([]identity.Customer, error) { return s.CustomersByEmail(ctx, "%@example.com") }, nil},
		"as it is typed": {func() ([]identity.Customer, error) { return s.CustomersByEmail(ctx, "Ann@Example.com") }, nil},
		"all":            {func() ([]identity.Customer, error) { return s.AllCustomers(ctx) }, []identity.Customer{ann, noted, later, nobody}},
	} {
		if got, err := list.got(); err != nil || !slices.Equal(got, list.want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, list.want)
		}
	}
	must(t, s.RehashCustomer(ctx, "ann", "hash", "newer"))
	must(t, s.RehashCustomer(ctx, "ann", "hash", "late")) // no longer the old one
	if got, _ := s.Customer(ctx, "ann"); got.PasswordHash != "newer" {
		t.Errorf("rehash: got %q", got.PasswordHash)
	}
	must(t, s.EraseCustomer(ctx, "noted"))
	for name, err := range map[string]error{
		"Customer":        func() error { _, err := s.Customer(ctx, "noted"); return err }(),
		"CustomerByEmail": func() error { _, err := s.CustomerByEmail(ctx, ""); return err }(),
		"EraseCustomer":   s.EraseCustomer(ctx, "noted"),
		"AddShopper":      s.AddShopper(ctx, sessionOf("noted", "h"), nil),
	} {
		if !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("%s of nobody: got %v, want ErrNotFound", name, err)
		}
	}
}

// rivals sign up with one address, in one case or another, one after the other and
// at the same time: one of them gets it, until they are erased.
func rivals(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddCustomer(ctx, customer("first", "ann@example.com", "x")))
	if err := s.AddCustomer(ctx, customer("second", "ANN@example.com", "y")); !errors.Is(err, identity.ErrExists) {
		t.Errorf("a second one: got %v, want ErrExists", err)
	}
	must(t, s.AddCustomer(ctx, customer("noted", "ann@example.com", "")))
	if got, err := s.CustomerByEmail(ctx, "ann@example.com"); err != nil || got.ID != "first" {
		t.Errorf("got %+v, %v; want the first", got, err)
	}
	must(t, s.EraseCustomer(ctx, "first"))

	var won atomic.Int32
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		wg.Go(func() {
			switch err := s.AddCustomer(ctx, customer(name, "ann@example.com", "x")); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, identity.ErrExists):
				t.Errorf("got %v, want ErrExists", err)
			}
		})
	}
	wg.Wait()
	if got := won.Load(); got != 1 {
		t.Errorf("%d got the address, want one", got)
	}
	if all, err := s.CustomersByEmail(ctx, "ann@example.com"); err != nil || len(all) != 2 || all[1].ID != "noted" {
		t.Errorf("got %+v, %v; want the one and who was noted", all, err)
	}
}

func customerSessions(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddCustomer(ctx, customer("ann", "ann@example.com", "x")))
	before, phone, desk := guest("before", time.Hour), sessionOf("ann", "phone"), sessionOf("ann", "desk")
	desk.CreatedAt = at.Add(-time.Minute)
	must(t, s.AddShopper(ctx, before, nil))
	must(t, s.AddShopper(ctx, phone, before.Hash))
	must(t, s.AddShopper(ctx, desk, nil))
	if shopperThere(t, s, before) || !shopperThere(t, s, phone) || !shopperThere(t, s, desk) {
		t.Error("not the customer's two sessions are there, and no guest's")
	}
	got, err := s.ShoppersOf(ctx, "ann")
	if want := []identity.Shopper{desk, phone}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, nobody := range []string{"", "bob"} {
		if got, err := s.ShoppersOf(ctx, nobody); err != nil || len(got) != 0 {
			t.Errorf("of %q: got %+v, %v; want none", nobody, got, err)
		}
	}
	// A session that can't begin ends none.
	if err := s.AddShopper(ctx, sessionOf("bob", "new"), phone.Hash); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("of nobody: got %v, want ErrNotFound", err)
	}
	if !shopperThere(t, s, phone) {
		t.Error("a session that could not begin ended another")
	}
}

func erase(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddCustomer(ctx, customer("ann", "ann@example.com", "x")))
	must(t, s.AddCustomer(ctx, customer("bob", "bob@example.com", "x")))
	visitor := guest("guest", time.Hour)
	for _, session := range []identity.Shopper{visitor, sessionOf("ann", "one"), sessionOf("ann", "two"), sessionOf("bob", "three")} {
		must(t, s.AddShopper(ctx, session, nil))
	}
	must(t, s.EraseCustomer(ctx, "ann"))
	if shopperThere(t, s, sessionOf("ann", "one")) || shopperThere(t, s, sessionOf("ann", "two")) {
		t.Error("a session of who was erased is still there")
	}
	if !shopperThere(t, s, visitor) || !shopperThere(t, s, sessionOf("bob", "three")) {
		t.Error("someone else's session is gone")
	}
	if left, err := s.AllCustomers(ctx); err != nil || len(left) != 1 || left[0].ID != "bob" {
		t.Errorf("got %+v, %v; want bob", left, err)
	}
}

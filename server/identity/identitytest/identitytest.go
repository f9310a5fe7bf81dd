// Package identitytest holds a store to the contract of identity.Store. It is for
// tests: each adapter calls Run with a way to open an empty store.
package identitytest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"cartline/server/identity"
)

// Run runs the suite. Open returns an empty store, which it also closes when the
// test ends.
func Run(t *testing.T, open func(t *testing.T) identity.Store) {
	runAll(t, open, []contract{
		{"accounts are added, listed, changed and removed", accounts},
		{"sessions begin, follow the account's roles, and end", sessions},
		{"an address is one account's to sign in with", rivals},
		{"expired sessions are swept", sweep},
		{"a second factor is set, spent and removed", secondFactor},
		{"of several who spend one code, one succeeds", spendTogether},
	})
	RunShoppers(t, open)
}

// RunShoppers runs the part of the suite that shoppers' sessions have to do with, for a
// store that keeps these elsewhere than the rest, where they forget themselves once they
// have expired.
func RunShoppers(t *testing.T, open func(t *testing.T) identity.Store) {
	runAll(t, open, []contract{
		{"each loss of a right raises the revision", revision},
		{"shoppers' sessions begin, replace others, and end", shoppers},
		{"customers are added, found and renewed", customers},
		{"customers' sessions begin and end with their account", customerSessions},
		{"erasing a customer takes their sessions and nobody else's", erase},
	})
}

type contract struct {
	name string
	run  func(*testing.T, identity.Store)
}

func runAll(t *testing.T, open func(t *testing.T) identity.Store, contracts []contract) {
	for _, test := range contracts {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// at is when sessions begin: now, as some stores forget by themselves what has expired.
var at = time.Now().UTC().Truncate(time.Microsecond)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func account(name string, roles ...string) identity.Account {
	return identity.Account{Username: name, PasswordHash: "hash of " + name, Roles: roles, CreatedAt: at}
}

func session(name, hash string) identity.Session {
	return identity.Session{Hash: []byte(hash), Username: name, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
}

func accounts(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddStaff(ctx, account("zoe", "admin", "event_listener")))
	must(t, s.AddStaff(ctx, account("Adam")))
	if err := s.AddStaff(ctx, account("zoe")); !errors.Is(err, identity.ErrExists) {
		t.Errorf("adding twice: got %v, want ErrExists", err)
	}
	if err := s.AddStaff(ctx, account("ZOE")); !errors.Is(err, identity.ErrExists) {
		t.Errorf("adding in another case: got %v, want ErrExists", err)
	}
	got, err := s.Staff(ctx, "zoe")
	want := account("zoe", "admin", "event_listener")
	if err != nil || got.Username != want.Username || got.PasswordHash != want.PasswordHash ||
		!got.CreatedAt.Equal(want.CreatedAt) || !slices.Equal(got.Roles, want.Roles) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	all, err := s.AllStaff(ctx)
	if err != nil || len(all) != 2 || all[0].Username != "Adam" || all[1].Username != "zoe" || len(all[0].Roles) != 0 {
		t.Errorf("all: got %+v, %v", all, err)
	}
	must(t, s.SetRoles(ctx, "zoe", []string{"cart_editor"}))
	if got, _ := s.Staff(ctx, "zoe"); !slices.Equal(got.Roles, []string{"cart_editor"}) {
		t.Errorf("roles: got %v", got.Roles)
	}
	must(t, s.Rehash(ctx, "zoe", "hash of zoe", "newer"))
	must(t, s.Rehash(ctx, "zoe", "hash of zoe", "late")) // no longer the old one
	if got, _ := s.Staff(ctx, "zoe"); got.PasswordHash != "newer" {
		t.Errorf("rehash: got %q", got.PasswordHash)
	}
	must(t, s.RemoveStaff(ctx, "Adam"))
	for name, err := range map[string]error{
		"Staff":       func() error { _, err := s.Staff(ctx, "Adam"); return err }(),
		"RemoveStaff": s.RemoveStaff(ctx, "Adam"),
		"SetRoles":    s.SetRoles(ctx, "Adam", nil),
		"SetPassword": s.SetPassword(ctx, "Adam", "x", nil),
		"AddSession":  s.AddSession(ctx, session("Adam", "h"), nil),
	} {
		if !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("%s of nobody: got %v, want ErrNotFound", name, err)
		}
	}
}

func sessions(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddStaff(ctx, account("zoe", "event_listener")))
	must(t, s.AddSession(ctx, session("zoe", "one"), nil))
	got, err := s.Session(ctx, []byte("one"))
	want := session("zoe", "one")
	if err != nil || got.Username != "zoe" || !got.CreatedAt.Equal(want.CreatedAt) || !got.ExpiresAt.Equal(want.ExpiresAt) ||
		string(got.Hash) != "one" || !slices.Equal(got.Roles, []string{"event_listener"}) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	must(t, s.SetRoles(ctx, "zoe", nil))
	if got, err := s.Session(ctx, []byte("one")); err != nil || len(got.Roles) != 0 {
		t.Errorf("after losing all roles: got %v, %v", got.Roles, err)
	}
	there := func(hash string) bool {
		t.Helper()
		_, err := s.Session(ctx, []byte(hash))
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	must(t, s.AddSession(ctx, session("zoe", "two"), []byte("one")))
	if there("one") || !there("two") {
		t.Error("the replaced session is still there, or the new one isn't")
	}
	must(t, s.EndSession(ctx, []byte("two")))
	must(t, s.EndSession(ctx, []byte("two"))) // no error
	if there("two") {
		t.Error("the ended session is still there")
	}
	must(t, s.AddSession(ctx, session("zoe", "three"), nil))
	must(t, s.AddSession(ctx, session("zoe", "four"), nil))
	must(t, s.SetPassword(ctx, "zoe", "new", []byte("four")))
	if there("three") || !there("four") {
		t.Error("a new password ends all sessions but the one named")
	}
	must(t, s.SetPassword(ctx, "zoe", "newer", nil))
	if there("four") {
		t.Error("a new password ends all sessions if none is named")
	}
	must(t, s.AddSession(ctx, session("zoe", "five"), nil))
	must(t, s.RemoveStaff(ctx, "zoe"))
	if there("five") {
		t.Error("a removed account's session is still there")
	}
}

func revision(t *testing.T, s identity.Store) {
	ctx := t.Context()
	last, err := s.Revision(ctx)
	must(t, err)
	steps := []struct {
		name  string
		do    func() error
		rises bool
	}{
		{"add", func() error { return s.AddStaff(ctx, account("zoe", "admin")) }, true},
		{"sign in", func() error { return s.AddSession(ctx, session("zoe", "one"), nil) }, false},
		{"sign in anew", func() error { return s.AddSession(ctx, session("zoe", "two"), []byte("one")) }, true},
		{"roles", func() error { return s.SetRoles(ctx, "zoe", nil) }, true},
		{"rehash", func() error { return s.Rehash(ctx, "zoe", "hash of zoe", "x") }, false},
		{"end", func() error { return s.EndSession(ctx, []byte("two")) }, true},
		{"end again", func() error { return s.EndSession(ctx, []byte("two")) }, false},
		{"password", func() error { return s.SetPassword(ctx, "zoe", "y", nil) }, true},
		{"remove", func() error { return s.RemoveStaff(ctx, "zoe") }, true},
		{"sign up", func() error { return s.AddCustomer(ctx, customer("dora", "d@example.com", "x")) }, false},
		{"sign in as a customer", func() error { return s.AddShopper(ctx, sessionOf("dora", "three"), nil) }, false},
		{"end a shopper", func() error { return s.EndShopper(ctx, []byte("three")) }, false},
		{"erase a customer", func() error { return s.EraseCustomer(ctx, "dora") }, true},
	}
	for _, step := range steps {
		must(t, step.do())
		now, err := s.Revision(ctx)
		must(t, err)
		if (now > last) != step.rises {
			t.Errorf("%s: revision went from %d to %d, want rise: %v", step.name, last, now, step.rises)
		}
		last = now
	}
}

func sweep(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddStaff(ctx, account("zoe")))
	must(t, s.AddSession(ctx, session("zoe", "staff"), nil))
	must(t, s.AddShopper(ctx, guest("early", time.Minute), nil))
	must(t, s.AddShopper(ctx, guest("late", 3*time.Hour), nil))
	if n, err := s.Sweep(ctx, at.Add(2*time.Hour)); err != nil || n != 2 {
		t.Errorf("got %d, %v; want 2", n, err)
	}
	if _, err := s.Session(ctx, []byte("staff")); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("the expired staff session: got %v, want ErrNotFound", err)
	}
	if _, err := s.Shopper(ctx, []byte("late")); err != nil {
		t.Errorf("the living shopper: %v", err)
	}
}

package identitytest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"cartline/server/identity"
)

func secondFactor(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddStaff(ctx, account("zoe", "admin")))
	must(t, s.AddStaff(ctx, account("adam")))
	must(t, s.AddSession(ctx, session("zoe", "before"), nil))
	must(t, s.AddSession(ctx, session("adam", "his"), nil))
	secret := func(name, want string) {
		t.Helper()
		if got, err := s.Staff(ctx, name); err != nil || got.Secret != want {
			t.Errorf("%s: got the secret %q, %v; want %q", name, got.Secret, err, want)
		}
	}
	spent := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, identity.ErrSpent) {
			t.Errorf("%s: got %v, want ErrSpent", what, err)
		}
	}
	secret("zoe", "")
	spent("a step of who has none", s.SpendStep(ctx, "zoe", 1))
	spent("a recovery code of who has none", s.SpendRecovery(ctx, "zoe", []byte("a")))

	before, err := s.Revision(ctx)
	must(t, err)
	must(t, s.SetSecondFactor(ctx, "zoe", "SECRET", [][]byte{[]byte("a"), []byte("b")}, at))
	secret("zoe", "SECRET")
	secret("adam", "")
	if all, err := s.AllStaff(ctx); err != nil || all[0].Secret != "" || all[1].Secret != "SECRET" {
		t.Errorf("all: got %+v, %v", all, err)
	}
	if _, err := s.Session(ctx, []byte("before")); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("a session from before: got %v, want ErrNotFound", err)
	}
	if _, err := s.Session(ctx, []byte("his")); err != nil {
		t.Errorf("another one's session: %v", err)
	}
	if after, err := s.Revision(ctx); err != nil || after <= before {
		t.Errorf("the revision went from %d to %d, %v", before, after, err)
	}

	must(t, s.SpendStep(ctx, "zoe", 100))
	spent("the same step", s.SpendStep(ctx, "zoe", 100))
	spent("an earlier step", s.SpendStep(ctx, "zoe", 99))
	must(t, s.SpendStep(ctx, "zoe", 101))
	spent("another one's step", s.SpendStep(ctx, "adam", 102))
	must(t, s.SpendRecovery(ctx, "zoe", []byte("a")))
	spent("the same recovery code", s.SpendRecovery(ctx, "zoe", []byte("a")))
	spent("another one's recovery code", s.SpendRecovery(ctx, "adam", []byte("b")))

	// Another secret takes the place of all.
	must(t, s.SetSecondFactor(ctx, "zoe", "OTHER", [][]byte{[]byte("c")}, at))
	secret("zoe", "OTHER")
	spent("a recovery code of the one before", s.SpendRecovery(ctx, "zoe", []byte("b")))
	must(t, s.SpendStep(ctx, "zoe", 1))

	must(t, s.RemoveSecondFactor(ctx, "zoe"))
	secret("zoe", "")
	spent("a recovery code of who had one", s.SpendRecovery(ctx, "zoe", []byte("c")))
	for name, err := range map[string]error{
		"removing twice":      s.RemoveSecondFactor(ctx, "zoe"),
		"setting nobody's":    s.SetSecondFactor(ctx, "nobody", "X", nil, at),
		"removing of nobody":  s.RemoveSecondFactor(ctx, "nobody"),
		"removing who has no": s.RemoveSecondFactor(ctx, "adam"),
	} {
		if !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
	must(t, s.SetSecondFactor(ctx, "zoe", "LAST", [][]byte{[]byte("d")}, at))
	must(t, s.RemoveStaff(ctx, "zoe"))
	must(t, s.AddStaff(ctx, account("zoe")))
	secret("zoe", "")
}

func spendTogether(t *testing.T, s identity.Store) {
	ctx := t.Context()
	must(t, s.AddStaff(ctx, account("zoe")))
	must(t, s.SetSecondFactor(ctx, "zoe", "SECRET", [][]byte{[]byte("a")}, at))
	for name, spend := range map[string]func() error{
		"a step":          func() error { return s.SpendStep(ctx, "zoe", 7) },
		"a recovery code": func() error { return s.SpendRecovery(ctx, "zoe", []byte("a")) },
	} {
		var won atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := spend(); err == nil {
					won.Add(1)
				} else if !errors.Is(err, identity.ErrSpent) {
					t.Errorf("%s: got %v, want ErrSpent", name, err)
				}
			})
		}
		wg.Wait()
		if got := won.Load(); got != 1 {
			t.Errorf("%s: %d spent it, want one", name, got)
		}
	}
}

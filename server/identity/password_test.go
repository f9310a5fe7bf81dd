package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/alexedwards/argon2id"

	"cartline/shared"
)

const secret = "correct horse"

// OWASP's minimum, which a change must not fall below unnoticed.
func TestShippedParams(t *testing.T) {
	want := argon2id.Params{Memory: 19456, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	if shippedParams != want {
		t.Errorf("got %+v, want %+v", shippedParams, want)
	}
	hash, err := argon2id.CreateHash(secret, &shippedParams)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %q, %v", hash, err)
	}
}

func TestHashAndCheck(t *testing.T) {
	h := NewHasher()
	ctx := t.Context()
	hash, err := h.hash(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.hash(ctx, secret); err != nil || again == hash {
		t.Errorf("got %q twice, %v; want another salt", again, err)
	}
	old, err := OtherHash(secret)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, password, hash string
		fits, outdated, fail bool
	}{
		{"right", secret, hash, true, false, false},
		{"wrong", "wrong", hash, false, false, false},
		{"empty", "", hash, false, false, false},
		{"no account", secret, "", false, false, false},
		{"no account, no password", "", "", false, false, false},
		{"made with other parameters", secret, old, true, true, false},
		{"wrong, made with other parameters", "wrong", old, false, true, false},
		{"not a hash", secret, "plain", false, false, true},
	}
	for _, test := range tests {
		fits, outdated, err := h.check(ctx, test.password, test.hash)
		if fits != test.fits || outdated != test.outdated || (err != nil) != test.fail {
			t.Errorf("%s: got %v, %v, %v; want %v, %v, error %v", test.name, fits, outdated, err, test.fits, test.outdated, test.fail)
		}
	}
}

// Not even the decoy's own password opens an account that doesn't exist.
func TestDecoyFitsNobody(t *testing.T) {
	h := NewHasher()
	hash, err := h.hash(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	h.decoy = func() (string, error) { return hash, nil }
	if fits, _, err := h.check(t.Context(), secret, ""); fits || err != nil {
		t.Errorf("got %v, %v; want that it doesn't fit", fits, err)
	}
}

func TestPasswordRules(t *testing.T) {
	tests := []struct {
		password string
		ok       bool
	}{
		{"", false},
		{strings.Repeat("x", MinPassword-1), false},
		{strings.Repeat("x", MinPassword), true},
		{strings.Repeat("ü", MinPassword-1), false}, // characters, not bytes
		{strings.Repeat("x", shared.MaxPassword), true},
		{strings.Repeat("x", shared.MaxPassword+1), false},
	}
	for _, test := range tests {
		err := checkPassword(test.password)
		if test.ok {
			if err != nil {
				t.Errorf("%d bytes: got %v, want none", len(test.password), err)
			}
			continue
		}
		if p := shared.ProblemOf(err); err == nil || p.Code != shared.CodeInvalid || p.Field != "password" {
			t.Errorf("%d bytes: got %v, want code %s for the password", len(test.password), err, shared.CodeInvalid)
		}
	}
}

// With every place taken, hashing and checking wait in line, and leave it when
// their context ends or a place is free.
func TestHashingWaitsInLine(t *testing.T) {
	calls := map[string]func(context.Context, *Hasher) error{
		"hash":  func(ctx context.Context, h *Hasher) error { _, err := h.hash(ctx, secret); return err },
		"check": func(ctx context.Context, h *Hasher) error { _, _, err := h.check(ctx, secret, ""); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := NewHasher()
				for range concurrentHashes {
					if err := h.acquire(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				leaves, waits := make(chan error, 1), make(chan error, 1)
				go func() { leaves <- call(ctx, h) }()
				go func() { waits <- call(t.Context(), h) }()
				synctest.Wait()
				if len(leaves) != 0 || len(waits) != 0 {
					t.Fatal("a third did not wait")
				}
				cancel()
				synctest.Wait()
				if len(leaves) != 1 || !errors.Is(<-leaves, context.Canceled) || len(waits) != 0 {
					t.Error("the one who gave up did not leave the line, or took the other along")
				}
				h.release()
				if err := <-waits; err != nil {
					t.Errorf("with a free place: %v", err)
				}
				h.release()
				if got := len(h.slots); got != 0 {
					t.Errorf("%d places are still taken", got)
				}
			})
		})
	}
}

func TestHashingIsBounded(t *testing.T) {
	h := NewHasher()
	var now, most atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := h.acquire(t.Context()); err != nil {
				t.Error(err)
				return
			}
			n := now.Add(1)
			for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			now.Add(-1)
			h.release()
		})
	}
	wg.Wait()
	if got := most.Load(); got > 2 {
		t.Errorf("%d at once, want 2 at most", got)
	}
	if concurrentHashes != 2 {
		t.Errorf("the bound is %d, want 2", concurrentHashes)
	}
}

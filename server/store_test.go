package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestMigrate(t *testing.T) {
	for _, database := range []string{"sqlite:" + filepath.Join(t.TempDir(), "shop.db"), testenv.Postgres(t)} {
		for range 2 { // the second time there is nothing to do
			if got, want := must(t, "", "migrate", "--database", database), "The database's schema is up to date.\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

// Sessions of guests without a cart are forgotten, and no others.
func TestSweepGuests(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			opened, err := openStore(t.Context(), store.open(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := opened.Close(); err != nil {
					t.Error(err)
				}
			})
			now := time.Now().UTC().Truncate(time.Microsecond)
			customer := identity.Customer{ID: "customer", Name: "Ann", Email: "ann@example.com", PasswordHash: "x", Shopper: "of customer", CreatedAt: now}
			if err := opened.AddCustomer(t.Context(), customer); err != nil {
				t.Fatal(err)
			}
			for id, began := range map[string]time.Time{"no cart": now.Add(-2 * time.Hour), "cart": now.Add(-2 * time.Hour), "new": now, "of customer": now.Add(-2 * time.Hour)} {
				session := identity.Shopper{Hash: []byte(id), ID: id, CreatedAt: began, ExpiresAt: now.Add(time.Hour)}
				if id == "of customer" {
					session.Customer = customer.ID
				}
				if err := opened.AddShopper(t.Context(), session, nil); err != nil {
					t.Fatal(err)
				}
			}
			carts := cart.NewService(opened, opened, func() {})
			_, err = carts.Apply(t.Context(), carts.Own(cart.Shopper{ID: "cart"}), cart.ShopperActor, func(*cart.Record) (*cart.Outcome, error) {
				return cart.Did(&shared.Activity{Kind: shared.PageViewed}, nil)
			})
			if err != nil {
				t.Fatal(err)
			}
			if swept, err := opened.SweepGuests(t.Context(), now.Add(-time.Hour)); err != nil || swept != 1 {
				t.Errorf("got %d, %v, want 1", swept, err)
			}
			for id, want := range map[string]error{"no cart": identity.ErrNotFound, "cart": nil, "new": nil, "of customer": nil} {
				if _, err := opened.Shopper(t.Context(), []byte(id)); !errors.Is(err, want) {
					t.Errorf("%s: got %v, want %v", id, err, want)
				}
			}
		})
	}
}

// A database that acknowledges what it may forget is warned of.
func TestUnsafeCommitsAreToldOf(t *testing.T) {
	postgres, parameters := testenv.Postgres(t), "?"
	if strings.Contains(postgres, "?") {
		parameters = "&"
	}
	file := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	for _, test := range []struct {
		address, warning string
		unsafe           bool
	}{
		{postgres + parameters + "synchronous_commit=off", "synchronous_commit is off", true},
		{postgres + parameters + "synchronous_commit=on", "synchronous_commit is off", false},
		{file + "?synchronous=normal", "synchronous is normal", true},
		{file + "?synchronous=full", "synchronous is normal", false},
		{file, "synchronous is normal", false},
	} {
		s := start(t, "--database", test.address)
		s.end(t)
		if got := strings.Contains(s.log.String(), test.warning); got != test.unsafe {
			t.Errorf("%s: warned is %v, want %v", test.address, got, test.unsafe)
		}
	}
}

// The commands take the same address as the server.
func TestSQLiteParameters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	address := "sqlite:" + path + "?synchronous=normal"
	must(t, "", "migrate", "--database", address)
	must(t, "correct horse\n", "staff", "add", "ann", "--role", "admin", "--database", address)
	if got := must(t, "", "staff", "list", "--database", address); !strings.Contains(got, "ann") {
		t.Errorf("got %q", got)
	}
	status, _, progress := call(t, "", "backup", path+".copy", "--database", address)
	if _, err := os.Stat(path + ".copy"); status != 0 || err != nil {
		t.Errorf("backup: got status %d, %s, %v", status, progress, err)
	}
	if files, err := filepath.Glob(path + "[?]*"); err != nil || len(files) != 0 {
		t.Errorf("made the files %q, %v", files, err)
	}
}

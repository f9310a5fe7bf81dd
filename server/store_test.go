package main

import (
	"errors"
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

// A PostgreSQL that acknowledges what it may forget is warned of.
func TestUnsafeCommitsAreToldOf(t *testing.T) {
	const warning = "synchronous_commit is off"
	address := testenv.Postgres(t)
	parameters := "?"
	if strings.Contains(address, "?") {
		parameters = "&"
	}
	start(t, "--database", address+parameters+"synchronous_commit=off").waitLog(t, warning)
	safe := start(t, "--database", address+parameters+"synchronous_commit=on")
	safe.stop()
	safe.end(t)
	if strings.Contains(safe.log.String(), warning) {
		t.Error("a safe one is warned of, too")
	}
}

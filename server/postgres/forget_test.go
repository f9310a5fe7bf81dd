package postgres_test

import (
	"testing"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// A change that has read a cart before its customer is forgotten doesn't bring the
// customer back when it writes.
func TestForgettingWaitsForChanges(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	fresh := &cart.Record{Shopper: "alice", Customer: "a customer", Cart: shared.Cart{ID: cart.NewID(), Status: shared.CartOpen}}
	touch := func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version}, nil)
	}
	if _, err := s.Change(t.Context(), cart.Which{Shopper: "alice", New: fresh}, touch); err != nil {
		t.Fatal(err)
	}
	watch := connect(t, dsn)
	forgotten := make(chan error, 1)
	_, err := s.Change(t.Context(), cart.Which{ID: fresh.ID}, func(r *cart.Record) (*cart.Outcome, error) {
		go func() { forgotten <- s.ForgetCustomer(t.Context(), "a customer") }()
		testenv.Eventually(t, patience, "the customer to be forgotten, or that to wait", func() (met bool) {
			row := watch.QueryRow(t.Context(), `
				SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) OR EXISTS (SELECT 1 FROM cart WHERE customer = '')`)
			if err := row.Scan(&met); err != nil {
				t.Fatal(err)
			}
			return met
		})
		return touch(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-forgotten; err != nil {
		t.Fatal(err)
	}
	if r, err := s.Cart(t.Context(), fresh.ID); err != nil || r.Customer != "" || r.Version != 2 {
		t.Errorf("got customer %q at version %d, %v", r.Customer, r.Version, err)
	}
}

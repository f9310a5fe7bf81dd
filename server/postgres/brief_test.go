package postgres_test

import (
	"context"
	"errors"
	"testing"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// However a change ends that comes to nothing, it leaves neither a trace, nor a lock, nor
// the one connection in a transaction.
func TestWhatAChangeThatFailsLeaves(t *testing.T) {
	s := open(t, testenv.Postgres(t)+"&pool_max_conns=1")
	fresh := &cart.Record{Shopper: "alice", Cart: shared.Cart{ID: cart.NewID(), Status: shared.CartOpen}}
	which := cart.Which{Shopper: "alice", New: fresh}
	touch := func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version}, nil)
	}
	refusal := errors.New("no")
	for i, fail := range []func(context.Context, context.CancelFunc) error{
		func(ctx context.Context, _ context.CancelFunc) error {
			_, err := s.Change(ctx, which, func(r *cart.Record) (*cart.Outcome, error) {
				r.Version = 100
				return nil, refusal
			})
			return err
		},
		func(ctx context.Context, cancel context.CancelFunc) error {
			_, err := s.Change(ctx, which, func(r *cart.Record) (*cart.Outcome, error) {
				cancel()
				return touch(r)
			})
			return err
		},
		func(ctx context.Context, _ context.CancelFunc) error {
			_, err := s.Change(ctx, which, func(r *cart.Record) (*cart.Outcome, error) {
				r.Shopper = "no\x00text" // which the database refuses
				return touch(r)
			})
			return err
		},
		func(ctx context.Context, _ context.CancelFunc) (err error) {
			defer func() { err, _ = recover().(error) }()
			_, err = s.Change(ctx, which, func(*cart.Record) (*cart.Outcome, error) { panic(refusal) })
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := fail(ctx, cancel); err == nil {
			t.Errorf("%d: it did not fail", i)
		}
		cancel()
		r, err := s.Change(t.Context(), which, touch)
		if want := int64(i + 1); err != nil || r.Version != want {
			t.Errorf("%d: then got version %d, %v; want %d", i, r.Version, err, want)
		}
	}
}

// Unless the address tells how many connections there may be, they are more than pgx
// would take it for: a change waits for the disk on one.
func TestConnections(t *testing.T) {
	dsn := testenv.Postgres(t)
	if got := open(t, dsn).MaxConns(); got != 16 {
		t.Errorf("got %d, want 16", got)
	}
	if got := open(t, dsn+"&pool_max_conns=3").MaxConns(); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

package main

import (
	"context"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// leftBehind is a store in which so many carts were left.
type leftBehind struct {
	cart.Store
	left int
}

func (s *leftBehind) Idle(_ context.Context, _, _ time.Time, limit int) ([]string, error) {
	return make([]string, min(s.left, limit)), nil
}

func (s *leftBehind) Change(_ context.Context, _ cart.Which, rule cart.Rule) (cart.Record, error) {
	r := cart.Record{Cart: shared.Cart{Status: shared.CartOpen}}
	if _, err := rule(&r); err != nil {
		return r, err
	}
	s.left--
	return r, nil
}

// However many carts were left, all are deleted at once: a bot that makes them must not
// win the race.
func TestExpireAll(t *testing.T) {
	const carts = 1234 // more than are looked at together
	store := &leftBehind{left: carts}
	s := &server{carts: cart.NewService(store, nil, func() {})}
	keep := cart.Retention{Unseen: time.Hour, Seen: time.Hour}
	if expired, err := s.expireAll(t.Context(), keep); expired != carts || err != nil || store.left != 0 {
		t.Errorf("got %d, %v; %d are left", expired, err, store.left)
	}
}

package identity

import (
	"context"
	"errors"
	"time"
)

// ShopperLifetime is how long a shopper's cart waits for them.
const ShopperLifetime = 90 * 24 * time.Hour

// Shoppers knows anonymous customers by the token in their cookie.
type Shoppers struct {
	store Store
	now   func() time.Time
}

// NewShoppers makes a Shoppers.
func NewShoppers(store Store) *Shoppers {
	return &Shoppers{store: store, now: now}
}

// Begin begins a session. It is called at a shopper's first change, not at their
// first look, so that bots that only look leave nothing behind.
func (s *Shoppers) Begin(ctx context.Context) (token string, shopper Shopper, err error) {
	token = newToken()
	created := s.now()
	shopper = Shopper{
		Hash:      hashToken(token),
		ID:        newToken(),
		CreatedAt: created,
		ExpiresAt: created.Add(ShopperLifetime),
	}
	return token, shopper, s.store.AddShopper(ctx, shopper)
}

// Find returns the session of a token, and whether there is one.
func (s *Shoppers) Find(ctx context.Context, token string) (Shopper, bool, error) {
	if token == "" || len(token) > maxToken {
		return Shopper{}, false, nil
	}
	shopper, err := s.store.Shopper(ctx, hashToken(token))
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(shopper.ExpiresAt) {
		return Shopper{}, false, nil
	}
	return shopper, err == nil, err
}

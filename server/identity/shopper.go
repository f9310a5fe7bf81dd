package identity

import (
	"context"
	"errors"
	"time"
)

// ShopperLifetime is how long a shopper's cart waits for them.
const ShopperLifetime = 90 * 24 * time.Hour

// Shoppers knows who shops, guests and customers alike, by the token in their
// cookie. Customers begins the sessions of those who sign in.
type Shoppers struct {
	store ShopperStore
	now   func() time.Time
}

// NewShoppers makes a Shoppers.
func NewShoppers(store ShopperStore) *Shoppers {
	return &Shoppers{store: store, now: now}
}

// Begin begins a guest's session. It is called at their first change, not at their
// first look, so that bots that only look leave nothing behind.
func (s *Shoppers) Begin(ctx context.Context) (token string, shopper Shopper, err error) {
	token = newToken()
	shopper = newShopper(token, newToken(), s.now())
	return token, shopper, s.store.AddShopper(ctx, shopper, nil)
}

func newShopper(token, id string, created time.Time) Shopper {
	return Shopper{
		Hash:      hashToken(token),
		ID:        id,
		CreatedAt: created,
		ExpiresAt: created.Add(ShopperLifetime),
	}
}

// Find returns the session of a token, and whether there is one.
func (s *Shoppers) Find(ctx context.Context, token string) (Shopper, bool, error) {
	if !isToken(token) {
		return Shopper{}, false, nil
	}
	return s.Revalidate(ctx, hashToken(token))
}

// Revalidate looks a session up again, by its hash: it tells whether whom a socket
// was opened for is still the same.
func (s *Shoppers) Revalidate(ctx context.Context, hash []byte) (Shopper, bool, error) {
	shopper, err := s.store.Shopper(ctx, hash)
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(shopper.ExpiresAt) {
		return Shopper{}, false, nil
	}
	return shopper, err == nil, err
}

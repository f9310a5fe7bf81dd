package sqlite

import (
	"context"
	"time"
)

// SweepGuests forgets the sessions of guests that began before a time and have no
// cart: their browser was a bot's, or has come to nothing. It returns how many.
func (s *Store) SweepGuests(ctx context.Context, before time.Time) (int64, error) {
	return s.trim(ctx, `
		DELETE FROM shopper_session
		WHERE created_at < ? AND customer IS NULL
		  AND NOT EXISTS (SELECT 1 FROM cart WHERE cart.shopper = shopper_session.shopper)`, before)
}

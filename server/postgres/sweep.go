package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Sweep implements identity.Store. It also forgets which shoppers' sessions ended more
// than a day ago: whoever has a socket that hangs on one has been told; and the tries that
// throttles don't count any more.
func (s *Store) Sweep(ctx context.Context, before time.Time) (swept int64, err error) {
	for _, table := range []string{"staff_session", "shopper_session"} {
		n, err := s.sweep(ctx, table, "token_hash", `expires_at < $1`, before)
		swept += n
		if err != nil {
			return swept, err
		}
	}
	if _, err = s.sweep(ctx, "throttle", "key", `until < $1`, before); err != nil {
		return swept, err
	}
	_, err = s.sweep(ctx, "shopper_ended", "number", `at < $1`, before.Add(-keepEnded))
	return swept, err
}

// SweepGuests forgets the sessions of guests that began before a time and have no
// cart: their browser was a bot's, or has come to nothing. It returns how many.
func (s *Store) SweepGuests(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "shopper_session", "token_hash", `
		created_at < $1 AND customer IS NULL
		AND NOT EXISTS (SELECT 1 FROM cart WHERE cart.shopper = shopper_session.shopper)`, before)
}

// sweep deletes the rows of a table, named by their key, that meet a condition on a
// time, and returns how many.
func (s *Store) sweep(ctx context.Context, table, key, condition string, before time.Time) (int64, error) {
	query := `DELETE FROM ` + table + ` WHERE ` + key + ` IN (SELECT ` + key + ` FROM ` + table + ` WHERE ` + condition + ` LIMIT $2)`
	return s.inParts(ctx, func(tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, query, before, trimPart)
		return tag.RowsAffected(), err
	})
}

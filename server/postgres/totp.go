package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/identity"
)

// SetSecondFactor implements identity.Store. It locks the account, so that two calls
// can't leave a mixture of their codes.
func (s *Store) SetSecondFactor(ctx context.Context, username, secret string, recovery [][]byte, at time.Time) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := one(tx.Exec(ctx, `SELECT FROM staff WHERE username = $1 FOR UPDATE`, username)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_totp WHERE username = $1`, username); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO staff_totp (username, secret, spent, created_at) VALUES ($1, $2, 0, $3)`, username, secret, at)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO staff_recovery (username, code_hash) SELECT $1, unnest($2::bytea[])`, username, recovery)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_session WHERE username = $1`, username); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// RemoveSecondFactor implements identity.Store.
func (s *Store) RemoveSecondFactor(ctx context.Context, username string) error {
	return one(s.pool.Exec(ctx, `DELETE FROM staff_totp WHERE username = $1`, username))
}

// SpendStep implements identity.Store.
func (s *Store) SpendStep(ctx context.Context, username string, step int64) error {
	return spent(one(s.pool.Exec(ctx, `UPDATE staff_totp SET spent = $1 WHERE username = $2 AND spent < $1`, step, username)))
}

// SpendRecovery implements identity.Store.
func (s *Store) SpendRecovery(ctx context.Context, username string, hash []byte) error {
	return spent(one(s.pool.Exec(ctx, `DELETE FROM staff_recovery WHERE username = $1 AND code_hash = $2`, username, hash)))
}

// spent tells of a code that isn't there that it was spent, or never was.
func spent(err error) error {
	if errors.Is(err, identity.ErrNotFound) {
		return identity.ErrSpent
	}
	return err
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cartline/server/identity"
)

// SetSecondFactor implements identity.Store.
func (s *Store) SetSecondFactor(ctx context.Context, username, secret string, recovery [][]byte, at time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM staff_totp WHERE username = ?`, username); err != nil {
			return err
		}
		err := one(tx.ExecContext(ctx, `
			INSERT INTO staff_totp (username, secret, spent, created_at) SELECT username, ?, 0, ? FROM staff WHERE username = ?`,
			secret, micros(at), username))
		if err != nil {
			return err
		}
		for _, hash := range recovery {
			if _, err := tx.ExecContext(ctx, `INSERT INTO staff_recovery (username, code_hash) VALUES (?, ?)`, username, hash); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM staff_session WHERE username = ?`, username); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// RemoveSecondFactor implements identity.Store.
func (s *Store) RemoveSecondFactor(ctx context.Context, username string) error {
	return one(s.write.ExecContext(ctx, `DELETE FROM staff_totp WHERE username = ?`, username))
}

// SpendStep implements identity.Store.
func (s *Store) SpendStep(ctx context.Context, username string, step int64) error {
	return spent(one(s.write.ExecContext(ctx, `UPDATE staff_totp SET spent = ?1 WHERE username = ?2 AND spent < ?1`, step, username)))
}

// SpendRecovery implements identity.Store.
func (s *Store) SpendRecovery(ctx context.Context, username string, hash []byte) error {
	return spent(one(s.write.ExecContext(ctx, `DELETE FROM staff_recovery WHERE username = ? AND code_hash = ?`, username, hash)))
}

// spent tells of a code that isn't there that it was spent, or never was.
func spent(err error) error {
	if errors.Is(err, identity.ErrNotFound) {
		return identity.ErrSpent
	}
	return err
}

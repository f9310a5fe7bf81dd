package postgres

import (
	"context"
	"time"

	"cartline/server/throttle"
)

var _ throttle.Shared = (*Store)(nil)

// BeginTry implements throttle.Shared.
func (s *Store) BeginTry(ctx context.Context, key []byte, most int, window time.Duration) (wait time.Duration, err error) {
	var left *time.Duration
	err = s.pool.QueryRow(ctx, `SELECT throttle_begin($1, $2, $3)`, key, most, window).Scan(&left)
	if err != nil || left == nil {
		return 0, err
	}
	return max(*left, 1), nil
}

// ReturnTry implements throttle.Shared.
func (s *Store) ReturnTry(ctx context.Context, key []byte) error {
	_, err := s.pool.Exec(ctx, `UPDATE throttle SET tries = tries[:cardinality(tries) - 1] WHERE key = $1 AND cardinality(tries) > 0`, key)
	return err
}

// ForgiveTries implements throttle.Shared.
func (s *Store) ForgiveTries(ctx context.Context, key []byte) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM throttle WHERE key = $1`, key)
	return err
}

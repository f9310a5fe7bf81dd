package sqlite

import (
	"context"
	"time"

	"cartline/server/cart"
)

// Head implements cart.Log.
func (s *Store) Head(ctx context.Context) (cart.Position, error) {
	position := cart.Position{Epoch: s.epoch}
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM activity`).Scan(&position.Seq)
	return position, err
}

// After implements cart.Log.
func (s *Store) After(ctx context.Context, after cart.Position, limit int) ([]cart.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, cart_id, kind, at, shopper, payload, state FROM activity WHERE id > ? ORDER BY id LIMIT ?`, after.Seq, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []cart.Entry
	for rows.Next() {
		entry := cart.Entry{Position: cart.Position{Epoch: s.epoch}}
		var at int64
		if err := rows.Scan(&entry.Position.Seq, &entry.CartID, &entry.Kind, &at, &entry.Shopper, &entry.Activity, &entry.State); err != nil {
			return nil, err
		}
		entry.At = fromMicros(at)
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

// Trim implements cart.Store. The newest activity stays, as it tells where the log is.
func (s *Store) Trim(ctx context.Context, before time.Time) (int64, error) {
	return s.trim(ctx, `DELETE FROM activity WHERE at < ? AND id < (SELECT max(id) FROM activity)`, before)
}

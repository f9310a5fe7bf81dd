package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cartline/server/cart"
)

// Head implements cart.Log.
func (s *Store) Head(ctx context.Context) (cart.Position, error) {
	var position cart.Position
	var at sql.NullInt64
	err := s.read.QueryRowContext(ctx, `
		SELECT epoch, coalesce(id, 0), at FROM log_epoch
		LEFT JOIN activity ON id = (SELECT max(id) FROM activity)`).Scan(&position.Epoch, &position.Seq, &at)
	if at.Valid {
		position.Mark = cart.MarkOf(fromMicros(at.Int64))
	}
	return position, err
}

// Contains implements cart.Log.
func (s *Store) Contains(ctx context.Context, position cart.Position) (bool, error) {
	if position.Tx != 0 {
		return false, nil
	}
	var at time.Time
	var micros int64
	err := s.read.QueryRowContext(ctx, `SELECT at FROM activity WHERE id = ?`, position.Seq).Scan(&micros)
	switch {
	case err == nil:
		at = fromMicros(micros)
	case !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	extent, err := s.extent(ctx)
	return err == nil && extent.Holds(position, at), err
}

// extent tells how far the log reaches. It is asked for after a read: what it allows
// then, the read was right about, since the log only ever gets shorter from its
// beginning, and no epoch comes back.
func (s *Store) extent(ctx context.Context) (cart.Extent, error) {
	var extent cart.Extent
	var at int64
	row := s.read.QueryRowContext(ctx, `SELECT epoch, trimmed, trimmed_at FROM log_epoch`)
	err := row.Scan(&extent.Trimmed.Epoch, &extent.Trimmed.Seq, &at)
	extent.Trimmed.Mark = cart.MarkOf(fromMicros(at))
	return extent, err
}

// After implements cart.Log.
func (s *Store) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	entries, err := s.entries(ctx, after, scope, limit)
	if err != nil {
		return nil, err
	}
	extent, err := s.extent(ctx)
	if err != nil {
		return nil, err
	}
	if err := extent.Reads(after); err != nil {
		return nil, err
	}
	for i := range entries {
		entries[i].Position.Epoch = extent.Trimmed.Epoch
	}
	return entries, nil
}

func (s *Store) entries(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	query, values := entriesQuery(after, scope, limit)
	rows, err := s.read.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []cart.Entry
	for rows.Next() {
		var entry cart.Entry
		var at int64
		if err := rows.Scan(&entry.Position.Seq, &entry.CartID, &entry.Version, &entry.Kind, &at, &entry.Shopper, &entry.Activity, &entry.State); err != nil {
			return nil, err
		}
		entry.At = fromMicros(at)
		entry.Position.Mark = cart.MarkOf(entry.At)
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

// entriesQuery has a condition for what the scope narrows and none for what it
// doesn't, so that each scope is served by its index.
func entriesQuery(after cart.Position, scope cart.Scope, limit int) (query string, values []any) {
	query = `SELECT id, cart_id, cart_version, kind, at, shopper, payload, state FROM activity WHERE id > ?`
	if scope.Bare {
		query = `SELECT id, cart_id, cart_version, kind, at, shopper, payload, '' FROM activity WHERE id > ?`
	}
	values = []any{after.Seq}
	if scope.CartID != "" {
		values = append(values, scope.CartID)
		query += ` AND cart_id = ?`
	}
	if scope.Shopper != "" {
		values = append(values, scope.Shopper)
		query += ` AND shopper = ? AND shopper <> ''`
	}
	return query + ` ORDER BY id LIMIT ?`, append(values, limit)
}

// Behind implements cart.Log.
func (s *Store) Behind(ctx context.Context, position cart.Position) (time.Time, error) {
	var oldest time.Time
	var at int64
	err := s.read.QueryRowContext(ctx, `SELECT at FROM activity WHERE id > ? ORDER BY id LIMIT 1`, position.Seq).Scan(&at)
	switch {
	case err == nil:
		oldest = fromMicros(at)
	case !errors.Is(err, sql.ErrNoRows):
		return time.Time{}, err
	}
	extent, err := s.extent(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return oldest, extent.Reads(position)
}

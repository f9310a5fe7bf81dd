package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
)

// Head implements cart.Log.
func (s *Store) Head(ctx context.Context) (cart.Position, error) {
	position := cart.Position{Epoch: s.epoch}
	err := s.pool.QueryRow(ctx, `
		SELECT tx, id FROM activity
		WHERE tx < pg_snapshot_xmin(pg_current_snapshot())
		ORDER BY tx DESC, id DESC
		LIMIT 1`).Scan(&position.Tx, &position.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	s.doubt(err)
	return position, err
}

// After implements cart.Log. It stops at the oldest transaction that is still
// running, in whatever database of the server, since that one could yet commit
// an activity that belongs before.
func (s *Store) After(ctx context.Context, after cart.Position, limit int) ([]cart.Entry, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT tx, id, cart_id, kind, at, shopper, payload, state FROM activity
		WHERE (tx, id) > ($1, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())
		ORDER BY tx, id
		LIMIT $3`, after.Tx, after.Seq, limit)
	if err != nil {
		s.doubt(err)
		return nil, err
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (cart.Entry, error) {
		entry := cart.Entry{Position: cart.Position{Epoch: s.epoch}}
		err := row.Scan(&entry.Position.Tx, &entry.Position.Seq, &entry.CartID, &entry.Kind, &entry.At, &entry.Shopper, &entry.Activity, &entry.State)
		entry.At = entry.At.UTC()
		return entry, err
	})
	s.doubt(err)
	return entries, err
}

// Trim implements cart.Store. The newest activity stays, as it tells where the log is.
func (s *Store) Trim(ctx context.Context, before time.Time) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM activity
		WHERE at < $1 AND (tx, id) < (SELECT tx, id FROM activity ORDER BY tx DESC, id DESC LIMIT 1)`, before)
	return tag.RowsAffected(), err
}

package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
)

// readable is the condition on an activity that every one before it is readable too:
// no transaction that still runs, in whatever database of the server, could yet commit
// one that belongs before.
const readable = `tx < pg_snapshot_xmin(pg_current_snapshot())`

// Head implements cart.Log.
func (s *Store) Head(ctx context.Context) (cart.Position, error) {
	var position cart.Position
	var at *time.Time
	err := s.pool.QueryRow(ctx, `
		SELECT epoch, coalesce(tx, '0'), coalesce(id, 0), at FROM log_epoch
		LEFT JOIN (SELECT tx, id, at FROM activity WHERE `+readable+` ORDER BY tx DESC, id DESC LIMIT 1) AS newest ON true`).
		Scan(&position.Epoch, &position.Tx, &position.Seq, &at)
	if at != nil {
		position.Mark = cart.MarkOf(*at)
	}
	s.doubt(err)
	return position, err
}

// Contains implements cart.Log.
func (s *Store) Contains(ctx context.Context, position cart.Position) (bool, error) {
	var at time.Time
	var extent cart.Extent
	batch := new(pgx.Batch)
	batch.Queue(`SELECT at FROM activity WHERE tx = $1 AND id = $2 AND `+readable, position.Tx, position.Seq).QueryRow(scanTime(&at))
	queueExtent(batch, `log_epoch`, &extent)
	err := s.send(ctx, batch)
	return err == nil && extent.Holds(position, at), err
}

// scanTime scans a time, which stays zero if there is no row.
func scanTime(at *time.Time) func(pgx.Row) error {
	return func(row pgx.Row) error {
		err := row.Scan(at)
		if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		return err
	}
}

// queueExtent asks how far a log reaches, which a table has in its one row. It is asked
// after a read in the same batch: what it allows then, the read was right about, since a
// log only ever gets shorter from its beginning, and no epoch comes back.
func queueExtent(batch *pgx.Batch, table string, extent *cart.Extent) {
	batch.Queue(`SELECT epoch, trimmed_tx, trimmed_id, trimmed_at FROM ` + table).QueryRow(func(row pgx.Row) error {
		var at time.Time
		err := row.Scan(&extent.Trimmed.Epoch, &extent.Trimmed.Tx, &extent.Trimmed.Seq, &at)
		extent.Trimmed.Mark = cart.MarkOf(at)
		return err
	})
}

func (s *Store) send(ctx context.Context, batch *pgx.Batch) error {
	err := s.pool.SendBatch(ctx, batch).Close()
	s.doubt(err)
	return err
}

// After implements cart.Log.
func (s *Store) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	var entries []cart.Entry
	var extent cart.Extent
	batch := new(pgx.Batch)
	query, values := entriesQuery(after, scope, limit)
	batch.Queue(query, values...).Query(func(rows pgx.Rows) (err error) {
		entries, err = pgx.CollectRows(rows, scanEntry)
		return err
	})
	queueExtent(batch, `log_epoch`, &extent)
	if err := s.send(ctx, batch); err != nil {
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

const (
	entryColumns = `SELECT tx, id, cart_id, cart_version, kind, at, shopper, payload, state FROM activity `
	bareColumns  = `SELECT tx, id, cart_id, cart_version, kind, at, shopper, payload, '' FROM activity `
)

// entriesQuery returns a query that can only be served well by the one index that has
// its order. With "cart_id = $4 ORDER BY tx, id" the planner would rather pass through
// everything, or sort all there is in a cart, whenever it takes a busy cart for one like
// the others.
func entriesQuery(after cart.Position, scope cart.Scope, limit int) (query string, values []any) {
	values = []any{after.Tx, after.Seq, limit}
	columns := entryColumns
	if scope.Bare {
		columns = bareColumns
	}
	switch {
	case scope.CartID != "":
		return columns + `
			WHERE (cart_id, tx, id) > ($4, $1, $2) AND (cart_id, tx) < ($4, pg_snapshot_xmin(pg_current_snapshot()))
			  AND ($5 = '' OR shopper = $5)
			ORDER BY cart_id, tx, id LIMIT $3`, append(values, scope.CartID, scope.Shopper)
	case scope.Shopper != "":
		return columns + `
			WHERE (shopper, tx, id) > ($4, $1, $2) AND (shopper, tx) < ($4, pg_snapshot_xmin(pg_current_snapshot()))
			  AND shopper <> ''
			ORDER BY shopper, tx, id LIMIT $3`, append(values, scope.Shopper)
	}
	return columns + `
		WHERE (tx, id) > ($1, $2) AND ` + readable + `
		ORDER BY tx, id LIMIT $3`, values
}

func scanEntry(row pgx.CollectableRow) (entry cart.Entry, err error) {
	err = row.Scan(&entry.Position.Tx, &entry.Position.Seq, &entry.CartID, &entry.Version, &entry.Kind, &entry.At, &entry.Shopper, &entry.Activity, &entry.State)
	entry.At = entry.At.UTC()
	entry.Position.Mark = cart.MarkOf(entry.At)
	return entry, err
}

// Behind implements cart.Log.
func (s *Store) Behind(ctx context.Context, position cart.Position) (time.Time, error) {
	var oldest time.Time
	var extent cart.Extent
	batch := new(pgx.Batch)
	batch.Queue(`SELECT at FROM activity WHERE (tx, id) > ($1, $2) ORDER BY tx, id LIMIT 1`, position.Tx, position.Seq).QueryRow(scanTime(&oldest))
	queueExtent(batch, `log_epoch`, &extent)
	if err := s.send(ctx, batch); err != nil {
		return time.Time{}, err
	}
	return oldest.UTC(), extent.Reads(position)
}

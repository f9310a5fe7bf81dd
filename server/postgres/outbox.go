package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cartline/server/cart"
)

// outboxConns is how many connections there are at most for reading an outbox.
const outboxConns = 4

// Outbox reads the log that an existing application keeps for us, in the tables of
// docs/retrofit/outbox.sql. It implements cart.Log, and writes nothing. Its order is that
// of the log of a Store (see readable), but that the application takes no lock of ours: so
// the changes that two transactions make to one cart come in the order in which these took
// their numbers.
type Outbox struct{ pool *pgxpool.Pool }

var _ cart.Log = (*Outbox)(nil)

// OpenOutbox makes an Outbox, which connects when it is first used.
func OpenOutbox(ctx context.Context, dsn string) (*Outbox, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config.ConnConfig, "cartline outbox")
	config.MaxConns = outboxConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &Outbox{pool}, nil
}

// Close closes the connections.
func (o *Outbox) Close() error { return o.store().Close() }

// store is for what a Store does with its pool.
func (o *Outbox) store() *Store { return &Store{pool: o.pool} }

// ErrRestored is that of Head if the outbox has numbers of transactions that the server
// hasn't given yet: new changes would come before those, and nobody would be told of them.
var ErrRestored = errors.New("postgres: the outbox has changes that this server can't have made: its database was restored or copied, and the outbox has to be emptied as the end of outbox.sql says")

// Head implements cart.Log.
func (o *Outbox) Head(ctx context.Context) (cart.Position, error) {
	var position cart.Position
	var at *time.Time
	var restored bool
	err := o.pool.QueryRow(ctx, `
		SELECT epoch, coalesce(tx, '0'), coalesce(id, 0), at,
			greatest(trimmed_tx, (SELECT tx FROM cartline_outbox ORDER BY tx DESC LIMIT 1)) >= pg_snapshot_xmax(pg_current_snapshot())
		FROM cartline_outbox_extent
		LEFT JOIN (SELECT tx, id, at FROM cartline_outbox WHERE `+readable+` ORDER BY tx DESC, id DESC LIMIT 1) AS newest ON true`).
		Scan(&position.Epoch, &position.Tx, &position.Seq, &at, &restored)
	if restored {
		return cart.Position{}, ErrRestored
	}
	if at != nil {
		position.Mark = cart.MarkOf(*at)
	}
	o.store().doubt(err)
	return position, err
}

// Contains implements cart.Log.
func (o *Outbox) Contains(ctx context.Context, position cart.Position) (bool, error) {
	var at time.Time
	var extent cart.Extent
	batch := new(pgx.Batch)
	batch.Queue(`SELECT at FROM cartline_outbox WHERE tx = $1 AND id = $2 AND `+readable, position.Tx, position.Seq).QueryRow(scanTime(&at))
	queueExtent(batch, `cartline_outbox_extent`, &extent)
	err := o.store().send(ctx, batch)
	return err == nil && extent.Holds(position, at), err
}

// After implements cart.Log. There is one scope, that of all.
func (o *Outbox) After(ctx context.Context, after cart.Position, _ cart.Scope, limit int) ([]cart.Entry, error) {
	var entries []cart.Entry
	var extent cart.Extent
	batch := new(pgx.Batch)
	batch.Queue(`SELECT tx, id, at, cart, payload::text FROM cartline_outbox
		WHERE (tx, id) > ($1, $2) AND `+readable+` ORDER BY tx, id LIMIT $3`, after.Tx, after.Seq, limit).Query(func(rows pgx.Rows) (err error) {
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (entry cart.Entry, err error) {
			err = row.Scan(&entry.Position.Tx, &entry.Position.Seq, &entry.At, &entry.CartID, &entry.Activity)
			entry.At = entry.At.UTC()
			entry.Position.Mark = cart.MarkOf(entry.At)
			return entry, err
		})
		return err
	})
	queueExtent(batch, `cartline_outbox_extent`, &extent)
	if err := o.store().send(ctx, batch); err != nil {
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

// Behind implements cart.Log.
func (o *Outbox) Behind(ctx context.Context, position cart.Position) (time.Time, error) {
	var oldest time.Time
	var extent cart.Extent
	batch := new(pgx.Batch)
	batch.Queue(`SELECT at FROM cartline_outbox WHERE (tx, id) > ($1, $2) ORDER BY tx, id LIMIT 1`, position.Tx, position.Seq).QueryRow(scanTime(&oldest))
	queueExtent(batch, `cartline_outbox_extent`, &extent)
	if err := o.store().send(ctx, batch); err != nil {
		return time.Time{}, err
	}
	return oldest.UTC(), extent.Reads(position)
}

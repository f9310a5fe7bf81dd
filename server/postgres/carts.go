package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/shared"
)

const cartColumns = `id, name, version, status, lines, items, total, currency, created_at, updated_at`

// Cart implements cart.Store.
func (s *Store) Cart(ctx context.Context, id string) (shared.Cart, error) {
	return s.readCart(ctx, cart.Which{ID: id})
}

// CartOf implements cart.Store.
func (s *Store) CartOf(ctx context.Context, shopper string) (shared.Cart, error) {
	return s.readCart(ctx, cart.Which{Shopper: shopper})
}

// readCart reads a cart and its lines as they were at one moment.
func (s *Store) readCart(ctx context.Context, which cart.Which) (c shared.Cart, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		c, err = loadCart(ctx, tx, which)
		return err
	})
	return c, err
}

// condition is the one that finds a cart, with its value as $1.
func condition(which cart.Which) (sql, value string) {
	if which.Shopper != "" {
		return `shopper = $1 AND status = 'open'`, which.Shopper
	}
	return `id = $1`, which.ID
}

// loadCart reads a cart and its lines, in two statements.
func loadCart(ctx context.Context, tx pgx.Tx, which cart.Which) (shared.Cart, error) {
	where, value := condition(which)
	rows, err := tx.Query(ctx, `SELECT `+cartColumns+` FROM cart WHERE `+where, value)
	if err != nil {
		return shared.Cart{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, scanCart)
	if errors.Is(err, pgx.ErrNoRows) {
		return shared.Cart{}, cart.ErrNotFound
	}
	if err != nil {
		return shared.Cart{}, err
	}
	c := row.cart()
	rows, err = tx.Query(ctx, `
		SELECT sku, name, quantity, amount, currency, version
		FROM cart_line WHERE cart_id = $1 ORDER BY added, sku COLLATE "C"`, c.ID)
	if err != nil {
		return shared.Cart{}, err
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (line shared.Line, err error) {
		err = row.Scan(&line.SKU, &line.Name, &line.Quantity, &line.UnitPrice.Amount, &line.UnitPrice.Currency, &line.Version)
		if err == nil {
			line.Total, err = line.UnitPrice.Times(line.Quantity)
		}
		return line, err
	})
	if err != nil {
		return shared.Cart{}, fmt.Errorf("lines of cart %s: %w", c.ID, err)
	}
	c.Lines = append(c.Lines, lines...)
	return c, nil
}

// Carts implements cart.Store.
func (s *Store) Carts(ctx context.Context, after cart.Place, limit int) ([]shared.CartSummary, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+cartColumns+`
		FROM cart
		WHERE $1 = '' OR (updated_at, id) < ($2, $1)
		ORDER BY updated_at DESC, id DESC
		LIMIT $3`, after.ID, after.UpdatedAt, limit)
	if err != nil {
		return nil, err
	}
	summaries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (shared.CartSummary, error) {
		r, err := scanCart(row)
		return r.summary, err
	})
	if summaries == nil {
		summaries = []shared.CartSummary{}
	}
	return summaries, err
}

// cartRow is a row of table cart.
type cartRow struct {
	summary   shared.CartSummary
	createdAt time.Time
}

func scanCart(row pgx.CollectableRow) (r cartRow, err error) {
	c := &r.summary
	err = row.Scan(&c.ID, &c.Name, &c.Version, &c.Status, &c.Lines, &c.Items,
		&c.Total.Amount, &c.Total.Currency, &r.createdAt, &c.UpdatedAt)
	c.UpdatedAt, r.createdAt = c.UpdatedAt.UTC(), r.createdAt.UTC()
	return r, err
}

func (r cartRow) cart() shared.Cart {
	return shared.Cart{
		ID: r.summary.ID, Name: r.summary.Name, Version: r.summary.Version, Status: r.summary.Status,
		Items: r.summary.Items, Total: r.summary.Total,
		CreatedAt: r.createdAt, UpdatedAt: r.summary.UpdatedAt,
		Lines: make([]shared.Line, 0, r.summary.Lines),
	}
}

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store.
func (s *Store) Change(ctx context.Context, which cart.Which, change func(*shared.Cart) (*shared.Activity, error)) (shared.Cart, error) {
	var c shared.Cart
	err := s.transact(ctx, func(tx pgx.Tx) error {
		found, err := lockCart(ctx, tx, which)
		isNew := errors.Is(err, cart.ErrNotFound) && which.New != nil
		switch {
		case isNew:
			found = *which.New
			found.Lines = slices.Clone(found.Lines)
		case err != nil:
			return err
		}
		before := slices.Clone(found.Lines)
		c = found
		activity, err := change(&c)
		if err != nil {
			return err
		}
		if activity == nil {
			return errUnchanged
		}
		batch := new(pgx.Batch)
		if isNew {
			insertCart(batch, which.Shopper, &c)
		} else {
			updateCart(batch, &c)
		}
		writeLines(batch, &c, before)
		if err := appendActivity(batch, activity); err != nil {
			return err
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if errors.Is(err, errUnchanged) {
		return c, nil
	}
	if err != nil {
		return shared.Cart{}, err
	}
	return c, nil
}

// The classes of our advisory locks, which keep them apart from other users' of
// the database.
const (
	cartLocks    = 0x63617274 // "cart", by the cart's ID
	shopperLocks = 0x73686f70 // "shop", by the shopper, for the first cart
)

// lockCart locks the cart before the transaction has a transaction id. That keeps
// a cart's versions in the order of the log: whoever waits here gets a later id
// than the one waited for.
//
// It takes an advisory lock, because SELECT FOR UPDATE would not do: of three who
// contend for a row, the one that is woken takes an id to look for the row's
// newest version, and may then have to wait once more, for one with a later id.
// Likewise makers of a shopper's first cart queue by shopper: inserting it to see
// who wins takes an id before the wait.
func lockCart(ctx context.Context, tx pgx.Tx, which cart.Which) (shared.Cart, error) {
	c, err := lockExisting(ctx, tx, which)
	if !errors.Is(err, cart.ErrNotFound) || which.New == nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, shopperLocks, which.Shopper); err != nil {
		return shared.Cart{}, err
	}
	return lockExisting(ctx, tx, which)
}

// lockExisting waits for the lock in one statement and reads in the next, which
// therefore sees what the last holder has committed; this includes a cart that is
// not open, or not there, any more.
func lockExisting(ctx context.Context, tx pgx.Tx, which cart.Which) (shared.Cart, error) {
	where, value := condition(which)
	tag, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($2, hashtext(id)) FROM cart WHERE `+where, value, cartLocks)
	if err != nil {
		return shared.Cart{}, err
	}
	if tag.RowsAffected() == 0 {
		return shared.Cart{}, cart.ErrNotFound
	}
	return loadCart(ctx, tx, which)
}

func insertCart(batch *pgx.Batch, shopper string, c *shared.Cart) {
	batch.Queue(`
		INSERT INTO cart (`+cartColumns+`, shopper) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.Name, c.Version, c.Status, len(c.Lines), c.Items, c.Total.Amount, c.Total.Currency,
		c.CreatedAt, c.UpdatedAt, shopper)
}

func updateCart(batch *pgx.Batch, c *shared.Cart) {
	batch.Queue(`
		UPDATE cart SET version = $1, status = $2, lines = $3, items = $4, total = $5, currency = $6, updated_at = $7
		WHERE id = $8`,
		c.Version, c.Status, len(c.Lines), c.Items, c.Total.Amount, c.Total.Currency, c.UpdatedAt, c.ID)
}

// writeLines writes the lines that differ from what they were before.
func writeLines(batch *pgx.Batch, c *shared.Cart, before []shared.Line) {
	added, changed, removed := cart.DiffLines(before, c.Lines)
	for _, line := range added {
		batch.Queue(`
			INSERT INTO cart_line (cart_id, sku, name, quantity, amount, currency, added, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.ID, line.SKU, line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, c.Version, line.Version)
	}
	for _, line := range changed {
		batch.Queue(`
			UPDATE cart_line SET name = $1, quantity = $2, amount = $3, currency = $4, version = $5
			WHERE cart_id = $6 AND sku = $7`,
			line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, line.Version, c.ID, line.SKU)
	}
	for _, sku := range removed {
		batch.Queue(`DELETE FROM cart_line WHERE cart_id = $1 AND sku = $2`, c.ID, sku)
	}
}

func appendActivity(batch *pgx.Batch, activity *shared.Activity) error {
	payload, err := json.Marshal(activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	batch.Queue(`
		INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES ($1, $2, $3, $4, $5)`,
		activity.CartID, activity.CartVersion, activity.Kind, activity.At, string(payload))
	return nil
}

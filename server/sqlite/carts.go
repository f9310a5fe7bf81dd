package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cartline/server/cart"
	"cartline/shared"
)

const cartColumns = `id, name, version, status, lines, items, total, currency, created_at, updated_at`

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Cart implements cart.Store.
func (s *Store) Cart(ctx context.Context, id string) (shared.Cart, error) {
	return s.readCart(ctx, cart.Which{ID: id})
}

// CartOf implements cart.Store.
func (s *Store) CartOf(ctx context.Context, shopper string) (shared.Cart, error) {
	return s.readCart(ctx, cart.Which{Shopper: shopper})
}

// readCart reads a cart and its lines as they were at one moment, which takes a
// transaction, if only to read.
func (s *Store) readCart(ctx context.Context, which cart.Which) (c shared.Cart, err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return c, err
	}
	defer func() {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	return loadCart(ctx, tx, which)
}

func loadCart(ctx context.Context, q querier, which cart.Which) (shared.Cart, error) {
	condition, value := `id = ?`, which.ID
	if which.Shopper != "" {
		condition, value = `shopper = ? AND status = 'open'`, which.Shopper
	}
	row, err := scanCart(q.QueryRowContext(ctx, `SELECT `+cartColumns+` FROM cart WHERE `+condition, value))
	if errors.Is(err, sql.ErrNoRows) {
		return shared.Cart{}, cart.ErrNotFound
	}
	if err != nil {
		return shared.Cart{}, err
	}
	c := row.cart()
	rows, err := q.QueryContext(ctx, `
		SELECT sku, name, quantity, amount, currency, version
		FROM cart_line WHERE cart_id = ? ORDER BY added, sku`, c.ID)
	if err != nil {
		return shared.Cart{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var line shared.Line
		err := rows.Scan(&line.SKU, &line.Name, &line.Quantity, &line.UnitPrice.Amount, &line.UnitPrice.Currency, &line.Version)
		if err != nil {
			return shared.Cart{}, err
		}
		if line.Total, err = line.UnitPrice.Times(line.Quantity); err != nil {
			return shared.Cart{}, fmt.Errorf("cart %s, line %s: %w", c.ID, line.SKU, err)
		}
		c.Lines = append(c.Lines, line)
	}
	return c, rows.Err()
}

// Carts implements cart.Store.
func (s *Store) Carts(ctx context.Context, after cart.Place, limit int) ([]shared.CartSummary, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+cartColumns+`
		FROM cart
		WHERE ?1 = '' OR (updated_at, id) < (?2, ?1)
		ORDER BY updated_at DESC, id DESC
		LIMIT ?3`, after.ID, micros(after.UpdatedAt), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	summaries := []shared.CartSummary{}
	for rows.Next() {
		row, err := scanCart(rows)
		if err != nil {
			return nil, err
		}
		summaries = append(summaries, row.summary)
	}
	return summaries, rows.Err()
}

// cartRow is a row of table cart.
type cartRow struct {
	summary   shared.CartSummary
	createdAt int64
}

func scanCart(row interface{ Scan(...any) error }) (r cartRow, err error) {
	var updatedAt int64
	c := &r.summary
	err = row.Scan(&c.ID, &c.Name, &c.Version, &c.Status, &c.Lines, &c.Items,
		&c.Total.Amount, &c.Total.Currency, &r.createdAt, &updatedAt)
	c.UpdatedAt = fromMicros(updatedAt)
	return r, err
}

func (r cartRow) cart() shared.Cart {
	return shared.Cart{
		ID: r.summary.ID, Name: r.summary.Name, Version: r.summary.Version, Status: r.summary.Status,
		Items: r.summary.Items, Total: r.summary.Total,
		CreatedAt: fromMicros(r.createdAt), UpdatedAt: r.summary.UpdatedAt,
		Lines: make([]shared.Line, 0, r.summary.Lines),
	}
}

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store. The transaction holds the only write lock of the
// database, and so the cart's, before change sees anything.
func (s *Store) Change(ctx context.Context, which cart.Which, change func(*shared.Cart) (*shared.Activity, error)) (shared.Cart, error) {
	var c shared.Cart
	err := s.transact(ctx, func(tx *sql.Tx) error {
		found, err := loadCart(ctx, tx, which)
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
		if isNew {
			err = insertCart(ctx, tx, which.Shopper, &c)
		} else {
			err = updateCart(ctx, tx, &c)
		}
		if err != nil {
			return err
		}
		if err := writeLines(ctx, tx, &c, before); err != nil {
			return err
		}
		return appendActivity(ctx, tx, activity)
	})
	if errors.Is(err, errUnchanged) {
		return c, nil
	}
	if err != nil {
		return shared.Cart{}, err
	}
	return c, nil
}

func insertCart(ctx context.Context, tx *sql.Tx, shopper string, c *shared.Cart) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO cart (`+cartColumns+`, shopper) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Name, c.Version, c.Status, len(c.Lines), c.Items, c.Total.Amount, c.Total.Currency,
		micros(c.CreatedAt), micros(c.UpdatedAt), shopper)
	return err
}

func updateCart(ctx context.Context, tx *sql.Tx, c *shared.Cart) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE cart SET version = ?, status = ?, lines = ?, items = ?, total = ?, currency = ?, updated_at = ?
		WHERE id = ?`,
		c.Version, c.Status, len(c.Lines), c.Items, c.Total.Amount, c.Total.Currency, micros(c.UpdatedAt), c.ID)
	return err
}

// writeLines writes the lines that differ from what they were before.
func writeLines(ctx context.Context, tx *sql.Tx, c *shared.Cart, before []shared.Line) error {
	added, changed, removed := cart.DiffLines(before, c.Lines)
	for _, line := range added {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO cart_line (cart_id, sku, name, quantity, amount, currency, added, version)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			c.ID, line.SKU, line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, c.Version, line.Version)
		if err != nil {
			return err
		}
	}
	for _, line := range changed {
		_, err := tx.ExecContext(ctx, `
			UPDATE cart_line SET name = ?, quantity = ?, amount = ?, currency = ?, version = ?
			WHERE cart_id = ? AND sku = ?`,
			line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, line.Version, c.ID, line.SKU)
		if err != nil {
			return err
		}
	}
	for _, sku := range removed {
		if _, err := tx.ExecContext(ctx, `DELETE FROM cart_line WHERE cart_id = ? AND sku = ?`, c.ID, sku); err != nil {
			return err
		}
	}
	return nil
}

func appendActivity(ctx context.Context, tx *sql.Tx, activity *shared.Activity) error {
	payload, err := json.Marshal(activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES (?, ?, ?, ?, ?)`,
		activity.CartID, activity.CartVersion, activity.Kind, micros(activity.At), string(payload))
	return err
}

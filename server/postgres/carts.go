package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/shared"
)

// querier is the pool or a transaction.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// Cart implements cart.Store.
func (s *Store) Cart(ctx context.Context, id string) (cart.Record, error) {
	return loadCart(ctx, s.pool, `id = $1`, id)
}

// CartOf implements cart.Store.
func (s *Store) CartOf(ctx context.Context, shopper string) (cart.Record, error) {
	return loadCart(ctx, s.pool, ofShopper, shopper)
}

// CartByCode implements cart.Store.
func (s *Store) CartByCode(ctx context.Context, code string) (cart.Record, error) {
	return loadCart(ctx, s.pool, `code = $1 AND code <> ''`, code)
}

const ofShopper = `shopper = $1 AND status = 'open'`

const selectCart = `SELECT shopper, customer, code, code_until, document FROM cart WHERE `

func loadCart(ctx context.Context, q querier, condition, value string) (cart.Record, error) {
	return scanCart(q.QueryRow(ctx, selectCart+condition, value))
}

func scanCart(row pgx.Row) (r cart.Record, err error) {
	var document []byte
	if err := row.Scan(&r.Shopper, &r.Customer, &r.Code, &r.CodeUntil, &document); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = cart.ErrNotFound
		}
		return cart.Record{}, err
	}
	r.CodeUntil = r.CodeUntil.UTC()
	if err := json.Unmarshal(document, &r.Cart); err != nil {
		return cart.Record{}, fmt.Errorf("decode cart: %w", err)
	}
	return r, nil
}

// CartsOfCustomer implements cart.Store.
func (s *Store) CartsOfCustomer(ctx context.Context, customer string) ([]shared.Cart, error) {
	return queryAll[shared.Cart](ctx, s.pool, `
		SELECT document FROM cart
		WHERE customer = $1 AND customer <> '' ORDER BY updated_at DESC, id DESC`, customer)
}

// Orders implements cart.Store.
func (s *Store) Orders(ctx context.Context, shopper, customer string, limit int) ([]shared.Cart, error) {
	return queryAll[shared.Cart](ctx, s.pool, `
		SELECT document FROM cart
		WHERE status = 'ordered' AND (shopper = $1 OR customer = $2 AND customer <> '')
		ORDER BY updated_at DESC, id DESC LIMIT $3`, shopper, customer, limit)
}

// Carts implements cart.Store.
func (s *Store) Carts(ctx context.Context, query cart.ListQuery) ([]shared.CartSummary, error) {
	return queryAll[shared.CartSummary](ctx, s.pool, `
		SELECT summary FROM cart
		WHERE status = 'open' AND ($1 = '' OR (updated_at, id) < ($2, $1)) AND ($3 OR evident)
		ORDER BY updated_at DESC, id DESC
		LIMIT $4`, query.After.ID, query.After.UpdatedAt, query.All, query.Limit)
}

// History implements cart.Store.
func (s *Store) History(ctx context.Context, id string, before int64, limit int) ([]shared.Activity, error) {
	return queryAll[shared.Activity](ctx, s.pool, `
		SELECT payload FROM activity
		WHERE cart_id = $1 AND ($2 = 0 OR cart_version < $2)
		ORDER BY tx DESC, id DESC LIMIT $3`, id, before, limit)
}

// queryAll decodes each row's one column.
func queryAll[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (value T, err error) {
		var document []byte
		if err := row.Scan(&document); err != nil {
			return value, err
		}
		if err := json.Unmarshal(document, &value); err != nil {
			return value, fmt.Errorf("decode %T: %w", value, err)
		}
		return value, nil
	})
	if values == nil {
		values = []T{}
	}
	return values, err
}

// Idle implements cart.Store.
func (s *Store) Idle(ctx context.Context, unseen, seen time.Time, limit int) ([]string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id FROM cart
		WHERE status = 'open' AND active_at < CASE WHEN evident THEN $2::timestamptz ELSE $1 END
		  AND active_at < greatest($1, $2)
		  AND NOT EXISTS (SELECT 1 FROM presence WHERE cart_id = id)
		ORDER BY active_at LIMIT $3`, unseen, seen, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ForgetCustomer implements cart.Store.
func (s *Store) ForgetCustomer(ctx context.Context, customer string) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		// In the order of ChangeBoth; a change that has read a cart before must not
		// write back what is forgotten here.
		_, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock($1, key)
			FROM (SELECT hashtext(id) AS key FROM cart WHERE customer = $2 AND customer <> '' ORDER BY key) AS keys`, cartLocks, customer)
		if err != nil {
			return err
		}
		batch := new(pgx.Batch)
		batch.Queue(`
			UPDATE activity SET payload = (payload::jsonb - 'note')::text, state = (state::jsonb - 'handover')::text
			WHERE cart_id IN (SELECT id FROM cart WHERE customer = $1 AND customer <> '')
			  AND (kind IN ('note_written', 'handover_offered') OR state::jsonb ? 'handover')`, customer)
		batch.Queue(`
			UPDATE cart SET customer = '', document = document::jsonb - 'handover'
			WHERE customer = $1 AND customer <> ''`, customer)
		return tx.SendBatch(ctx, batch).Close()
	})
}

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Cart implements cart.Store.
func (s *Store) Cart(ctx context.Context, id string) (cart.Record, error) {
	return loadCart(ctx, s.read, `id = ?`, id)
}

// CartOf implements cart.Store.
func (s *Store) CartOf(ctx context.Context, shopper string) (cart.Record, error) {
	return loadCart(ctx, s.read, ofShopper, shopper)
}

// CartByCode implements cart.Store.
func (s *Store) CartByCode(ctx context.Context, code string) (cart.Record, error) {
	return loadCart(ctx, s.read, `code = ? AND code <> ''`, code)
}

const ofShopper = `shopper = ? AND status = 'open'`

const selectCart = `SELECT shopper, customer, code, code_until, document FROM cart WHERE `

func loadCart(ctx context.Context, q querier, condition, value string) (cart.Record, error) {
	return scanCart(q.QueryRowContext(ctx, selectCart+condition, value))
}

func scanCart(row *sql.Row) (r cart.Record, err error) {
	var document []byte
	var codeUntil int64
	if err := row.Scan(&r.Shopper, &r.Customer, &r.Code, &codeUntil, &document); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = cart.ErrNotFound
		}
		return cart.Record{}, err
	}
	r.CodeUntil = fromMicros(codeUntil)
	if err := json.Unmarshal(document, &r.Cart); err != nil {
		return cart.Record{}, fmt.Errorf("decode cart: %w", err)
	}
	return r, nil
}

// CartsOfCustomer implements cart.Store.
func (s *Store) CartsOfCustomer(ctx context.Context, customer string) ([]shared.Cart, error) {
	return queryAll[shared.Cart](ctx, s.read, `
		SELECT document FROM cart
		WHERE customer = ? AND customer <> '' ORDER BY updated_at DESC, id DESC`, customer)
}

// Orders implements cart.Store.
func (s *Store) Orders(ctx context.Context, shopper, customer string, limit int) ([]shared.Cart, error) {
	return queryAll[shared.Cart](ctx, s.read, `
		SELECT document FROM cart
		WHERE status = 'ordered' AND (shopper = ?1 OR customer = ?2 AND ?2 <> '')
		ORDER BY updated_at DESC, id DESC LIMIT ?3`, shopper, customer, limit)
}

// Carts implements cart.Store.
func (s *Store) Carts(ctx context.Context, query cart.ListQuery) ([]shared.CartSummary, error) {
	return queryAll[shared.CartSummary](ctx, s.read, `
		SELECT summary FROM cart
		WHERE status = 'open' AND (?1 = '' OR (updated_at, id) < (?2, ?1)) AND (?3 OR evident)
		ORDER BY updated_at DESC, id DESC
		LIMIT ?4`, query.After.ID, micros(query.After.UpdatedAt), query.All, query.Limit)
}

// History implements cart.Store.
func (s *Store) History(ctx context.Context, id string, before int64, limit int) ([]shared.Activity, error) {
	return queryAll[shared.Activity](ctx, s.read, `
		SELECT payload FROM activity
		WHERE cart_id = ?1 AND (?2 = 0 OR cart_version < ?2)
		ORDER BY cart_version DESC LIMIT ?3`, id, before, limit)
}

// queryAll decodes each row's one column.
func queryAll[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := []T{}
	for rows.Next() {
		var document []byte
		if err := rows.Scan(&document); err != nil {
			return nil, err
		}
		var value T
		if err := json.Unmarshal(document, &value); err != nil {
			return nil, fmt.Errorf("decode %T: %w", value, err)
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// Idle implements cart.Store.
func (s *Store) Idle(ctx context.Context, unseen, seen time.Time, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id FROM cart
		WHERE status = 'open' AND active_at < CASE WHEN evident THEN ?2 ELSE ?1 END
		  AND active_at < max(?1, ?2)
		  AND NOT EXISTS (SELECT 1 FROM presence WHERE cart_id = id)
		ORDER BY active_at LIMIT ?3`, micros(unseen), micros(seen), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// ForgetCustomer implements cart.Store.
func (s *Store) ForgetCustomer(ctx context.Context, customer string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE activity SET payload = json_remove(payload, '$.note')
			WHERE kind IN ('note_written', 'handover_offered') AND cart_id IN (SELECT id FROM cart WHERE customer = ?1 AND customer <> '')`, customer)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE activity SET state = json_remove(state, '$.handover')
			WHERE json_extract(state, '$.handover') IS NOT NULL AND cart_id IN (SELECT id FROM cart WHERE customer = ?1 AND customer <> '')`, customer)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE cart SET customer = '', document = json_remove(document, '$.handover')
			WHERE customer = ?1 AND customer <> ''`, customer)
		return err
	})
}

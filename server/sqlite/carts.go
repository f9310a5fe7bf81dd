package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

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

func loadCart(ctx context.Context, q querier, condition, value string) (r cart.Record, err error) {
	var document string
	var codeUntil int64
	row := q.QueryRowContext(ctx, `SELECT shopper, customer, code, code_until, document FROM cart WHERE `+condition, value)
	if err := row.Scan(&r.Shopper, &r.Customer, &r.Code, &codeUntil, &document); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = cart.ErrNotFound
		}
		return cart.Record{}, err
	}
	r.CodeUntil = fromMicros(codeUntil)
	if err := json.Unmarshal([]byte(document), &r.Cart); err != nil {
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

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store. The transaction holds the only write lock of the
// database, and so the cart's, before the rule sees anything.
func (s *Store) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	condition, value := `id = ?`, which.ID
	if which.Shopper != "" {
		condition, value = ofShopper, which.Shopper
	}
	var r cart.Record
	err := s.transact(ctx, func(tx *sql.Tx) error {
		found, err := loadCart(ctx, tx, condition, value)
		if errors.Is(err, cart.ErrNotFound) && which.New != nil {
			found, err = *which.New, nil
			found.Lines = append([]shared.Line{}, found.Lines...)
		}
		if err != nil {
			return err
		}
		r = found
		attended := r.Attendants
		outcome, err := rule(&r)
		if err != nil {
			return err
		}
		if outcome == nil {
			return errUnchanged
		}
		return write(ctx, tx, &r, attended, outcome)
	})
	if errors.Is(err, errUnchanged) {
		return r, nil
	}
	if err != nil {
		return cart.Record{}, err
	}
	return r, nil
}

// ChangeBoth implements cart.Store.
func (s *Store) ChangeBoth(ctx context.Context, first, second string, rule func(first, second *cart.Record) (one, other *cart.Outcome, err error)) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		a, err := loadCart(ctx, tx, `id = ?`, first)
		if err != nil {
			return err
		}
		b, err := loadCart(ctx, tx, `id = ?`, second)
		if err != nil {
			return err
		}
		attendedA, attendedB := a.Attendants, b.Attendants
		one, other, err := rule(&a, &b)
		if err != nil {
			return err
		}
		if one != nil {
			if err := write(ctx, tx, &a, attendedA, one); err != nil {
				return err
			}
		}
		if other != nil {
			return write(ctx, tx, &b, attendedB, other)
		}
		return nil
	})
}

// write keeps what a rule made of a cart.
func write(ctx context.Context, tx *sql.Tx, r *cart.Record, attended []shared.Attendant, outcome *cart.Outcome) error {
	state, err := json.Marshal(&r.Cart)
	if err != nil {
		return fmt.Errorf("encode cart: %w", err)
	}
	if r.Status == shared.CartExpired {
		if _, err := tx.ExecContext(ctx, `DELETE FROM cart WHERE id = ?`, r.ID); err != nil {
			return err
		}
	} else if err := putCart(ctx, tx, r, state); err != nil {
		return err
	}
	if err := putPresence(ctx, tx, r, attended); err != nil {
		return err
	}
	if err := appendActivity(ctx, tx, r, outcome.Activity, state); err != nil {
		return err
	}
	if outcome.Audit != nil {
		return appendAudit(ctx, tx, *outcome.Audit)
	}
	return nil
}

func putCart(ctx context.Context, tx *sql.Tx, r *cart.Record, document []byte) error {
	summary, err := json.Marshal(r.Summary())
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	var number any
	if r.Order != nil {
		number = r.Order.Number
	}
	active := r.UpdatedAt
	if r.PageAt.After(active) {
		active = r.PageAt
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET shopper = excluded.shopper, customer = excluded.customer, status = excluded.status,
			evident = excluded.evident, code = excluded.code, code_until = excluded.code_until,
			order_number = excluded.order_number, updated_at = excluded.updated_at, active_at = excluded.active_at,
			document = excluded.document, summary = excluded.summary`,
		r.ID, r.Shopper, r.Customer, r.Status, cart.Evident(&r.Cart), r.Code, micros(r.CodeUntil), number,
		micros(r.UpdatedAt), micros(active), string(document), string(summary))
	return taken(err)
}

// taken tells that a code, or a shopper's place for an open cart, was taken.
func taken(err error) error {
	var failed *driver.Error
	if errors.As(err, &failed) && failed.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE &&
		(strings.Contains(failed.Error(), "cart.code") || strings.Contains(failed.Error(), "cart.shopper")) {
		return fmt.Errorf("%w: %w", cart.ErrTaken, err)
	}
	return err
}

// putPresence makes the rows of presence follow the attendants.
func putPresence(ctx context.Context, tx *sql.Tx, r *cart.Record, before []shared.Attendant) error {
	for _, a := range before {
		if _, stays := r.Attendant(a.Staff); stays {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM presence WHERE cart_id = ? AND staff = ?`, r.ID, a.Staff); err != nil {
			return err
		}
	}
	now := micros(time.Now())
	was := shared.Cart{Attendants: before}
	for _, a := range r.Attendants {
		if _, was := was.Attendant(a.Staff); was {
			continue
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO presence (cart_id, staff, alive_at, acted_at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET alive_at = excluded.alive_at, acted_at = excluded.acted_at`, r.ID, a.Staff, now, now)
		if err != nil {
			return err
		}
	}
	return nil
}

func appendActivity(ctx context.Context, tx *sql.Tx, r *cart.Record, activity *shared.Activity, state []byte) error {
	payload, err := json.Marshal(activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		activity.CartID, activity.CartVersion, activity.Kind, micros(activity.At), r.Shopper, string(payload), string(state))
	return err
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

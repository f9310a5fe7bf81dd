package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

func condition(which cart.Which) (where, value string) {
	if which.Shopper != "" {
		return ofShopper, which.Shopper
	}
	return `id = $1`, which.ID
}

func loadCart(ctx context.Context, q querier, condition, value string) (r cart.Record, err error) {
	var document []byte
	row := q.QueryRow(ctx, `SELECT shopper, customer, code, code_until, document FROM cart WHERE `+condition, value)
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
		ORDER BY cart_version DESC LIMIT $3`, id, before, limit)
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

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store.
func (s *Store) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	var r cart.Record
	err := s.transact(ctx, func(tx pgx.Tx) error {
		found, err := lockCart(ctx, tx, which)
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
		batch := new(pgx.Batch)
		if err := write(batch, &r, attended, outcome); err != nil {
			return err
		}
		return taken(tx.SendBatch(ctx, batch).Close())
	})
	if errors.Is(err, errUnchanged) {
		return r, nil
	}
	if err != nil {
		return cart.Record{}, err
	}
	return r, nil
}

// ChangeBoth implements cart.Store. Both locks are taken before anything is read or
// written, in the order of their keys.
func (s *Store) ChangeBoth(ctx context.Context, first, second string, rule func(first, second *cart.Record) (one, other *cart.Outcome, err error)) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock($1, key)
			FROM (SELECT hashtext(id) AS key FROM unnest($2::text[]) AS id ORDER BY key) AS keys`, cartLocks, []string{first, second})
		if err != nil {
			return err
		}
		a, err := loadCart(ctx, tx, `id = $1`, first)
		if err != nil {
			return err
		}
		b, err := loadCart(ctx, tx, `id = $1`, second)
		if err != nil {
			return err
		}
		attendedA, attendedB := a.Attendants, b.Attendants
		one, other, err := rule(&a, &b)
		if err != nil {
			return err
		}
		batch := new(pgx.Batch)
		if one != nil {
			if err := write(batch, &a, attendedA, one); err != nil {
				return err
			}
		}
		if other != nil {
			if err := write(batch, &b, attendedB, other); err != nil {
				return err
			}
		}
		return taken(tx.SendBatch(ctx, batch).Close())
	})
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
func lockCart(ctx context.Context, tx pgx.Tx, which cart.Which) (cart.Record, error) {
	c, err := lockExisting(ctx, tx, which)
	if !errors.Is(err, cart.ErrNotFound) || which.New == nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, shopperLocks, which.Shopper); err != nil {
		return cart.Record{}, err
	}
	return lockExisting(ctx, tx, which)
}

// lockExisting waits for the lock in one statement and reads in the next, which
// therefore sees what the last holder has committed; this includes a cart that is
// not open, or not there, any more. If the shopper has another cart by then, that
// one is locked in its turn.
func lockExisting(ctx context.Context, tx pgx.Tx, which cart.Which) (cart.Record, error) {
	where, value := condition(which)
	for {
		var locked string
		row := tx.QueryRow(ctx, `SELECT id, pg_advisory_xact_lock($2, hashtext(id)) FROM cart WHERE `+where, value, cartLocks)
		if err := row.Scan(&locked, nil); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				err = cart.ErrNotFound
			}
			return cart.Record{}, err
		}
		r, err := loadCart(ctx, tx, where, value)
		if err != nil || r.ID == locked {
			return r, err
		}
	}
}

// taken tells that a code, or a shopper's place for an open cart, was taken.
func taken(err error) error {
	const uniqueViolation = "23505"
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == uniqueViolation &&
		(refused.ConstraintName == "cart_by_code" || refused.ConstraintName == "cart_open_of_shopper") {
		return fmt.Errorf("%w: %w", cart.ErrTaken, err)
	}
	return err
}

// write keeps what a rule made of a cart.
func write(batch *pgx.Batch, r *cart.Record, attended []shared.Attendant, outcome *cart.Outcome) error {
	state, err := json.Marshal(&r.Cart)
	if err != nil {
		return fmt.Errorf("encode cart: %w", err)
	}
	if r.Status == shared.CartExpired {
		batch.Queue(`DELETE FROM cart WHERE id = $1`, r.ID)
	} else if err := putCart(batch, r, state); err != nil {
		return err
	}
	putPresence(batch, r, attended)
	payload, err := json.Marshal(outcome.Activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	a := outcome.Activity
	batch.Queue(`
		INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.CartID, a.CartVersion, a.Kind, a.At, r.Shopper, string(payload), string(state))
	if outcome.Audit != nil {
		batch.Queue(insertAudit, auditValues(*outcome.Audit)...)
	}
	return nil
}

func putCart(batch *pgx.Batch, r *cart.Record, document []byte) error {
	summary, err := json.Marshal(r.Summary())
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	var number *string
	if r.Order != nil {
		number = &r.Order.Number
	}
	active := r.UpdatedAt
	if r.PageAt.After(active) {
		active = r.PageAt
	}
	batch.Queue(`
		INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET shopper = excluded.shopper, customer = excluded.customer, status = excluded.status,
			evident = excluded.evident, code = excluded.code, code_until = excluded.code_until,
			order_number = excluded.order_number, updated_at = excluded.updated_at, active_at = excluded.active_at,
			document = excluded.document, summary = excluded.summary`,
		r.ID, r.Shopper, r.Customer, r.Status, cart.Evident(&r.Cart), r.Code, r.CodeUntil, number,
		r.UpdatedAt, active, string(document), string(summary))
	return nil
}

// putPresence makes the rows of presence follow the attendants.
func putPresence(batch *pgx.Batch, r *cart.Record, before []shared.Attendant) {
	for _, a := range before {
		if _, stays := r.Attendant(a.Staff); !stays {
			batch.Queue(`DELETE FROM presence WHERE cart_id = $1 AND staff = $2`, r.ID, a.Staff)
		}
	}
	was := shared.Cart{Attendants: before}
	for _, a := range r.Attendants {
		if _, was := was.Attendant(a.Staff); was {
			continue
		}
		batch.Queue(`
			INSERT INTO presence (cart_id, staff, alive_at, acted_at) VALUES ($1, $2, $3, $3)
			ON CONFLICT (cart_id, staff) DO UPDATE SET alive_at = excluded.alive_at, acted_at = excluded.acted_at`, r.ID, a.Staff, time.Now())
	}
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

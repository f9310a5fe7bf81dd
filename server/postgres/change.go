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

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store.
func (s *Store) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	var r cart.Record
	err := s.brief(ctx, func(conn *pgx.Conn, begin, commit *pgx.Batch) error {
		found, err := lockCart(ctx, conn, begin, which)
		exists := err == nil
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
		return s.write(commit, &r, exists, attended, outcome)
	})
	if errors.Is(err, errUnchanged) {
		return r, nil
	}
	if err != nil {
		return cart.Record{}, taken(err)
	}
	return r, nil
}

func condition(which cart.Which) (where, value string) {
	if which.Shopper != "" {
		return ofShopper, which.Shopper
	}
	return `id = $1`, which.ID
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
			if err := s.write(batch, &a, true, attendedA, one); err != nil {
				return err
			}
		}
		if other != nil {
			if err := s.write(batch, &b, true, attendedB, other); err != nil {
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
	sweepLocks   = 0x73776565 // "swee"; see inParts
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
func lockCart(ctx context.Context, conn *pgx.Conn, begin *pgx.Batch, which cart.Which) (cart.Record, error) {
	r, err := lockExisting(ctx, conn, begin, which)
	if !errors.Is(err, cart.ErrNotFound) || which.New == nil {
		return r, err
	}
	batch := new(pgx.Batch)
	batch.Queue(`SELECT pg_advisory_xact_lock($1, hashtext($2))`, shopperLocks, which.Shopper)
	return lockExisting(ctx, conn, batch, which)
}

// lockExisting waits for the lock in one statement and reads in the next, which
// therefore sees what the last holder has committed; this includes a cart that is
// not open, or not there, any more. Both statements are sent at once, behind what is in
// the batch already. If the shopper has another cart by then, that one is locked in its
// turn.
func lockExisting(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch, which cart.Which) (cart.Record, error) {
	where, value := condition(which)
	for ; ; batch = new(pgx.Batch) {
		var locked string
		var r cart.Record
		batch.Queue(`SELECT id, pg_advisory_xact_lock($2, hashtext(id)) FROM cart WHERE `+where, value, cartLocks).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&locked, nil)
			if errors.Is(err, pgx.ErrNoRows) {
				err = nil
			}
			return err
		})
		batch.Queue(selectCart+where, value).QueryRow(func(row pgx.Row) (err error) {
			r, err = scanCart(row)
			if errors.Is(err, cart.ErrNotFound) {
				err = nil
			}
			return err
		})
		if err := conn.SendBatch(ctx, batch).Close(); err != nil {
			return cart.Record{}, err
		}
		if locked == "" || r.ID == "" { // or it has come to be between the two
			return cart.Record{}, cart.ErrNotFound
		}
		if r.ID == locked {
			return r, nil
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

// write keeps what a rule made of a cart, which may exist already.
func (s *Store) write(batch *pgx.Batch, r *cart.Record, exists bool, attended []shared.Attendant, outcome *cart.Outcome) error {
	state, err := json.Marshal(&r.Cart)
	if err != nil {
		return fmt.Errorf("encode cart: %w", err)
	}
	if r.Status == shared.CartExpired {
		batch.Queue(`DELETE FROM cart WHERE id = $1`, r.ID)
	} else if err := putCart(batch, r, exists, state); err != nil {
		return err
	}
	putPresence(batch, r, attended)
	payload, err := json.Marshal(outcome.Activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	if a := outcome.Activity; !s.noLog {
		batch.Queue(`
			INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			a.CartID, a.CartVersion, a.Kind, a.At, r.Shopper, string(payload), string(state))
	}
	if outcome.Audit != nil {
		batch.Queue(insertAudit, auditValues(*outcome.Audit)...)
	}
	return nil
}

func putCart(batch *pgx.Batch, r *cart.Record, exists bool, document []byte) error {
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
	query := `
		INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	if exists {
		query = `
			UPDATE cart SET shopper = $2, customer = $3, status = $4, evident = $5, code = $6, code_until = $7, order_number = $8,
				updated_at = $9, active_at = $10, document = $11, summary = $12
			WHERE id = $1`
	}
	batch.Queue(query,
		r.ID, r.Shopper, r.Customer, r.Status, cart.Evident(&r.Cart), r.Code, r.CodeUntil, number,
		r.UpdatedAt, active, string(document), string(summary)).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != 1 {
			return fmt.Errorf("the cart %s is gone, though it is locked", r.ID)
		}
		return nil
	})
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

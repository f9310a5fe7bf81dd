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

// changes are the statements of a change, which are prepared once: to prepare one takes
// SQLite longer than to execute it.
type changes struct {
	byID, ofShopper  *sql.Stmt // read a cart
	put, update, log *sql.Stmt
}

func (c *changes) prepare(ctx context.Context, db *sql.DB) error {
	for statement, query := range map[**sql.Stmt]string{
		&c.byID:      selectCart + `id = ?`,
		&c.ofShopper: selectCart + ofShopper,
		&c.put: `
			INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET shopper = excluded.shopper, customer = excluded.customer, status = excluded.status,
				evident = excluded.evident, code = excluded.code, code_until = excluded.code_until,
				order_number = excluded.order_number, updated_at = excluded.updated_at, active_at = excluded.active_at,
				document = excluded.document, summary = excluded.summary`,
		&c.update: `UPDATE cart SET updated_at = ?, active_at = ?, document = ?, summary = ? WHERE id = ?`,
		&c.log: `
			INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES (?, ?, ?, ?, ?, ?, ?)`,
	} {
		var err error
		if *statement, err = db.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

func (c *changes) close() error {
	var errs []error
	for _, statement := range []*sql.Stmt{c.byID, c.ofShopper, c.put, c.update, c.log} {
		if statement != nil {
			errs = append(errs, statement.Close())
		}
	}
	return errors.Join(errs...)
}

// kept is what is kept of a cart outside of its document.
type kept struct {
	keys
	attendants []shared.Attendant
}

// keys are the columns by which a cart is found and that seldom change. Where they
// didn't, their indexes needn't be written.
type keys struct {
	id, shopper, customer string
	status                shared.CartStatus
	evident               bool
	code                  string
	codeUntil             int64
	number                string
}

func keptOf(r *cart.Record) kept {
	k := kept{attendants: r.Attendants, keys: keys{
		id: r.ID, shopper: r.Shopper, customer: r.Customer, status: r.Status, evident: cart.Evident(&r.Cart),
		code: r.Code, codeUntil: micros(r.CodeUntil),
	}}
	if r.Order != nil {
		k.number = r.Order.Number
	}
	return k
}

// errUnchanged rolls a transaction back in which nothing came to be done.
var errUnchanged = errors.New("unchanged")

// Change implements cart.Store. The transaction holds the only write lock of the
// database, and so the cart's, before the rule sees anything.
func (s *Store) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	query, value := s.changes.byID, which.ID
	if which.Shopper != "" {
		query, value = s.changes.ofShopper, which.Shopper
	}
	var r cart.Record
	err := s.transact(ctx, func(tx *sql.Tx) error {
		ctx := context.WithoutCancel(ctx)
		found, err := scanCart(tx.StmtContext(ctx, query).QueryRowContext(ctx, value))
		was := keptOf(&found)
		if errors.Is(err, cart.ErrNotFound) && which.New != nil {
			found, err = *which.New, nil
			found.Lines = append([]shared.Line{}, found.Lines...)
		}
		if err != nil {
			return err
		}
		r = found
		outcome, err := rule(&r)
		if err != nil {
			return err
		}
		if outcome == nil {
			return errUnchanged
		}
		return s.keep(ctx, tx, &r, was, outcome)
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
		wasA, wasB := keptOf(&a), keptOf(&b)
		one, other, err := rule(&a, &b)
		if err != nil {
			return err
		}
		if one != nil {
			if err := s.keep(ctx, tx, &a, wasA, one); err != nil {
				return err
			}
		}
		if other != nil {
			return s.keep(ctx, tx, &b, wasB, other)
		}
		return nil
	})
}

// keep keeps what a rule made of a cart, of which this was kept before.
func (s *Store) keep(ctx context.Context, tx *sql.Tx, r *cart.Record, was kept, outcome *cart.Outcome) error {
	state, err := json.Marshal(&r.Cart)
	if err != nil {
		return fmt.Errorf("encode cart: %w", err)
	}
	if r.Status == shared.CartExpired {
		if _, err := tx.ExecContext(ctx, `DELETE FROM cart WHERE id = ?`, r.ID); err != nil {
			return err
		}
	} else if err := s.putCart(ctx, tx, r, was, state); err != nil {
		return err
	}
	if err := putPresence(ctx, tx, r, was.attendants); err != nil {
		return err
	}
	if err := s.appendActivity(ctx, tx, r, outcome.Activity, state); err != nil {
		return err
	}
	if outcome.Audit != nil {
		return appendAudit(ctx, tx, *outcome.Audit)
	}
	return nil
}

func (s *Store) putCart(ctx context.Context, tx *sql.Tx, r *cart.Record, was kept, document []byte) error {
	summary, err := json.Marshal(r.Summary())
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	active := r.UpdatedAt
	if r.PageAt.After(active) {
		active = r.PageAt
	}
	is := keptOf(r)
	if is.keys == was.keys {
		_, err = tx.StmtContext(ctx, s.changes.update).ExecContext(ctx, micros(r.UpdatedAt), micros(active), string(document), string(summary), r.ID)
		return err
	}
	number := sql.NullString{String: is.number, Valid: is.number != ""}
	_, err = tx.StmtContext(ctx, s.changes.put).ExecContext(ctx,
		is.id, is.shopper, is.customer, is.status, is.evident, is.code, is.codeUntil, number,
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

func (s *Store) appendActivity(ctx context.Context, tx *sql.Tx, r *cart.Record, activity *shared.Activity, state []byte) error {
	payload, err := json.Marshal(activity)
	if err != nil {
		return fmt.Errorf("encode activity: %w", err)
	}
	_, err = tx.StmtContext(ctx, s.changes.log).ExecContext(ctx,
		activity.CartID, activity.CartVersion, activity.Kind, micros(activity.At), r.Shopper, string(payload), string(state))
	return err
}

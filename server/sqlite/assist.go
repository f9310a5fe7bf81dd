package sqlite

import (
	"context"
	"database/sql"
	"time"

	"cartline/server/assist"
	"cartline/shared"
)

var _ assist.Store = (*Store)(nil)

// execer is a pool or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// AppendAudit implements assist.Store.
func (s *Store) AppendAudit(ctx context.Context, entry shared.AuditEntry) error {
	return appendAudit(ctx, s.write, entry)
}

func appendAudit(ctx context.Context, e execer, entry shared.AuditEntry) error {
	_, err := e.ExecContext(ctx, `
		INSERT INTO audit (at, staff, action, cart_id, cart, consent, customer, outcome, before, after)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		micros(entry.At), entry.Staff, entry.Action, entry.CartID, entry.Cart, entry.Consent, entry.Customer,
		entry.Outcome, entry.Before, entry.After)
	return err
}

// Audit implements assist.Store.
func (s *Store) Audit(ctx context.Context, after int64, limit int) ([]shared.AuditEntry, error) {
	return s.audit(ctx, `WHERE id > ? ORDER BY id LIMIT ?`, after, limit)
}

// AuditBefore implements assist.Store.
func (s *Store) AuditBefore(ctx context.Context, before int64, limit int) ([]shared.AuditEntry, error) {
	return s.audit(ctx, `WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2`, before, limit)
}

func (s *Store) audit(ctx context.Context, which string, args ...any) ([]shared.AuditEntry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, at, staff, action, cart_id, cart, consent, customer, outcome, before, after
		FROM audit `+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	entries := []shared.AuditEntry{}
	for rows.Next() {
		var e shared.AuditEntry
		var at int64
		err := rows.Scan(&e.ID, &at, &e.Staff, &e.Action, &e.CartID, &e.Cart, &e.Consent, &e.Customer, &e.Outcome, &e.Before, &e.After)
		if err != nil {
			return nil, err
		}
		e.At = fromMicros(at)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// KeepAlive implements assist.Store.
func (s *Store) KeepAlive(ctx context.Context, present []assist.Presence, at time.Time) error {
	if len(present) == 0 {
		return nil
	}
	return s.transact(ctx, func(tx *sql.Tx) error {
		for _, p := range present {
			_, err := tx.ExecContext(ctx, `UPDATE presence SET alive_at = ? WHERE cart_id = ? AND staff = ?`, micros(at), p.CartID, p.Staff)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Acted implements assist.Store.
func (s *Store) Acted(ctx context.Context, p assist.Presence, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE presence SET acted_at = ? WHERE cart_id = ? AND staff = ?`, micros(at), p.CartID, p.Staff)
	return err
}

// Lapsed implements assist.Store.
func (s *Store) Lapsed(ctx context.Context, alive, acted time.Time) ([]assist.Lapse, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT cart_id, staff, alive_at >= ?1 FROM presence WHERE alive_at < ?1 OR acted_at < ?2`, micros(alive), micros(acted))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lapsed []assist.Lapse
	for rows.Next() {
		var l assist.Lapse
		if err := rows.Scan(&l.CartID, &l.Staff, &l.Idle); err != nil {
			return nil, err
		}
		lapsed = append(lapsed, l)
	}
	return lapsed, rows.Err()
}

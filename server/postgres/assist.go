package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/assist"
	"cartline/shared"
)

var _ assist.Store = (*Store)(nil)

const insertAudit = `
	INSERT INTO audit (at, staff, action, cart_id, cart, consent, customer, outcome, before, after)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func auditValues(e shared.AuditEntry) []any {
	return []any{e.At, e.Staff, e.Action, e.CartID, e.Cart, e.Consent, e.Customer, e.Outcome, e.Before, e.After}
}

// AppendAudit implements assist.Store.
func (s *Store) AppendAudit(ctx context.Context, entry shared.AuditEntry) error {
	_, err := s.pool.Exec(ctx, insertAudit, auditValues(entry)...)
	return err
}

// Audit implements assist.Store.
func (s *Store) Audit(ctx context.Context, after int64, limit int) ([]shared.AuditEntry, error) {
	return s.audit(ctx, `WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// AuditBefore implements assist.Store.
func (s *Store) AuditBefore(ctx context.Context, before int64, limit int) ([]shared.AuditEntry, error) {
	return s.audit(ctx, `WHERE $1 = 0 OR id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func (s *Store) audit(ctx context.Context, which string, args ...any) ([]shared.AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, at, staff, action, cart_id, cart, consent, customer, outcome, before, after
		FROM audit `+which, args...)
	if err != nil {
		return nil, err
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e shared.AuditEntry, err error) {
		err = row.Scan(&e.ID, &e.At, &e.Staff, &e.Action, &e.CartID, &e.Cart, &e.Consent, &e.Customer, &e.Outcome, &e.Before, &e.After)
		e.At = e.At.UTC()
		return e, err
	})
	if entries == nil {
		entries = []shared.AuditEntry{}
	}
	return entries, err
}

// KeepAlive implements assist.Store.
func (s *Store) KeepAlive(ctx context.Context, present []assist.Presence, at time.Time) error {
	if len(present) == 0 {
		return nil
	}
	carts, staff := make([]string, 0, len(present)), make([]string, 0, len(present))
	for _, p := range present {
		carts, staff = append(carts, p.CartID), append(staff, p.Staff)
	}
	_, err := s.pool.Exec(ctx, `
		UPDATE presence SET alive_at = $1
		FROM unnest($2::text[], $3::text[]) AS present (cart_id, staff)
		WHERE presence.cart_id = present.cart_id AND presence.staff = present.staff`, at, carts, staff)
	return err
}

// Acted implements assist.Store.
func (s *Store) Acted(ctx context.Context, p assist.Presence, at time.Time) error {
	_, err := s.pool.Exec(ctx, `UPDATE presence SET acted_at = $1 WHERE cart_id = $2 AND staff = $3`, at, p.CartID, p.Staff)
	return err
}

// Lapsed implements assist.Store.
func (s *Store) Lapsed(ctx context.Context, alive, acted time.Time) ([]assist.Lapse, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT cart_id, staff, alive_at >= $1 FROM presence WHERE alive_at < $1 OR acted_at < $2`, alive, acted)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l assist.Lapse, err error) {
		err = row.Scan(&l.CartID, &l.Staff, &l.Idle)
		return l, err
	})
}

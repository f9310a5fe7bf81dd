package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// place is where a database is, as far as that can be told: a part that can't is "".
// A copy is in another cluster or has another OID; what was restored to an earlier
// state, or was a standby, is on another timeline.
type place struct{ cluster, timeline, database string }

// elsewhere says whether p and q can't be the same place.
func (p place) elsewhere(q place) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	return differ(p.cluster, q.cluster) || differ(p.timeline, q.timeline) || differ(p.database, q.database)
}

// or returns p with those parts of q that p lacks.
func (p place) or(q place) place {
	either := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	return place{either(p.cluster, q.cluster), either(p.timeline, q.timeline), either(p.database, q.database)}
}

// untold stands for a part of the place that can't be told.
const untold = `''`

// placeParts are the expressions that tell a part each, in the order of place. Who runs
// managed servers may not let everybody use them.
var placeParts = []struct{ name, expression string }{
	{"the cluster's identifier", `(SELECT system_identifier::text FROM pg_control_system())`},
	{"the timeline", `CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END`},
	{"the database's OID", `(SELECT oid::text FROM pg_database WHERE datname = current_database())`},
}

// findOut learns which parts of the place can be told here, and checks the place for
// the first time. From then on, the pool has each new connection checked: it may lead
// elsewhere than the last one did.
func (s *Store) findOut(ctx context.Context) error {
	return s.pool.AcquireFunc(ctx, func(pooled *pgxpool.Conn) error {
		var told []string
		for _, part := range placeParts {
			var ignored string
			err := pooled.QueryRow(ctx, `SELECT `+part.expression).Scan(&ignored)
			switch {
			case err == nil:
				told = append(told, part.expression)
			case notAllowed(err):
				told = append(told, untold)
				s.unknown = append(s.unknown, part.name)
			default:
				return err
			}
		}
		query := `SELECT cluster, timeline, database, ` + strings.Join(told, `, `) + ` FROM log_epoch`
		s.place.Store(&query)
		return s.checkPlace(ctx, pooled.Conn())
	})
}

// notAllowed says whether an error means that a function may not be used, or isn't
// there.
func notAllowed(err error) bool {
	const insufficientPrivilege, undefinedFunction, notSupported = "42501", "42883", "0A000"
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	return refused.Code == insufficientPrivilege || refused.Code == undefinedFunction || refused.Code == notSupported
}

// Unknown lists what can't be told of where the database is, for lack of rights. If
// that is all by which a copy or a restored database differs, it goes on with the old
// epoch, and a cursor from before may be taken for one of its own.
func (s *Store) Unknown() []string { return s.unknown }

// checkPlace begins another epoch if the database is elsewhere than where the present
// one was begun.
func (s *Store) checkPlace(ctx context.Context, conn *pgx.Conn) error {
	query := s.place.Load()
	if query == nil {
		return nil // the schema isn't up to date yet; findOut is to come
	}
	kept, here, err := readPlace(ctx, conn, *query)
	if err != nil {
		return fmt.Errorf("see where the database is: %w", err)
	}
	if here.or(kept) == kept {
		return nil
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return settle(ctx, tx, *query) })
	if err != nil {
		return fmt.Errorf("begin another epoch: %w", err)
	}
	return nil
}

func readPlace(ctx context.Context, conn interface {
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}, query string) (kept, here place, err error) {
	err = conn.QueryRow(ctx, query).Scan(&kept.cluster, &kept.timeline, &kept.database, &here.cluster, &here.timeline, &here.database)
	return kept, here, err
}

// settle writes down where the database is, and begins another epoch if it was
// elsewhere before. Several processes may come to do so at once, and one does.
func settle(ctx context.Context, tx pgx.Tx, query string) error {
	kept, here, err := readPlace(ctx, tx, query+` FOR UPDATE OF log_epoch`)
	if err != nil {
		return err
	}
	if here.elsewhere(kept) {
		if err := beginEpoch(ctx, tx); err != nil {
			return err
		}
	}
	here = here.or(kept)
	_, err = tx.Exec(ctx, `UPDATE log_epoch SET cluster = $1, timeline = $2, database = $3`, here.cluster, here.timeline, here.database)
	return err
}

// beginEpoch makes the log one that has no past. In another cluster its transactions
// may be ahead of those to come, which must sort after them; so all get the first
// transaction there is, and stay in the order of their ids, in which each cart's are in
// the order of its versions.
func beginEpoch(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		UPDATE activity SET tx = '3'
		WHERE EXISTS (SELECT 1 FROM activity WHERE tx >= pg_snapshot_xmax(pg_current_snapshot()))`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE log_epoch SET epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 16),
			trimmed_tx = '0', trimmed_id = 0, trimmed_at = 'epoch'`)
	return err
}

package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// trimPart is how many rows are deleted in one transaction: so few that the log, whose
// readers wait for every transaction, is hardly held back by it.
const trimPart = 2000

// Trim implements cart.Store. The newest activity that can be read stays, as it tells
// where the log is, and so does what can't be read yet. It goes by the log's order, so that
// no index of times must be kept up with each change.
func (s *Store) Trim(ctx context.Context, before time.Time) (int64, error) {
	return s.inParts(ctx, func(tx pgx.Tx) (trimmed int64, err error) {
		// Whoever begins another epoch takes this lock first, too.
		if _, err := tx.Exec(ctx, `SELECT FROM log_epoch FOR UPDATE`); err != nil {
			return 0, err
		}
		err = tx.QueryRow(ctx, `
			WITH oldest AS (
				SELECT tx, id, at FROM activity
				WHERE (tx, id) < (SELECT tx, id FROM activity WHERE `+readable+` ORDER BY tx DESC, id DESC LIMIT 1)
				ORDER BY tx, id LIMIT $2
			), old AS (
				SELECT tx, id FROM oldest WHERE at < $1
			), gone AS (
				DELETE FROM activity USING old WHERE activity.tx = old.tx AND activity.id = old.id
				RETURNING activity.tx, activity.id, activity.at
			), noted AS (
				UPDATE log_epoch SET trimmed_tx = tx, trimmed_id = id, trimmed_at = at
				FROM (SELECT tx, id, at FROM gone ORDER BY tx DESC, id DESC LIMIT 1) AS furthest
				WHERE (trimmed_tx, trimmed_id) < (tx, id)
			)
			SELECT count(*) FROM gone`, before, trimPart).Scan(&trimmed)
		return trimmed, err
	})
}

// TrimAudit implements assist.Store.
func (s *Store) TrimAudit(ctx context.Context, before time.Time) (int64, error) {
	return s.inParts(ctx, func(tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `
			DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)`, before, trimPart)
		return tag.RowsAffected(), err
	})
}

// inParts does something in one transaction after another until one finds less than
// its part to do, and returns how much was done. Others' changes come in between; other
// processes that sweep take turns, as two who delete the same rows, each in an order of
// its own, could wait for each other.
func (s *Store) inParts(ctx context.Context, part func(pgx.Tx) (int64, error)) (all int64, err error) {
	for {
		var done int64
		err := s.transact(ctx, func(tx pgx.Tx) (err error) {
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, sweepLocks); err != nil {
				return err
			}
			done, err = part(tx)
			return err
		})
		if err != nil {
			return all, err
		}
		if all += done; done < trimPart {
			return all, nil
		}
	}
}

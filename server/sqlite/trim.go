package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// trimPart is how many rows are deleted in one transaction: so few that other writers
// hardly notice it.
const trimPart = 2000

// Trim implements cart.Store. The newest activity stays, as it tells where the log is.
func (s *Store) Trim(ctx context.Context, before time.Time) (int64, error) {
	return s.inParts(ctx, func(tx *sql.Tx) (int64, error) {
		rows, err := tx.QueryContext(ctx, `
			DELETE FROM activity WHERE id IN (
				SELECT id FROM activity WHERE at < ? AND id < (SELECT max(id) FROM activity) ORDER BY at LIMIT ?)
			RETURNING id, at`, micros(before), trimPart)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		var trimmed, furthest, at int64
		for rows.Next() {
			var rowID, rowAt int64
			if err := rows.Scan(&rowID, &rowAt); err != nil {
				return 0, err
			}
			trimmed++
			if rowID > furthest {
				furthest, at = rowID, rowAt
			}
		}
		if err := rows.Err(); err != nil {
			return 0, err
		}
		_, err = tx.ExecContext(ctx, `UPDATE log_epoch SET trimmed = ?1, trimmed_at = ?2 WHERE trimmed < ?1`, furthest, at)
		return trimmed, err
	})
}

// TrimAudit implements assist.Store.
func (s *Store) TrimAudit(ctx context.Context, before time.Time) (int64, error) {
	return s.inParts(ctx, func(tx *sql.Tx) (int64, error) {
		return affected(tx.ExecContext(ctx, `
			DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)`, micros(before), trimPart))
	})
}

// inParts does something in one transaction after another until one finds less than
// its part to do, and returns how much was done. Others' changes come in between.
func (s *Store) inParts(ctx context.Context, part func(*sql.Tx) (int64, error)) (all int64, err error) {
	for {
		var done int64
		err := s.transact(ctx, func(tx *sql.Tx) (err error) {
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

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

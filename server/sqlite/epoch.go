package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// settle begins another epoch if this is not the file in which the present one was
// begun: a copy, or a backup that was restored. Some of them have the identity of that
// file, such as one whose contents alone were put back; what a cursor marks tells them.
//
// It takes the write lock, as a file that can't be written to is better known now than
// at the first change.
func (s *Store) settle(ctx context.Context, path string) error {
	here, err := fileID(path)
	if err != nil {
		return fmt.Errorf("see which file it is: %w", err)
	}
	return s.transact(ctx, func(tx *sql.Tx) error {
		var kept string
		if err := tx.QueryRowContext(ctx, `SELECT file FROM log_epoch`).Scan(&kept); err != nil || kept == here {
			return err
		}
		if kept != "" {
			_, err := tx.ExecContext(ctx, `UPDATE log_epoch SET epoch = lower(hex(randomblob(8))), trimmed = 0, trimmed_at = 0`)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE log_epoch SET file = ?`, here)
		return err
	})
}

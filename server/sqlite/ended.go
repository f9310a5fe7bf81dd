package sqlite

import (
	"context"
	"time"
)

// keepEnded is how long it is kept which shoppers' sessions have ended.
const keepEnded = 24 * time.Hour

// lastEnded is the number of the session that was the last to end; deleting its row
// doesn't take it back.
const lastEnded = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'shopper_ended'), 0)`

// EndedHead returns the number of the shopper's session that was the last to end, or 0.
func (s *Store) EndedHead(ctx context.Context) (last int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT `+lastEnded).Scan(&last)
	return last, err
}

// EndedShoppers returns the hashes of up to `limit` shoppers' sessions that ended after
// the one with a number, in whatever way and by whatever process, and the number of the
// last of them. If there is none, that is the present head, which can be less than
// what was asked for only if the database was put back to an older state.
func (s *Store) EndedShoppers(ctx context.Context, after int64, limit int) (hashes [][]byte, last int64, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT coalesce(number, head), token_hash FROM (SELECT `+lastEnded+` AS head)
		LEFT JOIN (SELECT number, token_hash FROM shopper_ended WHERE number > ? ORDER BY number LIMIT ?)
		ORDER BY 1`, after, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&last, &hash); err != nil {
			return nil, 0, err
		}
		if hash != nil {
			hashes = append(hashes, hash)
		}
	}
	return hashes, last, rows.Err()
}

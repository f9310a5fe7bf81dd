package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// keepEnded is how long it is kept which shoppers' sessions have ended.
const keepEnded = 24 * time.Hour

// EndedHead returns the number of the shopper's session that was the last to end, or 0.
func (s *Store) EndedHead(ctx context.Context) (last int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT number FROM shopper_ended_count`).Scan(&last)
	s.doubt(err)
	return last, err
}

// EndedShoppers returns the hashes of up to `limit` shoppers' sessions that ended after
// the one with a number, in whatever way and by whatever process, and the number of the
// last of them. If there is none, that is the present head, which can be less than
// what was asked for only if the database was put back to an older state.
func (s *Store) EndedShoppers(ctx context.Context, after int64, limit int) (hashes [][]byte, last int64, err error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(ended.number, head.number), token_hash FROM shopper_ended_count AS head
		LEFT JOIN (SELECT number, token_hash FROM shopper_ended WHERE number > $1 ORDER BY number LIMIT $2) AS ended ON true
		ORDER BY 1`, after, limit)
	if err != nil {
		s.doubt(err)
		return nil, 0, err
	}
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&last, &hash}, func() error {
		if hash != nil {
			hashes = append(hashes, append([]byte(nil), hash...))
		}
		return nil
	})
	s.doubt(err)
	return hashes, last, err
}

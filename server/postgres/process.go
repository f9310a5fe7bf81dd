package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/shared"
)

// A process that wasn't heard of for processLife isn't counted any more, and one that
// wasn't for processKept is forgotten.
const (
	processLife = 10 * time.Second
	processKept = time.Minute
)

// Beat notes that the process with an id lives, and what it says of itself. It returns the
// others that do, the oldest first, and the time by the database's clock.
func (s *Store) Beat(ctx context.Context, id string, p shared.ProcessStatus) (others []shared.ProcessStatus, now time.Time, err error) {
	batch := new(pgx.Batch) // which is one transaction
	batch.Queue(`
		INSERT INTO process (id, name, mode, version, started_at, connections, echo, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, now())
		ON CONFLICT (id) DO UPDATE SET connections = $6, echo = $7, seen_at = now()`,
		id, p.Process, p.Mode, p.Version, p.StartedAt, p.Connections, p.Echo)
	batch.Queue(`DELETE FROM process WHERE seen_at < now() - $1::interval`, processKept)
	batch.Queue(`SELECT now()`).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
	batch.Queue(`
		SELECT name, mode, version, started_at, connections, echo FROM process
		WHERE id <> $1 AND seen_at > now() - $2::interval ORDER BY started_at, id`, id, processLife).
		Query(func(rows pgx.Rows) (err error) {
			others, err = pgx.CollectRows(rows, scanProcess)
			return err
		})
	err = s.pool.SendBatch(ctx, batch).Close()
	s.doubt(err)
	return others, now.UTC(), err
}

func scanProcess(row pgx.CollectableRow) (p shared.ProcessStatus, err error) {
	err = row.Scan(&p.Process, &p.Mode, &p.Version, &p.StartedAt, &p.Connections, &p.Echo)
	p.StartedAt = p.StartedAt.UTC()
	return p, err
}

// Gone forgets the process with an id, which ends.
func (s *Store) Gone(ctx context.Context, id string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM process WHERE id = $1`, id)
	return err
}

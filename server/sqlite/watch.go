package sqlite

import (
	"context"
	"time"
)

// watchInterval is how often Watch looks. A look costs a few microseconds: it
// reads one number, mostly from shared memory.
const watchInterval = 250 * time.Millisecond

// Watch calls changed whenever anything was committed to the file since the last
// look, by this process or another. It returns when the context ends, or with
// the error that keeps it from looking.
func (s *Store) Watch(ctx context.Context, changed func()) error {
	// data_version tells of changes that other connections made; so this one is
	// kept for looking and nothing else.
	// https://www.sqlite.org/pragma.html#pragma_data_version
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	var last int64
	for {
		var version int64
		if err := conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
			return err
		}
		if last != 0 && version != last {
			changed()
		}
		last = version
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

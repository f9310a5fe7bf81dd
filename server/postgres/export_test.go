package postgres

import (
	"context"
	"testing"
	"time"
)

// For the tests of this package.
var EntriesQuery = entriesQuery

// TrimPart is how many rows are trimmed in one transaction.
const TrimPart = trimPart

// SetLogged says whether changes are logged, as they are unless this is called.
func (s *Store) SetLogged(logged bool) { s.noLog = !logged }

// MaxConns is how many connections there may be.
func (s *Store) MaxConns() int32 { return s.pool.Config().MaxConns }

// LockTimeout is how long a copy waits for what others have locked: "0" is for ever.
func (t *CopyTarget) LockTimeout(ctx context.Context) (timeout string, err error) {
	err = t.conn.QueryRow(ctx, `SHOW lock_timeout`).Scan(&timeout)
	return timeout, err
}

// SetCopyLockTimeout bounds, until the test ends, how long a copy waits for another.
func SetCopyLockTimeout(t *testing.T, timeout time.Duration) {
	before := copyLockTimeout
	copyLockTimeout = timeout
	t.Cleanup(func() { copyLockTimeout = before })
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

// For the tests of this package.
var EntriesQuery = entriesQuery

// TrimPart is how many rows are trimmed in one transaction.
const TrimPart = trimPart

// SetWriter sets a pragma of the one connection that writes.
func (s *Store) SetWriter(ctx context.Context, pragma string, value int) error {
	_, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA %s = %d`, pragma, value))
	return err
}

// Pragma reads a setting of both kinds of connections.
func (s *Store) Pragma(t *testing.T, name string) map[string]int {
	t.Helper()
	values := map[string]int{}
	for kind, pool := range map[string]*sql.DB{"write": s.write, "read": s.read} {
		var value int
		if err := pool.QueryRowContext(t.Context(), `PRAGMA `+name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		values[kind] = value
	}
	return values
}

// Exec executes a statement on the connection that writes.
func (s *Store) Exec(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	if _, err := s.write.ExecContext(tb.Context(), statement, args...); err != nil {
		tb.Fatal(err)
	}
}

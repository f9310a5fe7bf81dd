package sqlite

import (
	"context"
	"fmt"
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

package cart

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in the log. Two positions can be compared only if their
// epochs are equal: a log that was copied or restored begins another.
type Position struct {
	Epoch string
	// Tx orders transactions where the store needs it to (PostgreSQL), and is 0
	// elsewhere. Seq orders activities with the same Tx.
	Tx  uint64
	Seq int64
}

// Before says whether p comes before q, in the same epoch.
func (p Position) Before(q Position) bool {
	if p.Tx != q.Tx {
		return p.Tx < q.Tx
	}
	return p.Seq < q.Seq
}

// Cursor returns the position as clients keep it. They must not look into it.
func (p Position) Cursor() string {
	return p.Epoch + "." + strconv.FormatUint(p.Tx, 36) + "." + strconv.FormatInt(p.Seq, 36)
}

// ErrBadCursor is returned for a cursor that Position.Cursor can't have made.
var ErrBadCursor = errors.New("not a cursor")

// maxEpoch bounds what a client can make us keep.
const maxEpoch = 64

// ParseCursor is the reverse of Position.Cursor.
func ParseCursor(cursor string) (Position, error) {
	parts := strings.Split(cursor, ".")
	if len(parts) != 3 || parts[0] == "" || len(parts[0]) > maxEpoch {
		return Position{}, ErrBadCursor
	}
	tx, err := strconv.ParseUint(parts[1], 36, 64)
	if err != nil {
		return Position{}, fmt.Errorf("%w: transaction", ErrBadCursor)
	}
	seq, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || seq < 0 {
		return Position{}, fmt.Errorf("%w: sequence", ErrBadCursor)
	}
	position := Position{Epoch: parts[0], Tx: tx, Seq: seq}
	if position.Cursor() != cursor {
		return Position{}, fmt.Errorf("%w: not in its one form", ErrBadCursor)
	}
	return position, nil
}

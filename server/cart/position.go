package cart

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Position is a place in the log. Two positions can be compared only if their
// epochs are equal: a log that was copied or restored begins another.
type Position struct {
	Epoch string
	// Tx orders transactions where the store needs it to (PostgreSQL), and is 0
	// elsewhere. Seq orders activities with the same Tx.
	Tx  uint64
	Seq int64
	// Mark is taken from the activity's time. It tells the activity from another
	// that came to its place, which happens in a log that was put back to an older
	// state. Positions are not ordered by it.
	Mark uint32
}

// MarkOf returns the mark of an activity of that time, which a store must keep to the
// microsecond.
func MarkOf(at time.Time) uint32 { return uint32(at.UnixMicro()) }

// Before says whether p comes before q, in the same epoch.
func (p Position) Before(q Position) bool {
	if p.Tx != q.Tx {
		return p.Tx < q.Tx
	}
	return p.Seq < q.Seq
}

// Cursor returns the position as clients keep it. They must not look into it.
func (p Position) Cursor() string {
	return p.Epoch + "." + strconv.FormatUint(p.Tx, 36) + "." + strconv.FormatInt(p.Seq, 36) + "." + strconv.FormatUint(uint64(p.Mark), 36)
}

// ErrBadCursor is returned for a cursor that Position.Cursor can't have made.
var ErrBadCursor = errors.New("not a cursor")

// maxEpoch bounds what a client can make us keep.
const maxEpoch = 64

// ParseCursor is the reverse of Position.Cursor.
func ParseCursor(cursor string) (Position, error) {
	parts := strings.Split(cursor, ".")
	if len(parts) != 4 || parts[0] == "" || len(parts[0]) > maxEpoch {
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
	mark, err := strconv.ParseUint(parts[3], 36, 32)
	if err != nil {
		return Position{}, fmt.Errorf("%w: mark", ErrBadCursor)
	}
	position := Position{Epoch: parts[0], Tx: tx, Seq: seq, Mark: uint32(mark)}
	if position.Cursor() != cursor {
		return Position{}, fmt.Errorf("%w: not in its one form", ErrBadCursor)
	}
	return position, nil
}

// Extent is what a store knows of how far its log reaches.
type Extent struct {
	// Trimmed is the furthest position that was forgotten, or the beginning, in the
	// log's present epoch.
	Trimmed Position
}

// Reads returns ErrGone if what comes after a position can't be read without a gap:
// if it is of another epoch, or something after it was forgotten. The zero Position,
// which has no epoch, asks for whatever there is.
func (e Extent) Reads(after Position) error {
	if after == (Position{}) {
		return nil
	}
	if after.Epoch != e.Trimmed.Epoch || after.Before(e.Trimmed) {
		return ErrGone
	}
	return nil
}

// Holds says what Log.Contains does of a position at which there is an activity of
// that time, or none that could be read, if the time is zero.
func (e Extent) Holds(position Position, at time.Time) bool {
	if position.Epoch != e.Trimmed.Epoch || position.Before(e.Trimmed) {
		return false
	}
	return position == e.Trimmed || !at.IsZero() && position.Mark == MarkOf(at)
}

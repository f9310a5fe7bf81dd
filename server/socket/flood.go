package socket

import (
	"fmt"
	"time"

	"cartline/shared"
)

// maxExcess is by how many messages a client may be ahead of what is taken of it
// before it is closed with shared.CloseFlood.
const maxExcess = 100

// flood judges the messages of one client. It belongs to the goroutine that reads.
type flood struct {
	bucket bucket
	// excess counts up for a message that is refused, and down for one that is
	// taken: as some of a flood are always taken, no number in a row would tell it.
	excess int
}

func newFlood(rate int) flood { return flood{bucket: bucket{rate: float64(rate)}} }

// judge returns the problem with a message that comes too fast, and whether it is the
// one for which the connection is to be closed.
func (f *flood) judge(now time.Time) (problem *shared.Problem, enough bool) {
	if f.bucket.take(now) {
		f.excess = max(0, f.excess-1)
		return nil, false
	}
	f.excess++
	return &shared.Problem{
		Code:       shared.CodeTooFast,
		Detail:     fmt.Sprintf("This was not done, as you send more than %.0f messages a second. Slow down.", f.bucket.rate),
		RetryAfter: 1,
	}, f.excess == maxExcess
}

package ledger

import (
	"context"
	"math/rand/v2"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// pause waits, or until the context ends. It is for whoever takes their time: nothing
// is awaited with it.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// upTo returns a time from 0 to a limit, at random.
func upTo(limit time.Duration) time.Duration { return rand.N(limit + 1) }

// chance says yes that often of a hundred times.
func chance(percent float64) bool { return rand.Float64()*100 < percent }

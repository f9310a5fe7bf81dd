package socket

import (
	"context"
	"time"

	"cartline/server/socket/wire"
)

// The end of an endpoint, as clients are told.
const (
	shuttingDown  = "The server is shutting down"
	goAwayReason  = "server is shutting down"
	comeBackAfter = 5 // seconds

	// goAwayPause is the most that is left between telling one client and the next, so
	// that few clients are told quickly.
	goAwayPause = 10 * time.Millisecond
)

// drain lets nobody in any more and tells every client that the server goes, one after
// the other, spread evenly over a time, lest they all come back at the same moment. It
// returns when all are being told, or ctx has ended.
func (r *registry) drain(ctx context.Context, over time.Duration) {
	members := r.stop()
	over = min(over, time.Duration(len(members))*goAwayPause)
	began := time.Now()
	for i, m := range members {
		at := began.Add(over * time.Duration(i) / time.Duration(len(members)))
		if !sleepUntil(ctx, at) {
			return
		}
		r.tellers.Go(m.goAway)
	}
}

// sleepUntil returns false if ctx ends before.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// goAway closes c as a server that shuts down does.
func goAway(c *wire.Conn) {
	// When the close frame cannot be sent, the connection is gone or cut, which
	// its own goroutine logs.
	_ = c.Close(wire.GoingAway, goAwayReason)
}

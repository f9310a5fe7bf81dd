package socket

import (
	"context"
	"time"
)

const (
	// DefaultHeartbeat is the time between two sweeps where none is configured. A
	// client that is gone without a word is found within four times that.
	DefaultHeartbeat = 15 * time.Second

	// pings is how many sweeps in a row send a ping to a client of which nothing
	// is heard. The next one cuts it.
	pings = 2

	noAnswer = "no answer to heartbeats"
)

// runSweeps sweeps at an interval until the context ends. This one goroutine looks
// after all connections of an endpoint.
func (r *registry) runSweeps(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.sweep()
		case <-ctx.Done():
			return
		}
	}
}

// sweep pings the clients of which nothing was heard since the last sweep, and cuts
// those that didn't answer for long. A client that just takes a message, however
// slowly, is left to the time-out of that. It waits for no client.
func (r *registry) sweep() {
	for _, m := range r.all() {
		arrivals := m.conn.Arrivals()
		switch {
		case arrivals != m.arrivals, !m.swept: // to the first, the handshake has come
			m.swept, m.arrivals, m.silent = true, arrivals, 0
			m.heard.Store(time.Now().Unix())
		case m.silent >= pings:
			m.conn.Cut(noAnswer)
		case m.conn.Ping():
			m.silent++
		}
	}
}

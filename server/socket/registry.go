package socket

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"cartline/server/socket/wire"
)

// registry keeps the connections of an endpoint so that they can be counted, looked
// after (see heartbeat.go) and told to go (see drain.go). [http.Server.Shutdown]
// leaves hijacked connections alone. The zero value is ready.
//
// A connection's goroutine brackets its life with reserve and release, within
// which it calls add and remove.
type registry struct {
	mu       sync.Mutex
	members  map[*wire.Conn]*member
	shut     bool
	handlers sync.WaitGroup // Add only under mu, and not once shut
	tellers  sync.WaitGroup // goroutines of drain
}

// member is one connection of an endpoint.
type member struct {
	conn *wire.Conn
	// goAway tells the client that the server is shutting down. It may wait for
	// the client.
	goAway func()
	// These belong to the goroutine that sweeps: what the last sweep saw of
	// Conn.Arrivals, if there was one, and how many in a row have seen no more.
	swept    bool
	arrivals uint32
	silent   int
	// heard is when something had come from the client, in seconds since 1970, to the
	// precision of the sweeps.
	heard atomic.Int64
}

// reserve announces a connection about to be accepted; it reports false when the
// endpoint shuts down. On true, release must follow.
func (r *registry) reserve() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		return false
	}
	r.handlers.Add(1)
	return true
}

func (r *registry) release() { r.handlers.Done() }

// closed says whether the endpoint shuts down.
func (r *registry) closed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shut
}

// add registers an accepted connection. One that was accepted while the shutdown
// began is told right away, as that did not see it.
func (r *registry) add(c *wire.Conn, goAway func()) {
	r.mu.Lock()
	if r.members == nil {
		r.members = make(map[*wire.Conn]*member)
	}
	joined := &member{conn: c, goAway: goAway}
	joined.heard.Store(time.Now().Unix())
	r.members[c] = joined
	shut := r.shut
	r.mu.Unlock()
	if shut {
		goAway()
	}
}

func (r *registry) remove(c *wire.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
}

// heard tells when something last came from a client, to the precision of the sweeps.
func (r *registry) heard(c *wire.Conn) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[c]; m != nil {
		return time.Unix(m.heard.Load(), 0).UTC()
	}
	return time.Time{}
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.members)
}

// all returns who is there, in no order.
func (r *registry) all() []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.allLocked()
}

func (r *registry) allLocked() []*member {
	members := make([]*member, 0, len(r.members))
	for _, m := range r.members {
		members = append(members, m)
	}
	return members
}

// stop lets nobody in any more and returns who is there.
func (r *registry) stop() []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut = true
	return r.allLocked()
}

// wait waits until the goroutines of all connections have ended, after drain. When ctx
// ends before, the rest is cut, and ctx's error returned.
func (r *registry) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.tellers.Wait()
		r.handlers.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for _, m := range r.stop() {
		m.conn.CloseNow()
	}
	<-done
	return ctx.Err()
}

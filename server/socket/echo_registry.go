package socket

import (
	"context"
	"net"
	"sync"

	"cartline/server/socket/wire"
)

// registry keeps the connections of an endpoint so that they can be counted and
// closed. [http.Server.Shutdown] leaves hijacked connections alone. The zero value
// is ready.
//
// A connection's goroutine brackets its life with reserve and release, within
// which it calls add and remove.
type registry struct {
	mu       sync.Mutex
	conns    map[*wire.Conn]struct{}
	shut     bool
	handlers sync.WaitGroup // Add only under mu, and not once shut
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

// add registers an accepted connection. One that was accepted while shutdown
// began is closed right away, as shutdown did not see it.
func (r *registry) add(c *wire.Conn) {
	r.mu.Lock()
	if r.conns == nil {
		r.conns = make(map[*wire.Conn]struct{})
	}
	r.conns[c] = struct{}{}
	shut := r.shut
	r.mu.Unlock()
	if shut {
		goAway(c)
	}
}

func (r *registry) remove(c *wire.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// shutdown closes all connections at the same time and waits for their
// goroutines. It may be called repeatedly.
func (r *registry) shutdown(ctx context.Context) error {
	var closers sync.WaitGroup
	for _, c := range r.stop() {
		closers.Go(func() { goAway(c) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		closers.Wait()
		r.handlers.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for _, c := range r.stop() {
		c.CloseNow()
	}
	<-done
	return ctx.Err()
}

// stop lets nobody in any more and returns who is there.
func (r *registry) stop() []*wire.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut = true
	conns := make([]*wire.Conn, 0, len(r.conns))
	for c := range r.conns {
		conns = append(conns, c)
	}
	return conns
}

// remoteHost returns the address of the other end, without its port, as the log of
// requests has it.
func remoteHost(c *wire.Conn) string {
	address := c.RemoteAddr().String()
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// goAway closes c as a server that shuts down does.
func goAway(c *wire.Conn) {
	// When the close frame cannot be sent, the connection is gone or cut, which
	// its own goroutine logs.
	_ = c.Close(wire.GoingAway, "server is shutting down")
}

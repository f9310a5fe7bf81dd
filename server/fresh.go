package main

import (
	"net"
	"net/http"
	"sync"
)

// freshConns knows the connections over which nothing has come yet. Browsers open
// some in advance, and http.Server.Shutdown would wait five seconds for them.
type freshConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// trackFresh begins to follow a server's connections. It is to be called before
// the server serves.
func trackFresh(web *http.Server) *freshConns {
	f := &freshConns{conns: make(map[net.Conn]struct{})}
	web.ConnState = f.changed
	return f
}

func (f *freshConns) changed(conn net.Conn, state http.ConnState) {
	f.mu.Lock()
	late := false
	if state == http.StateNew {
		f.conns[conn] = struct{}{}
		late = f.closed
	} else {
		delete(f.conns, conn)
	}
	f.mu.Unlock()
	if late {
		_ = conn.Close() // there is nobody to tell
	}
}

// close closes the connections over which nothing has come, now and from now on.
func (f *freshConns) close() {
	f.mu.Lock()
	f.closed = true
	conns := make([]net.Conn, 0, len(f.conns))
	for conn := range f.conns {
		conns = append(conns, conn)
	}
	f.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close() // there is nobody to tell
	}
}

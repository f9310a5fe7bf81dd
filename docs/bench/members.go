package main

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// members are those who are connected.
type members[T comparable] struct {
	mu  sync.Mutex
	all map[T]struct{}
}

func (m *members[T]) add(one T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[T]struct{}{}
	}
	m.all[one] = struct{}{}
}

func (m *members[T]) remove(one T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, one)
}

// each calls do for all, who can neither come nor go meanwhile: this is the plain loop
// of a small program, in which one who is stuck holds up everybody.
func (m *members[T]) each(do func(T)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for one := range m.all {
		do(one)
	}
}

// serveHTTP has every request handled in the same way, whatever its path.
func serveHTTP(l net.Listener, handle http.HandlerFunc) error {
	server := &http.Server{Handler: handle, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(l)
}

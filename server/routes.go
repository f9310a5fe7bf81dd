package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"cartline/server/demo"
	"cartline/server/httplog"
	"cartline/shared"
)

// routes joins what is served at which address, and what all of it goes through.
func (s *server) routes(api, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("/api/", api)
	mux.Handle(pathEcho, s.echo)
	mux.Handle(pathEvents, s.events)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write([]byte("ok\n")) // an error means that the client is gone
	})
	mux.Handle("GET /readyz", s.readiness())
	return s.outside(httplog.Handler(s.tracer.Handler(strictTransport(s.quietDemo(s.command.onlyHere(routed(mux))), s.secure())), s.logger, s.observed.answered))
}

// readiness looks at what the process's mode stands on.
func (s *server) readiness() *readiness {
	ready := &readiness{closing: s.events.Closing, listeners: s.events.Count, logger: s.logger}
	if s.command.Serve == modeGateway {
		// Nothing else is what it is for, so it fails also while nobody relies on it.
		ready.listening, ready.listeners = s.gatewayListening, func() int { return 1 }
		if s.outbox != nil {
			ready.behind, ready.head = s.outbox.Behind, s.hub.Head
		}
		return ready
	}
	ready.ping, ready.sessions = s.database.Ping, s.database.sessions
	if s.command.sockets() {
		ready.listening, ready.behind, ready.head = s.database.listening, s.database.Behind, s.hub.Head
		if s.database.relay != nil {
			ready.relay, ready.listening = s.database.relay.State, nil
		}
	}
	return ready
}

// quietDemo keeps the simulated shoppers' many requests out of the log, in which
// somebody looks for their own.
func (s *server) quietDemo(next http.Handler) http.Handler {
	if !s.command.Demo {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := net.ParseIP(httplog.RemoteHost(r))
		if r.UserAgent() == demo.UserAgent && address.IsLoopback() {
			httplog.Quiet(r)
		}
		next.ServeHTTP(w, r)
	})
}

// strictTransport tells browsers that come over TLS to come no other way.
func strictTransport(next http.Handler, secure bool) http.Handler {
	if !secure {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// status describes the gateway at this moment.
func (s *server) status() shared.GatewayStatus {
	self := s.self()
	count, sessions := s.events.Sessions()
	self.Connections = count
	return shared.GatewayStatus{
		Process:     self.Process,
		Mode:        self.Mode,
		Version:     self.Version,
		Store:       s.storeName(),
		StartedAt:   self.StartedAt,
		Connections: self.Connections,
		Echo:        self.Echo,
		Refused:     s.gate.Refused(),
		Sessions:    sessions,
		All:         s.processes.with(self),
	}
}

// self describes this process, as others are told of it.
func (s *server) self() shared.ProcessStatus {
	return shared.ProcessStatus{
		Process:     processName(),
		Mode:        s.command.Serve,
		Version:     version,
		StartedAt:   s.started,
		Connections: s.events.Count(),
		Echo:        s.echo.Count(),
	}
}

// processName tells one process from another.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// storeName says, for people, where carts are kept.
func (s *server) storeName() string {
	if s.database == nil {
		return "none; it listens to PostgreSQL"
	}
	return s.database.kind
}

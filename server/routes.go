package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"cartline/server/demo"
	"cartline/server/httplog"
	"cartline/shared"
)

// routes joins what is served at which address, and what all of it goes through.
func (s *server) routes(api, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("/api/", api)
	mux.Handle("/echo", s.echo)
	mux.Handle("/events/io", s.events)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write([]byte("ok\n")) // an error means that the client is gone
	})
	mux.Handle("GET /readyz", &readiness{
		ping:      s.database.Ping,
		behind:    s.database.Behind,
		head:      s.hub.Head,
		closing:   s.events.Closing,
		listening: s.database.listening,
		listeners: s.events.Count,
		logger:    s.logger,
	})
	secure := strings.HasPrefix(s.origins.Own(), "https:")
	return httplog.Handler(strictTransport(s.quietDemo(mux), secure), s.logger)
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
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	count, sessions := s.events.Sessions()
	return shared.GatewayStatus{
		Process:     fmt.Sprintf("%s/%d", host, os.Getpid()),
		Mode:        "all",
		Version:     version,
		Store:       s.database.kind,
		StartedAt:   s.started,
		Connections: count,
		Echo:        s.echo.Count(),
		Refused:     s.gate.Refused(),
		Sessions:    sessions,
	}
}

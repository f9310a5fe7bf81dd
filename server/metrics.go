package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
)

// metricsListener is a listener for those who run the server, apart from the public one:
// it knows no sign-in, so whoever reaches it may look. It is off unless it is asked for;
// then it is nil, and its methods do nothing.
type metricsListener struct {
	listener net.Listener
	scrape   func() []byte
	logger   *slog.Logger
}

// listenMetrics takes the address. It returns nil if there is none to take.
func listenMetrics(address string, scrape func() []byte, logger *slog.Logger) (*metricsListener, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s for --metrics-listen: %w", address, errors.Unwrap(err))
	}
	return &metricsListener{listener: listener, scrape: scrape, logger: logger}, nil
}

// newMetricsHandler serves metrics and profiles on a mux of its own. Importing the package has put
// them on http.DefaultServeMux as well, which nothing here serves. Left out is
// /debug/pprof/cmdline: the command line may hold the database's password.
func newMetricsHandler(scrape func() []byte) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", newScrapeHandler(scrape))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol) // how go tool pprof asks
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// Close gives the address back, if it never ran.
func (m *metricsListener) Close() error {
	if m == nil {
		return nil
	}
	return m.listener.Close()
}

// Run serves until the context ends, which also ends the profiles being taken.
func (m *metricsListener) Run(ctx context.Context) {
	if m == nil {
		return
	}
	web := newWeb(newMetricsHandler(m.scrape), m.logger)
	web.BaseContext = func(net.Listener) context.Context { return ctx }
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(m.listener) }()
	select {
	case err := <-failed:
		m.logger.Error("the metrics listener has failed; the rest goes on", "error", err)
		return
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := web.Shutdown(deadline); err != nil {
		m.logger.Warn("did not stop in time", "part", "metrics", "error", errors.Join(err, web.Close()))
	}
	<-failed
}

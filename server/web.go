package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// newWeb makes the HTTP server. What its bounds are about is what a client can hold
// without sending or taking anything. Sockets are not subject to them; they have their
// own.
func newWeb(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      5 * time.Minute, // the WebAssembly over a poor line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(quietHandshakes{logger.Handler()}, slog.LevelWarn),
	}
}

// quietHandshakes makes net/http's lines on TLS handshakes that failed ones for debugging:
// anybody can cause them, as often as they like, and without being anybody. What is our
// own fault in them, loggingCertificates tells.
type quietHandshakes struct{ slog.Handler }

// Handle implements slog.Handler.
func (h quietHandshakes) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "http: TLS handshake error") {
		r.Level = slog.LevelDebug
		if !h.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
}

// end ends what serves: first the sockets, while all that they stand on goes on and
// handshakes are answered that the client should come later; then the rest.
func (s *server) end(ctx context.Context, web *http.Server, fresh *freshConns) {
	var sockets sync.WaitGroup
	for part, shutdown := range map[string]func(context.Context) error{"events": s.events.Shutdown, "echo": s.echo.Shutdown} {
		sockets.Go(func() { s.endPart(ctx, part, shutdown) })
	}
	sockets.Wait()
	fresh.close()
	s.endPart(ctx, "http", web.Shutdown)
}

func (s *server) endPart(ctx context.Context, part string, shutdown func(context.Context) error) {
	if err := shutdown(ctx); err != nil {
		s.logger.Warn("did not stop in time", "part", part, "error", err)
	}
}

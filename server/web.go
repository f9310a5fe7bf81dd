package main

import (
	"context"
	"log/slog"
	"net/http"
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
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
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

// Package httplog writes one line per HTTP request: method, path, status,
// duration, user and remote address. It never writes a query, a header or a
// body, which may hold secrets.
//
// It knows nothing of what is served. Start with Handler.
package httplog

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// Handler logs each request that next answers. If next panics, the panic is
// logged with its stack and answered with 500; if an answer had begun already,
// the connection is cut, lest half an answer be taken for a whole one. The server
// goes on either way.
func Handler(next http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		request := new(request)
		recorder := &recorder{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), contextKey{}, request))
		defer func() {
			cause := recover()
			cut := cause == http.ErrAbortHandler // net/http's own way to cut an answer short
			if cause != nil && !cut {
				logger.Error("panic", "path", r.URL.Path, "cause", cause, "stack", string(debug.Stack()))
				if cut = recorder.status != 0; !cut {
					http.Error(recorder, "Something went wrong on our side.", http.StatusInternalServerError)
				}
			}
			level := request.level
			if cause != nil || recorder.status >= 500 && !request.turnedAway {
				level = slog.LevelError
			}
			logger.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("status", recorder.status),
				slog.Duration("duration", time.Since(began)),
				slog.String("user", request.user),
				slog.String("remote", RemoteHost(r)))
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(recorder, r)
		if recorder.status == 0 {
			recorder.status = http.StatusOK
		}
	})
}

// SetUser names the user of a request in its line. It may be called from the
// goroutine that answers the request, and does nothing if no Handler is around
// it.
func SetUser(r *http.Request, user string) {
	if request, ok := r.Context().Value(contextKey{}).(*request); ok {
		request.user = user
	}
}

// Quiet makes the line of a request one for debugging, unless it fails on our side.
// It may be called as SetUser may.
func Quiet(r *http.Request) {
	if request, ok := r.Context().Value(contextKey{}).(*request); ok {
		request.level = slog.LevelDebug
	}
}

// TurnedAway makes the line of a request one for debugging also if its status is one of
// ours: it is no fault, and who asks may do so very often. It may be called as SetUser
// may.
func TurnedAway(r *http.Request) {
	if request, ok := r.Context().Value(contextKey{}).(*request); ok {
		request.level, request.turnedAway = slog.LevelDebug, true
	}
}

// RemoteHost returns the address that a request came from, without its port.
func RemoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

type contextKey struct{}

type request struct {
	user       string
	level      slog.Level
	turnedAway bool
}

// recorder notes the status. Unwrap lets http.ResponseController and the
// WebSocket handshake reach what is beneath.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	// 1xx is no answer yet, but for 101, which is the last one HTTP gives.
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(body)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

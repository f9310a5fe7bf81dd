// Package httplog writes one line per HTTP request: its id, method, path, status,
// duration, user and remote address. It never writes a query, a header or a
// body, which may hold secrets.
//
// It knows nothing of what is served. Start with Handler; id.go gives each request the
// id that stands in its lines and in its answer.
package httplog

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// Answered is what a request has come to, for whoever counts them.
type Answered struct {
	// Route is the pattern that it matched, as SetRoute said; never its path.
	Route    string
	Status   int
	Duration time.Duration
}

// Handler logs each request that next answers, and tells those who count. If next
// panics, the panic is logged with its stack and answered with 500; if an answer had
// begun already, the connection is cut, lest half an answer be taken for a whole one. The
// server goes on either way.
func Handler(next http.Handler, logger *slog.Logger, count ...func(Answered)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		request := &request{id: newID()}
		w.Header().Set(HeaderID, request.id)
		recorder := &recorder{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), contextKey{}, request))
		defer func() {
			cause := recover()
			cut := cause == http.ErrAbortHandler // net/http's own way to cut an answer short
			if cause != nil && !cut {
				logger.Error("panic", "request", request.id, "path", r.URL.Path, "cause", cause, "stack", string(debug.Stack()))
				if cut = recorder.status != 0; !cut {
					http.Error(recorder, "Something went wrong on our side. If you ask about it, say "+request.id+".", http.StatusInternalServerError)
				}
			}
			took := time.Since(began)
			for _, count := range count {
				count(Answered{Route: request.route, Status: recorder.status, Duration: took})
			}
			level := request.level
			if cause != nil || recorder.status >= 500 && !request.turnedAway {
				level = slog.LevelError
			}
			logger.LogAttrs(r.Context(), level, "request",
				slog.String("request", request.id),
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("status", recorder.status),
				slog.Duration("duration", took),
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

// SetRoute names the pattern that a request matched. The innermost, which knows most,
// says it first. It may be called as SetUser may.
func SetRoute(r *http.Request, pattern string) {
	if request, ok := r.Context().Value(contextKey{}).(*request); ok && request.route == "" {
		request.route = pattern
	}
}

// Route returns what SetRoute said, or "".
func Route(r *http.Request) string {
	if request, ok := r.Context().Value(contextKey{}).(*request); ok {
		return request.route
	}
	return ""
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
	id         string
	route      string
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

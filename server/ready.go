package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"cartline/server/cart"
	"cartline/server/httplog"
)

const (
	// readyTimeout bounds how long the database may take to answer.
	readyTimeout = 2 * time.Second
	// maxLag is how long a change may be committed and not yet told.
	maxLag = 10 * time.Second
)

// readiness answers whether this process should be given visitors. What is nil isn't
// looked at: not every mode has a database, a log to follow, or somebody to listen for.
type readiness struct {
	ping func(context.Context) error
	// sessions asks what keeps shoppers' sessions, if that isn't the database: see
	// sessionsCheck.
	sessions func(context.Context) error
	behind   func(context.Context, cart.Position) (time.Time, error)
	// head is how far the log has been told.
	head func() cart.Position
	// closing is whether the server shuts down.
	closing func() bool
	// listening is whether the listening connection stands, and listeners how many
	// sockets there are that rely on it.
	listening func() bool
	listeners func() int
	// relay tells how the log comes over NATS. While it doesn't, all processes do without,
	// and visitors are better off with any of them than with none.
	relay   func() string
	logger  *slog.Logger
	unready atomic.Bool // it was, when last asked
}

// readyAnswer is the answer to GET /readyz.
type readyAnswer struct {
	Ready  bool         `json:"ready"`
	Checks []readyCheck `json:"checks"`
}

// readyCheck is one condition, in words for whoever operates the server. It shows no
// inner cause, which is in the log.
type readyCheck struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// ServeHTTP implements http.Handler.
func (c *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	answer, err := c.look(ctx)
	if r.Context().Err() != nil {
		return // nobody waits for it
	}
	c.note(answer, err)
	status := http.StatusServiceUnavailable
	if answer.Ready {
		status = http.StatusOK
		httplog.Quiet(r) // it is asked every few seconds
	}
	body, err := json.Marshal(answer)
	if err != nil {
		c.logger.Error("an answer can't be encoded", "error", err)
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // an error means that the client is gone
}

// look makes the checks. The error is why one of them failed.
func (c *readiness) look(ctx context.Context) (readyAnswer, error) {
	checks := []readyCheck{c.serving()}
	var failed, behind error
	if c.ping != nil {
		var check readyCheck
		check, failed = c.database(ctx)
		checks = append(checks, check)
	}
	if c.listening != nil {
		checks = append(checks, c.listeningCheck())
	}
	if c.relay != nil {
		checks = append(checks, readyCheck{"nats", true, c.relay()})
	}
	if c.behind != nil {
		var check readyCheck
		check, behind = c.lag(ctx)
		checks = append(checks, check)
	}
	ready := true
	for _, check := range checks {
		ready = ready && check.OK
	}
	if c.sessions != nil {
		checks = append(checks, c.sessionsCheck(ctx))
	}
	return readyAnswer{Ready: ready, Checks: checks}, errors.Join(failed, behind)
}

// sessionsCheck is told, and doesn't make the process unready: all processes are as badly
// off, and a proxy that took them away would take the staff's desk as well. What is wrong
// is logged with each request that it fails.
func (c *readiness) sessionsCheck(ctx context.Context) readyCheck {
	if c.sessions(ctx) != nil {
		return readyCheck{"sessions", false, "what keeps shoppers' sessions doesn't answer: nobody can shop, staff can work"}
	}
	return readyCheck{"sessions", true, "what keeps shoppers' sessions answers"}
}

func (c *readiness) serving() readyCheck {
	if c.closing() {
		return readyCheck{"serving", false, "the server is shutting down"}
	}
	return readyCheck{"serving", true, "connections are taken"}
}

func (c *readiness) database(ctx context.Context) (readyCheck, error) {
	if err := c.ping(ctx); err != nil {
		return readyCheck{"database", false, "doesn't answer"}, err
	}
	return readyCheck{"database", true, "answers"}, nil
}

func (c *readiness) listeningCheck() readyCheck {
	switch {
	case c.listening():
		return readyCheck{"listening", true, "the listening connection stands"}
	case c.listeners() == 0:
		return readyCheck{"listening", true, "the listening connection is down, and nobody relies on it"}
	}
	return readyCheck{"listening", false, "the listening connection is down"}
}

func (c *readiness) lag(ctx context.Context) (readyCheck, error) {
	const name = "log"
	head := c.head()
	if head == (cart.Position{}) {
		return readyCheck{name, false, "it isn't followed yet"}, nil
	}
	oldest, err := c.behind(ctx, head)
	switch {
	case errors.Is(err, cart.ErrGone):
		return readyCheck{name, false, "it has begun anew, and isn't followed yet"}, nil
	case err != nil:
		return readyCheck{name, false, "can't be read"}, err
	case oldest.IsZero():
		return readyCheck{name, true, "everything in it is told"}, nil
	}
	lag := max(0, time.Since(oldest)).Round(time.Millisecond)
	return readyCheck{name, lag < maxLag, "the oldest change in it that isn't told is " + lag.String() + " old"}, nil
}

// note logs when this process ceases to be ready, and when it is again.
func (c *readiness) note(answer readyAnswer, err error) {
	if was := c.unready.Swap(!answer.Ready); was == !answer.Ready {
		return
	}
	if answer.Ready {
		c.logger.Info("ready again")
		return
	}
	c.logger.Warn("not ready", "checks", answer.Checks, "error", err)
}

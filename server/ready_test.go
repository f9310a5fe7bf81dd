package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestReadiness(t *testing.T) {
	secret := errors.New("password=secret")
	head := cart.Position{Epoch: "e", Seq: 7}
	for _, test := range []struct {
		name  string
		alter func(*readiness)
		want  string // the checks that fail
	}{
		{"all well", func(*readiness) {}, ""},
		{"no database", func(r *readiness) {
			r.ping = func(context.Context) error { return secret }
			r.behind = func(context.Context, cart.Position) (time.Time, error) { return time.Time{}, secret }
		}, "database log"},
		{"nobody listens", func(r *readiness) { r.listening = func() bool { return false } }, ""},
		{"someone listens, over nothing", func(r *readiness) {
			r.listening = func() bool { return false }
			r.listeners = func() int { return 1 }
		}, "listening"},
		{"a little behind", func(r *readiness) {
			r.behind = func(context.Context, cart.Position) (time.Time, error) { return time.Now().Add(-maxLag / 2), nil }
		}, ""},
		{"far behind", func(r *readiness) {
			r.behind = func(context.Context, cart.Position) (time.Time, error) { return time.Now().Add(-maxLag), nil }
		}, "log"},
		{"a clock that is ahead", func(r *readiness) {
			r.behind = func(context.Context, cart.Position) (time.Time, error) { return time.Now().Add(time.Hour), nil }
		}, ""},
		{"not begun", func(r *readiness) { r.head = func() cart.Position { return cart.Position{} } }, "log"},
		{"another epoch", func(r *readiness) {
			r.behind = func(context.Context, cart.Position) (time.Time, error) { return time.Time{}, cart.ErrGone }
		}, "log"},
		{"shutting down", func(r *readiness) { r.closing = func() bool { return true } }, "serving"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log output
			r := &readiness{
				ping: func(context.Context) error { return nil },
				behind: func(_ context.Context, position cart.Position) (time.Time, error) {
					if position != head {
						return time.Time{}, fmt.Errorf("asked for %+v", position)
					}
					return time.Time{}, nil
				},
				head:      func() cart.Position { return head },
				closing:   func() bool { return false },
				listening: func() bool { return true },
				listeners: func() int { return 0 },
				logger:    slog.New(slog.NewTextHandler(&log, nil)),
			}
			test.alter(r)
			var failing []string
			for range 2 { // which is logged once
				w := httptest.NewRecorder()
				r.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
				var answer readyAnswer
				if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Checks) != 4 {
					t.Fatalf("got %s, %v", w.Body, err)
				}
				failing = nil
				for _, check := range answer.Checks {
					if !check.OK {
						failing = append(failing, check.Name)
					}
					if check.Detail == "" {
						t.Errorf("no detail in %+v", check)
					}
				}
				if answer.Ready != (test.want == "") || (w.Code == 200) != answer.Ready || !answer.Ready && w.Code != 503 {
					t.Errorf("got %d %+v", w.Code, answer)
				}
				if strings.Contains(w.Body.String(), "secret") || w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("got %v %s", w.Header(), w.Body)
				}
			}
			if got := strings.Join(failing, " "); got != test.want {
				t.Errorf("fails %q, want %q", got, test.want)
			}
			if got, want := strings.Count(log.String(), "not ready"), len(strings.Fields(test.want)); got != min(want, 1) {
				t.Errorf("the log has %q", log.String())
			}
		})
	}
}

// A database that doesn't answer in time is one that doesn't answer.
func TestReadinessWaitsOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		r := &readiness{
			ping:      stuck,
			behind:    func(ctx context.Context, _ cart.Position) (time.Time, error) { return time.Time{}, stuck(ctx) },
			head:      func() cart.Position { return cart.Position{Epoch: "e"} },
			closing:   func() bool { return false },
			listening: func() bool { return true }, listeners: func() int { return 0 },
			logger: slog.New(slog.DiscardHandler),
		}
		w := httptest.NewRecorder()
		began := time.Now()
		r.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
		if took := time.Since(began); took != readyTimeout {
			t.Errorf("took %v, want %v", took, readyTimeout)
		}
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d", w.Code)
		}
	})
}

// A server is ready once it serves, ceases to be when the database goes, and is again
// when that comes back.
func TestReady(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := start(t, "--database", database)
		v := s.visitor(t)
		becomes := func(status int, what string) {
			t.Helper()
			testenv.Eventually(t, patience, what, func() bool { return v.ask(t, "GET", "/readyz", "", nil).StatusCode == status })
		}
		becomes(http.StatusOK, "ready")
		if strings.HasPrefix(database, "sqlite:") {
			return // its file doesn't go
		}
		v.ask(t, "POST", "/api/customers", `{"name":"Ann","email":"ann@example.com","password":"correct horse"}`, nil)
		socket := v.open(t, "/events/io")
		socket.listen(t, shared.ChannelMyCart)
		admin := ok[*pgx.Conn](t)(pgx.Connect(t.Context(), inAdmin(t, database)))
		defer admin.Close(context.WithoutCancel(t.Context()))
		name := pgx.Identifier{ok[*pgx.ConnConfig](t)(pgx.ParseConfig(database)).Database}.Sanitize()
		for _, statement := range []string{
			`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE '"' || datname || '"' = '` + name + `'`,
		} {
			if _, err := admin.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		becomes(http.StatusServiceUnavailable, "not ready")
		if got := v.ask(t, "GET", "/healthz", "", nil).StatusCode; got != 200 {
			t.Errorf("it is as healthy as before, but got %d", got)
		}
		if _, err := admin.Exec(t.Context(), `ALTER DATABASE `+name+` ALLOW_CONNECTIONS true`); err != nil {
			t.Fatal(err)
		}
		becomes(http.StatusOK, "ready again")
		s.waitLog(t, "ready again")
	})
}

// inAdmin returns the DSN of the database "postgres" on the same server.
func inAdmin(t *testing.T, dsn string) string {
	t.Helper()
	begin, rest, _ := strings.Cut(dsn, "?")
	return begin[:strings.LastIndex(begin, "/")] + "/postgres?" + rest
}

package postgres_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"cartline/server/foreign"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

func TestVisitors(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	psql := connect(t, dsn)
	exec(t, psql, `CREATE TABLE app_session (id text, uuid uuid, name text, number int, roles text[], words text, until timestamptz)`)
	exec(t, psql, `INSERT INTO app_session VALUES
		('a', '6a3f9b46-4f6e-4b44-9f65-3c58b7ef4c01', 'ann', 17, '{event_listener,admin}', 'event_listener, admin', '2026-11-21 18:00+00'),
		('twice', NULL, 'bob', 1, '{}', '', NULL), ('twice', NULL, 'carl', 1, '{}', '', NULL), ('nameless', NULL, NULL, NULL, NULL, NULL, NULL)`)
	at := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	roles := []string{"event_listener", "admin"}
	for _, test := range []struct {
		name, query, cookie string
		want                foreign.Answer
		code                shared.Code
		fails               string // part of the error
	}{
		{name: "an array", query: `SELECT name, roles, until FROM app_session WHERE id = $1`, cookie: "a", want: foreign.Answer{User: "ann", Roles: roles, Expires: at}},
		{name: "words, and no end", query: `SELECT name, words FROM app_session WHERE id = $1`, cookie: "a", want: foreign.Answer{User: "ann", Roles: roles}},
		{name: "JSON", query: `SELECT name, to_jsonb(roles), extract(epoch FROM until)::bigint FROM app_session WHERE id = $1`, cookie: "a", want: foreign.Answer{User: "ann", Roles: roles, Expires: at}},
		{name: "for ever", query: `SELECT name, '', 'infinity'::timestamptz FROM app_session WHERE id = $1`, cookie: "a", want: foreign.Answer{User: "ann"}},
		{name: "a number", query: `SELECT number, 'x' FROM app_session WHERE id = $1`, cookie: "a", want: foreign.Answer{User: "17", Roles: []string{"x"}}},
		{name: "a UUID", query: `SELECT name, NULL FROM app_session WHERE uuid = $1::uuid`, cookie: "6a3f9b46-4f6e-4b44-9f65-3c58b7ef4c01", want: foreign.Answer{User: "ann"}},
		{name: "no UUID", query: `SELECT name, NULL FROM app_session WHERE uuid = $1::uuid`, cookie: "a", code: shared.CodeUnauthorized},
		{name: "no number", query: `SELECT name, NULL FROM app_session WHERE number = $1::int`, cookie: "a", code: shared.CodeUnauthorized},
		{name: "too large a number", query: `SELECT name, NULL FROM app_session WHERE number = $1::int`, cookie: "99999999999", code: shared.CodeUnauthorized},
		{name: "no time", query: `SELECT name, NULL FROM app_session WHERE until = $1::timestamptz`, cookie: "99999-99-99", code: shared.CodeUnauthorized},
		{name: "nobody", query: `SELECT name, roles FROM app_session WHERE id = $1`, cookie: "b", code: shared.CodeUnauthorized},
		{name: "cunning", query: `SELECT name, roles FROM app_session WHERE id = $1`, cookie: "' OR 'a' = 'a", code: shared.CodeUnauthorized},
		{name: "no text", query: `SELECT name, roles FROM app_session WHERE id = $1`, cookie: "\xff", code: shared.CodeUnauthorized},
		{name: "two", query: `SELECT name, roles FROM app_session WHERE id = $1`, cookie: "twice", fails: "more than one row"},
		{name: "no user", query: `SELECT name, roles FROM app_session WHERE id = $1`, cookie: "nameless", fails: "no user"},
		{name: "one column", query: `SELECT name FROM app_session WHERE id = $1`, cookie: "a", fails: "columns"},
		{name: "four columns", query: `SELECT name, roles, until, 1 FROM app_session WHERE id = $1`, cookie: "a", fails: "columns"},
		{name: "writing", query: `DELETE FROM app_session WHERE id = $1 RETURNING name, roles`, cookie: "a", fails: "read-only"},
		{name: "no such table", query: `SELECT name, roles FROM sessions WHERE id = $1`, cookie: "a", fails: "does not exist"},
		{name: "no SQL", query: `SELECT FROM WHERE $1`, cookie: "a", fails: "syntax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := openVisitors(t, dsn, test.query)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			got, err := v.Ask(ctx, test.cookie)
			var problem *shared.Problem
			switch {
			case test.code != "":
				if !errors.As(err, &problem) || problem.Code != test.code {
					t.Errorf("got %+v, %v; want %s", got, err, test.code)
				}
			case test.fails != "":
				if err == nil || errors.As(err, &problem) || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %+v, %v; want an error with %q", got, err, test.fails)
				}
				mistaken := strings.HasPrefix(test.name, "no s") || test.name == "no SQL"
				if got := postgres.Mistaken(err); got != mistaken {
					t.Errorf("the query is wrong: got %t, want %t", got, mistaken)
				}
			case err != nil || !reflect.DeepEqual(got, test.want):
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func openVisitors(t *testing.T, dsn, query string) *postgres.Visitors {
	t.Helper()
	v, err := postgres.OpenVisitors(t.Context(), dsn, query, "sid")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// A query that takes long ends with the question.
func TestVisitorsHang(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	v := openVisitors(t, dsn, `SELECT pg_sleep(3600)::text || $1, ''`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := v.Ask(ctx, "a"); !postgres.Unavailable(err) || postgres.Mistaken(err) {
		t.Errorf("got %v, want that it can't be found out", err)
	}
}

func TestVisitorsWithoutDatabase(t *testing.T) {
	t.Parallel()
	v := openVisitors(t, "postgres://127.0.0.1:1/none", `SELECT 'ann', '' WHERE $1 <> ''`)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sid=a")
	if got := v.Proof(r); got != "a" {
		t.Errorf("got the proof %q, want a", got)
	}
	if _, err := v.Ask(t.Context(), "a"); !postgres.Unavailable(err) {
		t.Errorf("got %v, want that it can't be found out", err)
	}
}

package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

// closed opens a database, fills its log, and closes it. It returns the position of the
// log's newest activity.
func closed(t *testing.T, dsn string) cart.Position {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	carttest.Fill(t, s, 3)
	head := settled(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return head
}

// settled returns the head of a log once all that is in it can be read.
func settled(t *testing.T, s *postgres.Store) (head cart.Position) {
	t.Helper()
	testenv.Eventually(t, patience, "the log to be readable", func() bool {
		var err error
		if head, err = s.Head(t.Context()); err != nil {
			t.Fatal(err)
		}
		at, err := s.Behind(t.Context(), head)
		if err != nil {
			t.Fatal(err)
		}
		return at.IsZero()
	})
	return head
}

// wantAnew checks that a log has begun another epoch since it had a position.
func wantAnew(t *testing.T, s *postgres.Store, before cart.Position) {
	t.Helper()
	head, err := s.Head(t.Context())
	if err != nil || head.Epoch == before.Epoch || head.Epoch == "" {
		t.Errorf("the head: got %+v, %v; before, it was %+v", head, err, before)
	}
	if got, err := s.Contains(t.Context(), before); err != nil || got {
		t.Errorf("contains the position of before: got %v, %v", got, err)
	}
	if got, err := s.Contains(t.Context(), head); err != nil || !got {
		t.Errorf("contains the new head: got %v, %v", got, err)
	}
	if entries, err := s.After(t.Context(), before, cart.Scope{}, 10); !errors.Is(err, cart.ErrGone) {
		t.Errorf("after the position of before: got %v, %v; want ErrGone", entries, err)
	}
}

// inDatabase returns a DSN with another database.
func inDatabase(t *testing.T, dsn, database string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + database
	return address.String()
}

func databaseOf(t *testing.T, dsn string) string {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}

// execLast is exec for when the test has ended.
func execLast(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

// A copy of a database, which has the same rows, is another log. To open the same
// again is not to begin anew.
func TestEpochOfACopy(t *testing.T) {
	dsn, admin := testenv.Postgres(t), connect(t, testenv.Postgres(t))
	before := closed(t, dsn)
	original := databaseOf(t, dsn)
	name := original + "_copy"
	exec(t, admin, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize()+` TEMPLATE `+pgx.Identifier{original}.Sanitize())
	t.Cleanup(func() { execLast(t, admin, `DROP DATABASE `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`) })
	if head := settled(t, open(t, dsn)); head != before {
		t.Errorf("the original: got %+v, want %+v", head, before)
	}
	copied := open(t, inDatabase(t, dsn, name))
	wantAnew(t, copied, before)
	carttest.Fill(t, copied, 1)
	again := settled(t, copied)
	if head := settled(t, open(t, inDatabase(t, dsn, name))); head != again {
		t.Errorf("the copy, opened again: got %+v, want %+v", head, again)
	}
}

// A connection that leads elsewhere than the last one is noticed, in whatever process,
// and the others go on with the epoch that the first to notice has begun.
func TestEpochWhileRunning(t *testing.T) {
	for _, part := range []string{"cluster", "timeline", "database"} {
		t.Run(part, func(t *testing.T) {
			dsn := testenv.Postgres(t)
			one, other := open(t, dsn), open(t, dsn)
			carttest.Fill(t, one, 2)
			before := settled(t, one)
			admin := connect(t, dsn)
			exec(t, admin, `UPDATE log_epoch SET `+part+` = 'elsewhere'`)
			if got, err := one.Contains(t.Context(), before); err != nil || !got {
				t.Errorf("over the old connection: got %v, %v", got, err)
			}
			exec(t, admin, `
				SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'cartline'`)
			testenv.Eventually(t, patience, "another connection", func() bool {
				head, err := one.Head(t.Context())
				return err == nil && head.Epoch != before.Epoch
			})
			wantAnew(t, one, before)
			first := settled(t, one)
			testenv.Eventually(t, patience, "the other's connection", func() bool { return other.Ping(t.Context()) == nil })
			if head, err := other.Head(t.Context()); err != nil || head != first {
				t.Errorf("the other: got %+v, %v; want %+v", head, err, first)
			}
		})
	}
}

// In another cluster, transactions may have lower numbers than those of the log that
// was restored into it. What comes then sorts after it nevertheless.
func TestLogAheadOfItsCluster(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	shopper := cart.Which{Shopper: "alice", New: &cart.Record{Shopper: "alice", Cart: shared.Cart{ID: cart.NewID(), Status: shared.CartOpen}}}
	touch := func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, At: time.Now()}, nil)
	}
	change := func(s *postgres.Store) {
		if _, err := s.Change(t.Context(), shopper, touch); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		change(s)
	}
	before := settled(t, s)
	admin := connect(t, dsn)
	// One stays where it was, as if the other cluster had begun lower.
	exec(t, admin, `UPDATE activity SET tx = (tx::text::bigint + 10000000000)::text::xid8 WHERE cart_version > 1`)
	exec(t, admin, `UPDATE log_epoch SET cluster = 'elsewhere', trimmed_tx = '10000000000'`)
	restored := open(t, dsn)
	wantAnew(t, restored, before)
	change(restored)
	settled(t, restored)
	entries, err := restored.After(t.Context(), cart.Position{}, cart.Scope{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	var versions []int64
	for _, entry := range entries {
		var a shared.Activity
		if err := json.Unmarshal(entry.Activity, &a); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, a.CartVersion)
	}
	if !slices.Equal(versions, []int64{1, 2, 3, 4, 5}) {
		t.Errorf("the log has the versions %v", versions)
	}
}

// Where a user may not ask which cluster it is, the rest still tells a copy.
func TestEpochWithFewRights(t *testing.T) {
	dsn := testenv.Postgres(t)
	admin := connect(t, dsn)
	role := databaseOf(t, dsn) + "_user"
	quoted := pgx.Identifier{role}.Sanitize()
	exec(t, admin, `CREATE ROLE `+quoted)
	t.Cleanup(func() {
		execLast(t, admin, `DROP OWNED BY `+quoted)
		execLast(t, admin, `DROP ROLE `+quoted)
	})
	exec(t, admin, `GRANT ALL ON SCHEMA public TO `+quoted)
	exec(t, admin, `REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public`)
	exec(t, admin, `REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM public`)
	limited, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := limited.Query()
	query.Set("role", role)
	limited.RawQuery = query.Encode()
	s := open(t, limited.String())
	if unknown := s.Unknown(); len(unknown) != 2 {
		t.Errorf("unknown are %q", unknown)
	}
	carttest.Fill(t, s, 1)
	before := settled(t, s)
	if head := settled(t, open(t, limited.String())); head != before {
		t.Errorf("opened again: got %+v, want %+v", head, before)
	}
	// Who may ask fills in the rest, in the same epoch.
	all := open(t, dsn)
	if head := settled(t, all); head != before || len(all.Unknown()) != 0 {
		t.Errorf("with more rights: got %+v, want %+v; unknown are %q", head, before, all.Unknown())
	}
	exec(t, admin, `UPDATE log_epoch SET database = '1'`)
	wantAnew(t, open(t, limited.String()), before)
}

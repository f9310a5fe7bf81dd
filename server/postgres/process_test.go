package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Processes know of each other as long as they tell that they live.
func TestProcessesKnowOfEachOther(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	s, psql := open(t, dsn), connect(t, dsn)
	began := time.Now().UTC().Truncate(time.Microsecond)
	beat := func(id string, connections int) (others []shared.ProcessStatus) {
		t.Helper()
		self := shared.ProcessStatus{Process: "box/" + id, Mode: "all", Version: "v1", StartedAt: began, Connections: connections, Echo: 1}
		others, now, err := s.Beat(t.Context(), id, self)
		if err != nil || time.Since(now).Abs() > time.Minute {
			t.Fatalf("got the time %v, %v", now, err)
		}
		return others
	}
	if others := beat("a", 1); len(others) != 0 {
		t.Errorf("the first knows %+v", others)
	}
	want := shared.ProcessStatus{Process: "box/a", Mode: "all", Version: "v1", StartedAt: began, Connections: 2, Echo: 1}
	beat("a", 2)
	if others := beat("b", 7); len(others) != 1 || others[0] != want {
		t.Errorf("the second knows %+v, want %+v", others, want)
	}
	for _, step := range []struct {
		silent string
		knows  int
		kept   int
	}{{"4 seconds", 1, 2}, {"11 seconds", 0, 2}, {"61 seconds", 0, 1}} {
		exec(t, psql, `UPDATE process SET seen_at = now() - interval '`+step.silent+`' WHERE id = 'a'`)
		others := beat("b", 7)
		var kept int
		if err := psql.QueryRow(t.Context(), `SELECT count(*) FROM process`).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if len(others) != step.knows || kept != step.kept {
			t.Errorf("after %s: knows %d others and keeps %d in all, want %d and %d", step.silent, len(others), kept, step.knows, step.kept)
		}
	}
	if err := s.Gone(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if others := beat("a", 1); len(others) != 0 {
		t.Errorf("one that ended is still known: %+v", others)
	}
}

// However many try at once, at whichever process, only so many get through in any window.
func TestTriesAreCountedTogether(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	one, other, psql := open(t, dsn), open(t, dsn), connect(t, dsn)
	const most = 10
	key := []byte("ann")
	begin := func() time.Duration {
		t.Helper()
		wait, err := one.BeginTry(t.Context(), key, most, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	var passed atomic.Int32
	var trying sync.WaitGroup
	for i := range 40 {
		s := one
		if i%2 == 1 {
			s = other
		}
		trying.Go(func() {
			wait, err := s.BeginTry(t.Context(), key, most, time.Hour)
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				passed.Add(1)
			}
		})
	}
	trying.Wait()
	if got := passed.Load(); got != most {
		t.Errorf("%d got through, want %d", got, most)
	}
	if wait := begin(); wait <= 59*time.Minute || wait > time.Hour {
		t.Errorf("has to wait %v, want an hour", wait)
	}
	if wait, err := one.BeginTry(t.Context(), []byte("bob"), most, time.Hour); err != nil || wait != 0 {
		t.Errorf("another key: got %v, %v", wait, err)
	}
	// What is given back can be tried again, once.
	if err := other.ReturnTry(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if first, second := begin(), begin(); first != 0 || second == 0 {
		t.Errorf("after one was given back: got waits of %v and %v", first, second)
	}
	// When the first is long enough ago, there is room for one more.
	exec(t, psql, `UPDATE throttle SET tries[1] = now() - interval '61 minutes' WHERE key = 'ann'`)
	if first, second := begin(), begin(); first != 0 || second == 0 {
		t.Errorf("after the first ran out: got waits of %v and %v", first, second)
	}
	if err := other.ForgiveTries(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for i := range most {
		if wait := begin(); wait != 0 {
			t.Errorf("try %d after all were forgiven: got a wait of %v", i+1, wait)
		}
	}
	if err := one.ReturnTry(t.Context(), []byte("nobody")); err != nil {
		t.Error(err)
	}
	// What has run out is forgotten, and nothing else.
	exec(t, psql, `UPDATE throttle SET until = now() - interval '1 second' WHERE key = 'bob'`)
	if _, err := one.Sweep(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	var left string
	if err := psql.QueryRow(t.Context(), `SELECT string_agg(convert_from(key, 'UTF8'), ' ') FROM throttle`).Scan(&left); err != nil || left != "ann" {
		t.Errorf("kept are %q, %v; want ann", left, err)
	}
}

// sweepClass is the class of the advisory lock under which is swept.
const sweepClass = 0x73776565

// Who sweeps waits for another who does, before touching a row: two who delete the same
// rows, each in an order of its own, could wait for each other.
func TestSweepersTakeTurns(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	s, psql := open(t, dsn), connect(t, dsn)
	exec(t, psql, `
		INSERT INTO shopper_session (token_hash, shopper, created_at, expires_at)
		SELECT decode(md5(i::text), 'hex'), i::text, now(), now() - interval '1 hour' FROM generate_series(1, 5000) AS i`)
	other, err := connect(t, dsn).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, other, `SELECT pg_advisory_xact_lock($1, 0)`, sweepClass)
	swept := make(chan error, 1)
	var count int64
	go func() {
		var err error
		count, err = s.Sweep(t.Context(), time.Now())
		swept <- err
	}()
	testenv.Eventually(t, patience, "the sweep to wait", func() (waits bool) {
		row := psql.QueryRow(t.Context(), `
			SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid::bigint = $1
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, sweepClass)
		if err := row.Scan(&waits); err != nil {
			t.Fatal(err)
		}
		return waits
	})
	if err := other.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-swept; err != nil || count != 5000 {
		t.Errorf("%d were forgotten, %v; want 5000", count, err)
	}
}

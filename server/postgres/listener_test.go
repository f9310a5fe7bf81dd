package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
	"cartline/server/postgres"
)

type heard struct{ channel, payload string }

// listen runs a listener until the test ends.
func listen(t *testing.T, dsn string) (*postgres.Listener, <-chan heard, <-chan struct{}) {
	t.Helper()
	notifications := make(chan heard, 100)
	again := make(chan struct{}, 10)
	l, err := postgres.NewListener(dsn,
		func(channel, payload string) { notifications <- heard{channel, payload} },
		func() { again <- struct{}{} },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return l, notifications, again
}

// listening returns the channels in effect, sorted.
func listening(t *testing.T, l *postgres.Listener) []string {
	t.Helper()
	channels := l.Channels()
	slices.Sort(channels)
	return channels
}

func TestFirstListensAndLastUnlistens(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	l, notifications, _ := listen(t, dsn)
	psql := connect(t, dsn)
	for range 3 {
		if err := l.Listen(t.Context(), "news"); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Listen(t.Context(), `odd "name"`); err != nil {
		t.Fatal(err)
	}
	exec(t, psql, `NOTIFY news, 'one'`)
	if got, want := <-notifications, (heard{"news", "one"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	exec(t, psql, `SELECT pg_notify('odd "name"', 'two')`)
	if got, want := <-notifications, (heard{`odd "name"`, "two"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	l.Unlisten("news")
	l.Unlisten("news")
	if err := l.Listen(t.Context(), "other"); err != nil { // by now the two are dealt with
		t.Fatal(err)
	}
	if got, want := listening(t, l), []string{"news", `odd "name"`, "other"}; !slices.Equal(got, want) {
		t.Errorf("with one left: got %v, want %v", got, want)
	}
	l.Unlisten("news")
	testenv.Eventually(t, patience, "UNLISTEN", func() bool { return !slices.Contains(l.Channels(), "news") })
	if err := l.Listen(t.Context(), "fence"); err != nil {
		t.Fatal(err)
	}
	exec(t, psql, `NOTIFY news, 'three'`)
	exec(t, psql, `NOTIFY fence`)
	if got, want := <-notifications, (heard{"fence", ""}); got != want {
		t.Errorf("after the last left: got %v, want %v", got, want)
	}
	var connections int
	err := psql.QueryRow(t.Context(), `
		SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'cartline listener'`).Scan(&connections)
	if err != nil || connections != 1 {
		t.Errorf("got %d listening connections, %v; want 1", connections, err)
	}
}

func TestListenerConnectsAgain(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	l, notifications, again := listen(t, dsn)
	psql := connect(t, dsn)
	if err := l.Listen(t.Context(), "news"); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		exec(t, psql, `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'cartline listener'`)
		<-again
		exec(t, psql, fmt.Sprintf(`NOTIFY news, 'round %d'`, round))
		if got, want := <-notifications, (heard{"news", fmt.Sprintf("round %d", round)}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestListenGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	l, _, _ := listen(t, "postgres://127.0.0.1:1/none")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Listen(ctx, "news"); err == nil {
		t.Error("Listen succeeded without a database")
	}
}

// However listening and leaving mix, whoever listens in the end hears, and nothing
// is listened to that nobody wants.
func TestManyListenAndLeaveTogether(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	l, notifications, _ := listen(t, dsn)
	psql := connect(t, dsn)
	const channels, workers = 5, 50
	name := func(i int) string { return fmt.Sprintf("channel_%d", i%channels) }
	for round := range 5 {
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() {
				for range 10 {
					if err := l.Listen(t.Context(), name(i)); err != nil {
						t.Error(err)
						return
					}
					l.Unlisten(name(i))
				}
				if err := l.Listen(t.Context(), name(i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var got, want []heard
		for i := range channels {
			payload := fmt.Sprintf("round %d", round)
			exec(t, psql, `SELECT pg_notify($1, $2)`, name(i), payload)
			want = append(want, heard{name(i), payload})
		}
		for len(got) < len(want) {
			select {
			case n := <-notifications:
				got = append(got, n)
			case <-time.After(patience):
				t.Fatalf("round %d: heard %v, want %v; listening to %v", round, got, want, listening(t, l))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("round %d: heard %v, want %v", round, got, want)
		}
		for i := range workers {
			l.Unlisten(name(i))
		}
		testenv.Eventually(t, patience, "nothing to be listened to", func() bool { return len(l.Channels()) == 0 })
	}
}

// Who comes back to a channel while the last one's leaving is being carried out
// must hear, although nothing else changes afterwards. The moment is short, so it
// is looked for with a different delay in each round.
func TestListenWhileUnlistening(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	l, notifications, _ := listen(t, dsn)
	psql := connect(t, dsn)
	if err := l.Listen(t.Context(), "news"); err != nil {
		t.Fatal(err)
	}
	for round := range 300 {
		fence := fmt.Sprintf("fence_%d", round)
		listening := make(chan error, 1)
		go func() { listening <- l.Listen(t.Context(), fence) }()
		l.Unlisten("news")
		for came := time.Now(); time.Since(came) < time.Duration(round)*time.Microsecond; {
			runtime.Gosched()
		}
		if err := l.Listen(t.Context(), "news"); err != nil {
			t.Fatal(err)
		}
		if err := <-listening; err != nil {
			t.Fatal(err)
		}
		exec(t, psql, fmt.Sprintf(`NOTIFY news, '%d'`, round))
		exec(t, psql, `NOTIFY `+fence)
		if got, want := <-notifications, (heard{"news", fmt.Sprint(round)}); got != want {
			t.Fatalf("round %d: got %v, want %v", round, got, want)
		}
		<-notifications // the fence
		l.Unlisten(fence)
	}
}

func TestWakerGathers(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	l, notifications, _ := listen(t, dsn)
	if err := l.Listen(t.Context(), postgres.ChannelLog); err != nil {
		t.Fatal(err)
	}
	w := postgres.NewWaker(s, slog.New(slog.DiscardHandler))
	for range 1000 {
		w.Wake() // before Run: all become one
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	if got, want := <-notifications, (heard{postgres.ChannelLog, ""}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	w.Wake()
	<-notifications
	cancel()
	running.Wait()
	if n := len(notifications); n != 0 {
		t.Errorf("%d notifications too many", n)
	}
}

// The listener knows whether its connection stands.
func TestStanding(t *testing.T) {
	dsn := testenv.Postgres(t)
	heard := func(string, string) {}
	l, err := postgres.NewListener(dsn, heard, func() {}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if l.Standing() {
		t.Error("it stands before it was made")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	testenv.Eventually(t, patience, "the connection", l.Standing)
	admin := connect(t, testenv.Postgres(t))
	name := databaseOf(t, dsn)
	exec(t, admin, `ALTER DATABASE `+pgx.Identifier{name}.Sanitize()+` ALLOW_CONNECTIONS false`)
	exec(t, admin, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
	testenv.Eventually(t, patience, "the end of the connection", func() bool { return !l.Standing() })
	exec(t, admin, `ALTER DATABASE `+pgx.Identifier{name}.Sanitize()+` ALLOW_CONNECTIONS true`)
	testenv.Eventually(t, patience, "another connection", l.Standing)
	cancel()
	<-done
	if l.Standing() {
		t.Error("it stands after it was given up")
	}
}

package nats_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

// patience is how long a test waits for what should come soon.
const patience = 90 * time.Second

// world is a database in which somebody writes, a NATS server, and processes that follow
// the log.
type world struct {
	t     testing.TB
	dsn   string
	store *postgres.Store // the writers'
	waker *postgres.Waker
	url   string // of NATS

	versions atomic.Int64
}

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, dsn: testenv.Postgres(t), url: url}
	w.store = openStore(t, w.dsn)
	w.waker = postgres.NewWaker(w.store, slog.New(slog.DiscardHandler))
	inBackground(t, w.waker.Run)
	return w
}

func openStore(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Log(err) // its link may be dead
		}
	})
	return s
}

// inBackground does something until the test ends, or the function is called.
func inBackground(t testing.TB, do func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { do(ctx) })
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// change changes a cart so many times.
func (w *world) change(times int) {
	w.t.Helper()
	for range times {
		if err := w.changeOnce(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) changeOnce(ctx context.Context) error {
	n := w.versions.Add(1)
	id := fmt.Sprint("cart-", n%7)
	which := cart.Which{Shopper: "shopper of " + id, New: &cart.Record{Shopper: "shopper of " + id, Cart: shared.Cart{ID: id, Status: shared.CartOpen}}}
	_, err := w.store.Change(ctx, which, func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, Kind: shared.LineAdded, At: time.Now().UTC().Truncate(time.Microsecond)}, nil)
	})
	if err == nil {
		w.waker.Wake()
	}
	return err
}

// write has somebody change carts until the function is called.
func (w *world) write() (stop func()) {
	return inBackground(w.t, func(ctx context.Context) {
		for ctx.Err() == nil {
			if err := w.changeOnce(ctx); err != nil && ctx.Err() == nil {
				w.t.Error(err)
				return
			}
			timer := time.NewTimer(5 * time.Millisecond)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
			}
		}
	})
}

// notify notifies on a channel.
func (w *world) notify(channel, payload string) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.dsn)
	if err == nil {
		_, err = conn.Exec(w.t.Context(), `SELECT pg_notify($1, $2)`, channel, payload)
		_ = conn.Close(context.WithoutCancel(w.t.Context()))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// check waits until each process has got what is in the log, and nothing else.
func (w *world) check(processes ...*process) {
	w.t.Helper()
	for _, p := range processes {
		var got, want []string
		resets := 0
		same := func() bool {
			// It may be a while until all can be read: other tests' transactions hold it back.
			want = w.after(p.began)
			p.set(func() { got, resets = slices.Clone(p.got), p.resets })
			return slices.Equal(got, want)
		}
		// What is too much, or out of order, remains.
		testenv.Eventually(w.t, patience, p.name+" to get everything", func() bool {
			if same() {
				return true
			}
			n := min(len(got), len(want))
			return !slices.Equal(got[:n], want[:n])
		})
		if !slices.Equal(got, want) || resets != 1 {
			w.t.Errorf("%s got %d activities and was told %d times where to begin, want the %d of the log in order, and once", p.name, len(got), resets, len(want))
		}
	}
}

// head is where the log ends.
func (w *world) head() cart.Position {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return head
}

// after lists the cursors of what comes in the log after a position.
func (w *world) after(position cart.Position) (cursors []string) {
	w.t.Helper()
	entries, err := w.store.After(w.t.Context(), position, cart.Scope{}, 1_000_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		cursors = append(cursors, e.Position.Cursor())
	}
	return cursors
}

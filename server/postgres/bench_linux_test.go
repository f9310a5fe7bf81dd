package postgres_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
)

// crowd is how many shoppers change their carts at once: more than the machine has
// cores, so that their commits can share a flush to disk.
const crowd = 16

// durable starts a server with what an installed one has that guards data against a
// crash of the machine, and returns the DSN of an empty database.
func durable(b *testing.B) string {
	b.Helper()
	cluster, err := testenv.StartCluster("synchronous_commit=on", "autovacuum=on", "fsync=on", "full_page_writes=on", "shared_buffers=128MB")
	if err != nil {
		b.Fatalf("PostgreSQL is needed for this: %v", err)
	}
	b.Cleanup(func() {
		if err := cluster.Remove(); err != nil {
			b.Error(err)
		}
	})
	return cluster.DSN("postgres")
}

// wake runs a waker until the benchmark ends.
func wake(b *testing.B, s *postgres.Store) *postgres.Waker {
	waker := postgres.NewWaker(s, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { waker.Run(ctx) })
	b.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return waker
}

// BenchmarkLog measures what the activity's row and the wake-up take of the rate of cart
// changes, which are on disk when they are acknowledged.
func BenchmarkLog(b *testing.B) {
	dsn := durable(b)
	s := open(b, dsn+"&pool_max_conns=16")
	waker := wake(b, s)
	logged := carttest.NewCrowd(b, s, crowd, waker.Wake)
	silent := carttest.NewCrowd(b, s, crowd, func() {})
	change := func(c *carttest.Crowd, log bool) func(int) {
		return func(changes int) {
			s.SetLogged(log)
			c.Change(b, changes)
		}
	}
	logged.Change(b, 10*crowd) // which opens the connections
	carttest.InTurn(b, 15, 1000, spent(b, dsn),
		carttest.Way{Name: "with", Do: change(logged, true)},
		carttest.Way{Name: "without", Do: change(silent, false)})
}

// BenchmarkTail reads logs of different lengths.
func BenchmarkTail(b *testing.B) {
	carttest.Tail(b, func(b *testing.B, rows int) (carttest.Store, func(int) cart.Position) {
		dsn := testenv.Postgres(b)
		s := open(b, dsn)
		conn, err := pgx.Connect(b.Context(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close(b.Context())
		// A new server has given out few transactions' numbers, so many activities have
		// the same one: others would not be readable yet.
		if _, err := conn.Exec(b.Context(), `
			INSERT INTO activity (tx, id, cart_id, cart_version, kind, at, payload, shopper, state) OVERRIDING SYSTEM VALUE
			SELECT (3 + i / 1000000)::text::xid8, i, 'cart-' || i % ($1::int / 100), i, 'line_changed', now() - interval '1 day' + i * interval '1 ms', repeat('p', 100), 'shopper-' || i % ($1::int / 100), repeat('s', 100)
			FROM generate_series(1, $1::int) AS i`, rows); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Exec(b.Context(), `VACUUM ANALYZE activity`); err != nil {
			b.Fatal(err)
		}
		for _, scope := range []cart.Scope{{}, {CartID: "cart-7"}, {Shopper: "shopper-7"}} {
			query, values := postgres.EntriesQuery(cart.Position{Tx: uint64(3 + rows/2000000), Seq: int64(rows / 2)}, scope, 100)
			rows, err := conn.Query(b.Context(), `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) `+query, values...)
			if err != nil {
				b.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				b.Fatal(err)
			}
			b.Logf("%+v:\n%s", scope, strings.Join(lines, "\n"))
		}
		return s, func(number int) cart.Position {
			return cart.Position{Tx: uint64(3 + number/1000000), Seq: int64(number)}
		}
	})
}

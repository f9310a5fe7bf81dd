package postgres_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/identity"
	"cartline/server/identity/identitytest"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// patience is how long a test waits for what should come soon.
const patience = 90 * time.Second

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(t.Context()); err != nil {
			t.Logf("close: %v", err)
		}
	})
	return conn
}

func exec(t *testing.T, conn interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestCartStore(t *testing.T) {
	carttest.Run(t, func(t *testing.T) carttest.Store { return open(t, testenv.Postgres(t)) })
}

func BenchmarkCartStore(b *testing.B) {
	carttest.Benchmark(b, func(b *testing.B) carttest.Store { return open(b, testenv.Postgres(b)) })
}

func TestIdentityStore(t *testing.T) {
	identitytest.Run(t, func(t *testing.T) identity.Store { return open(t, testenv.Postgres(t)) })
}

func TestOpenRefusesBadDSN(t *testing.T) {
	for _, dsn := range []string{"postgres://%zz", "postgres://127.0.0.1:1/none?connect_timeout=1"} {
		if s, err := postgres.Open(t.Context(), dsn); err == nil {
			s.Close()
			t.Errorf("%q was accepted", dsn)
		}
	}
}

// Several processes may start on an empty database at once.
func TestOpenTogether(t *testing.T) {
	dsn := testenv.Postgres(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), dsn)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A transaction that began to write before another, and commits after it, must
// not be passed over: the log waits for it.
func TestLogWaitsForEarlierTransactions(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	slow, err := connect(t, dsn).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	insert := `INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES ($1, 1, 'test', now(), '{}')`
	exec(t, slow, insert, "slow")
	exec(t, connect(t, dsn), insert, "fast")
	entries, err := s.After(t.Context(), cart.Position{}, cart.Scope{}, 10)
	if err != nil || len(entries) != 0 {
		t.Fatalf("while the slow one runs: got %v, %v; want nothing", entries, err)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "both activities", func() bool {
		entries, err = s.After(t.Context(), cart.Position{}, cart.Scope{}, 10)
		return err != nil || len(entries) == 2
	})
	if err != nil || entries[0].CartID != "slow" || entries[1].CartID != "fast" {
		t.Errorf("got %+v, %v; want slow, fast", entries, err)
	}
}

// Whoever waits for a cart's lock must get a later transaction id than the one
// waited for, also when it is the shopper's first cart that both make.
func TestChangesOfOneCartAreLoggedInVersionOrder(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	const shoppers, workers = 5, 16
	at := time.Now().UTC()
	var wg sync.WaitGroup
	for i := range shoppers * workers {
		wg.Go(func() {
			shopper := string(rune('a' + i%shoppers))
			which := cart.Which{Shopper: shopper, New: &cart.Record{Shopper: shopper, Cart: shared.Cart{ID: cart.NewID(), Status: shared.CartOpen, CreatedAt: at, UpdatedAt: at}}}
			_, err := s.Change(t.Context(), which, func(r *cart.Record) (*cart.Outcome, error) {
				r.Version++
				return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, At: at}, nil)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var entries []cart.Entry
	testenv.Eventually(t, patience, "every activity", func() bool {
		var err error
		if entries, err = s.After(t.Context(), cart.Position{}, cart.Scope{}, 1000); err != nil {
			t.Fatal(err)
		}
		return len(entries) == shoppers*workers
	})
	last := make(map[string]int64)
	for _, entry := range entries {
		var a shared.Activity
		if err := json.Unmarshal(entry.Activity, &a); err != nil {
			t.Fatal(err)
		}
		if a.CartVersion != last[a.CartID]+1 {
			t.Errorf("cart %s: version %d follows %d", a.CartID, a.CartVersion, last[a.CartID])
		}
		last[a.CartID] = a.CartVersion
	}
	if len(last) != shoppers {
		t.Errorf("got %d carts, want %d", len(last), shoppers)
	}
}

// A database that is away is told from a mistake.
func TestUnavailable(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	if _, err := s.Cart(t.Context(), "none"); postgres.Unavailable(err) {
		t.Errorf("%v: got unavailable", err)
	}
	_, err := connect(t, dsn).Exec(t.Context(), `SELECT 1/0`)
	if err == nil || postgres.Unavailable(err) {
		t.Errorf("%v: got unavailable", err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-late.Done()
	if _, err := s.Head(late); !postgres.Unavailable(err) {
		t.Errorf("%v: want unavailable", err)
	}
	if _, err := s.Head(t.Context()); err != nil { // all connections were doubted
		t.Errorf("after that: %v", err)
	}
	if _, err := pgx.Connect(t.Context(), "postgres://127.0.0.1:1/none"); !postgres.Unavailable(err) {
		t.Errorf("%v: want unavailable", err)
	}
	victim := connect(t, dsn)
	exec(t, connect(t, dsn), `SELECT pg_terminate_backend($1)`, int32(victim.PgConn().PID()))
	if _, err := victim.Exec(t.Context(), `SELECT 1`); !postgres.Unavailable(err) {
		t.Errorf("%v: want unavailable", err)
	}
}

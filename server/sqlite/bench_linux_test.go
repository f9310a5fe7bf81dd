package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/sqlite"
)

// BenchmarkSynchronous measures cart changes, as the API makes them, in a file whose
// commits are flushed to the disk each and in one whose commits aren't, beside bare
// inserts of as many bytes into files of both kinds: what SQLite itself can do here.
func BenchmarkSynchronous(b *testing.B) {
	const shoppers = 16
	full, normal := openWith(b, sqlite.Full), openWith(b, sqlite.Normal)
	fullCrowd := carttest.NewCrowd(b, full, shoppers, func() {})
	normalCrowd := carttest.NewCrowd(b, normal, shoppers, func() {})
	entries, err := full.After(b.Context(), cart.Position{}, cart.Scope{}, 100)
	if err != nil || len(entries) == 0 {
		b.Fatal(err)
	}
	last := entries[len(entries)-1]
	row := strings.Repeat("x", len(last.Activity)+2*len(last.State)) // of which a cart keeps one
	carttest.InTurn(b, 7, 1000, spent(b),
		carttest.Way{Name: "change-full", Do: func(n int) { fullCrowd.Change(b, n) }},
		carttest.Way{Name: "change-normal", Do: func(n int) { normalCrowd.Change(b, n) }},
		carttest.Way{Name: "bare-full", Do: bare(b, "full", row)},
		carttest.Way{Name: "bare-normal", Do: bare(b, "normal", row)})
}

func openWith(b *testing.B, synchronous sqlite.Synchronous) *sqlite.Store {
	b.Helper()
	s, err := sqlite.OpenWith(b.Context(), filepath.Join(b.TempDir(), "c.db"), synchronous)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// bare returns a function that inserts a row so many times, with a transaction each.
func bare(b *testing.B, synchronous, row string) func(times int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous("+synchronous+")")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(b.Context(), `CREATE TABLE bare (id INTEGER PRIMARY KEY, row TEXT NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.PrepareContext(b.Context(), `INSERT INTO bare (row) VALUES (?)`)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := insert.Close(); err != nil {
			b.Error(err)
		}
	})
	return func(times int) {
		for range times {
			if _, err := insert.ExecContext(b.Context(), row); err != nil {
				b.Error(err)
				return
			}
		}
	}
}

// spent returns a function that tells the processors' time that this process has taken.
func spent(b *testing.B) func() time.Duration {
	return func() time.Duration {
		var own syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
			b.Fatal(err)
		}
		return time.Duration(own.Utime.Nano() + own.Stime.Nano())
	}
}

// BenchmarkTail reads logs of different lengths.
func BenchmarkTail(b *testing.B) {
	carttest.Tail(b, func(b *testing.B, rows int) (carttest.Store, func(int) cart.Position) {
		s := openWith(b, sqlite.Normal)
		s.Exec(b, `
			INSERT INTO activity (cart_id, cart_version, kind, at, payload, shopper, state)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			SELECT 'cart-' || (i % (?1 / 100)), i, 'line_changed', i, printf('%.100c', 'p'), 'shopper-' || (i % (?1 / 100)), printf('%.100c', 's') FROM n`, rows)
		return s, func(number int) cart.Position { return cart.Position{Seq: int64(number)} }
	})
}

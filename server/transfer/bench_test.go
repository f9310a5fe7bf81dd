package transfer_test

import (
	"database/sql"
	"errors"
	"os"
	"testing"

	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/server/sqlite"
	"cartline/server/transfer"
)

// BenchmarkRun copies a file with a hundred thousand changes of carts, which are nearly
// all that a store keeps: go test -run - -bench Run -benchtime 3x ./server/transfer
func BenchmarkRun(b *testing.B) {
	const rows = 100_000
	path := newFile(b)
	s, err := sqlite.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	carttest.Fill(b, s, 1)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	_, err = db.ExecContext(b.Context(), `
		WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ?)
		INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state)
		SELECT cart_id, cart_version + i, kind, at, shopper, payload, state FROM number, activity`, rows-1)
	if err := errors.Join(err, db.Close(), s.Close()); err != nil {
		b.Fatal(err)
	}
	var size int64
	for b.Loop() {
		b.StopTimer()
		dsn := testenv.Postgres(b)
		b.StartTimer()
		from, err := sqlite.Freeze(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		to, err := postgres.OpenCopy(b.Context(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		_, err = transfer.Run(b.Context(), from, to, func(transfer.Step, int64, int64) {})
		if err := errors.Join(err, from.Close(), to.Close()); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		size = info.Size()
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(rows/seconds, "rows/s")
	b.ReportMetric(float64(size)/seconds/1e6, "MB/s")
}

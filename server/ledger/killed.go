package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/sqlite"
)

// killWithin is how long after a new acknowledgement the server is killed, at most.
const killWithin = 10 * time.Millisecond

// KillWhileWriting has shoppers write without a pause to a server on SQLite that is
// killed that many times, each time soon after something new was acknowledged. Nobody
// else has the file open, so each process finds it as the one before left it; but every
// other time it is looked at in between: whether it is sound, and has all that was
// acknowledged.
func KillWhileWriting(t testing.TB, times int) *Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cartline.db")
	opened, err := sqlite.Open(t.Context(), path)
	if err == nil {
		err = opened.PutProducts(t.Context(), products)
		closeStore(t, opened)
	}
	if err != nil {
		t.Fatal(err)
	}
	began, book := time.Now(), new(Book)
	gateway := NewGateway(t, "sqlite:"+path)
	var writers tasks
	writers.begin(t)
	for range 6 {
		w := &apiWriter{caller: newCaller(gateway.URL()), book: book}
		writers.running.Go(func() { w.run(writers.ctx) })
	}
	look := func() (int, *Findings) {
		t.Helper()
		rows, err := sqliteRows(t.Context(), path)
		if err == nil {
			err = sound(t.Context(), path)
		}
		if err != nil {
			t.Fatal(err)
		}
		return len(rows), Check(rows, book)
	}
	for i := range times {
		kept := book.Kept()
		testenv.Eventually(t, patience, "another acknowledgement", func() bool { return book.Kept() > kept })
		pause(t.Context(), upTo(killWithin))
		gateway.KillAnd(func() {
			if i%2 == 1 {
				return
			}
			if _, found := look(); !found.None() {
				t.Fatalf("after %d kills:\n%s", i+1, found)
			}
		})
	}
	writers.end()
	gateway.WaitReady(t)
	report := &Report{Acknowledged: book.Kept(), Unanswered: book.unanswered, Faults: map[string]int{killed: times}}
	gateway.KillAnd(func() { report.Activities, report.Findings = look() })
	report.Took = time.Since(began)
	return report
}

// sound says what SQLite finds wrong with a file.
func sound(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("integrity check: %s", verdict)
	}
	var broken int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&broken); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d rows belong to nothing", broken)
	}
	return nil
}

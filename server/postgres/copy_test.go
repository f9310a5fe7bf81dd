package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/server/transfer"
	"cartline/shared"
)

func openCopy(t *testing.T, dsn string) *postgres.CopyTarget {
	t.Helper()
	target, err := postgres.OpenCopy(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// A database takes one copy at a time, serves nobody until that is finished, and then goes
// on behind what was copied, in an epoch in which nobody has a cursor yet.
func TestCopyTarget(t *testing.T) {
	dsn := testenv.Postgres(t)
	empty := open(t, dsn)
	before, err := empty.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	target := openCopy(t, dsn)
	if resumed, err := target.Begin(t.Context(), "a digest"); err != nil || resumed {
		t.Errorf("got %v, %v", resumed, err)
	}
	postgres.SetCopyLockTimeout(t, 10*time.Millisecond)
	if second, err := postgres.OpenCopy(t.Context(), dsn); !errors.Is(err, transfer.ErrBusy) {
		t.Errorf("two at a time: got %v, %v; want ErrBusy", second, err)
	}
	postgres.SetCopyLockTimeout(t, patience) // the database may notice late that one has ended
	if s, err := postgres.Open(t.Context(), dsn); !errors.Is(err, postgres.ErrUnfinished) {
		t.Errorf("open for serving: got %v, %v; want ErrUnfinished", s, err)
	}
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	audit, err := target.Columns(t.Context(), "audit")
	if err != nil {
		t.Fatal(err)
	}
	row := transfer.Row{}
	for _, c := range audit {
		switch c.Kind {
		case transfer.Integer:
			row = append(row, int64(7))
		case transfer.Time:
			row = append(row, at)
		default:
			row = append(row, "x")
		}
	}
	table := transfer.Table{Name: "audit", Order: []string{"id"}}
	if err := target.Append(t.Context(), table, audit, []transfer.Row{row}); err != nil {
		t.Fatal(err)
	}
	if err := target.Append(t.Context(), table, audit, []transfer.Row{row}); err == nil {
		t.Error("a row was taken twice")
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}

	target = openCopy(t, dsn)
	if timeout, err := target.LockTimeout(t.Context()); err != nil || timeout != "0" {
		t.Errorf("a copy that has its turn waits for a table no longer than %s, %v", timeout, err)
	}
	if _, err := target.Begin(t.Context(), "another digest"); !errors.Is(err, transfer.ErrOther) {
		t.Errorf("another source: got %v, want ErrOther", err)
	}
	if resumed, err := target.Begin(t.Context(), "a digest"); err != nil || !resumed {
		t.Errorf("the same source: got %v, %v; want to go on", resumed, err)
	}
	if err := errors.Join(target.Finish(t.Context()), target.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, dsn)
	if after, err := s.Head(t.Context()); err != nil || after.Epoch == before.Epoch {
		t.Errorf("got the epoch %s as before, %v", after.Epoch, err)
	}
	if err := s.AppendAudit(t.Context(), shared.AuditEntry{At: at}); err != nil {
		t.Error(err)
	}
	if entries, err := s.Audit(t.Context(), 0, 10); err != nil || len(entries) != 2 || entries[0].ID != 7 || entries[1].ID != 8 {
		t.Errorf("got %+v, %v; want the copied entry, and the new one behind it", entries, err)
	}
	target = openCopy(t, dsn)
	if _, err := target.Begin(t.Context(), "a digest"); !errors.Is(err, transfer.ErrNotEmpty) {
		t.Errorf("a database with data: got %v, want ErrNotEmpty", err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
}

// A copy that is interrupted at its very end isn't finished, and goes on.
func TestCopyInterruptedAtTheEnd(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	target := openCopy(t, dsn)
	if _, err := target.Begin(t.Context(), "a digest"); err != nil {
		t.Fatal(err)
	}
	psql := connect(t, dsn)
	// Others may read and write, but nobody may count what is there.
	other, err := connect(t, dsn).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, other, `LOCK TABLE cart IN SHARE UPDATE EXCLUSIVE MODE`)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	finished := make(chan error, 1)
	go func() { finished <- target.Finish(ctx) }()
	testenv.Eventually(t, patience, "the copy to wait for us", func() (waits bool) {
		if err := psql.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'cart'::regclass AND NOT granted)`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		return waits
	})
	interrupt()
	if err := <-finished; err == nil {
		t.Error("it finished all the same")
	}
	if err := errors.Join(other.Rollback(t.Context()), target.Close()); err != nil {
		t.Fatal(err)
	}
	target = openCopy(t, dsn)
	if resumed, err := target.Begin(t.Context(), "a digest"); err != nil || !resumed {
		t.Errorf("got %v, %v; want to go on", resumed, err)
	}
	if err := errors.Join(target.Finish(t.Context()), target.Close()); err != nil {
		t.Error(err)
	}
}

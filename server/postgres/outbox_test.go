package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
)

// openOutbox gives a database a table of carts, and what the walk-through adds to it.
func openOutbox(t *testing.T) (*postgres.Outbox, string) {
	t.Helper()
	dsn := testenv.Postgres(t)
	psql := connect(t, dsn)
	exec(t, psql, `CREATE TABLE carts (owner text PRIMARY KEY, items jsonb DEFAULT '{}')`)
	script, err := os.ReadFile("../../docs/retrofit/outbox.sql")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, psql, string(script))
	o, err := postgres.OpenOutbox(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o, dsn
}

func after(t *testing.T, o *postgres.Outbox, position cart.Position) []cart.Entry {
	t.Helper()
	entries, err := o.After(t.Context(), position, cart.Scope{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// However transactions overlap, whoever reads the outbox gets every committed change once,
// and in the order that all others get.
func TestOutboxMissesNothing(t *testing.T) {
	t.Parallel()
	o, dsn := openOutbox(t)
	position, err := o.Head(t.Context()) // before anything is written
	if err != nil {
		t.Fatal(err)
	}
	const writers, changes = 6, 25
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			conn, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(context.Background())
			for i := range changes {
				err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
					for range 1 + rand.IntN(3) {
						owner := fmt.Sprintf("%d-%d", w, rand.IntN(3))
						if _, err := tx.Exec(t.Context(), `INSERT INTO carts VALUES ($1, '{}') ON CONFLICT (owner) DO UPDATE SET items = jsonb_build_object('n', $2::int)`, owner, i); err != nil {
							return err
						}
						if _, err := tx.Exec(t.Context(), `SELECT pg_sleep(random() / 200)`); err != nil {
							return err
						}
					}
					if i%5 == 0 {
						return errRollback
					}
					return nil
				})
				if err != nil && !errors.Is(err, errRollback) {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	var got []string
	read := func() {
		for {
			entries := after(t, o, position)
			for _, e := range entries {
				position = e.Position
				got = append(got, fmt.Sprint(e.Position.Tx, ".", e.Position.Seq))
			}
			if len(entries) < 7 {
				return
			}
		}
	}
	for over := false; !over; read() {
		select {
		case <-done:
			over = true
		default:
		}
	}
	want := rowsOf(t, dsn, `SELECT tx || '.' || id FROM cartline_outbox ORDER BY tx, id`)
	testenv.Eventually(t, patience, "all to be readable", func() bool { read(); return len(got) >= len(want) })
	if !slices.Equal(got, want) {
		t.Errorf("read %d entries, which are not the %d that there are", len(got), len(want))
	}
	if oldest, err := o.Behind(t.Context(), position); err != nil || !oldest.IsZero() {
		t.Errorf("behind the end: got %v, %v", oldest, err)
	}
}

var errRollback = errors.New("changed its mind")

func rowsOf(t *testing.T, dsn, query string) []string {
	t.Helper()
	rows, err := connect(t, dsn).Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A cursor from before what was trimmed, or of another outbox, is told from one that is
// good.
func TestOutboxTrimmed(t *testing.T) {
	t.Parallel()
	o, dsn := openOutbox(t)
	psql := connect(t, dsn)
	empty, err := o.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		exec(t, psql, fmt.Sprintf(`INSERT INTO carts VALUES ('c%d')`, i))
	}
	exec(t, psql, `UPDATE cartline_outbox SET at = at - interval '2 days' WHERE id <= 3`)
	testenv.Eventually(t, patience, "all to be readable", func() bool { return len(after(t, o, empty)) == 5 })
	entries := after(t, o, empty)
	exec(t, psql, `SELECT cartline_trim_outbox('1 day')`)
	holds := func(want ...bool) {
		t.Helper()
		for i, e := range entries {
			got, err := o.Contains(t.Context(), e.Position)
			if err != nil || got != want[i] {
				t.Errorf("entry %d: got %t, %v; want %t", i, got, err, want[i])
			}
			_, err = o.After(t.Context(), e.Position, cart.Scope{}, 7)
			if gone := errors.Is(err, cart.ErrGone); gone == want[i] {
				t.Errorf("after entry %d: got %v", i, err)
			}
		}
	}
	holds(false, false, true, true, true) // after the third nothing is missing
	if got, err := o.Contains(t.Context(), empty); err != nil || got {
		t.Errorf("the beginning: got %t, %v; want that it is gone", got, err)
	}
	exec(t, psql, `SELECT cartline_trim_outbox('-1 day')`) // all but the newest
	holds(false, false, false, true, true)
	exec(t, psql, `TRUNCATE cartline_outbox, cartline_outbox_extent; INSERT INTO cartline_outbox_extent DEFAULT VALUES`)
	holds(false, false, false, false, false)
}

// A cart that goes is a change as well.
func TestOutboxTellsOfRemovals(t *testing.T) {
	t.Parallel()
	o, dsn := openOutbox(t)
	psql := connect(t, dsn)
	exec(t, psql, `INSERT INTO carts VALUES ('ann', '{"mug":1}')`)
	exec(t, psql, `DELETE FROM carts`)
	var got []string
	testenv.Eventually(t, patience, "both to be readable", func() bool {
		got = nil
		for _, e := range after(t, o, cart.Position{}) {
			got = append(got, e.CartID+" "+strings.ReplaceAll(string(e.Activity), " ", ""))
		}
		return len(got) == 2
	})
	if want := []string{`ann {"owner":"ann","items":{"mug":1}}`, `ann {"owner":"ann","items":{}}`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An outbox that came from another server isn't followed, as what happens would be before
// what is there.
func TestOutboxWasRestored(t *testing.T) {
	t.Parallel()
	o, dsn := openOutbox(t)
	psql := connect(t, dsn)
	for _, from := range []string{
		`INSERT INTO cartline_outbox (tx, cart, payload) VALUES ('1000000000000', 'ann', '{}')`,
		`UPDATE cartline_outbox_extent SET trimmed_tx = '1000000000000'`,
	} {
		exec(t, psql, from)
		if _, err := o.Head(t.Context()); !errors.Is(err, postgres.ErrRestored) {
			t.Errorf("got %v, want %v", err, postgres.ErrRestored)
		}
		exec(t, psql, `TRUNCATE cartline_outbox, cartline_outbox_extent; INSERT INTO cartline_outbox_extent DEFAULT VALUES`)
		if _, err := o.Head(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestOutboxIsMissing(t *testing.T) {
	t.Parallel()
	o, err := postgres.OpenOutbox(t.Context(), testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Head(t.Context()); !postgres.Mistaken(err) {
		t.Errorf("got %v, want that there is no such table", err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

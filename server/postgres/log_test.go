package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
)

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// large fills a log with so many activities a second apart, in a thousand carts, of which
// one is busier than the others, but only of late.
func large(t *testing.T, conn *pgx.Conn, activities int) {
	t.Helper()
	exec(t, conn, `
		INSERT INTO activity (tx, cart_id, cart_version, kind, at, payload, shopper, state)
		SELECT (3 + i / 400)::text::xid8, 'cart-' || CASE WHEN i > 80000 AND i % 4 = 0 THEN 0 ELSE i % 1000 END, i, 'line_added', $2::timestamptz + i * interval '1 second', '{}',
			CASE WHEN i % 7 = 0 THEN '' ELSE 'shopper-' || i % 1000 END, '{}'
		FROM generate_series(1, $1::int) AS i`, activities, at)
}

// Reading the log costs as much in a large one as in a small one, whether or not the
// planner knows how large it is; and in a busy cart as in any, once it knows of it.
func TestReadingIsServedByIndexes(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	conn := connect(t, dsn)
	large(t, conn, 100_000)
	middle, limit := cart.Position{Tx: 128, Seq: 50_000}, 100
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			exec(t, conn, `ANALYZE`)
		}
		for name, scope := range map[string]cart.Scope{
			"everything": {}, "a cart": {CartID: "cart-1"}, "a busy cart": {CartID: "cart-0"}, "a shopper": {Shopper: "shopper-1"},
			"no cart": {CartID: "none"}, "no shopper": {Shopper: "none"},
		} {
			if name == "a busy cart" && !analyzed {
				continue // until the first ANALYZE, all that is in the cart may be sorted
			}
			query, values := postgres.EntriesQuery(middle, scope, limit)
			if read := blocksRead(t, conn, query, values...); read > 3*limit {
				t.Errorf("%s, analyzed %v: %d blocks are read", name, analyzed, read)
			}
		}
	}
	entries, err := s.After(t.Context(), cart.Position{}, cart.Scope{Shopper: "shopper-1"}, 1000)
	if err != nil || len(entries) < 80 || len(entries) > 90 {
		t.Errorf("got %d, %v", len(entries), err)
	}
}

// blocksRead runs a query and returns how many blocks of the database it looked at.
func blocksRead(t *testing.T, conn *pgx.Conn, query string, values ...any) int {
	t.Helper()
	var told []byte
	if err := conn.QueryRow(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+query, values...).Scan(&told); err != nil {
		t.Fatal(err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(told, &plans); err != nil || len(plans) != 1 {
		t.Fatalf("%s: %v", told, err)
	}
	return plans[0].Plan.Hit + plans[0].Plan.Read
}

// What is trimmed in several parts is trimmed wholly, and the furthest is noted.
func TestTrimInParts(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	conn := connect(t, dsn)
	const kept = 10
	large(t, conn, 2*postgres.TrimPart+kept)
	all, err := s.After(t.Context(), cart.Position{}, cart.Scope{}, 3*postgres.TrimPart)
	if err != nil || len(all) != 2*postgres.TrimPart+kept {
		t.Fatalf("got %d, %v", len(all), err)
	}
	oldest := all[2*postgres.TrimPart]
	if n, err := s.Trim(t.Context(), oldest.At); err != nil || n != 2*postgres.TrimPart {
		t.Errorf("got %d, %v", n, err)
	}
	for i, want := range map[int]bool{2*postgres.TrimPart - 2: false, 2*postgres.TrimPart - 1: true, 2 * postgres.TrimPart: true} {
		if got, err := s.Contains(t.Context(), all[i].Position); err != nil || got != want {
			t.Errorf("contains the activity %d: got %v, %v", i, got, err)
		}
	}
	exec(t, conn, `
		INSERT INTO audit (at, staff, action, cart_id, cart, consent, customer, outcome, before, after)
		SELECT at, '', '', '', '', '', '', '', '', '' FROM activity, generate_series(1, $1)`, postgres.TrimPart)
	if n, err := s.TrimAudit(t.Context(), oldest.At.Add(3*time.Second)); err != nil || n != 3*postgres.TrimPart {
		t.Errorf("of the audit: got %d, %v; want %d", n, err, 3*postgres.TrimPart)
	}
	if left, err := s.Audit(t.Context(), 0, 10*postgres.TrimPart); err != nil || len(left) != (kept-3)*postgres.TrimPart {
		t.Errorf("of the audit are left: %d, %v", len(left), err)
	}
}

// What readers can't see yet is not forgotten, however old it is; nor is the newest that
// they can see, which tells them where the log is.
func TestTrimLeavesWhatCantBeRead(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	insert := `INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES ($1, 1, 'test', $2, '{}')`
	quick := connect(t, dsn)
	exec(t, quick, insert, "first", at)
	exec(t, quick, insert, "second", at)
	before := settled(t, s)
	slow, err := connect(t, dsn).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, slow, insert, "slow", at)
	exec(t, quick, insert, "third", at)
	exec(t, quick, insert, "fourth", at)
	if n, err := s.Trim(t.Context(), at.Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("got %d, %v; want the first alone", n, err)
	}
	if head, err := s.Head(t.Context()); err != nil || head != before {
		t.Errorf("the head: got %+v, %v; want %+v", head, err, before)
	}
	if oldest, err := s.Behind(t.Context(), before); err != nil || !oldest.Equal(at) {
		t.Errorf("behind: got %v, %v; want %v, though it can't be read", oldest, err, at)
	}
	unread := before
	if err := quick.QueryRow(t.Context(), `SELECT tx, id FROM activity WHERE cart_id = 'third'`).Scan(&unread.Tx, &unread.Seq); err != nil {
		t.Fatal(err)
	}
	for position, want := range map[cart.Position]bool{before: true, unread: false} {
		if got, err := s.Contains(t.Context(), position); err != nil || got != want {
			t.Errorf("contains %+v: got %v, %v", position, got, err)
		}
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, s)
	entries, err := s.After(t.Context(), before, cart.Scope{}, 10)
	if err != nil || len(entries) != 3 || entries[0].CartID != "slow" {
		t.Errorf("then: got %+v, %v", entries, err)
	}
}

package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/sqlite"
)

// large fills a log with so many activities a second apart, in a thousand carts.
func large(t *testing.T, path string, activities int) {
	t.Helper()
	execSQL(t, openSQL(t, path), `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		INSERT INTO activity (id, cart_id, cart_version, kind, at, payload, shopper, state)
		SELECT i, 'cart-' || (i % 1000), i / 1000 + 1, 'line_added', ?2 + i * 1000000, '{}', iif(i % 7, 'shopper-' || (i % 1000), ''), '{}' FROM n`,
		activities, at.UnixMicro())
}

// Reading the log costs as much in a large one as in a small one: every scope is served
// by an index that has its order.
func TestReadingIsServedByIndexes(t *testing.T) {
	const activities = 10_000 // ten in each cart
	path := filepath.Join(t.TempDir(), "c.db")
	s := openFile(t, path)
	large(t, path, activities)
	db := openSQL(t, path)
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			execSQL(t, db, `ANALYZE`)
		}
		for name, scope := range map[string]cart.Scope{
			"activity":            {},
			"activity_in_cart":    {CartID: "cart-1"},
			"activity_of_shopper": {Shopper: "shopper-1"},
		} {
			query, values := sqlite.EntriesQuery(cart.Position{Seq: activities / 2}, scope, 100)
			var step, parent, unused int
			var plan string
			err := db.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN `+query, values...).Scan(&step, &parent, &unused, &plan)
			if err != nil || !strings.HasPrefix(plan, "SEARCH") || !strings.Contains(plan, " "+name+" ") && name != "activity" || !strings.Contains(plan, ">?") {
				t.Errorf("%s, analyzed %v: the plan is %q, %v", name, analyzed, plan, err)
			}
		}
	}
	entries, err := s.After(t.Context(), cart.Position{}, cart.Scope{Shopper: "shopper-1"}, 1000)
	if err != nil || len(entries) < 8 || len(entries) > 9 {
		t.Errorf("got %d, %v", len(entries), err)
	}
}

// What is trimmed in several parts is trimmed wholly, and the furthest is noted.
func TestTrimInParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	s := openFile(t, path)
	const kept = 10
	large(t, path, 2*sqlite.TrimPart+kept)
	all, err := s.After(t.Context(), cart.Position{}, cart.Scope{}, 3*sqlite.TrimPart)
	if err != nil || len(all) != 2*sqlite.TrimPart+kept {
		t.Fatalf("got %d, %v", len(all), err)
	}
	oldest := all[2*sqlite.TrimPart]
	if n, err := s.Trim(t.Context(), oldest.At); err != nil || n != 2*sqlite.TrimPart {
		t.Errorf("got %d, %v", n, err)
	}
	for i, want := range map[int]bool{2*sqlite.TrimPart - 2: false, 2*sqlite.TrimPart - 1: true, 2 * sqlite.TrimPart: true} {
		if got, err := s.Contains(t.Context(), all[i].Position); err != nil || got != want {
			t.Errorf("contains the activity %d: got %v, %v", i, got, err)
		}
	}
	if at, err := s.Behind(t.Context(), all[2*sqlite.TrimPart-1].Position); err != nil || !at.Equal(oldest.At) {
		t.Errorf("the oldest is of %v, %v; want %v", at, err, oldest.At)
	}
	db := openSQL(t, path)
	execSQL(t, db, `
		INSERT INTO audit (at, staff, action, cart_id, cart, consent, customer, outcome, before, after)
		SELECT at, '', '', '', '', '', '', '', '', '' FROM activity, (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n)`, sqlite.TrimPart)
	if n, err := s.TrimAudit(t.Context(), oldest.At.Add(3*time.Second)); err != nil || n != 3*sqlite.TrimPart {
		t.Errorf("of the audit: got %d, %v; want %d", n, err, 3*sqlite.TrimPart)
	}
	if left, err := s.Audit(t.Context(), 0, 10*sqlite.TrimPart); err != nil || len(left) != (kept-3)*sqlite.TrimPart {
		t.Errorf("of the audit are left: %d, %v", len(left), err)
	}
}

package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
)

// A file of the first release, opened by this one, has the same carts and the same log.
func TestMigrateFromTheFirstRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	old := carttest.OldCarts()
	middle := writeOld(t, path, old)
	carttest.CheckMigrated(t, openFile(t, path), old, middle)
}

// A file of the release before cursors, whose log was trimmed, has the same log, and
// doesn't pretend to have it whole.
func TestMigrateFromBeforeCursors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	old := carttest.OldCarts()
	middle := writeOld(t, path, old)
	db := openSQL(t, path)
	migrateTo(t, db, 3)
	execSQL(t, db, `DELETE FROM activity WHERE id <= ?`, middle.Seq)
	activities := 0
	for _, r := range old[1:] {
		activities += int(r.Version)
	}
	carttest.CheckTrimmedBefore(t, openFile(t, path), middle.Epoch, activities)
}

func migrateTo(t *testing.T, db *sql.DB, version int64) {
	t.Helper()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// writeOld makes a file as of the first migration. It returns the log's position after
// the first cart.
func writeOld(t *testing.T, path string, carts []cart.Record) (middle cart.Position) {
	t.Helper()
	db := openSQL(t, path)
	migrateTo(t, db, 1)
	for i, r := range carts {
		execSQL(t, db, `INSERT INTO cart VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.Name, r.Shopper, r.Version, r.Status, len(r.Lines), r.Items, r.Total.Amount, r.Total.Currency, r.CreatedAt.UnixMicro(), r.UpdatedAt.UnixMicro())
		for j, line := range r.Lines {
			execSQL(t, db, `INSERT INTO cart_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				r.ID, line.SKU, line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, j+1, line.Version)
		}
		for version, payload := range carttest.OldActivities(t, r) {
			execSQL(t, db, `INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES (?, ?, 'line_added', ?, ?)`,
				r.ID, version+1, r.UpdatedAt.UnixMicro(), payload)
		}
		if i > 0 {
			continue
		}
		row := db.QueryRowContext(t.Context(), `SELECT epoch, (SELECT max(id) FROM activity) FROM log_epoch`)
		if err := row.Scan(&middle.Epoch, &middle.Seq); err != nil {
			t.Fatal(err)
		}
	}
	return middle
}

func execSQL(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

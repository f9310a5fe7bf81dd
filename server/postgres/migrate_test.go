package postgres_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
)

// A database of the first release, opened by this one, has the same carts and the same
// log.
func TestMigrateFromTheFirstRelease(t *testing.T) {
	dsn := testenv.Postgres(t)
	old := carttest.OldCarts()
	middle := writeOld(t, dsn, old)
	carttest.CheckMigrated(t, open(t, dsn), old, middle)
}

// A database of the release before cursors, whose log was trimmed, has the same log,
// and doesn't pretend to have it whole.
func TestMigrateFromBeforeCursors(t *testing.T) {
	dsn := testenv.Postgres(t)
	old := carttest.OldCarts()
	middle := writeOld(t, dsn, old)
	migrateTo(t, dsn, 3)
	exec(t, connect(t, dsn), `DELETE FROM activity WHERE id <= $1`, middle.Seq)
	activities := 0
	for _, r := range old[1:] {
		activities += int(r.Version)
	}
	carttest.CheckTrimmedBefore(t, open(t, dsn), middle.Epoch, activities)
}

func migrateTo(t *testing.T, dsn string, version int64) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// writeOld makes the tables as of the first migration. It returns the log's position
// after the first cart.
func writeOld(t *testing.T, dsn string, carts []cart.Record) (middle cart.Position) {
	t.Helper()
	migrateTo(t, dsn, 1)
	conn := connect(t, dsn)
	for i, r := range carts {
		exec(t, conn, `INSERT INTO cart VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			r.ID, r.Name, r.Shopper, r.Version, r.Status, len(r.Lines), r.Items, r.Total.Amount, r.Total.Currency, r.CreatedAt, r.UpdatedAt)
		for j, line := range r.Lines {
			exec(t, conn, `INSERT INTO cart_line VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				r.ID, line.SKU, line.Name, line.Quantity, line.UnitPrice.Amount, line.UnitPrice.Currency, j+1, line.Version)
		}
		for version, payload := range carttest.OldActivities(t, r) {
			exec(t, conn, `INSERT INTO activity (cart_id, cart_version, kind, at, payload) VALUES ($1, $2, 'line_added', $3, $4)`,
				r.ID, version+1, r.UpdatedAt, payload)
		}
		if i > 0 {
			continue
		}
		row := conn.QueryRow(t.Context(), `SELECT epoch, tx, id FROM log_epoch, activity ORDER BY tx DESC, id DESC LIMIT 1`)
		if err := row.Scan(&middle.Epoch, &middle.Tx, &middle.Seq); err != nil {
			t.Fatal(err)
		}
	}
	return middle
}

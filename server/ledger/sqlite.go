package ledger

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/sqlite"
)

// SQLite makes a database in a file. It ends with the test.
func SQLite(t testing.TB) *Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cartline.db")
	opened, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, opened) })
	return &Database{
		Address: "sqlite:" + path,
		store:   opened,
		wake:    func() {}, // the server watches the file
		rows:    func(ctx context.Context) ([]Row, error) { return sqliteRows(ctx, path) },
	}
}

func sqliteRows(ctx context.Context, path string) (rows []Row, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	found, err := db.QueryContext(ctx, `
		SELECT epoch, id, cart_id, cart_version, shopper, at FROM activity, log_epoch ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var row Row
		var at int64
		if err := found.Scan(&row.Position.Epoch, &row.Position.Seq, &row.CartID, &row.Version, &row.Shopper, &at); err != nil {
			return nil, err
		}
		row.Position.Mark = cart.MarkOf(time.UnixMicro(at))
		rows = append(rows, row)
	}
	return rows, found.Err()
}

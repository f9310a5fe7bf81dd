package sqlite_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"cartline/server/cart/carttest"
	"cartline/server/sqlite"
	"cartline/server/transfer"
)

// A frozen file is nobody else's, and afterwards what it was before.
func TestFreeze(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	carttest.Fill(t, s, 3)
	if f, err := sqlite.Freeze(t.Context(), path); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("a file that is open: got %v, %v", f, err)
	}
	head, err := s.Head(t.Context())
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := sqlite.Freeze(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := sqlite.Freeze(t.Context(), path); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("frozen twice: got %v, %v", second, err)
	}
	if _, err := openSQL(t, path).ExecContext(t.Context(), `DELETE FROM cart`); err == nil {
		t.Error("a frozen file was written to")
	}
	var carts int
	if err := openSQL(t, path).QueryRowContext(t.Context(), `SELECT count(*) FROM cart`).Scan(&carts); err == nil {
		t.Error("a frozen file was read")
	}
	rows := 0
	table := transfer.Table{Name: "activity", Order: []string{"id"}}
	for row, err := range f.Rows(t.Context(), table, []transfer.Column{{Name: "id", Kind: transfer.Integer}, {Name: "at", Kind: transfer.Time}}, 1) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
		if row[0] != int64(rows+1) {
			t.Errorf("got %v as the row number %d", row, rows)
		}
	}
	if rows != 2 {
		t.Errorf("got %d rows after the first, want 2", rows)
	}
	for _, err := range f.Rows(t.Context(), table, []transfer.Column{{Name: "id", Kind: transfer.Text}}, 0) {
		if err == nil {
			t.Error("a number was taken for a text")
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := openFile(t, path)
	if got, err := again.Head(t.Context()); err != nil || got != head {
		t.Errorf("got the head %+v, %v; want %+v", got, err, head)
	}
}

func TestFreezeRefuses(t *testing.T) {
	folder := t.TempDir()
	foreign, older, newer := filepath.Join(folder, "foreign.db"), filepath.Join(folder, "older.db"), filepath.Join(folder, "newer.db")
	alter := func(path string, do func(*sql.DB)) {
		t.Helper()
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		do(db)
		if err := db.Close(); err != nil { // who has it open keeps it from being frozen
			t.Fatal(err)
		}
	}
	alter(foreign, func(db *sql.DB) { execSQL(t, db, `CREATE TABLE cart (id TEXT)`) })
	alter(older, func(db *sql.DB) { migrateTo(t, db, 4) })
	s, err := sqlite.Open(t.Context(), newer)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	alter(newer, func(db *sql.DB) {
		execSQL(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	})
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte("SQLite format 3\x00 is how it begins"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		foreign: sqlite.ErrForeign, older: sqlite.ErrOlder, newer: sqlite.ErrNewer, text: sqlite.ErrForeign,
		filepath.Join(folder, "none"): fs.ErrNotExist,
	} {
		if f, err := sqlite.Freeze(t.Context(), path); !errors.Is(err, want) {
			t.Errorf("%s: got %v, %v; want %v", filepath.Base(path), f, err, want)
		}
	}
}

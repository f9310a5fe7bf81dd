package transfer_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/server/sqlite"
	"cartline/server/transfer"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// newFile makes a database of SQLite.
func newFile(t testing.TB) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shop.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tablesOf lists a file's own.
func tablesOf(t *testing.T, path string) (names []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := errors.Join(rows.Err(), rows.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	return names
}

// What a store keeps is moved with it, or it is said why not, and in both databases it
// has the same columns. A table that SQLite lacks has nothing that could be moved.
func TestEveryTableIsMovedOrStays(t *testing.T) {
	path := newFile(t)
	known := map[string]bool{}
	for _, table := range transfer.Tables() {
		known[table.Name] = true
	}
	for _, name := range tablesOf(t, path) {
		if known[name] == (transfer.Stays[name] != "") {
			t.Errorf("is the table %s moved, or why does it stay? See tables.go", name)
		}
	}
	file, err := sqlite.Freeze(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	target, err := postgres.OpenCopy(t.Context(), testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(file.Close(), target.Close()); err != nil {
			t.Error(err)
		}
	}()
	for name := range known {
		columns, err := target.Columns(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		var here []string
		for _, c := range columns {
			here = append(here, c.Name)
		}
		there, err := file.Columns(t.Context(), name)
		slices.Sort(here)
		slices.Sort(there)
		if err != nil || len(here) == 0 || !slices.Equal(here, there) {
			t.Errorf("%s: got the columns %q in PostgreSQL and %q in SQLite, %v", name, here, there, err)
		}
	}
}

// Package sqlitetest gives tests of other packages SQLite databases of their own.
//
// Bringing a new file's schema up to date takes longer than most tests do, under the race
// detector. So it is done once per test process; each test gets a copy, which begins an
// epoch of its own as any copy does. How a schema comes about is package sqlite's to test,
// with files that it makes itself.
//
// Start with [Open].
package sqlitetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"cartline/server/sqlite"
)

// Open opens an empty database. It is closed and removed when the test ends.
func Open(t testing.TB) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), Path(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// Path makes an empty database that nobody has open yet, and returns where it is. It is
// removed when the test ends.
func Path(t testing.TB) string {
	t.Helper()
	content, err := empty()
	if err != nil {
		t.Fatalf("making an empty database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "cartline.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// empty returns what is in the file of an empty database.
var empty = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "cartline-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "empty.db")
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil { // which leaves nothing in a write-ahead log
		return nil, err
	}
	return os.ReadFile(path)
})

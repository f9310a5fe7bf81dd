package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"cartline/server/cart"
	"cartline/server/sqlite"
	"cartline/shared"
)

// A file that can't be written to keeps what it has, which can be read, and takes
// changes again as soon as it can.
func TestStorageFull(t *testing.T) {
	for _, test := range []struct {
		pragma          string
		refuses, allows int
	}{
		{"max_page_count", 1, 1 << 30}, // in pages; it can't be less than there are
		{"query_only", 1, 0},
	} {
		t.Run(test.pragma, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.db")
			s := openFile(t, path)
			id := cart.NewID()
			which := cart.Which{Shopper: "alice", New: &cart.Record{Shopper: "alice", Cart: shared.Cart{ID: id, Status: shared.CartOpen}}}
			change := func() error {
				_, err := s.Change(t.Context(), which, func(r *cart.Record) (*cart.Outcome, error) {
					r.Version++
					return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version, At: at, Note: strings.Repeat("x", 2000)}, nil)
				})
				return err
			}
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if err := s.SetWriter(t.Context(), test.pragma, test.refuses); err != nil {
				t.Fatal(err)
			}
			done, err := int64(1), error(nil)
			for ; err == nil && done < 1000; done++ {
				err = change()
			}
			if done--; !sqlite.StorageFull(err) {
				t.Fatalf("after %d changes: got %v, want that the storage is full", done, err)
			}
			for range 3 {
				if err := change(); !sqlite.StorageFull(err) {
					t.Errorf("then: got %v", err)
				}
				if _, err := s.Trim(t.Context(), at); err != nil && !sqlite.StorageFull(err) {
					t.Errorf("trimming: got %v", err)
				}
				r, err := s.Cart(t.Context(), id)
				if err != nil || r.Version != done {
					t.Errorf("the cart: got version %d, %v; want %d", r.Version, err, done)
				}
				if entries, err := s.After(t.Context(), cart.Position{}, cart.Scope{}, 1000); err != nil || int64(len(entries)) != done {
					t.Errorf("the log: got %d, %v; want %d", len(entries), err, done)
				}
			}
			if err := s.SetWriter(t.Context(), test.pragma, test.allows); err != nil {
				t.Fatal(err)
			}
			if err := change(); err != nil {
				t.Errorf("with room again: %v", err)
			}
			wantSound(t, path)
		})
	}
}

package main

import (
	"path/filepath"
	"testing"

	"cartline/server/internal/testenv"
)

func TestMigrate(t *testing.T) {
	for _, database := range []string{"sqlite:" + filepath.Join(t.TempDir(), "shop.db"), testenv.Postgres(t)} {
		for range 2 { // the second time there is nothing to do
			if got, want := must(t, "", "migrate", "--database", database), "The database's schema is up to date.\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

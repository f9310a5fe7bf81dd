package sqlitetest_test

import (
	"testing"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
	"cartline/server/sqlite/sqlitetest"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// What a test does to its database is no matter of another's.
func TestDatabasesAreApart(t *testing.T) {
	one, other := sqlitetest.Open(t), sqlitetest.Open(t)
	carttest.Fill(t, one, 3)
	epochs := map[string]bool{}
	for want, store := range map[int]carttest.Store{3: one, 0: other} {
		head, err := store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		epochs[head.Epoch] = true
		entries, err := store.After(t.Context(), cart.Position{}, cart.Scope{}, 10)
		if err != nil || len(entries) != want {
			t.Errorf("got %d entries, %v, want %d", len(entries), err, want)
		}
	}
	if len(epochs) != 2 {
		t.Errorf("got the epochs %v, want one of each", epochs)
	}
}

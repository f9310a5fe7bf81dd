package carttest

import (
	"fmt"
	"testing"

	"cartline/server/cart"
)

// Fill makes so many changes, each of another shopper's cart.
func Fill(t testing.TB, s cart.Store, changes int) {
	t.Helper()
	for range changes {
		if _, err := s.Change(t.Context(), own(fmt.Sprint("shopper-", cart.NewID())), add(mug, 1)); err != nil {
			t.Fatal(err)
		}
	}
}

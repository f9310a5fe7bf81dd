package shared_test

import (
	"reflect"
	"testing"
	"time"

	"cartline/shared"
)

func TestCartLineAndSummary(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	mug := shared.Line{SKU: "MUG-1", Name: "Blue mug", Quantity: 2, UnitPrice: eur(1250), Total: eur(2500), Version: 3}
	c := shared.Cart{
		ID: "id", Name: "amber-fox-42", Version: 3, Status: shared.CartOpen, Lines: []shared.Line{mug},
		Items: 2, Total: eur(2500), CreatedAt: at, UpdatedAt: at.Add(time.Minute),
	}
	if got, ok := c.Line("MUG-1"); !ok || got != mug {
		t.Errorf("got %+v, %v; want %+v", got, ok, mug)
	}
	if got, ok := c.Line("LAMP-1"); ok || got != (shared.Line{}) {
		t.Errorf("a line that isn't there: got %+v, %v", got, ok)
	}
	want := shared.CartSummary{
		ID: "id", Name: "amber-fox-42", Version: 3, Status: shared.CartOpen, Lines: 1,
		Items: 2, Total: eur(2500), Products: []string{"Blue mug"}, UpdatedAt: at.Add(time.Minute),
	}
	if got := c.Summary(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

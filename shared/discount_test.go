package shared_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

func TestShare(t *testing.T) {
	tests := []struct {
		amount      int64
		basisPoints int
		want        int64
	}{
		{100, 1000, 10}, {1, 5000, 1}, {1, 4999, 0}, {3, 5000, 2}, {99, 50, 0}, {100, 50, 1}, {4900, 1, 0}, {5000, 1, 1},
		{0, 10_000, 0}, {7, 0, 0}, {-7, 1000, 0}, {7, -1, 0}, {7, shared.WholeInBasisPoints, 7},
		{math.MaxInt64, shared.WholeInBasisPoints, math.MaxInt64}, {math.MaxInt64, 5000, math.MaxInt64/2 + 1}, {math.MaxInt64, 1, 922337203685478},
	}
	for _, test := range tests {
		if got := shared.Share(test.amount, test.basisPoints); got != test.want {
			t.Errorf("%d basis points of %d: got %d, want %d", test.basisPoints, test.amount, got, test.want)
		}
	}
}

// Whatever the amount: half up, as big numbers have it.
func TestShareRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.OneOf(rapid.Int64Range(0, 100_000), rapid.Int64Min(0)).Draw(t, "amount")
		basisPoints := rapid.IntRange(0, shared.WholeInBasisPoints).Draw(t, "basis points")
		twice := new(big.Int).Mul(big.NewInt(amount), big.NewInt(2*int64(basisPoints)))
		twice.Add(twice, big.NewInt(shared.WholeInBasisPoints))
		want := twice.Div(twice, big.NewInt(2*shared.WholeInBasisPoints))
		if got := shared.Share(amount, basisPoints); got != want.Int64() || got > amount {
			t.Fatalf("%d basis points of %d: got %d, want %v", basisPoints, amount, got, want)
		}
	})
}

func TestDiscountsThatAreTheSame(t *testing.T) {
	one := shared.Discount{BasisPoints: 1000, Reason: "other", MaxBasisPoints: 2000, By: "zoe", MinQuantity: 2, MinSubtotal: 3}
	now := one
	now.Taken, now.Short, now.Capped = 5, 6, true
	if !one.Same(&now) || !now.Same(&one) {
		t.Error("what it takes off at present makes another discount of it")
	}
	var none *shared.Discount
	if !none.Same(nil) || none.Same(&one) || one.Same(nil) {
		t.Error("none is the same as one")
	}
	for name, change := range map[string]func(*shared.Discount){
		"basis points": func(d *shared.Discount) { d.BasisPoints++ }, "amount": func(d *shared.Discount) { d.Amount++ },
		"reason": func(d *shared.Discount) { d.Reason = "goodwill" }, "min quantity": func(d *shared.Discount) { d.MinQuantity++ },
		"min subtotal": func(d *shared.Discount) { d.MinSubtotal++ }, "limit": func(d *shared.Discount) { d.MaxBasisPoints++ },
		"by": func(d *shared.Discount) { d.By = "bob" },
	} {
		other := one
		change(&other)
		if one.Same(&other) {
			t.Errorf("another %s is the same", name)
		}
	}
}

func TestSetDiscountValidate(t *testing.T) {
	tests := []struct {
		name  string
		want  shared.SetDiscount
		field string // "" is valid
	}{
		{"a share", shared.SetDiscount{BasisPoints: 1, Reason: "other"}, ""},
		{"everything", shared.SetDiscount{BasisPoints: shared.WholeInBasisPoints, Reason: "damaged"}, ""},
		{"an amount", shared.SetDiscount{Amount: shared.MaxPrice, Reason: "goodwill", MinSubtotal: shared.MaxPrice}, ""},
		{"of a line", shared.SetDiscount{SKU: "A", Amount: 1, Reason: "volume", MinQuantity: shared.MaxQuantity}, ""},
		{"nothing", shared.SetDiscount{Reason: "other"}, "basis_points"},
		{"both", shared.SetDiscount{BasisPoints: 1, Amount: 1, Reason: "other"}, "amount"},
		{"more than everything", shared.SetDiscount{BasisPoints: shared.WholeInBasisPoints + 1, Reason: "other"}, "basis_points"},
		{"less than nothing", shared.SetDiscount{BasisPoints: -1, Reason: "other"}, "basis_points"},
		{"a negative amount", shared.SetDiscount{Amount: -1, Reason: "other"}, "amount"},
		{"an absurd amount", shared.SetDiscount{Amount: math.MaxInt64, Reason: "other"}, "amount"},
		{"no reason", shared.SetDiscount{BasisPoints: 1}, "reason"},
		{"a reason of one's own", shared.SetDiscount{BasisPoints: 1, Reason: "because"}, "reason"},
		{"a cart's quantity", shared.SetDiscount{BasisPoints: 1, Reason: "other", MinQuantity: 1}, "min_quantity"},
		{"a line's subtotal", shared.SetDiscount{SKU: "A", BasisPoints: 1, Reason: "other", MinSubtotal: 1}, "min_subtotal"},
		{"a negative quantity", shared.SetDiscount{SKU: "A", BasisPoints: 1, Reason: "other", MinQuantity: -1}, "min_quantity"},
		{"too high a quantity", shared.SetDiscount{SKU: "A", BasisPoints: 1, Reason: "other", MinQuantity: shared.MaxQuantity + 1}, "min_quantity"},
		{"a negative subtotal", shared.SetDiscount{BasisPoints: 1, Reason: "other", MinSubtotal: -1}, "min_subtotal"},
		{"too high a subtotal", shared.SetDiscount{BasisPoints: 1, Reason: "other", MinSubtotal: shared.MaxPrice + 1}, "min_subtotal"},
	}
	for _, test := range tests {
		checkField(t, test.name, test.want.Validate(), test.field)
	}
}

func TestReasonsAreACopy(t *testing.T) {
	shared.Reasons()[0] = "changed"
	if shared.Reasons()[0] == "changed" {
		t.Error("a caller can change the reasons")
	}
}

package cart

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

// drawDiscount draws a discount, of a line or else of the cart, and in one of three
// cases none.
func drawDiscount(t *rapid.T, ofLine bool) *shared.Discount {
	if rapid.IntRange(0, 2).Draw(t, "has discount") == 0 {
		return nil
	}
	d := &shared.Discount{
		Reason: "goodwill", By: "zoe",
		MaxBasisPoints: rapid.OneOf(rapid.SampledFrom([]int{0, 1, 2000, 5000, 9999, 10_000}), rapid.IntRange(0, 10_000)).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "is a share") {
		d.BasisPoints = rapid.IntRange(1, shared.WholeInBasisPoints).Draw(t, "basis points")
	} else {
		d.Amount = drawAmount(t, 1)
	}
	if ofLine {
		d.MinQuantity = rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 20)).Draw(t, "min quantity")
	} else {
		d.MinSubtotal = rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(0, shared.MaxPrice)).Draw(t, "min subtotal")
	}
	return d
}

func drawAmount(t *rapid.T, least int64) int64 {
	return rapid.OneOf(
		rapid.Int64Range(least, 10), rapid.Int64Range(least, 10_000), rapid.Int64Range(least, shared.MaxPrice), rapid.Just[int64](shared.MaxPrice),
	).Draw(t, "amount")
}

func drawQuantity(t *rapid.T, most int) int {
	return rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, most), rapid.Just(most)).Draw(t, "quantity")
}

// drawCart draws a cart of up to `lines` lines with any discounts.
func drawCart(t *rapid.T, lines int) shared.Cart {
	c := emptyCart()
	c.ID, c.Name, c.Version = NewID(), NewName(), 1
	for i := range rapid.IntRange(0, lines).Draw(t, "lines") {
		c.Lines = append(c.Lines, shared.Line{
			SKU: fmt.Sprint("P-", i), Name: fmt.Sprint("Product ", i), Version: 1,
			Quantity:  drawQuantity(t, shared.MaxQuantity),
			UnitPrice: shared.Money{Amount: drawAmount(t, 0), Currency: "EUR"},
			Discount:  drawDiscount(t, true),
		})
	}
	c.Discount = drawDiscount(t, false)
	mustReckon(t, &c)
	return c
}

func mustReckon(t interface {
	Helper()
	Fatal(...any)
}, c *shared.Cart) {
	t.Helper()
	if err := reckon(c); err != nil {
		t.Fatal(err)
	}
	if err := Sound(c); err != nil {
		t.Fatal(err, " in ", encoded(t, c))
	}
}

// Whatever the lines and discounts are, and however they change: nothing is below
// zero, the parts sum to the whole, and no more is taken off than was allowed.
func TestTotalsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCart(t, 8)
		again := copyCart(&c)
		mustReckon(t, &again)
		if encoded(t, again) != encoded(t, c) {
			t.Fatalf("reckoned twice: got %s, then %s", encoded(t, c), encoded(t, again))
		}
		for i := range c.Lines { // the discounts follow
			c.Lines[i].Quantity = drawQuantity(t, shared.MaxMergedQuantity)
		}
		mustReckon(t, &c)
		if len(c.Lines) > 0 {
			c.Lines = slices.Delete(c.Lines, 0, 1)
			mustReckon(t, &c)
		}
	})
}

// The largest cart that merging can make, with every discount there is.
func TestTotalsDoNotOverflow(t *testing.T) {
	c := emptyCart()
	c.Version = 1
	for i := range shared.MaxMergedLines {
		c.Lines = append(c.Lines, shared.Line{
			SKU: fmt.Sprint(i), Quantity: shared.MaxMergedQuantity, Version: 1,
			UnitPrice: shared.Money{Amount: shared.MaxPrice - int64(i), Currency: "EUR"},
			Discount:  &shared.Discount{BasisPoints: 3333, MaxBasisPoints: shared.WholeInBasisPoints},
		})
	}
	c.Discount = &shared.Discount{BasisPoints: shared.WholeInBasisPoints, MaxBasisPoints: shared.WholeInBasisPoints}
	mustReckon(t, &c)
	if c.Total.Amount != 0 || c.Discount.Taken == 0 {
		t.Errorf("everything off leaves %v of %v", c.Total, c.Subtotal)
	}
	c.Discount.BasisPoints = 9999
	mustReckon(t, &c)
}

func TestReckonKeepsOthersDiscounts(t *testing.T) {
	held := &shared.Discount{BasisPoints: 1000, MaxBasisPoints: 2000}
	c := twoLines(t)
	c.Discount, c.Lines[0].Discount = held, held
	mustReckon(t, &c)
	if held.Taken != 0 || c.Discount.Taken == 0 || c.Lines[0].Discount.Taken == 0 {
		t.Errorf("the one that others hold takes %d, the cart's %d, the line's %d", held.Taken, c.Discount.Taken, c.Lines[0].Discount.Taken)
	}
}

func TestSpread(t *testing.T) {
	tests := []struct {
		amount  int64
		weights []int64
		want    []int64
	}{
		{0, []int64{1, 2}, []int64{0, 0}},
		{2, []int64{1, 1, 1}, []int64{1, 1, 0}}, // equal remainders: the earlier lines
		{1, []int64{1, 2, 1}, []int64{0, 1, 0}}, // the largest remainder first
		{4, []int64{1, 2, 1}, []int64{1, 2, 1}}, // all
		{3, []int64{0, 5, 0}, []int64{0, 3, 0}}, // nothing off what costs nothing
		{0, []int64{0, 0}, []int64{0, 0}},
		{0, nil, []int64{}},
	}
	for _, test := range tests {
		var sum int64
		for _, w := range test.weights {
			sum += w
		}
		if got := spread(test.amount, test.weights, sum); !slices.Equal(got, test.want) {
			t.Errorf("%d over %v: got %v, want %v", test.amount, test.weights, got, test.want)
		}
	}
}

// No line bears more than it costs, nor more or less than its proportion by a whole
// unit.
func TestSpreadIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, shared.MaxPrice*shared.MaxMergedQuantity), 1, 20).Draw(t, "weights")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		amount := rapid.Int64Range(0, sum).Draw(t, "amount")
		left := amount
		for i, share := range spread(amount, weights, sum) {
			left -= share
			if share < 0 || share > weights[i] {
				t.Fatalf("line %d bears %d of %d", i, share, weights[i])
			}
			if sum > 0 {
				exact := product64(amount, weights[i])
				off := exact.Sub(exact, product64(share, sum))
				if off.CmpAbs(product64(sum, 1)) >= 0 {
					t.Fatalf("line %d bears %d of %d over %d", i, share, amount, sum)
				}
			}
		}
		if left != 0 {
			t.Fatalf("%d of %d is not spread", left, amount)
		}
	})
}

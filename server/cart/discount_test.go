package cart

import (
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

const limit = 2000 // 20 %, in basis points

// granted returns what setDiscount did, committed.
func granted(t *testing.T, c *shared.Cart, want shared.SetDiscount) *shared.Activity {
	t.Helper()
	if want.Reason == "" {
		want.Reason = "goodwill"
	}
	did, err := setDiscount(c, want, "zoe", limit)
	if err != nil || did == nil {
		t.Fatalf("%+v: got %v, %v; want it granted", want, did, err)
	}
	mustCommit(t, c, did)
	if err := Sound(c); err != nil {
		t.Fatal(err)
	}
	return did
}

// The cart of these tests has two mugs for 12.50 each and a lamp for 49.00.
func TestDiscountsTakeOff(t *testing.T) {
	tests := []struct {
		name                string
		want                shared.SetDiscount
		mugs, lamp, total   int64
		mugShare, lampShare int64
		taken               int64
	}{
		{"a share of all", shared.SetDiscount{BasisPoints: 1000}, 2250, 4410, 6660, 250, 490, 740},
		{"rounded half up", shared.SetDiscount{BasisPoints: 1}, 2500, 4899, 7399, 0, 1, 1},
		{"an amount of all", shared.SetDiscount{Amount: 1001}, 2162, 4237, 6399, 338, 663, 1001},
		{"a share of a line", shared.SetDiscount{SKU: mug.SKU, BasisPoints: 1500}, 2125, 4900, 7025, 0, 0, 375},
		{"an amount of a line", shared.SetDiscount{SKU: lamp.SKU, Amount: 1}, 2500, 4899, 7399, 0, 0, 1},
		{"all that is allowed", shared.SetDiscount{BasisPoints: limit}, 2000, 3920, 5920, 500, 980, 1480},
		{"that as an amount", shared.SetDiscount{Amount: 1480}, 2000, 3920, 5920, 500, 980, 1480},
		{"that of a line", shared.SetDiscount{SKU: mug.SKU, Amount: 500}, 2000, 4900, 6900, 0, 0, 500},
		{"a condition that holds", shared.SetDiscount{SKU: mug.SKU, Amount: 100, MinQuantity: 2}, 2400, 4900, 7300, 0, 0, 100},
		{"one on the subtotal", shared.SetDiscount{Amount: 74, MinSubtotal: 7400}, 2475, 4851, 7326, 25, 49, 74},
		{"a condition that doesn't hold yet", shared.SetDiscount{Amount: 100, MinSubtotal: 7401}, 2500, 4900, 7400, 0, 0, 0},
	}
	for _, test := range tests {
		c := twoLines(t)
		did := granted(t, &c, test.want)
		mugs, lamp := c.Lines[0], c.Lines[1]
		if mugs.Total.Amount != test.mugs || lamp.Total.Amount != test.lamp || c.Total.Amount != test.total ||
			mugs.Share != test.mugShare || lamp.Share != test.lampShare {
			t.Errorf("%s: got %s", test.name, encoded(t, c))
		}
		if did.Kind != shared.DiscountSet || did.Discount.SKU != test.want.SKU || did.Discount.Old != nil || did.Discount.New.Taken != test.taken ||
			did.Discount.New.By != "zoe" || did.Discount.New.MaxBasisPoints != limit {
			t.Errorf("%s: got the activity %s, want one that takes %d", test.name, encoded(t, did), test.taken)
		}
		if c.Subtotal.Amount != 7400 || c.Version != 3 || c.Last.Kind != shared.DiscountSet {
			t.Errorf("%s: got %s", test.name, encoded(t, c))
		}
	}
}

func TestDiscountsThatAreRefused(t *testing.T) {
	good := "goodwill"
	tests := []struct {
		name  string
		had   []shared.SetDiscount
		want  shared.SetDiscount
		limit int
		code  shared.Code
	}{
		{"nothing", nil, shared.SetDiscount{Reason: good}, limit, shared.CodeInvalid},
		{"no reason", nil, shared.SetDiscount{BasisPoints: 100}, limit, shared.CodeInvalid},
		{"one basis point above the limit", nil, shared.SetDiscount{BasisPoints: limit + 1, Reason: good}, limit, shared.CodeOverLimit},
		{"that of a line", nil, shared.SetDiscount{SKU: mug.SKU, BasisPoints: limit + 1, Reason: good}, limit, shared.CodeOverLimit},
		{"also if it takes nothing off yet", nil, shared.SetDiscount{BasisPoints: limit + 1, MinSubtotal: 9999, Reason: good}, limit, shared.CodeOverLimit},
		{"one cent above the limit", nil, shared.SetDiscount{Amount: 1481, Reason: good}, limit, shared.CodeOverLimit},
		{"that of a line", nil, shared.SetDiscount{SKU: mug.SKU, Amount: 501, Reason: good}, limit, shared.CodeOverLimit},
		{"an amount above the cart", nil, shared.SetDiscount{Amount: 7401, Reason: good}, shared.WholeInBasisPoints, shared.CodeTooMuch},
		{"an amount above the line", nil, shared.SetDiscount{SKU: mug.SKU, Amount: 2501, Reason: good}, shared.WholeInBasisPoints, shared.CodeTooMuch},
		{"no right to any", nil, shared.SetDiscount{BasisPoints: 1, Reason: good}, 0, shared.CodeOverLimit},
		{"what isn't there", nil, shared.SetDiscount{SKU: "NONE", BasisPoints: 1, Reason: good}, limit, shared.CodeNotFound},
		{"a cart's on top of the lines'", []shared.SetDiscount{{SKU: mug.SKU, BasisPoints: limit}}, shared.SetDiscount{Amount: 981, Reason: good}, limit, shared.CodeOverLimit},
		{"a line's on top of the cart's", []shared.SetDiscount{{BasisPoints: limit}}, shared.SetDiscount{SKU: mug.SKU, BasisPoints: 100, Reason: good}, limit, shared.CodeOverLimit},
	}
	for _, test := range tests {
		c := twoLines(t)
		for _, d := range test.had {
			granted(t, &c, d)
		}
		before := encoded(t, c)
		did, err := setDiscount(&c, test.want, "zoe", test.limit)
		if did != nil || codeOf(err) != test.code {
			t.Errorf("%s: got %v, %v; want code %s", test.name, did, err, test.code)
		}
		if after := encoded(t, c); after != before {
			t.Errorf("%s: the cart changed from %s to %s", test.name, before, after)
		}
	}
}

func TestDiscountIsReplacedAndRemoved(t *testing.T) {
	for _, sku := range []string{"", mug.SKU} {
		c := twoLines(t)
		granted(t, &c, shared.SetDiscount{SKU: sku, BasisPoints: 1000})
		again, err := setDiscount(&c, shared.SetDiscount{SKU: sku, BasisPoints: 1000, Reason: "goodwill"}, "zoe", limit)
		if again != nil || err != nil {
			t.Errorf("%q: the same again: got %v, %v; want nothing", sku, again, err)
		}
		did := granted(t, &c, shared.SetDiscount{SKU: sku, Amount: 7, Reason: "damaged"})
		if did.Discount.Old == nil || did.Discount.Old.BasisPoints != 1000 || did.Discount.New.Taken != 7 || c.Total.Amount != 7393 {
			t.Errorf("%q: replaced: got %s", sku, encoded(t, did))
		}
		r := Record{Cart: c}
		outcome, err := RemoveDiscount(sku)(&r)
		if err != nil || outcome.Activity.Kind != shared.DiscountRemoved || outcome.Activity.Discount.Old.Amount != 7 || outcome.Activity.Discount.New != nil {
			t.Fatalf("%q: removed: got %+v, %v", sku, outcome, err)
		}
		mustCommit(t, &r.Cart, outcome.Activity)
		if r.Total.Amount != 7400 || Sound(&r.Cart) != nil {
			t.Errorf("%q: without it: got %s", sku, encoded(t, r.Cart))
		}
		if outcome, err := RemoveDiscount(sku)(&r); outcome != nil || codeOf(err) != shared.CodeNotFound {
			t.Errorf("%q: once more: got %v, %v; want code %s", sku, outcome, err, shared.CodeNotFound)
		}
	}
	r := Record{Cart: twoLines(t)}
	if outcome, err := RemoveDiscount("NONE")(&r); outcome != nil || codeOf(err) != shared.CodeNotFound {
		t.Errorf("of no line: got %v, %v; want code %s", outcome, err, shared.CodeNotFound)
	}
}

// A discount follows the lines: it takes off nothing while its condition is broken,
// and says what is missing; and never more than its limit, whatever becomes of the
// cart.
func TestDiscountFollowsTheCart(t *testing.T) {
	c := twoLines(t)
	granted(t, &c, shared.SetDiscount{SKU: mug.SKU, Amount: 400, MinQuantity: 2})
	granted(t, &c, shared.SetDiscount{Amount: 700, MinSubtotal: 7000})
	steps := []struct {
		name               string
		sku                shared.Product
		quantity           int
		mugTaken, mugShort int64
		taken, short       int64
		capped             bool
		total              int64
	}{
		{"both apply", mug, 3, 400, 0, 700, 0, false, 7550},
		{"one mug is too few, and so is the subtotal", mug, 1, 0, 1, 0, 850, false, 6150},
		{"restored", mug, 2, 400, 0, 700, 0, false, 6300},
		{"more lamps", lamp, 2, 400, 0, 700, 0, false, 11200},
	}
	for _, step := range steps {
		mustSet(t, &c, step.sku, step.quantity)
		if err := Sound(&c); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		m, d := c.Lines[0].Discount, c.Discount
		if m.Taken != step.mugTaken || m.Short != step.mugShort || d.Taken != step.taken || d.Short != step.short || d.Capped != step.capped || c.Total.Amount != step.total {
			t.Errorf("%s: got %s", step.name, encoded(t, c))
		}
	}
	// An amount that was a fifth of much is more than a fifth of little.
	c = twoLines(t)
	granted(t, &c, shared.SetDiscount{Amount: 1480})
	mustSet(t, &c, mug, 1)
	if d := c.Discount; d.Taken != 1230 || !d.Capped {
		t.Errorf("one mug less: got %+v, want 1230, capped", *d)
	}
}

// What is granted at once stays within its limit, and the limit is not a unit too
// narrow: the most that is allowed is granted.
func TestLimitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCart(t, 4)
		c.Discount = nil
		for i := range c.Lines {
			c.Lines[i].Discount = nil
		}
		mustReckon(t, &c)
		most := rapid.IntRange(1, shared.WholeInBasisPoints).Draw(t, "limit")
		want := shared.SetDiscount{Reason: "other"}
		base := c.Subtotal.Amount
		if len(c.Lines) > 0 && rapid.Bool().Draw(t, "of a line") {
			line := rapid.SampledFrom(c.Lines).Draw(t, "line")
			want.SKU, base = line.SKU, line.Subtotal.Amount
		}
		want.Amount = shared.Share(base, most)
		if want.Amount > 0 && want.Amount < shared.MaxPrice {
			if _, err := setDiscount(ptr(copyCart(&c)), want, "zoe", most); err != nil {
				t.Fatalf("%d off %d at a limit of %d: %v", want.Amount, base, most, err)
			}
			want.Amount++
			code := shared.CodeOverLimit
			if want.Amount > base {
				code = shared.CodeTooMuch
			}
			if _, err := setDiscount(ptr(copyCart(&c)), want, "zoe", most); codeOf(err) != code {
				t.Fatalf("%d off %d at a limit of %d: got %v, want %s", want.Amount, base, most, err, code)
			}
		}
		want.Amount, want.BasisPoints = 0, most
		if _, err := setDiscount(ptr(copyCart(&c)), want, "zoe", most); err != nil {
			t.Fatalf("the whole limit of %d: %v", most, err)
		}
	})
}

func ptr[T any](value T) *T { return &value }

func TestPercent(t *testing.T) {
	for basisPoints, want := range map[int]string{0: "0 %", 1: "0.01 %", 10: "0.1 %", 100: "1 %", 1250: "12.5 %", 2000: "20 %", 10_000: "100 %"} {
		if got := percent(basisPoints); got != want {
			t.Errorf("%d: got %q, want %q", basisPoints, got, want)
		}
	}
}

package cart

import (
	"testing"

	"cartline/shared"
)

// step is one change of a cart.
type step func(t *testing.T, c *shared.Cart) *shared.Activity

func sets(p shared.Product, quantity int) step {
	return func(t *testing.T, c *shared.Cart) *shared.Activity {
		line, _ := c.Line(p.SKU)
		did, err := setLine(c, p, shared.SetLine{Quantity: quantity, Version: line.Version})
		return done(t, c, did, err)
	}
}

func removes(p shared.Product) step {
	return func(t *testing.T, c *shared.Cart) *shared.Activity {
		did, err := removeLine(c, p.SKU, 0)
		return done(t, c, did, err)
	}
}

func discounts(sku string, basisPoints int) step {
	return func(t *testing.T, c *shared.Cart) *shared.Activity {
		want := shared.SetDiscount{SKU: sku, BasisPoints: basisPoints, Reason: "goodwill"}
		did, err := setDiscount(c, want, "zoe", limit)
		return done(t, c, did, err)
	}
}

func undiscounts(sku string) step {
	return func(t *testing.T, c *shared.Cart) *shared.Activity {
		r := Record{Cart: *c}
		outcome, err := RemoveDiscount(sku)(&r)
		if err != nil {
			t.Fatal(err)
		}
		*c = r.Cart
		return done(t, c, outcome.Activity, nil)
	}
}

func done(t *testing.T, c *shared.Cart, did *shared.Activity, err error) *shared.Activity {
	t.Helper()
	if did == nil || err != nil {
		t.Fatalf("got %v, %v; want a change", did, err)
	}
	mustCommit(t, c, did)
	return did
}

// contentOf is what is in a cart, without its versions.
func contentOf(t *testing.T, c shared.Cart) string {
	c = copyCart(&c)
	for i := range c.Lines {
		c.Lines[i].Version = 0
	}
	return encoded(t, []any{c.Lines, c.Discount, c.Total, c.Items})
}

func TestUndo(t *testing.T) {
	sold := map[string]*shared.Product{mug.SKU: &mug, lamp.SKU: &lamp}
	towel := product("TOWEL-1", "Towel", 900, "EUR")
	tests := []struct {
		name    string
		before  []step
		undone  step
		after   []step
		shopper shared.Code // for which the shopper is refused, or ""
		staff   shared.Code
	}{
		{"an addition", nil, sets(towel, 2), nil, "", ""},
		{"a change", nil, sets(mug, 7), nil, "", ""},
		{"a removal of the last line", nil, removes(lamp), nil, "", ""},
		{"a removal with its discount", []step{discounts(lamp.SKU, 1000)}, removes(lamp), nil, "", ""},
		{"a discount", nil, discounts("", 1000), nil, "", ""},
		{"a line's discount", nil, discounts(mug.SKU, 1000), nil, "", ""},
		{"a discount in place of another", []step{discounts("", 2000)}, discounts("", 1000), nil, shared.CodeCannotUndo, ""},
		{"the removal of a discount", []step{discounts(mug.SKU, 1000)}, undiscounts(mug.SKU), nil, shared.CodeCannotUndo, ""},
		{"an addition, after something else", nil, sets(towel, 2), []step{sets(mug, 5)}, "", ""},
		{"an addition, after it changed", nil, sets(towel, 2), []step{sets(towel, 3)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"an addition, after it got a discount", nil, sets(towel, 2), []step{discounts(towel.SKU, 100)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a change, after it went", nil, sets(mug, 7), []step{removes(mug)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a change, though it is as it was made", nil, sets(mug, 7), []step{sets(mug, 8), sets(mug, 7)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a removal, after it came back", nil, removes(lamp), []step{sets(lamp, 3)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"the removal of what is no longer sold", []step{sets(towel, 1)}, removes(towel), nil, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a discount, after it was replaced", nil, discounts("", 1000), []step{discounts("", 500)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a discount, after it was removed", nil, discounts("", 1000), []step{undiscounts("")}, shared.CodeCannotUndo, shared.CodeCannotUndo},
		{"a line's discount, after the line went", nil, discounts(mug.SKU, 1000), []step{removes(mug)}, shared.CodeCannotUndo, shared.CodeCannotUndo},
	}
	for _, test := range tests {
		for actor, code := range map[shared.Actor]shared.Code{ShopperActor: test.shopper, zoe: test.staff} {
			c := twoLines(t)
			for _, s := range test.before {
				s(t, &c)
			}
			want := contentOf(t, c)
			undone := test.undone(t, &c)
			for _, s := range test.after {
				s(t, &c)
			}
			before := encoded(t, c)
			did, err := undo(&c, *undone, sold[skuOf(undone)], actor)
			if code != "" {
				if did != nil || codeOf(err) != code || encoded(t, c) != before {
					t.Errorf("%s, by %s: got %v, %v; want code %s and no change", test.name, actor.Kind, did, err, code)
				}
				continue
			}
			if err != nil || did.Undoes != undone.CartVersion {
				t.Errorf("%s, by %s: got %+v, %v", test.name, actor.Kind, did, err)
				continue
			}
			mustCommit(t, &c, did)
			if err := Sound(&c); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if got := contentOf(t, c); test.after == nil && got != want {
				t.Errorf("%s, by %s:\n got %s\nwant %s", test.name, actor.Kind, got, want)
			}
		}
	}
}

func skuOf(a *shared.Activity) string {
	if a.Line == nil {
		return ""
	}
	return a.Line.SKU
}

// An undo is a change like any other, and can be taken back itself.
func TestUndoOfAnUndo(t *testing.T) {
	for name, s := range map[string]step{
		"a change": sets(mug, 7), "a removal": removes(lamp), "a discount": discounts("", 1000), "a line's": discounts(lamp.SKU, 1000),
	} {
		c := twoLines(t)
		undone := s(t, &c)
		want := contentOf(t, c)
		did, err := undo(&c, *undone, &lamp, zoe)
		first := done(t, &c, did, err)
		did, err = undo(&c, *first, &lamp, zoe)
		second := done(t, &c, did, err)
		if got := contentOf(t, c); got != want || second.Undoes != first.CartVersion {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestWhatCannotBeUndone(t *testing.T) {
	for _, kind := range []shared.ActivityKind{
		shared.CartsMerged, shared.MergedAway, shared.Ordered, shared.Expired, shared.PageViewed, shared.SignedIn, shared.HelpAsked,
		shared.Attached, shared.Released, shared.NoteWritten, shared.LinkWasSent, shared.PhoneStarted, "made up",
	} {
		c := twoLines(t)
		if did, err := undo(&c, shared.Activity{Kind: kind, CartVersion: 2}, nil, zoe); did != nil || codeOf(err) != shared.CodeCannotUndo {
			t.Errorf("%s: got %v, %v; want code %s", kind, did, err, shared.CodeCannotUndo)
		}
	}
}

// When staff have taken a line away, its shopper can put it back, but not the discount
// that was on it; the staff can have both.
func TestUndoOfARemovalByStaff(t *testing.T) {
	for actor, discounted := range map[shared.Actor]bool{ShopperActor: false, zoe: true} {
		c := twoLines(t)
		discounts(lamp.SKU, 1000)(t, &c)
		removed := removes(lamp)(t, &c)
		removed.Actor = zoe
		did, err := undo(&c, *removed, &lamp, actor)
		if err != nil {
			t.Fatal(err)
		}
		mustCommit(t, &c, did)
		line, _ := c.Line(lamp.SKU)
		if (line.Discount != nil) != discounted || line.Quantity != 1 {
			t.Errorf("by %s: got %+v, want it discounted: %t", actor.Kind, line, discounted)
		}
	}
}

// An amount is in the cart's currency, also while the cart is empty.
func TestEmptyCartKeepsTheCurrencyOfItsDiscount(t *testing.T) {
	c := twoLines(t)
	did, err := setDiscount(&c, shared.SetDiscount{Amount: 500, Reason: "goodwill"}, "zoe", 2000)
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, &c, did)
	removes(lamp)(t, &c)
	removes(mug)(t, &c)
	before := encoded(t, c)
	tea := product("TEA-1", "Tea", 900, "JPY")
	if _, err := setLine(&c, tea, shared.SetLine{Quantity: 1}); codeOf(err) != shared.CodeInvalid || encoded(t, c) != before {
		t.Errorf("got %v, want code %s and no change", err, shared.CodeInvalid)
	}
	sets(mug, 1)(t, &c)
}

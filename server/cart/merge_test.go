package cart

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

// drawRecord draws a cart of one of a few products, so that two of them overlap.
func drawRecord(t *rapid.T, name string, staff ...string) Record {
	r := Record{Cart: drawCart(t, 8), Shopper: name, Code: "123456"}
	r.Seen, r.Simulated = rapid.Bool().Draw(t, "seen"), rapid.Bool().Draw(t, "simulated")
	for _, s := range staff {
		switch rapid.IntRange(0, 2).Draw(t, s) {
		case 1:
			r.Attendants = append(r.Attendants, shared.Attendant{Staff: s, Since: noon, Consent: shared.ConsentCode})
		case 2:
			r.Knocks = append(r.Knocks, shared.Knock{Staff: s, At: noon})
		}
	}
	return r
}

func recordOf(t interface{ Fatal(...any) }, r Record) string { return encoded(t, r) }

// Two carts become one in which every quantity is the sum, and who attended one of
// them attends it. The same again changes nothing.
func TestMergeLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, into := drawRecord(t, "guest", "ann", "bob"), drawRecord(t, "customer", "ann", "bob")
		into.Customer = "account"
		for i := range from.Lines { // as every shop has one price for a product
			if j := lineIndex(&into.Cart, from.Lines[i].SKU); j >= 0 {
				from.Lines[i].UnitPrice = into.Lines[j].UnitPrice
			}
		}
		mustReckon(t, &from.Cart)
		oldFrom, oldInto := from, into
		oldInto.Lines = copyCart(&into.Cart).Lines
		away, here, err := merge(&from, &into)
		if err != nil || away == nil || here == nil {
			t.Fatalf("got %v, %v, %v", away, here, err)
		}
		mustCommit(t, &into.Cart, here)
		mustCommit(t, &from.Cart, away)
		if err := Sound(&into.Cart); err != nil {
			t.Fatal(err)
		}
		checkLines(t, oldFrom.Cart, oldInto.Cart, into.Cart)
		for _, staff := range []string{"ann", "bob"} {
			_, a := oldFrom.Attendant(staff)
			_, b := oldInto.Attendant(staff)
			attends := 0
			for _, attendant := range into.Attendants {
				if attendant.Staff == staff {
					attends++
				}
			}
			if (attends == 1) != (a || b) || attends > 1 {
				t.Fatalf("%s attended %v and %v, and now %d times", staff, a, b, attends)
			}
			for _, knock := range into.Knocks {
				if knock.Staff == staff && attends > 0 {
					t.Fatalf("%s attends, and still knocks", staff)
				}
			}
		}
		if into.Version != oldInto.Version+1 || from.Version != oldFrom.Version+1 || away.Other != into.ID || here.Other != from.ID ||
			here.MergedLines != len(oldFrom.Lines) || away.CartVersion != from.Version || here.CartVersion != into.Version {
			t.Fatalf("got %s and %s", encoded(t, away), encoded(t, here))
		}
		if from.Status != shared.CartMerged || from.MergedInto != into.ID || from.Code != "" || from.Attendants != nil || from.Customer != "account" ||
			!into.SignedIn || into.Seen != (oldFrom.Seen || oldInto.Seen) || into.Simulated != (oldFrom.Simulated || oldInto.Simulated) {
			t.Fatalf("got %s and %s", recordOf(t, from), recordOf(t, into))
		}
		before := recordOf(t, from) + recordOf(t, into)
		if away, here, err := merge(&from, &into); away != nil || here != nil || err != nil || recordOf(t, from)+recordOf(t, into) != before {
			t.Fatalf("once more: got %v, %v, %v", away, here, err)
		}
	})
}

// checkLines says whether a cart has all that two had, and what the discounts are.
func checkLines(t *rapid.T, from, into, got shared.Cart) {
	t.Helper()
	want := quantities(from)
	for sku, quantity := range quantities(into) {
		want[sku] += quantity
	}
	if fmt.Sprint(quantities(got)) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", quantities(got), want)
	}
	for i, line := range got.Lines {
		mine, had := into.Line(line.SKU)
		theirs, brought := from.Line(line.SKU)
		if had && into.Lines[i].SKU != line.SKU {
			t.Fatalf("line %d is %s, was %s", i, line.SKU, into.Lines[i].SKU)
		}
		discount := mine.Discount
		if discount == nil {
			discount = theirs.Discount
		}
		if !line.Discount.Same(discount) {
			t.Fatalf("%s: got the discount %+v, want %+v", line.SKU, line.Discount, discount)
		}
		version := mine.Version
		if brought {
			version = got.Version
		}
		if line.Version != version {
			t.Fatalf("%s: version %d, want %d", line.SKU, line.Version, version)
		}
	}
	discount := into.Discount
	if discount == nil {
		discount = from.Discount
	}
	if !got.Discount.Same(discount) {
		t.Fatalf("got the discount %+v, want %+v", got.Discount, discount)
	}
}

// What would pass the limits changes nothing.
func TestMergeRefuses(t *testing.T) {
	many := func(n int) Record {
		r := Record{Cart: emptyCart()}
		r.ID, r.Version = NewID(), 1
		for i := range n {
			r.Lines = append(r.Lines, shared.Line{SKU: fmt.Sprint(i), Quantity: 1, UnitPrice: mug.Price, Version: 1})
		}
		mustReckon(t, &r.Cart)
		return r
	}
	other := func(r Record) Record { // the same number of other products
		for i := range r.Lines {
			r.Lines[i].SKU = "other-" + r.Lines[i].SKU
		}
		return r
	}
	much := func(quantity int) Record {
		r := many(1)
		r.Lines[0].Quantity = quantity
		mustReckon(t, &r.Cart)
		return r
	}
	pounds := many(1)
	pounds.Lines[0].UnitPrice.Currency = "GBP"
	tests := []struct {
		name       string
		from, into Record
		code       shared.Code
	}{
		{"as many lines as may be", other(many(shared.MaxMergedLines / 2)), many(shared.MaxMergedLines / 2), ""},
		{"one line too many", other(many(shared.MaxMergedLines/2 + 1)), many(shared.MaxMergedLines / 2), shared.CodeCartFull},
		{"as many of one as may be", much(shared.MaxMergedQuantity - 1), much(1), ""},
		{"one too many", much(shared.MaxMergedQuantity), much(1), shared.CodeCartFull},
		{"two currencies", pounds, many(1), shared.CodeInvalid},
		{"another currency into nothing", pounds, many(0), ""},
		{"nothing into much", many(0), much(shared.MaxMergedQuantity), ""},
	}
	for _, test := range tests {
		before := recordOf(t, test.from) + recordOf(t, test.into)
		away, here, err := merge(&test.from, &test.into)
		switch {
		case test.code == "" && (err != nil || away == nil || here == nil):
			t.Errorf("%s: got %v, %v, %v; want a merge", test.name, away, here, err)
		case test.code != "" && (codeOf(err) != test.code || away != nil || here != nil):
			t.Errorf("%s: got %v, %v, %v; want code %s", test.name, away, here, err, test.code)
		case test.code != "" && recordOf(t, test.from)+recordOf(t, test.into) != before:
			t.Errorf("%s: something changed", test.name)
		}
	}
}

// What is to be said to the shopper comes along.
func TestMergeBringsWhatGoesOn(t *testing.T) {
	from, into := Record{Cart: twoLines(t)}, Record{Cart: twoLines(t), Customer: "account"}
	from.Page, from.PageAt, from.HelpAt = "/shop/cart", noon, noon
	from.Handover = &shared.Handover{From: "ann", To: "bob", Note: "loves blue"}
	for i := range shared.MaxLinks {
		into.Links = append(into.Links, shared.Link{ID: fmt.Sprint("old-", i)})
	}
	from.Links = []shared.Link{{ID: "new"}}
	if _, _, err := merge(&from, &into); err != nil {
		t.Fatal(err)
	}
	if into.Page != "/shop/cart" || !into.PageAt.Equal(noon) || !into.HelpAt.Equal(noon) || into.Handover == nil {
		t.Errorf("got %s", encoded(t, into.Cart))
	}
	if n := len(into.Links); n != shared.MaxLinks || into.Links[n-1].ID != "new" || into.Links[0].ID != "old-1" {
		t.Errorf("got the links %+v", into.Links)
	}
	if from.Handover != nil || !from.HelpAt.IsZero() {
		t.Errorf("left behind: %s", encoded(t, from.Cart))
	}
}

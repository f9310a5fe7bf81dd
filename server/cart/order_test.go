package cart

import (
	"errors"
	"testing"

	"cartline/shared"
)

func TestPlaceOrder(t *testing.T) {
	r := Record{Cart: twoLines(t), Code: "123456"}
	r.Attendants = []shared.Attendant{{Staff: "zoe"}}
	r.HelpAt = noon
	lines := encoded(t, r.Lines)
	outcome, err := PlaceOrder(shared.PlaceOrder{Total: 7400}, zoe, noon)(&r)
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, &r.Cart, outcome.Activity)
	if r.Status != shared.CartOrdered || r.Order == nil || *r.Order != (shared.Order{Number: outcome.Activity.Order, At: noon, By: zoe}) ||
		outcome.Activity.Kind != shared.Ordered || len(r.Order.Number) != 11 {
		t.Errorf("got %s, %s", encoded(t, r.Cart), encoded(t, outcome.Activity))
	}
	if r.Code != "" || r.Attendants != nil || !r.HelpAt.IsZero() || encoded(t, r.Lines) != lines {
		t.Errorf("what stays: got %+v", r)
	}
	if another := newOrderNumber(); another == r.Order.Number {
		t.Errorf("the number %s came twice", another)
	}
}

func TestPlaceOrderRefuses(t *testing.T) {
	tests := []struct {
		name  string
		cart  shared.Cart
		total int64
		code  shared.Code
	}{
		{"one cent less", twoLines(t), 7399, shared.CodeTotalChanged},
		{"one cent more", twoLines(t), 7401, shared.CodeTotalChanged},
		{"nothing", emptyCart(), 0, shared.CodeInvalid},
		{"below zero", twoLines(t), -1, shared.CodeInvalid},
	}
	for _, test := range tests {
		r := Record{Cart: test.cart}
		before := encoded(t, r.Cart)
		outcome, err := PlaceOrder(shared.PlaceOrder{Total: test.total}, ShopperActor, noon)(&r)
		if outcome != nil || codeOf(err) != test.code || encoded(t, r.Cart) != before {
			t.Errorf("%s: got %v, %v; want code %s and no change", test.name, outcome, err, test.code)
		}
		var p *shared.Problem
		if errors.As(err, &p) && (p.Cart != nil) != (test.code == shared.CodeTotalChanged) {
			t.Errorf("%s: shows the cart %v", test.name, p.Cart)
		}
	}
}

package assist_test

import (
	"errors"
	"fmt"
	"testing"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

func TestPhoneOrder(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	for name, test := range map[string]struct {
		caller  shared.StartPhoneOrder
		account string // "" is a new one
	}{
		"a known customer": {shared.StartPhoneOrder{Name: "Whoever", Email: "ALICE.secret@example.com"}, alice.ID},
		"a new one":        {shared.StartPhoneOrder{Name: "Bert", Email: "bert@example.com"}, ""},
		"without address":  {shared.StartPhoneOrder{Name: "Carla"}, ""},
	} {
		r, err := o.StartPhoneOrder(ctx, zoe, test.caller)
		if err != nil || !r.Phone || !r.SignedIn || r.Version != 1 || o.attendants(r.ID) != "zoe:phone" {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
		shown, attached, err := o.View(ctx, zoe, r)
		if err != nil || !attached || shown.Customer == nil || r.Customer != shown.Customer.ID {
			t.Fatalf("%s: shown %+v, %v", name, shown, err)
		}
		if test.account != "" && *shown.Customer != alice {
			t.Errorf("%s: shown %+v", name, shown.Customer)
		}
		if test.account == "" && (shown.Customer.ID == alice.ID || shown.Customer.Name != test.caller.Name || shown.Customer.Email != test.caller.Email) {
			t.Errorf("%s: shown %+v", name, shown.Customer)
		}
		if mustCart(o, "home").ID != "" {
			t.Errorf("%s: it became the customer's own cart", name)
		}
	}
	for name, test := range map[string]struct {
		who    assist.Staff
		caller shared.StartPhoneOrder
		code   shared.Code
	}{
		"without the role":     {walt, shared.StartPhoneOrder{Name: "Bert"}, shared.CodeForbidden},
		"without a name":       {zoe, shared.StartPhoneOrder{Email: "x@example.com"}, shared.CodeInvalid},
		"with a wrong address": {zoe, shared.StartPhoneOrder{Name: "X", Email: "x"}, shared.CodeInvalid},
	} {
		customers, lines := len(o.people.customers), len(o.audit())
		o.wants(name, second(o.StartPhoneOrder(ctx, test.who, test.caller)), test.code)
		if len(o.people.customers) != customers {
			t.Errorf("%s: a customer was noted", name)
		}
		if line := o.oneLine(lines); line.Outcome != string(test.code) || line.Action != "start_phone_order" {
			t.Errorf("%s: got %+v", name, line)
		}
	}
}

// Only what staff keep for a caller is theirs to order; a colleague may take over.
func TestOrdersAreThePhonesOnly(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe)
	o.wants("a shopper's own", second(o.PlaceOrder(ctx, zoe, id, shared.PlaceOrder{Total: 2500})), shared.CodeForbidden)
	if o.cart(id).Status != shared.CartOpen {
		t.Error("it was ordered")
	}
	r, err := o.StartPhoneOrder(ctx, zoe, shared.StartPhoneOrder{Name: "Bert"})
	if err != nil {
		t.Fatal(err)
	}
	o.wants("nothing", second(o.PlaceOrder(ctx, zoe, r.ID, shared.PlaceOrder{})), shared.CodeInvalid)
	o.wants("add", second(o.SetLine(ctx, zoe, r.ID, mug.SKU, shared.SetLine{Quantity: 1})), "")
	o.wants("take over", second(o.Attach(ctx, bob, r.ID)), "")
	if got := o.attendants(r.ID); got != "zoe:phone bob:phone" {
		t.Errorf("got %q", got)
	}
	o.wants("another total", second(o.PlaceOrder(ctx, bob, r.ID, shared.PlaceOrder{Total: 1})), shared.CodeTotalChanged)
	ordered, err := o.PlaceOrder(ctx, bob, r.ID, shared.PlaceOrder{Total: 1250})
	if err != nil || ordered.Order == nil || ordered.Order.By.Name != "bob" || !ordered.Phone || len(ordered.Attendants) != 0 {
		t.Errorf("got %+v, %v", ordered, err)
	}
	orders, err := o.carts.Orders(ctx, cart.Shopper{ID: "another session", Customer: ordered.Customer})
	if err != nil || len(orders.Orders) != 1 {
		t.Errorf("the customer's orders: got %+v, %v", orders, err)
	}
}

// A look-up by e-mail finds what is open, tells nothing of who it is, is written down
// and can't be done without end.
func TestLookUp(t *testing.T) {
	o := openOffice(t)
	id := o.put(known)
	if _, err := o.carts.PlaceOrder(t.Context(), "home", shared.PlaceOrder{Total: 2500}); err != nil {
		t.Fatal(err)
	}
	open := o.put(known)
	for email, want := range map[string]string{"Alice.Secret@example.com": "[" + open + "]", "alice.secret@example.co": "[]", "alice": "[]"} {
		lines := len(o.audit())
		found, err := o.LookUp(t.Context(), zoe, email)
		ids := []string{}
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		if got := fmt.Sprint(ids); err != nil || got != want || found == nil {
			t.Errorf("%s: got %s, %v; want %s (not %s)", email, got, err, want, id)
		}
		if line := o.oneLine(lines); line.Action != "look_up_email" || (line.Customer == alice.ID) != (want != "[]") {
			t.Errorf("%s: got %+v", email, line)
		}
	}
	for range 57 {
		if _, err := o.LookUp(t.Context(), zoe, "x@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	lines := len(o.audit())
	o.wants("the 61st", second(o.LookUp(t.Context(), zoe, "x@example.com")), shared.CodeTooMany)
	if line := o.oneLine(lines); line.Outcome != string(shared.CodeTooMany) {
		t.Errorf("got %+v", line)
	}
	o.people.fail = errors.New("the customers can't be read")
	if _, err := o.LookUp(t.Context(), bob, secretEmail); !errors.Is(err, o.people.fail) {
		t.Errorf("got %v", err)
	}
}

// Several accounts can have one address; each is told of in the audit.
func TestLookUpOfSeveralAccounts(t *testing.T) {
	o := openOffice(t)
	other := shared.Customer{ID: "account-other", Name: "Alice", Email: alice.Email}
	o.people.customers = append(o.people.customers, other)
	want := []string{o.put(known), o.put(cart.Shopper{ID: "another", Customer: other.ID})}
	lines := len(o.audit())
	found, err := o.LookUp(t.Context(), zoe, alice.Email)
	if err != nil || len(found) != 2 || found[0].ID != want[0] || found[1].ID != want[1] {
		t.Errorf("got %+v, %v", found, err)
	}
	if told := o.audit()[lines:]; len(told) != 2 || told[0].Customer != alice.ID || told[1].Customer != other.ID || told[1].After != "1 carts" {
		t.Errorf("got %+v", told)
	}
}

// To begin a phone order tells whether an address is a customer's, and who they are; so
// it counts as a look-up.
func TestPhoneOrdersAreNoWayAroundTheLimitOfLookUps(t *testing.T) {
	o := openOffice(t)
	for range 60 {
		if _, err := o.LookUp(t.Context(), zoe, "x@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	start := func(email string) error {
		return second(o.StartPhoneOrder(t.Context(), zoe, shared.StartPhoneOrder{Name: "Bert", Email: email}))
	}
	lines := len(o.audit())
	o.wants("by e-mail", start(secretEmail), shared.CodeTooMany)
	if line := o.oneLine(lines); line.Action != "start_phone_order" || line.Outcome != string(shared.CodeTooMany) {
		t.Errorf("got %+v", line)
	}
	o.wants("without an address", start(""), "")
}

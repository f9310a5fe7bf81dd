package api

import (
	"fmt"
	"net/http"
	"testing"

	"cartline/shared"
)

// signUpAs makes an account, and returns what was answered.
func (b *browser) signUpAs(t *testing.T, name string) shared.CustomerSession {
	t.Helper()
	return into[shared.CustomerSession](t, b.ask(t, "POST", "/api/customers",
		fmt.Sprintf(`{"name":%q,"email":"%s@example.com","password":"correct horse"}`, name, name)))
}

func (b *browser) signInAs(t *testing.T, name string) shared.CustomerSession {
	t.Helper()
	return into[shared.CustomerSession](t, b.ask(t, "POST", "/api/customer/session",
		fmt.Sprintf(`{"email":"%s@example.com","password":"correct horse"}`, name)))
}

func (b *browser) cart(t *testing.T) shared.Cart {
	t.Helper()
	return into[shared.Cart](t, b.ask(t, "GET", "/api/cart", ""))
}

// TestGuestBecomesCustomer follows a guest through sign-up, sign-out and sign-in on
// another device, where they have put other things into a cart before.
func TestGuestBecomesCustomer(t *testing.T) {
	s := open(t, options{})
	b := s.browser(t)
	guest := into[shared.Cart](t, b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`))
	if got := b.signUpAs(t, "ann"); got.Customer == nil || got.Customer.Name != "ann" || got.MergedLines != 0 {
		t.Errorf("got %+v, want ann and nothing merged", got)
	}
	if got := b.cart(t); got.ID != guest.ID || !got.SignedIn || describeLines(got) != "MUG×2@1" {
		t.Errorf("got cart %+v, want the guest's", got)
	}
	if len(s.ended) != 1 {
		t.Errorf("got %d sessions ended, want the guest's", len(s.ended))
	}

	other := s.browser(t)
	into[shared.Cart](t, other.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":3}`))
	into[shared.Cart](t, other.ask(t, "PUT", "/api/cart/lines/LAMP", `{"quantity":1}`))
	if got := other.signInAs(t, "ann"); got.MergedLines != 2 {
		t.Errorf("got %+v, want 2 lines merged", got)
	}
	for _, at := range []*browser{b, other} {
		if got := at.cart(t); got.ID != guest.ID || got.Items != 6 || len(got.Lines) != 2 {
			t.Errorf("got %+v, want 5 mugs and a lamp in the one cart", got)
		}
	}
	version := b.cart(t).Version
	other.signInAs(t, "ann") // again
	if got := other.cart(t); got.Items != 6 || got.Version != version {
		t.Errorf("the second time: got %d items at version %d, want 6 at %d", got.Items, got.Version, version)
	}

	if got := other.ask(t, "DELETE", "/api/customer/session", ""); got.status != http.StatusNoContent {
		t.Errorf("signing out: got %d", got.status)
	}
	if got := other.cart(t); got.ID != "" {
		t.Errorf("signed out: got cart %s, want none", got.ID)
	}
	if got := into[shared.CustomerSession](t, other.ask(t, "GET", "/api/customer/session", "")); got.Customer != nil {
		t.Errorf("signed out: got customer %+v", got.Customer)
	}
	if got := b.cart(t); got.Items != 6 {
		t.Errorf("the other device: got %d items, want 6", got.Items)
	}
}

// A token from before the sign-in is worth nothing after it.
func TestSignInMakesANewToken(t *testing.T) {
	s := open(t, options{})
	b := s.browser(t)
	planted := b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`).cookie(t, "cartline_shopper").Value
	signedUp := b.ask(t, "POST", "/api/customers", `{"name":"ann","email":"ann@example.com","password":"correct horse"}`)
	if got := signedUp.cookie(t, "cartline_shopper").Value; got == planted {
		t.Error("the token stays")
	}
	r := s.request(t, "GET", "/api/cart", "")
	r.AddCookie(&http.Cookie{Name: "cartline_shopper", Value: planted})
	if got := into[shared.Cart](t, s.browser(t).send(t, r)); got.ID != "" {
		t.Errorf("the old token still shows cart %s", got.ID)
	}
}

func TestRefusedCustomers(t *testing.T) {
	s := open(t, options{})
	s.browser(t).signUpAs(t, "ann")
	before := s.rows(t)
	for _, test := range []struct {
		name, path, body string
		status           int
		code             shared.Code
		field            string
	}{
		{"the address is taken", "customers", `{"name":"x","email":"ANN@example.com","password":"correct horse"}`, 409, shared.CodeEmailTaken, "email"},
		{"no name", "customers", `{"name":" ","email":"b@example.com","password":"correct horse"}`, 400, shared.CodeInvalid, "name"},
		{"no address", "customers", `{"name":"x","email":"b","password":"correct horse"}`, 400, shared.CodeInvalid, "email"},
		{"a short password", "customers", `{"name":"x","email":"b@example.com","password":"short"}`, 400, shared.CodeInvalid, "password"},
		{"a wrong password", "customer/session", `{"email":"ann@example.com","password":"incorrect"}`, 401, shared.CodeBadCredentials, ""},
		{"nobody's address", "customer/session", `{"email":"bob@example.com","password":"correct horse"}`, 401, shared.CodeBadCredentials, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := s.browser(t)
			if p := problem(t, b.ask(t, "POST", "/api/"+test.path, test.body), test.status, test.code); p.Field != test.field {
				t.Errorf("got field %q, want %q", p.Field, test.field)
			}
			if after := s.rows(t); !equal(before, after) {
				t.Errorf("got rows %v, want %v", after, before)
			}
		})
	}
}

// The staff's open cart follows when its shopper signs in and it is merged.
func TestAttendantFollowsTheMerge(t *testing.T) {
	s := open(t, options{})
	first := s.browser(t)
	into[shared.Cart](t, first.ask(t, "PUT", "/api/cart/lines/LAMP", `{"quantity":1}`))
	first.signUpAs(t, "ann")
	b := s.browser(t)
	guest := into[shared.Cart](t, b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`))
	staff := s.signedIn(t, shared.RoleEventListener, shared.RoleCartEditor)
	s.attach(t, staff, b)
	b.signInAs(t, "ann")

	old := into[shared.CartView](t, staff.ask(t, "GET", "/api/carts/"+guest.ID, ""))
	if old.Attached || old.Cart.Status != shared.CartMerged || old.Cart.MergedInto == "" {
		t.Fatalf("got %+v, want it merged into another", old)
	}
	now := into[shared.CartView](t, staff.ask(t, "GET", "/api/carts/"+old.Cart.MergedInto, ""))
	if !now.Attached || now.Cart.Customer == nil || now.Cart.Customer.Name != "ann" || now.Cart.Items != 3 {
		t.Errorf("got %+v, want ann's cart with 3 items, attended", now)
	}
	if a, _ := now.Cart.Attendant(now.Cart.Attendants[0].Staff); a.Consent != shared.ConsentCode {
		t.Errorf("got consent %q, want that of before", a.Consent)
	}
	problem(t, staff.ask(t, "PUT", "/api/carts/"+guest.ID+"/lines/LAMP", `{"quantity":1}`), 409, shared.CodeCartClosed)
	into[shared.Cart](t, staff.ask(t, "PUT", "/api/carts/"+now.Cart.ID+"/lines/MUG", fmt.Sprintf(`{"quantity":5,"version":%d}`, lineVersion(now.Cart, "MUG"))))
}

func lineVersion(c shared.Cart, sku string) int64 {
	line, _ := c.Line(sku)
	return line.Version
}

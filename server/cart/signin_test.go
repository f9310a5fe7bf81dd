package cart_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"cartline/server/cart"
	"cartline/shared"
)

var customer = cart.Shopper{ID: "home", Customer: "account"}

// signIn signs a guest in and says how many lines were merged.
func (s *shop) signIn(guest string) int {
	s.t.Helper()
	merged, err := s.SignIn(s.t.Context(), guest, customer)
	if err != nil {
		s.t.Fatalf("%s signs in: %v", guest, err)
	}
	return merged
}

func (s *shop) cartOf(shopper string) cart.Record {
	s.t.Helper()
	r, err := s.CartOf(s.t.Context(), shopper)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// quantities tells what is in a cart, like "LAMP-1×1 MUG-1×2".
func quantities(r cart.Record) (text string) {
	for _, line := range r.Lines {
		text += fmt.Sprintf(" %s×%d", line.SKU, line.Quantity)
	}
	return text
}

// A customer without a cart takes the guest's over; one who has a cart gets its lines
// in addition. Nobody else's changes.
func TestSignIn(t *testing.T) {
	s := openShop(t)
	s.set("other", "MUG-1", 9, 0)
	if merged := s.signIn("nobody"); merged != 0 || s.cartOf("home").ID != "" {
		t.Errorf("without a cart: merged %d lines into %+v", merged, s.cartOf("home"))
	}
	first := s.set("guest", "MUG-1", 2, 0)
	if merged := s.signIn("guest"); merged != 0 {
		t.Errorf("adopted: merged %d lines", merged)
	}
	own := s.cartOf("home")
	if own.ID != first.ID || own.Version != 2 || !own.SignedIn || own.Customer != "account" || s.cartOf("guest").ID != "" {
		t.Errorf("adopted: got %+v", own)
	}
	s.set("later", "MUG-1", 3, 0)
	from := s.set("later", "LAMP-1", 1, 0)
	if merged := s.signIn("later"); merged != 2 {
		t.Errorf("merged %d lines, want 2", merged)
	}
	own = s.cartOf("home")
	if own.ID != first.ID || own.Version != 3 || quantities(own) != " MUG-1×5 LAMP-1×1" {
		t.Errorf("merged: got %+v", own)
	}
	away, err := s.Cart(t.Context(), from.ID)
	if err != nil || away.Status != shared.CartMerged || away.MergedInto != own.ID || s.cartOf("later").ID != "" {
		t.Errorf("the guest's: got %+v, %v", away, err)
	}
	kinds := map[string]shared.ActivityKind{}
	for _, a := range s.activities() {
		kinds[fmt.Sprint(a.CartID, a.CartVersion)] = a.Kind
	}
	if kinds[fmt.Sprint(own.ID, 2)] != shared.SignedIn || kinds[fmt.Sprint(own.ID, 3)] != shared.CartsMerged || kinds[fmt.Sprint(from.ID, 3)] != shared.MergedAway {
		t.Errorf("the log has %v", kinds)
	}
	before, woken := text(t, s.activities()), s.woken()
	for _, guest := range []string{"guest", "later", "home"} {
		if merged := s.signIn(guest); merged != 0 {
			t.Errorf("%s once more: merged %d lines", guest, merged)
		}
	}
	if text(t, s.activities()) != before || s.woken() != woken {
		t.Error("signing in again changed something")
	}
}

// Carts that can't become one stay two, and the customer is told.
func TestSignInRefused(t *testing.T) {
	s := openShop(t)
	s.set("home", "MUG-1", 2, 0)
	s.set("guest", "TEA-1", 1, 0) // another currency
	before := text(t, s.activities())
	if merged, err := s.SignIn(t.Context(), "guest", customer); merged != 0 || code(err) != shared.CodeInvalid {
		t.Errorf("got %d, %v; want code %s", merged, err, shared.CodeInvalid)
	}
	if text(t, s.activities()) != before || quantities(s.cartOf("guest")) != " TEA-1×1" || quantities(s.cartOf("home")) != " MUG-1×2" {
		t.Error("a refused merge changed something")
	}
}

// meddler does something before a change that SignIn is about to make.
type meddler struct {
	cart.Store
	before func()
	fail   error
}

func (m *meddler) meddle() error {
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return m.fail
}

func (m *meddler) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	if err := m.meddle(); err != nil {
		return cart.Record{}, err
	}
	return m.Store.Change(ctx, which, rule)
}

func (m *meddler) ChangeBoth(ctx context.Context, a, b string, rule func(a, b *cart.Record) (*cart.Outcome, *cart.Outcome, error)) error {
	if err := m.meddle(); err != nil {
		return err
	}
	return m.Store.ChangeBoth(ctx, a, b, rule)
}

// Whatever happens to the carts after SignIn has looked at them: it looks again.
func TestSignInLooksAgain(t *testing.T) {
	order := func(s *shop, shopper string) {
		if _, err := s.PlaceOrder(s.t.Context(), shopper, shared.PlaceOrder{Total: s.cartOf(shopper).Total.Amount}); err != nil {
			s.t.Error(err)
		}
	}
	tests := []struct {
		name    string
		prepare func(*shop)
		between func(*shop)
		merged  int
		adopted int
		want    string
	}{
		{"the customer's first cart is made", func(*shop) {}, func(s *shop) { s.set("home", "LAMP-1", 1, 0) }, 1, 0, " LAMP-1×1 MUG-1×2"},
		{"the customer's cart is ordered", func(s *shop) { s.set("home", "LAMP-1", 1, 0) }, func(s *shop) { order(s, "home") }, 0, 1, " MUG-1×2"},
		{"the guest's cart is ordered", func(*shop) {}, func(s *shop) { order(s, "guest") }, 0, 0, ""},
		{"and there is another to merge it into", func(s *shop) { s.set("home", "LAMP-1", 1, 0) }, func(s *shop) { order(s, "guest") }, 0, 0, " LAMP-1×1"},
		{"another sign-in was first", func(s *shop) { s.set("home", "MUG-1", 1, 0) }, func(s *shop) { s.signIn("guest") }, 0, 0, " MUG-1×3"},
		{"also with the guest's cart", func(*shop) {}, func(s *shop) { s.signIn("guest") }, 0, 1, " MUG-1×2"},
	}
	for _, test := range tests {
		s := openShop(t)
		s.set("guest", "MUG-1", 2, 0)
		test.prepare(s)
		service := cart.NewService(&meddler{Store: s.store, before: func() { test.between(s) }}, s.store, func() {})
		merged, err := service.SignIn(t.Context(), "guest", customer)
		if err != nil || merged != test.merged || quantities(s.cartOf("home")) != test.want || s.cartOf("guest").ID != "" {
			t.Errorf("%s: got %d, %v with %q; want %d with %q", test.name, merged, err, quantities(s.cartOf("home")), test.merged, test.want)
		}
		adopted := 0
		for _, a := range s.activities() {
			if a.Kind == shared.SignedIn {
				adopted++
			}
		}
		if adopted != test.adopted {
			t.Errorf("%s: %d carts became the customer's, want %d", test.name, adopted, test.adopted)
		}
	}
	s := openShop(t)
	s.set("guest", "MUG-1", 2, 0)
	service := cart.NewService(&meddler{Store: s.store, fail: errBroken}, s.store, func() {})
	if _, err := service.SignIn(t.Context(), "guest", customer); !errors.Is(err, errBroken) {
		t.Errorf("a broken store: got %v", err)
	}
	service = cart.NewService(&meddler{Store: s.store, fail: cart.ErrTaken}, s.store, func() {})
	if _, err := service.SignIn(t.Context(), "guest", customer); err == nil {
		t.Error("a sign-in that never came about was called one")
	}
}

// between does something after the guest's cart has been looked up, and before the
// customer's is.
type between struct {
	cart.Store
	do func()
}

func (b *between) CartOf(ctx context.Context, shopper string) (cart.Record, error) {
	if shopper == customer.ID && b.do != nil {
		do := b.do
		b.do = nil
		do()
	}
	return b.Store.CartOf(ctx, shopper)
}

// Another sign-in makes the guest's cart the customer's between the two looks: then
// they are one cart, which isn't merged with itself.
func TestSignInFindsOneCartTwice(t *testing.T) {
	s := openShop(t)
	s.set("guest", "MUG-1", 2, 0)
	store := &between{Store: s.store, do: func() { s.signIn("guest") }}
	merged, err := cart.NewService(store, s.store, func() {}).SignIn(t.Context(), "guest", customer)
	if own := s.cartOf("home"); err != nil || merged != 0 || quantities(own) != " MUG-1×2" || own.Version != 2 {
		t.Errorf("merged %d lines, %v, into %+v", merged, err, own)
	}
}

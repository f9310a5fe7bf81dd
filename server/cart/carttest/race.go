package carttest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"cartline/server/cart"
	"cartline/shared"
)

// service makes what callers use of a store that has products.
func service(t *testing.T, s Store) *cart.Service {
	t.Helper()
	if err := s.PutProducts(t.Context(), []shared.Product{mug, lamp, towel}); err != nil {
		t.Fatal(err)
	}
	return cart.NewService(s, s, func() {})
}

var home = cart.Shopper{ID: "home", Customer: "account"}

// more sets a line to one more than it has, as often as it takes: what is refused
// shows the present cart, on which the next try is based.
func more(t *testing.T, carts *cart.Service, shopper cart.Shopper, sku string) {
	r, err := carts.CartOf(t.Context(), shopper.ID)
	if err != nil {
		t.Error(err)
		return
	}
	seen := r.Cart
	for {
		line, _ := seen.Line(sku)
		if line.Quantity >= shared.MaxQuantity {
			t.Errorf("%s is full", sku)
			return
		}
		r, err := carts.SetLine(t.Context(), shopper, sku, shared.SetLine{Quantity: line.Quantity + 1, Version: line.Version})
		var refused *shared.Problem
		switch {
		case err == nil:
			matches(t, &r.Cart)
			return
		case errors.As(err, &refused) && refused.Code == shared.CodeVersionConflict && refused.Cart != nil:
			matches(t, refused.Cart)
			seen = *refused.Cart
		default:
			t.Error(err)
			return
		}
	}
}

// matches checks that a cart shows the total of its lines.
func matches(t *testing.T, c *shared.Cart) {
	t.Helper()
	items, total, subtotal, shares := 0, int64(0), int64(0), int64(0)
	for _, line := range c.Lines {
		items += line.Quantity
		subtotal += line.UnitPrice.Amount * int64(line.Quantity)
		total += line.Total.Amount
		shares += line.Share
	}
	taken := int64(0)
	if c.Discount != nil {
		taken = c.Discount.Taken
	}
	if items != c.Items || total != c.Total.Amount || subtotal != c.Subtotal.Amount || shares != taken || total != subtotal-taken {
		t.Errorf("version %d: %d items for %d of %d, but the lines have %d for %d of %d", c.Version, c.Items, c.Total.Amount, c.Subtotal.Amount, items, total, subtotal)
	}
}

// Two writers change one cart 1,000 times in all, while a discount comes and goes.
func twoWriters(t *testing.T, s Store) {
	const writers, changes = 2, 500
	carts := service(t, s)
	more(t, carts, home, mug.SKU)
	more(t, carts, home, lamp.SKU) // two who both want the first lamp would both be content with one
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range changes {
				if i%50 == 0 { // one of the changes is another
					toggleDiscount(t, carts)
					continue
				}
				more(t, carts, home, []string{mug.SKU, mug.SKU, lamp.SKU}[rand.IntN(3)])
			}
		})
	}
	wg.Wait()
	r, err := carts.CartOf(t.Context(), home.ID)
	if want := 2 + writers*(changes-changes/50); err != nil || r.Items != want || r.Version != 2+writers*changes {
		t.Errorf("got %d items at version %d, %v; want %d at %d", r.Items, r.Version, err, want, 2+writers*changes)
	}
	matches(t, &r.Cart)
	inOrder(t, readLog(t, s, cart.Position{}, 2+writers*changes))
}

func toggleDiscount(t *testing.T, carts *cart.Service) {
	r, err := carts.Apply(t.Context(), cart.Which{Shopper: home.ID}, shared.Actor{Kind: shared.ActorStaff, Name: "zoe"}, func(r *cart.Record) (*cart.Outcome, error) {
		if r.Discount != nil {
			return cart.RemoveDiscount("")(r)
		}
		return cart.SetDiscount(shared.SetDiscount{BasisPoints: 1000, Reason: "other"}, "zoe", 2000)(r)
	})
	if err != nil {
		t.Error(err)
	}
	matches(t, &r.Cart)
}

// rounds is how often a race is run that can end in several ways.
const rounds = 20

// A guest signs in while they and the customer go on shopping, and perhaps twice at
// once: one cart of the customer's is left, and nothing that anybody put into a cart
// is lost.
func signInRaces(t *testing.T, s Store) {
	carts := service(t, s)
	for round := range rounds {
		guest := cart.Shopper{ID: fmt.Sprint("guest-", round)}
		customer := cart.Shopper{ID: fmt.Sprint("home-", round), Customer: fmt.Sprint("account-", round)}
		for range 2 {
			more(t, carts, guest, mug.SKU)
		}
		if round%2 == 0 { // in the other rounds the customer's first cart races with the guest's
			more(t, carts, customer, lamp.SKU)
		}
		merges := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				merged, err := carts.SignIn(t.Context(), guest.ID, customer)
				if err != nil {
					t.Errorf("round %d: sign in: %v", round, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if merged > 0 {
					merges++
				}
			})
		}
		wg.Go(func() { // one after another: who wants one lamp and finds one is content
			for range 3 {
				more(t, carts, customer, lamp.SKU)
			}
		})
		wg.Wait()
		checkMerged(t, carts, guest, customer, round, merges)
	}
}

func checkMerged(t *testing.T, carts *cart.Service, guest, customer cart.Shopper, round, merges int) {
	t.Helper()
	r, err := carts.CartOf(t.Context(), customer.ID)
	if err != nil {
		t.Fatal(err)
	}
	mugs, _ := r.Line(mug.SKU)
	lamps, _ := r.Line(lamp.SKU)
	if want := 4 - round%2; mugs.Quantity != 2 || lamps.Quantity != want || r.Customer != customer.Customer {
		t.Errorf("round %d: got %d mugs and %d lamps of %q, want 2 and %d", round, mugs.Quantity, lamps.Quantity, r.Customer, want)
	}
	matches(t, &r.Cart)
	if merges > 1 {
		t.Errorf("round %d: two sign-ins merged the same cart", round)
	}
	if left, err := carts.CartOf(t.Context(), guest.ID); err != nil || left.ID != "" {
		t.Errorf("round %d: the guest still has %+v, %v", round, left, err)
	}
}

// Carts that are merged crosswise don't wait for one another for ever.
func crosswise(t *testing.T, s Store) {
	a, b := first(t, s, "alice"), first(t, s, "bob")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			one, other := a.ID, b.ID
			if i%2 == 0 {
				one, other = b.ID, a.ID
			}
			err := s.ChangeBoth(t.Context(), one, other, func(first, second *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
				x, err1 := raise(mug.SKU)(first)
				y, err2 := raise(mug.SKU)(second)
				return x, y, errors.Join(err1, err2)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	inOrder(t, readLog(t, s, cart.Position{}, 82))
}

// A change that waited for a cart that is ordered meanwhile goes into the shopper's
// next one, and is not lost beside it.
func nextCart(t *testing.T, s Store) {
	carts := service(t, s)
	const changes, orderings = 25, 8
	skus := []string{mug.SKU, lamp.SKU, towel.SKU}
	var wg sync.WaitGroup
	for _, sku := range skus {
		wg.Go(func() {
			for range changes {
				more(t, carts, home, sku)
			}
		})
	}
	wg.Go(func() {
		for range orderings {
			r, err := carts.CartOf(t.Context(), home.ID)
			if err == nil && r.ID != "" {
				_, err = carts.PlaceOrder(t.Context(), home.ID, shared.PlaceOrder{Total: r.Total.Amount})
			}
			var refused *shared.Problem
			if err != nil && !errors.As(err, &refused) {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	items := 0
	r, err := carts.CartOf(t.Context(), home.ID)
	if err != nil {
		t.Fatal(err)
	}
	items += r.Items
	orders, err := s.Orders(t.Context(), home.ID, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range orders {
		items += order.Items
		matches(t, &order)
	}
	if want := len(skus) * changes; items != want {
		t.Errorf("got %d items in %d orders and a cart, want %d", items, len(orders), want)
	}
}

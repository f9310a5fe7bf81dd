package api

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"cartline/shared"
)

// TestTogether has a shopper and one of the staff change one cart 1,000 times in all.
// Each raises a line by one; whoever is refused looks again, and tries again. No step
// is lost, and no answer shows a total that doesn't match its lines.
func TestTogether(t *testing.T) {
	const each = 500
	s := open(t, options{})
	shopper := s.browser(t)
	c := into[shared.Cart](t, shopper.ask(t, "PUT", "/api/cart/lines/LAMP", `{"quantity":1}`))
	staff := s.signedIn(t, shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter)
	s.attach(t, staff, shopper)
	into[shared.Cart](t, shopper.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`))
	into[shared.Cart](t, staff.ask(t, "PUT", "/api/carts/"+c.ID+"/discount", `{"basis_points":1333,"reason":"loyalty"}`))

	conflicts := make([]int, 2)
	var both sync.WaitGroup
	for i, caller := range []struct {
		b     *browser
		lines string
	}{
		{shopper, "/api/cart/lines/"}, {staff, "/api/carts/" + c.ID + "/lines/"},
	} {
		both.Go(func() {
			seen := shopper.cart(t)
			for done := 0; done < each; {
				// Half of the time both want the same line.
				sku := []string{"MUG", []string{"MUG", "LAMP"}[i]}[done%2]
				line, _ := seen.Line(sku)
				want := line.Quantity + 1
				if want > shared.MaxQuantity {
					want = 1
				}
				got := caller.b.ask(t, "PUT", caller.lines+sku, fmt.Sprintf(`{"quantity":%d,"version":%d}`, want, line.Version))
				if got.status == 409 {
					var p shared.Problem
					if err := json.Unmarshal(got.body, &p); err != nil || p.Cart == nil {
						t.Errorf("got %s, want the present cart", got.body)
						return
					}
					conflicts[i]++
					seen = *p.Cart
				} else {
					seen = into[shared.Cart](t, got)
					done++
				}
				wantSums(t, seen)
			}
		})
	}
	both.Wait()
	got := shopper.cart(t)
	wantSums(t, got)
	// The mug and the lamp began with one each.
	if want := 2*each + 2; got.Items != want {
		t.Errorf("got %d items, want %d: an update was lost", got.Items, want)
	}
	if conflicts[0]+conflicts[1] == 0 {
		t.Error("nobody was ever refused, so this shows nothing")
	}
	t.Logf("refused and tried again: %v", conflicts)
}

// wantSums fails if a cart's figures don't match its lines.
func wantSums(t *testing.T, c shared.Cart) {
	t.Helper()
	items, subtotal, total, shares := 0, int64(0), int64(0), int64(0)
	for _, l := range c.Lines {
		items += l.Quantity
		subtotal += l.UnitPrice.Amount * int64(l.Quantity)
		total += l.Total.Amount
		shares += l.Share
		if l.Total.Amount < 0 {
			t.Errorf("line %s: got total %v", l.SKU, l.Total)
		}
	}
	taken := int64(0)
	if c.Discount != nil {
		taken = c.Discount.Taken
	}
	if items != c.Items || subtotal != c.Subtotal.Amount || total != c.Total.Amount || shares != taken || subtotal-taken != total {
		t.Errorf("got %d items, subtotal %d, total %d, taken %d; the lines say %d, %d, %d, %d", c.Items, c.Subtotal.Amount, c.Total.Amount, taken, items, subtotal, total, shares)
	}
}

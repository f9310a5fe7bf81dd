package cart_test

import (
	"context"
	"testing"

	"cartline/server/cart"
	"cartline/shared"
)

func (s *shop) remove(shopper, sku string) cart.Record {
	s.t.Helper()
	r, err := s.RemoveLine(s.t.Context(), shopper, sku, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *shop) undo(shopper string, version int64) (cart.Record, error) {
	return s.Undo(s.t.Context(), shopper, shared.Undo{Version: version})
}

var zoe = shared.Actor{Kind: shared.ActorStaff, Name: "zoe"}

// byStaff follows a rule on a shopper's cart.
func (s *shop) byStaff(shopper string, rule cart.Rule) cart.Record {
	s.t.Helper()
	r, err := s.Apply(s.t.Context(), cart.Which{Shopper: shopper}, zoe, rule)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func tenPercent(sku string) cart.Rule {
	return cart.SetDiscount(shared.SetDiscount{SKU: sku, BasisPoints: 1000, Reason: "goodwill"}, "zoe", 2000)
}

func TestUndoOfAShopper(t *testing.T) {
	s := openShop(t)
	s.set("alice", "MUG-1", 2, 0)
	s.byStaff("alice", tenPercent("MUG-1"))
	r := s.remove("alice", "MUG-1")
	r, err := s.undo("alice", r.Version)
	if err != nil || quantities(r) != " MUG-1×2" || r.Lines[0].Discount == nil || r.Total.Amount != 2250 {
		t.Errorf("got %+v, %v; want the mugs with their discount", r, err)
	}
	if last := s.activities()[3]; last.Kind != shared.LineAdded || last.Undoes != 3 || last.Actor != cart.ShopperActor {
		t.Errorf("got the activity %+v", last)
	}
	for name, test := range map[string]struct {
		shopper string
		version int64
		code    shared.Code
	}{
		"once more":         {"alice", 3, shared.CodeCannotUndo},
		"a version to come": {"alice", 5, shared.CodeCannotUndo},
		"no version":        {"alice", 0, shared.CodeInvalid},
		"without a cart":    {"bob", 1, shared.CodeNotFound},
		"nobody":            {"", 1, shared.CodeNotFound},
		"the largest":       {"alice", 1<<63 - 1, shared.CodeCannotUndo},
	} {
		if _, err := s.undo(test.shopper, test.version); code(err) != test.code {
			t.Errorf("%s: got %v, want code %s", name, err, test.code)
		}
	}
	if got := len(s.activities()); got != 4 {
		t.Errorf("got %d activities, want 4", got)
	}
}

// An old removal doesn't bring back a discount that was taken away since.
func TestUndoOfAnOldRemovalBringsNoDiscountBack(t *testing.T) {
	s := openShop(t)
	s.set("alice", "MUG-1", 2, 0)
	s.byStaff("alice", tenPercent("MUG-1"))
	removed := s.remove("alice", "MUG-1").Version
	if _, err := s.undo("alice", removed); err != nil {
		t.Fatal(err)
	}
	s.byStaff("alice", cart.RemoveDiscount("MUG-1"))
	s.remove("alice", "MUG-1")
	if r, err := s.undo("alice", removed); code(err) != shared.CodeCannotUndo {
		t.Errorf("got %+v, %v; want code %s", r, err, shared.CodeCannotUndo)
	}
	if r := s.cartOf("alice"); len(r.Lines) != 0 {
		t.Errorf("got %+v, want an empty cart", r)
	}
}

// What happens between the look at the history and the change is not overlooked.
func TestUndoOfARemovalBesideAnotherChange(t *testing.T) {
	s := openShop(t)
	r := s.set("alice", "MUG-1", 2, 0)
	rule, kind, err := s.UndoRule(t.Context(), r.ID, shared.Undo{Version: s.remove("alice", "MUG-1").Version}, cart.ShopperActor)
	if err != nil || kind != shared.LineRemoved {
		t.Fatalf("got %s, %v", kind, err)
	}
	s.set("alice", "LAMP-1", 1, 0)
	if r, err := s.Apply(t.Context(), cart.Which{ID: r.ID}, cart.ShopperActor, rule); code(err) != shared.CodeCannotUndo {
		t.Errorf("got %+v, %v; want code %s", r, err, shared.CodeCannotUndo)
	}
}

// Other lines' changes don't stand in the way, but what is very long ago does.
func TestUndoOfARemovalLongAgo(t *testing.T) {
	s := openShop(t)
	s.set("alice", "MUG-1", 2, 0)
	removed := s.remove("alice", "MUG-1").Version
	r := s.set("alice", "LAMP-1", 1, 0)
	if r, err := s.undo("alice", removed); err != nil || quantities(r) != " LAMP-1×1 MUG-1×2" {
		t.Errorf("soon: got %+v, %v", r, err)
	}
	removed = s.remove("alice", "MUG-1").Version
	for quantity := range cart.MaxPage {
		r = s.set("alice", "LAMP-1", quantity+2, r.Lines[0].Version)
	}
	if r, err := s.undo("alice", removed); code(err) != shared.CodeCannotUndo {
		t.Errorf("late: got %+v, %v; want code %s", r, err, shared.CodeCannotUndo)
	}
	if r, err := s.undo("alice", r.Version); err != nil || r.Items != cart.MaxPage {
		t.Errorf("the last change: got %+v, %v", r, err)
	}
}

func TestOrdersOfAShopper(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	s.set("home", "MUG-1", 2, 0)
	if _, err := s.PlaceOrder(ctx, "home", shared.PlaceOrder{Total: 1}); code(err) != shared.CodeTotalChanged {
		t.Errorf("another total: got %v, want code %s", err, shared.CodeTotalChanged)
	}
	first, err := s.PlaceOrder(ctx, "home", shared.PlaceOrder{Total: 2500})
	if err != nil || first.Order == nil {
		t.Fatalf("got %+v, %v", first, err)
	}
	if r := s.cartOf("home"); r.ID != "" {
		t.Errorf("after the order: got %+v, want no cart", r)
	}
	if _, err := s.PlaceOrder(ctx, "home", shared.PlaceOrder{Total: 2500}); code(err) != shared.CodeNotFound {
		t.Errorf("again: got %v, want code %s", err, shared.CodeNotFound)
	}
	// One that was ordered elsewhere for the same account, and someone else's.
	for shopper, account := range map[string]string{"phone": "account", "other": "other account"} {
		rule, err := s.LineRule(ctx, "LAMP-1", shared.SetLine{Quantity: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(ctx, s.Own(cart.Shopper{ID: shopper, Customer: account}), zoe, rule); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PlaceOrder(ctx, shopper, shared.PlaceOrder{Total: 4900}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		shopper cart.Shopper
		want    int
	}{{customer, 2}, {cart.Shopper{ID: "home"}, 1}, {cart.Shopper{}, 0}, {cart.Shopper{ID: "nobody"}, 0}} {
		list, err := s.Orders(ctx, test.shopper)
		if err != nil || list.Orders == nil || len(list.Orders) != test.want {
			t.Errorf("%+v: got %+v, %v; want %d orders", test.shopper, list, err, test.want)
		}
		if test.want > 0 && list.Orders[len(list.Orders)-1].ID != first.ID {
			t.Errorf("%+v: the first order isn't the last: %+v", test.shopper, list.Orders)
		}
	}
}

func TestTimelineIsPaged(t *testing.T) {
	s := openShop(t)
	r := s.set("alice", "MUG-1", 1, 0)
	for quantity := range 4 {
		r = s.set("alice", "MUG-1", quantity+2, r.Version)
	}
	var versions []int64
	for before := int64(0); ; {
		timeline, err := s.History(t.Context(), r.ID, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range timeline.Activities {
			versions = append(versions, a.CartVersion)
		}
		if before = timeline.Next; before == 0 {
			break
		}
	}
	if text(t, versions) != "[5,4,3,2,1]" {
		t.Errorf("got %v", versions)
	}
	for _, id := range []string{"none", "\x00"} {
		if timeline, err := s.History(t.Context(), id, 0, 0); err != nil || timeline.Activities == nil || len(timeline.Activities) != 0 {
			t.Errorf("%q: got %+v, %v; want an empty list", id, timeline, err)
		}
	}
}

// takenOnce tells once that another cart is the shopper's by now.
type takenOnce struct {
	cart.Store
	told bool
}

func (s *takenOnce) Change(ctx context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	if !s.told {
		s.told = true
		return cart.Record{}, cart.ErrTaken
	}
	return s.Store.Change(ctx, which, rule)
}

func TestApplyLooksAgainWhenAnotherCartWasFirst(t *testing.T) {
	s := openShop(t)
	service := cart.NewService(&takenOnce{Store: s.store}, s.store, func() {})
	r, err := service.SetLine(t.Context(), cart.Shopper{ID: "alice"}, "MUG-1", shared.SetLine{Quantity: 1})
	if err != nil || r.Items != 1 {
		t.Errorf("got %+v, %v; want a mug", r, err)
	}
}

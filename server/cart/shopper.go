package cart

import (
	"context"
	"errors"

	"cartline/shared"
)

// Shopper is who shops: a guest, or a customer if Customer isn't "".
type Shopper struct {
	ID       string
	Customer string
}

// ShopperActor is the actor of what shoppers do.
var ShopperActor = shared.Actor{Kind: shared.ActorShopper}

// CartOf returns the cart of a shopper, an empty one if there is none yet.
func (s *Service) CartOf(ctx context.Context, shopper string) (Record, error) {
	empty := Record{Cart: emptyCart()}
	if shopper == "" {
		return empty, nil
	}
	r, err := s.store.CartOf(ctx, shopper)
	if errors.Is(err, ErrNotFound) {
		return empty, nil
	}
	return r, err
}

// CanBegin says whether SetLine would make a cart for a shopper who has none, so
// that a session is not begun in vain.
func (s *Service) CanBegin(ctx context.Context, sku string, want shared.SetLine) error {
	product, err := s.ProductBySKU(ctx, sku)
	if err != nil {
		return err
	}
	c := emptyCart()
	_, err = setLine(&c, product, want)
	return err
}

// SetLine sets the quantity of a product in a shopper's cart, which is made if
// there is none.
func (s *Service) SetLine(ctx context.Context, shopper Shopper, sku string, want shared.SetLine) (Record, error) {
	rule, err := s.LineRule(ctx, sku, want)
	if err != nil {
		return Record{}, err
	}
	return s.Apply(ctx, s.Own(shopper), ShopperActor, rule)
}

// Own names the open cart of a shopper, which is made if there is none.
func (s *Service) Own(shopper Shopper) Which {
	return Which{Shopper: shopper.ID, New: s.NewCart(shopper.ID, shopper.Customer)}
}

// LineRule returns the rule that sets the quantity of a product.
func (s *Service) LineRule(ctx context.Context, sku string, want shared.SetLine) (Rule, error) {
	product, err := s.ProductBySKU(ctx, sku)
	if err != nil {
		return nil, err
	}
	return func(r *Record) (*Outcome, error) { return Did(setLine(&r.Cart, product, want)) }, nil
}

// RemoveRule returns the rule that takes a product out of a cart.
func RemoveRule(sku string, version int64) Rule {
	return func(r *Record) (*Outcome, error) { return Did(removeLine(&r.Cart, sku, version)) }
}

// RemoveLine takes a product out of a shopper's cart.
func (s *Service) RemoveLine(ctx context.Context, shopper, sku string, version int64) (Record, error) {
	r, err := s.applyOwn(ctx, shopper, RemoveRule(sku, version))
	if errors.Is(err, ErrNoCart) {
		return Record{}, notInCart()
	}
	return r, err
}

// applyOwn is Apply for the open cart of a shopper, who has to have one.
func (s *Service) applyOwn(ctx context.Context, shopper string, rule Rule) (Record, error) {
	if shopper == "" {
		return Record{}, ErrNoCart
	}
	return s.Apply(ctx, Which{Shopper: shopper}, ShopperActor, rule)
}

// UndoRule returns the rule that takes the change back which made a version of a
// cart, and the kind of that change.
func (s *Service) UndoRule(ctx context.Context, id string, want shared.Undo, actor shared.Actor) (Rule, shared.ActivityKind, error) {
	if err := want.Validate(); err != nil {
		return nil, "", err
	}
	if !storable(id) {
		return nil, "", noSuchCart(ErrNotFound)
	}
	activities, err := s.store.History(ctx, id, want.Version+1, 1)
	if err != nil {
		return nil, "", err
	}
	if len(activities) == 0 || activities[0].CartVersion != want.Version {
		return nil, "", tooLongAgo()
	}
	done := activities[0]
	if done.Kind == shared.LineRemoved {
		rule, err := s.undoRemovalRule(ctx, id, done, actor)
		return rule, done.Kind, err
	}
	return func(r *Record) (*Outcome, error) { return Did(undo(&r.Cart, done, nil, actor)) }, done.Kind, nil
}

// undoRemovalRule is UndoRule for a line that was taken out. The cart has nothing
// left of it, so only the history tells whether it came and went again since: with
// it would come back a discount that somebody has taken away.
func (s *Service) undoRemovalRule(ctx context.Context, id string, done shared.Activity, actor shared.Actor) (Rule, error) {
	since, err := s.store.History(ctx, id, 0, MaxPage)
	if err != nil {
		return nil, err
	}
	if len(since) == 0 || since[len(since)-1].CartVersion > done.CartVersion {
		return nil, tooLongAgo()
	}
	for _, later := range since {
		if later.CartVersion > done.CartVersion && later.Line != nil && later.Line.SKU == done.Line.SKU {
			return nil, changedSince(done.Line.Name)
		}
	}
	var product *shared.Product
	found, err := find(ctx, s.store.ProductBySKU, done.Line.SKU)
	switch {
	case err == nil:
		product = &found
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	newest := since[0].CartVersion
	return func(r *Record) (*Outcome, error) {
		if err := Closed(&r.Cart); err != nil {
			return nil, err
		}
		if r.Version != newest {
			return nil, cannotUndo("The cart changed at the same moment. Try again.")
		}
		return Did(undo(&r.Cart, done, product, actor))
	}, nil
}

func tooLongAgo() error { return cannotUndo("There is no such change, or it was too long ago.") }

// Undo takes a change of a shopper's cart back, whoever made it.
func (s *Service) Undo(ctx context.Context, shopper string, want shared.Undo) (Record, error) {
	r, err := s.CartOf(ctx, shopper)
	if err != nil {
		return Record{}, err
	}
	if r.ID == "" {
		return Record{}, ErrNoCart
	}
	rule, _, err := s.UndoRule(ctx, r.ID, want, ShopperActor)
	if err != nil {
		return Record{}, err
	}
	return s.Apply(ctx, Which{ID: r.ID}, ShopperActor, rule)
}

// PlaceOrder makes an order of a shopper's cart.
func (s *Service) PlaceOrder(ctx context.Context, shopper string, want shared.PlaceOrder) (Record, error) {
	return s.applyOwn(ctx, shopper, PlaceOrder(want, ShopperActor, s.now()))
}

// Orders lists what a shopper has ordered, the newest first.
func (s *Service) Orders(ctx context.Context, shopper Shopper) (shared.OrderList, error) {
	list := shared.OrderList{Orders: []shared.Cart{}}
	if shopper.ID == "" {
		return list, nil
	}
	orders, err := s.store.Orders(ctx, shopper.ID, shopper.Customer, maxOrders)
	if err == nil && orders != nil {
		list.Orders = orders
	}
	return list, err
}

// ByCode returns the open cart that has an assist code, whether or not its time is
// up, or ErrNotFound.
func (s *Service) ByCode(ctx context.Context, code string) (Record, error) {
	return find(ctx, s.store.CartByCode, code)
}

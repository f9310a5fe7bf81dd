package cart

import (
	"context"
	"errors"
	"time"

	"cartline/shared"
)

// Service is what callers use to read and change carts. Its errors are
// *shared.Problem where the caller is at fault, and the store's own otherwise.
type Service struct {
	store Store
	log   Log
	now   func() time.Time
	wake  func()
}

// NewService makes a service. Wake is called after each commit that changed
// something, and must not block: it tells whoever reads the log that there is
// more.
func NewService(store Store, log Log, wake func()) *Service {
	return &Service{
		store: store,
		log:   log,
		// Databases keep microseconds; so what is told is what is kept.
		now:  func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
		wake: wake,
	}
}

// Limits of a page of a list.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// Products lists products and tells where to read on.
func (s *Service) Products(ctx context.Context, query ProductQuery) (shared.ProductList, error) {
	if !storable(query.Text, query.Category, query.After) {
		return shared.ProductList{Products: []shared.Product{}}, nil
	}
	limit := pageSize(query.Limit)
	query.Limit = limit + 1 // one more, to see whether there is more
	products, err := s.store.Products(ctx, query)
	if err != nil {
		return shared.ProductList{}, err
	}
	list := shared.ProductList{Products: products}
	if len(products) > limit {
		list.Products = products[:limit]
		list.Next = products[limit-1].SKU
	}
	return list, nil
}

// Product returns one product by its slug.
func (s *Service) Product(ctx context.Context, slug string) (shared.Product, error) {
	product, err := find(ctx, s.store.ProductBySlug, slug)
	if errors.Is(err, ErrNotFound) {
		return shared.Product{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such product."}
	}
	return product, err
}

// CartOf returns the cart of a shopper, an empty one if there is none yet.
func (s *Service) CartOf(ctx context.Context, shopper string) (shared.Cart, error) {
	if shopper == "" {
		return emptyCart(), nil
	}
	c, err := s.store.CartOf(ctx, shopper)
	if errors.Is(err, ErrNotFound) {
		return emptyCart(), nil
	}
	return c, err
}

// CanBegin says whether SetLine would make a cart for a shopper who has none, so
// that a session is not begun in vain.
func (s *Service) CanBegin(ctx context.Context, sku string, want shared.SetLine) error {
	product, err := s.product(ctx, sku)
	if err != nil {
		return err
	}
	c := emptyCart()
	_, err = setLine(&c, product, want)
	return err
}

func (s *Service) product(ctx context.Context, sku string) (shared.Product, error) {
	product, err := find(ctx, s.store.ProductBySKU, sku)
	if errors.Is(err, ErrNotFound) {
		err = &shared.Problem{Code: shared.CodeUnknownProduct, Field: "sku", Detail: "There is no product with this SKU."}
	}
	return product, err
}

// SetLine sets the quantity of a product in a shopper's cart, which is made if
// there is none.
func (s *Service) SetLine(ctx context.Context, shopper, sku string, want shared.SetLine) (shared.Cart, error) {
	product, err := s.product(ctx, sku)
	if err != nil {
		return shared.Cart{}, err
	}
	fresh := s.newCart()
	return s.change(ctx, Which{Shopper: shopper, New: &fresh}, shopperActor, func(c *shared.Cart) (*change, error) {
		return setLine(c, product, want)
	})
}

// RemoveLine takes a product out of a shopper's cart.
func (s *Service) RemoveLine(ctx context.Context, shopper, sku string, version int64) (shared.Cart, error) {
	c, err := s.change(ctx, Which{Shopper: shopper}, shopperActor, func(c *shared.Cart) (*change, error) {
		return removeLine(c, sku, version)
	})
	if errors.Is(err, ErrNotFound) {
		return shared.Cart{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "This product is not in the cart."}
	}
	return c, err
}

// Cart returns any cart, for those who may see all.
func (s *Service) Cart(ctx context.Context, id string) (shared.Cart, error) {
	c, err := find(ctx, s.store.Cart, id)
	if errors.Is(err, ErrNotFound) {
		return shared.Cart{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such cart."}
	}
	return c, err
}

// Carts lists carts. It reads the log's position first and the carts second, so
// that whoever goes on from that position misses nothing.
func (s *Service) Carts(ctx context.Context, after string, limit int) (shared.CartList, error) {
	place, err := parsePlace(after)
	if err != nil {
		return shared.CartList{}, err
	}
	head, err := s.log.Head(ctx)
	if err != nil {
		return shared.CartList{}, err
	}
	limit = pageSize(limit)
	carts, err := s.store.Carts(ctx, place, limit+1)
	if err != nil {
		return shared.CartList{}, err
	}
	list := shared.CartList{Carts: carts, Cursor: head.Cursor()}
	if len(carts) > limit {
		list.Carts = carts[:limit]
		list.Next = placeOf(carts[limit-1]).String()
	}
	return list, nil
}

var shopperActor = shared.Actor{Kind: shared.ActorShopper}

// change follows a rule in one transaction, and wakes the readers of the log if
// anything came of it.
func (s *Service) change(ctx context.Context, which Which, actor shared.Actor, rule func(*shared.Cart) (*change, error)) (shared.Cart, error) {
	changed := false
	result, err := s.store.Change(ctx, which, func(c *shared.Cart) (*shared.Activity, error) {
		changed = false
		did, err := rule(c)
		if err != nil || did == nil {
			return nil, err
		}
		changed = true
		return commit(c, did, actor, s.now())
	})
	if err != nil {
		return shared.Cart{}, err
	}
	if changed {
		s.wake()
	}
	return result, nil
}

func (s *Service) newCart() shared.Cart {
	c := emptyCart()
	c.ID, c.Name = NewID(), NewName()
	c.CreatedAt = s.now()
	c.UpdatedAt = c.CreatedAt
	return c
}

func emptyCart() shared.Cart {
	return shared.Cart{Status: shared.CartOpen, Lines: []shared.Line{}}
}

func pageSize(limit int) int {
	if limit < 1 {
		return DefaultPage
	}
	return min(limit, MaxPage)
}

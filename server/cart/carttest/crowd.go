package carttest

import (
	"context"
	"sync"
	"testing"

	"cartline/server/cart"
	"cartline/shared"
)

// Crowd is shoppers who each have a cart with three lines, and change it at the same
// time as the others, by the rules that the API follows. It is for measuring.
type Crowd struct {
	service  *cart.Service
	shoppers []cart.Shopper
	carts    []shared.Cart // what each knows of their cart
}

// NewCrowd makes the carts. Wake is called after each commit.
func NewCrowd(tb testing.TB, s Store, shoppers int, wake func()) *Crowd {
	tb.Helper()
	c := &Crowd{service: cart.NewService(shelf{s}, s, wake), carts: make([]shared.Cart, shoppers)}
	for i := range c.carts {
		c.shoppers = append(c.shoppers, cart.Shopper{ID: cart.NewID()})
		for _, product := range []shared.Product{lamp, towel, mug} {
			if err := c.set(tb.Context(), i, product.SKU, 1); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return c
}

// Change makes so many changes.
func (c *Crowd) Change(tb testing.TB, changes int) {
	tb.Helper()
	var shoppers sync.WaitGroup
	for i := range c.carts {
		shoppers.Go(func() {
			for range (changes + i) / len(c.carts) {
				line, _ := c.carts[i].Line(mug.SKU)
				if err := c.set(tb.Context(), i, mug.SKU, line.Quantity%9+1); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	shoppers.Wait()
}

func (c *Crowd) set(ctx context.Context, i int, sku string, quantity int) error {
	line, _ := c.carts[i].Line(sku)
	r, err := c.service.SetLine(ctx, c.shoppers[i], sku, shared.SetLine{Quantity: quantity, Version: line.Version})
	if err == nil {
		c.carts[i] = r.Cart
	}
	return err
}

// shelf is a store that needn't look up its products: that is no part of a change.
type shelf struct{ Store }

func (shelf) ProductBySKU(_ context.Context, sku string) (shared.Product, error) {
	for _, product := range []shared.Product{lamp, towel, mug} {
		if product.SKU == sku {
			return product, nil
		}
	}
	return shared.Product{}, cart.ErrNotFound
}

package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// products are what is written about.
var products = []shared.Product{
	product("CUP", 900), product("POT", 3900), product("TIN", 700), product("TEA", 1250), product("JAR", 450),
}

func product(sku string, cents int64) shared.Product {
	return shared.Product{SKU: sku, Slug: sku, Name: "A " + sku, Price: shared.Money{Amount: cents, Currency: "EUR"}}
}

// Times of the writers.
const (
	writeTimeout = 5 * time.Second
	// writePause is at most how long a writer waits after a write.
	writePause = 40 * time.Millisecond
	// rulePause is at most how long a rule takes, while its cart is locked.
	rulePause = 15 * time.Millisecond
)

// directWriter changes carts as another server on the same database would.
type directWriter struct {
	service *cart.Service
	book    *Book
	// shoppers are whose carts it changes, as others do at the same time. One that
	// is empty stands for a new guest, who signs in as the first.
	shoppers []string
	// onlyLines says that it never places an order, after which a cart is at its end.
	onlyLines bool
}

func (w *directWriter) run(ctx context.Context) {
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, writeTimeout)
		w.note(w.write(limited))
		cancel()
		pause(ctx, upTo(writePause))
	}
}

// note enters how a write ended in the books. A refusal is certain; after any other
// error the change may have been made or not.
func (w *directWriter) note(record cart.Record, err error) {
	var refused *shared.Problem
	switch {
	case err == nil:
		w.book.Acknowledged(&record.Cart)
	case !errors.As(err, &refused):
		w.book.Unanswered()
	}
}

// write makes a change at random.
func (w *directWriter) write(ctx context.Context) (cart.Record, error) {
	shopper := cart.Shopper{ID: w.shoppers[rand.IntN(len(w.shoppers))]}
	if shopper.ID == "" {
		return w.merge(ctx, cart.Shopper{ID: w.shoppers[0], Customer: "customer of " + w.shoppers[0]})
	}
	current, err := w.service.CartOf(ctx, shopper.ID)
	if err != nil {
		return cart.Record{}, err
	}
	sku := products[rand.IntN(len(products))].SKU
	switch {
	case chance(10):
		return w.service.Apply(ctx, cart.Which{Shopper: shopper.ID}, cart.ShopperActor, slowly(ctx, cart.RemoveRule(sku, 0)))
	case chance(3) && !w.onlyLines:
		return w.service.PlaceOrder(ctx, shopper.ID, shared.PlaceOrder{Total: current.Total.Amount})
	}
	rule, err := w.service.LineRule(ctx, sku, shared.SetLine{Quantity: 1 + rand.IntN(shared.MaxQuantity), Version: lineVersion(&current.Cart, sku)})
	if err != nil {
		return cart.Record{}, err
	}
	return w.service.Apply(ctx, w.service.Own(shopper), cart.ShopperActor, slowly(ctx, rule))
}

// merge has a guest begin a cart and sign in, which changes two carts at once.
func (w *directWriter) merge(ctx context.Context, customer cart.Shopper) (cart.Record, error) {
	guest := cart.Shopper{ID: cart.NewID()}
	record, err := w.service.SetLine(ctx, guest, products[rand.IntN(len(products))].SKU, shared.SetLine{Quantity: 1})
	if err != nil {
		return cart.Record{}, err
	}
	w.book.Acknowledged(&record.Cart)
	_, err = w.service.SignIn(ctx, guest.ID, customer)
	return cart.Record{}, err // nothing tells which versions that made
}

// slowly makes a rule take a while.
func slowly(ctx context.Context, rule cart.Rule) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		if chance(30) {
			pause(ctx, upTo(rulePause))
		}
		return rule(r)
	}
}

func lineVersion(c *shared.Cart, sku string) int64 {
	for _, line := range c.Lines {
		if line.SKU == sku {
			return line.Version
		}
	}
	return 0
}

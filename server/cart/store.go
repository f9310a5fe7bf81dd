package cart

import (
	"context"
	"errors"
	"time"

	"cartline/shared"
)

// ErrNotFound is what a store returns for something that it doesn't have.
var ErrNotFound = errors.New("not found")

// Store keeps products and carts. Its methods are safe for concurrent use, and
// end when their context does. An error is ErrNotFound, one that a function
// given to it returned (unchanged), or the database's own.
type Store interface {
	// Products lists products by name, beginning after the SKU `after` in that
	// order, and at most `limit` of them. Query and category may be empty.
	Products(ctx context.Context, query ProductQuery) ([]shared.Product, error)
	// ProductBySlug and ProductBySKU return one product or ErrNotFound.
	ProductBySlug(ctx context.Context, slug string) (shared.Product, error)
	ProductBySKU(ctx context.Context, sku string) (shared.Product, error)
	// PutProducts adds products, or replaces those with the same SKU: all of
	// them or, after an error, none.
	PutProducts(ctx context.Context, products []shared.Product) error

	// Cart returns a cart, or ErrNotFound.
	Cart(ctx context.Context, id string) (shared.Cart, error)
	// CartOf returns the open cart of a shopper, or ErrNotFound.
	CartOf(ctx context.Context, shopper string) (shared.Cart, error)
	// Carts lists carts, the newest change first, beginning after the place
	// `after` in that order, and at most `limit` of them.
	Carts(ctx context.Context, after Place, limit int) ([]shared.CartSummary, error)

	// Change lets change alter a cart and appends the activity that it returns
	// to the log, all in one transaction, and returns the cart as it is then.
	//
	// The cart is locked before change sees it and before anything is written,
	// so changes of one cart follow one another, and the log has them in the
	// order of the cart's versions. If change returns an error or no activity,
	// nothing is kept. It may be called more than once, when the database asks
	// for another attempt, and sees the stored cart anew each time.
	Change(ctx context.Context, which Which, change func(*shared.Cart) (*shared.Activity, error)) (shared.Cart, error)
}

// ProductQuery narrows a list of products.
type ProductQuery struct {
	// Text is looked for in name, SKU and category, whatever the case.
	Text     string
	Category string
	After    string
	Limit    int
}

// Place is where a cart stands, or stood, in the list of Store.Carts. The zero
// Place is the beginning.
type Place struct {
	UpdatedAt time.Time
	ID        string
}

// Which names the cart to change: by its ID, or as the open cart of a shopper.
// In the latter case New, if it is set, becomes the shopper's cart if there is
// none; it is kept only if the change is.
type Which struct {
	ID      string
	Shopper string
	New     *shared.Cart
}

// Log is the order in which changes were committed: the same for every reader,
// with each cart's activities in the order of its versions. Only Store.Change
// appends to it.
type Log interface {
	// Head returns the position of the newest activity that After would return.
	Head(ctx context.Context) (Position, error)
	// After returns up to `limit` activities beyond a position, oldest first.
	// None that is committed later will come before one that it has returned.
	After(ctx context.Context, after Position, limit int) ([]Entry, error)
}

// Entry is one activity in the log.
type Entry struct {
	Position Position
	// Activity is the encoded shared.Activity, as it was stored.
	Activity []byte
	// CartID and At are the activity's.
	CartID string
	At     time.Time
}

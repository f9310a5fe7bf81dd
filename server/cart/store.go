package cart

import (
	"context"
	"errors"
	"time"

	"cartline/shared"
)

// ErrNotFound is what a store returns for something that it doesn't have, and
// ErrTaken for a code that another open cart has, or for a second open cart of one
// shopper.
var (
	ErrNotFound = errors.New("not found")
	ErrTaken    = errors.New("taken")
	// ErrGone is what a log returns for a position after which it can't be read: one of
	// another epoch, or before what was forgotten.
	ErrGone = errors.New("gone")
)

// Store keeps products and carts. Its methods are safe for concurrent use, and
// end when their context does. An error is ErrNotFound, ErrTaken, one that a
// function given to it returned (unchanged), or the database's own.
type Store interface {
	// Products lists products by name, beginning after the SKU `after` in that
	// order, and at most `limit` of them. Query and category may be empty.
	Products(ctx context.Context, query ProductQuery) ([]shared.Product, error)
	// ProductBySlug and ProductBySKU return one product or ErrNotFound.
	ProductBySlug(ctx context.Context, slug string) (shared.Product, error)
	ProductBySKU(ctx context.Context, sku string) (shared.Product, error)
	// Categories lists the categories that have products, by name.
	Categories(ctx context.Context) ([]string, error)
	// PutProducts adds products, or replaces those with the same SKU: all of
	// them or, after an error, none.
	PutProducts(ctx context.Context, products []shared.Product) error

	// Cart returns a cart, or ErrNotFound.
	Cart(ctx context.Context, id string) (Record, error)
	// CartOf returns the open cart of a shopper, or ErrNotFound.
	CartOf(ctx context.Context, shopper string) (Record, error)
	// CartByCode returns the open cart that has an assist code, even if its time
	// is up, or ErrNotFound.
	CartByCode(ctx context.Context, code string) (Record, error)
	// CartsOfCustomer lists every cart of an account, the newest change first.
	CartsOfCustomer(ctx context.Context, customer string) ([]shared.Cart, error)
	// Orders lists the carts that a shopper has ordered, or an account if
	// customer isn't "", the newest first.
	Orders(ctx context.Context, shopper, customer string, limit int) ([]shared.Cart, error)
	// Carts lists open carts, the newest change first.
	Carts(ctx context.Context, query ListQuery) ([]shared.CartSummary, error)
	// Idle lists up to `limit` open carts that nobody attends and that were last
	// changed before a time: `unseen` for those whose shopper never reported a
	// page view, `seen` for the others, which must not have reported one since
	// then either.
	Idle(ctx context.Context, unseen, seen time.Time, limit int) (ids []string, err error)

	// Change lets a rule alter a cart, and appends its activity to the log, and
	// its audit entry to the audit, all in one transaction. It returns the cart as
	// it is then.
	//
	// The cart is locked before the rule sees it and before anything is written,
	// so changes of one cart follow one another, and the log has them in the
	// order of the cart's versions. If the rule returns an error or no outcome,
	// nothing is kept. A cart that the rule makes CartExpired is deleted; the log
	// still tells of it. The rule may be called more than once, when the database
	// asks for another attempt, and sees the stored cart anew each time.
	Change(ctx context.Context, which Which, rule Rule) (Record, error)
	// ChangeBoth is Change for two carts at once, which are locked in an order
	// that two calls can't disagree on. Either rule's outcome may be nil.
	ChangeBoth(ctx context.Context, first, second string, rule func(first, second *Record) (one, other *Outcome, err error)) error

	// History lists a cart's activities with versions below `before`, or all if
	// that is 0, the newest first.
	History(ctx context.Context, id string, before int64, limit int) ([]shared.Activity, error)
	// ForgetCustomer takes an account off its carts, which stay, and the texts of
	// notes on them out of the log.
	ForgetCustomer(ctx context.Context, customer string) error
	// Trim forgets activities from before a time, but never the newest, and
	// returns how many. It notes how far it went, of which Log.Contains tells.
	Trim(ctx context.Context, before time.Time) (int64, error)
}

// ProductQuery narrows a list of products.
type ProductQuery struct {
	// Text is looked for in name, SKU and category, whatever the case.
	Text     string
	Category string
	After    string
	Limit    int
}

// ListQuery narrows a list of carts: it begins after a place in the order of the
// list, has at most Limit of them and, unless All is set, none that may be a bot's
// (see Evident).
type ListQuery struct {
	After Place
	Limit int
	All   bool
}

// Evident says whether there is a person to a cart: a browser has shown a page
// for it, or staff have to do with it.
func Evident(c *shared.Cart) bool {
	return c.Seen || c.Phone || len(c.Attendants) > 0 || !c.HelpAt.IsZero()
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
	New     *Record
}

// Log is the order in which changes were committed: the same for every reader,
// with each cart's activities in the order of its versions. Only Store.Change and
// Store.ChangeBoth append to it.
type Log interface {
	// Head returns the position of the newest activity that After would return, or
	// if there is none, of the beginning.
	Head(ctx context.Context) (Position, error)
	// Contains says whether everything after a position can be read: it is of this
	// log and of its epoch, not beyond its head, and nothing after it was forgotten.
	Contains(ctx context.Context, position Position) (bool, error)
	// After returns up to `limit` activities beyond a position that are in the
	// scope, oldest first. None that is committed later will come before one that
	// it has returned. The error is ErrGone if the log has begun another epoch, or
	// something after the position was forgotten; but after the zero Position, which
	// has no epoch, comes whatever there is.
	After(ctx context.Context, after Position, scope Scope, limit int) ([]Entry, error)
	// Behind returns the time of the oldest activity that is committed beyond a
	// position, whether After would return it yet or not; or the zero time. The error
	// is ErrGone as that of After.
	Behind(ctx context.Context, position Position) (time.Time, error)
}

// Scope narrows what is read of a log: to the activities of one cart, or of the carts
// that were a shopper's at the time. The zero Scope is all of it.
type Scope struct {
	CartID  string
	Shopper string
	// Bare: entries come without their State, which is most of them.
	Bare bool
}

// Entry is one activity in the log.
type Entry struct {
	Position Position
	// Activity is the encoded shared.Activity, State the encoded shared.Cart after
	// it, as they were stored.
	Activity []byte
	State    []byte
	// CartID, Version, Kind and At are the activity's; Shopper is whose cart it was.
	CartID  string
	Version int64
	Kind    shared.ActivityKind
	Shopper string
	At      time.Time
}

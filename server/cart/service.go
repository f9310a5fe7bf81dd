package cart

import (
	"context"
	"errors"
	"slices"
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
	return &Service{store: store, log: log, now: Now, wake: wake}
}

// Now is the time, in the precision that databases keep; so what is told is what
// is kept.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Limits of a page of a list.
const (
	DefaultPage = 50
	MaxPage     = 200
	MaxCartPage = 1000 // of summaries
	maxOrders   = 20
)

// Cart returns any cart, for those who may see all.
func (s *Service) Cart(ctx context.Context, id string) (Record, error) {
	r, err := find(ctx, s.store.Cart, id)
	return r, noSuchCart(err)
}

// ErrNoCart is the answer to a shopper who has no cart to change.
var ErrNoCart = &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no cart yet."}

// noSuchCart puts ErrNotFound into words.
func noSuchCart(err error) error {
	if errors.Is(err, ErrNotFound) {
		return &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such cart."}
	}
	return err
}

// Cursor returns the log's position, as clients quote it. Whoever reads it before
// anything else, and then goes on from it, misses nothing.
func (s *Service) Cursor(ctx context.Context) (string, error) {
	head, err := s.log.Head(ctx)
	return head.Cursor(), err
}

// Carts lists open carts, all of them or those of which a person is known. It
// reads the log's position first and the carts second, so that whoever goes on
// from that position misses nothing.
func (s *Service) Carts(ctx context.Context, after string, limit int, all bool) (shared.CartList, error) {
	place, err := parsePlace(after)
	if err != nil {
		return shared.CartList{}, err
	}
	cursor, err := s.Cursor(ctx)
	if err != nil {
		return shared.CartList{}, err
	}
	limit = pageSize(limit, MaxCartPage)
	carts, err := s.store.Carts(ctx, ListQuery{After: place, Limit: limit + 1, All: all})
	if err != nil {
		return shared.CartList{}, err
	}
	list := shared.CartList{Carts: carts, Cursor: cursor}
	if len(carts) > limit {
		list.Carts = carts[:limit]
		list.Next = placeOf(carts[limit-1]).String()
	}
	return list, nil
}

// CartsOfCustomer lists the open carts of an account.
func (s *Service) CartsOfCustomer(ctx context.Context, customer string) ([]shared.CartSummary, error) {
	carts, err := s.store.CartsOfCustomer(ctx, customer)
	if err != nil {
		return nil, err
	}
	summaries := []shared.CartSummary{}
	for _, c := range carts {
		if c.Status == shared.CartOpen {
			summaries = append(summaries, c.Summary())
		}
	}
	return summaries, nil
}

// History lists what happened to a cart, the newest first, with versions below
// `before` if that isn't 0.
func (s *Service) History(ctx context.Context, id string, before int64, limit int) (shared.Timeline, error) {
	if !storable(id) {
		return shared.Timeline{Activities: []shared.Activity{}}, nil
	}
	limit = pageSize(limit, MaxPage)
	activities, err := s.store.History(ctx, id, before, limit+1)
	if err != nil {
		return shared.Timeline{}, err
	}
	timeline := shared.Timeline{Activities: activities}
	if len(activities) > limit {
		timeline.Activities = activities[:limit]
		timeline.Next = activities[limit-1].CartVersion
	}
	return timeline, nil
}

// Apply follows a rule in one transaction, in the name of an actor, and wakes the
// readers of the log if anything came of it. A cart that doesn't exist is a
// *shared.Problem.
//
// If another cart has just become the shopper's whose cart was to be made, the rule
// is followed on that one.
func (s *Service) Apply(ctx context.Context, which Which, actor shared.Actor, rule Rule) (Record, error) {
	r, err := s.apply(ctx, which, actor, rule)
	if errors.Is(err, ErrTaken) && which.New != nil {
		r, err = s.apply(ctx, which, actor, rule)
	}
	return r, err
}

func (s *Service) apply(ctx context.Context, which Which, actor shared.Actor, rule Rule) (Record, error) {
	if !storable(which.ID, which.Shopper) {
		return Record{}, noSuchCart(ErrNotFound)
	}
	told := false
	r, err := s.store.Change(ctx, which, func(r *Record) (*Outcome, error) {
		told = false
		outcome, err := rule(r)
		if err != nil || outcome == nil {
			return nil, err
		}
		told = true
		outcome.Activity.Trace = traceOf(ctx)
		return outcome, commit(&r.Cart, outcome.Activity, actor, s.now())
	})
	if errors.Is(err, ErrNotFound) && which.ID == "" {
		return Record{}, ErrNoCart
	}
	if err != nil {
		return Record{}, noSuchCart(err)
	}
	if told {
		s.wake()
	}
	return r, nil
}

// NewCart makes an open cart, which isn't kept before something is done with it.
func (s *Service) NewCart(shopper, customer string) *Record {
	r := &Record{Cart: emptyCart(), Shopper: shopper, Customer: customer}
	r.ID, r.Name = NewID(), NewName()
	r.SignedIn = customer != ""
	r.CreatedAt = s.now()
	r.UpdatedAt = r.CreatedAt
	return r
}

func emptyCart() shared.Cart {
	return shared.Cart{Status: shared.CartOpen, Lines: []shared.Line{}}
}

// copyCart copies a cart so far that reckon doesn't change the original.
func copyCart(c *shared.Cart) shared.Cart {
	copied := *c
	copied.Lines = slices.Clone(c.Lines)
	return copied
}

func pageSize(limit, most int) int {
	if limit < 1 {
		return DefaultPage
	}
	return min(limit, most)
}

package cart

import (
	"context"
	"errors"

	"cartline/shared"
)

// signInTries bounds how often SignIn looks anew because the carts were changed under
// its hands: ordered, made, or brought along by another sign-in.
const signInTries = 10

// SignIn makes a guest's cart that of a customer: it becomes the customer's, or is
// merged into the one they have. It returns how many lines were merged. To do it
// again changes nothing.
func (s *Service) SignIn(ctx context.Context, guest string, customer Shopper) (merged int, err error) {
	for range signInTries {
		from, err := s.CartOf(ctx, guest)
		if err != nil || from.ID == "" || from.Customer != "" {
			return 0, err
		}
		into, err := s.CartOf(ctx, customer.ID)
		if err != nil {
			return 0, err
		}
		if into.ID == from.ID {
			return 0, nil // brought along between the two looks, by another sign-in
		}
		var done bool
		if into.ID == "" {
			done, err = s.adopt(ctx, from.ID, customer)
		} else {
			merged, done, err = s.merge(ctx, from.ID, into.ID)
		}
		if done || err != nil {
			return merged, err
		}
	}
	return 0, errors.New("sign in: the carts were changed whenever they were looked at")
}

// adopt makes a guest's cart that of a customer, unless they have one by now, or the
// guest hasn't.
func (s *Service) adopt(ctx context.Context, guestCart string, customer Shopper) (done bool, err error) {
	_, err = s.Apply(ctx, Which{ID: guestCart}, ShopperActor, func(r *Record) (*Outcome, error) {
		done = r.Status == shared.CartOpen && r.Customer == ""
		if !done {
			return nil, nil
		}
		return Did(adopt(r, customer.ID, customer.Customer), nil)
	})
	var gone *shared.Problem
	if errors.Is(err, ErrTaken) || errors.As(err, &gone) {
		return false, nil
	}
	return done, err
}

// merge brings one cart into another, unless one of them isn't open by now.
func (s *Service) merge(ctx context.Context, guestCart, customerCart string) (merged int, done bool, err error) {
	err = s.store.ChangeBoth(ctx, guestCart, customerCart, func(from, into *Record) (*Outcome, *Outcome, error) {
		done, merged = false, 0
		away, here, err := merge(from, into)
		if err != nil || away == nil {
			return nil, nil, err
		}
		now := s.now()
		if err := commit(&into.Cart, here, ShopperActor, now); err != nil {
			return nil, nil, err
		}
		if err := commit(&from.Cart, away, ShopperActor, now); err != nil {
			return nil, nil, err
		}
		done, merged = true, here.MergedLines
		return &Outcome{Activity: away}, &Outcome{Activity: here}, nil
	})
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil // it expired
	}
	if err != nil {
		return 0, false, err
	}
	if done {
		s.wake()
	}
	return merged, done, nil
}

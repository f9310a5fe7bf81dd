package cart

import (
	"context"
	"errors"
	"time"

	"cartline/shared"
)

// Retention says how long open carts are kept that nobody changes.
type Retention struct {
	// Unseen is for carts whose browser never reported a page view, which are
	// mostly bots'; Seen for the others.
	Unseen, Seen time.Duration
}

// expireAtOnce bounds how many carts one call of Expire looks at.
const expireAtOnce = 500

// Expire deletes open carts that were left, and tells the log so. It returns how
// many; if that is not 0, there may be more.
func (s *Service) Expire(ctx context.Context, keep Retention) (expired int, err error) {
	now := s.now()
	unseen, seen := now.Add(-keep.Unseen), now.Add(-keep.Seen)
	ids, err := s.store.Idle(ctx, unseen, seen, expireAtOnce)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		did := false
		_, err := s.Apply(ctx, Which{ID: id}, shared.Actor{Kind: shared.ActorServer}, func(r *Record) (*Outcome, error) {
			before := unseen
			if Evident(&r.Cart) {
				before = seen
			}
			// It may have come to life since it was listed.
			did = r.Status == shared.CartOpen && len(r.Attendants) == 0 && r.UpdatedAt.Before(before) && r.PageAt.Before(before)
			if !did {
				return nil, nil
			}
			r.Status = shared.CartExpired
			return &Outcome{Activity: &shared.Activity{Kind: shared.Expired}}, nil
		})
		var problem *shared.Problem
		if errors.As(err, &problem) {
			continue // another process deleted it first
		}
		if err != nil {
			return expired, err
		}
		if did {
			expired++
		}
	}
	return expired, nil
}

package assist

import (
	"context"
	"errors"
	"strings"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// codeTries bounds how often a code is drawn that is taken. With ten thousand carts
// that have one, ten in a row are taken once in 10^20 times.
const codeTries = 10

// NewCode gives a shopper's cart a new assist code in place of the one it had. The
// cart is made if there is none.
func (d *Desk) NewCode(ctx context.Context, shopper cart.Shopper) (shared.AssistCode, error) {
	var given shared.AssistCode
	var err error
	for range codeTries {
		given = shared.AssistCode{Code: cart.NewCode(), ExpiresAt: d.now().Add(codeLifetime)}
		_, err = d.config.Carts.Apply(ctx, d.config.Carts.Own(shopper), cart.ShopperActor, func(r *cart.Record) (*cart.Outcome, error) {
			r.Code, r.CodeUntil = given.Code, given.ExpiresAt
			return cart.Did(&shared.Activity{Kind: shared.CodeShown}, nil)
		})
		if !errors.Is(err, cart.ErrTaken) {
			break
		}
	}
	return given, err
}

// DropCode makes a cart's code worthless.
func (d *Desk) DropCode(ctx context.Context, shopper string) error {
	_, err := d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
		if r.Code == "" {
			return nil, nil
		}
		r.Code = ""
		return cart.Did(&shared.Activity{Kind: shared.CodeHidden}, nil)
	})
	if errors.Is(err, cart.ErrNoCart) {
		return nil
	}
	return err
}

// AskHelp lets anyone of the staff attend the shopper's cart. The cart is made if
// there is none.
func (d *Desk) AskHelp(ctx context.Context, shopper cart.Shopper) (cart.Record, error) {
	return d.config.Carts.Apply(ctx, d.config.Carts.Own(shopper), cart.ShopperActor, func(r *cart.Record) (*cart.Outcome, error) {
		if shared.HelpWanted(r.HelpAt, d.now()) {
			return nil, nil
		}
		r.HelpAt = d.now()
		return cart.Did(&shared.Activity{Kind: shared.HelpAsked}, nil)
	})
}

// EndHelp takes that back. Who attends already stays.
func (d *Desk) EndHelp(ctx context.Context, shopper string) (cart.Record, error) {
	return d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
		if r.HelpAt.IsZero() {
			return nil, nil
		}
		r.HelpAt = time.Time{}
		return cart.Did(&shared.Activity{Kind: shared.HelpEnded}, nil)
	})
}

// Stop ends the attendance of one of the staff or, with no name, of all; and with it
// everything that would let them attend again. It counts as a no to their knocking.
func (d *Desk) Stop(ctx context.Context, shopper string, want shared.StopAssistance) (cart.Record, error) {
	if err := want.Validate(); err != nil {
		return cart.Record{}, err
	}
	for {
		more := false
		r, err := d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
			more = false
			name := want.Staff
			if name == "" && len(r.Attendants) > 0 {
				name = r.Attendants[0].Staff
			}
			outcome, err := released(name, shared.ReleasedByShopper)(r)
			if outcome != nil {
				r.HelpAt, r.Code = time.Time{}, ""
				now := d.now()
				r.Knocks = append(lasting(r.Knocks, now), shared.Knock{Staff: name, At: now, Until: now.Add(declinedFor), Declined: true})
				if r.Handover != nil && r.Handover.To == name {
					r.Handover = nil
				}
				more = want.Staff == "" && len(r.Attendants) > 0
			}
			return outcome, err
		})
		if err != nil || !more {
			return r, err
		}
	}
}

// viewAgain is how often the same page view is noted.
const viewAgain = 5 * time.Minute

// ViewPage notes which page a shopper looks at. Whoever has no cart is passed over.
func (d *Desk) ViewPage(ctx context.Context, shopper string, want shared.ViewPage) error {
	if err := want.Validate(); err != nil {
		return err
	}
	path, _, _ := strings.Cut(want.Path, "?") // what was searched for is theirs
	path, _, _ = strings.Cut(path, "#")
	_, err := d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
		now := d.now()
		if r.Seen && r.Page == path && now.Sub(r.PageAt) < viewAgain {
			return nil, nil
		}
		r.Seen, r.Page, r.PageAt = true, path, now
		r.Simulated = r.Simulated || want.Simulated
		return cart.Did(&shared.Activity{Kind: shared.PageViewed}, nil)
	})
	if errors.Is(err, cart.ErrNoCart) {
		return nil
	}
	return err
}

// MoveLink notes what has become of a link. It only ever goes forward; to say the
// same again, or what is past, changes nothing.
func (d *Desk) MoveLink(ctx context.Context, shopper, id string, want shared.MoveLink) (cart.Record, error) {
	if err := want.Validate(); err != nil {
		return cart.Record{}, err
	}
	return d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
		for i := range r.Links {
			link := &r.Links[i]
			if link.ID != id {
				continue
			}
			if !link.Pending() || link.State == want.State {
				return nil, nil
			}
			link.State, link.At = want.State, d.now()
			moved := *link
			return cart.Did(&shared.Activity{Kind: linkMoved[want.State], Link: &moved}, nil)
		}
		return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such link."}
	})
}

var linkMoved = map[shared.LinkState]shared.ActivityKind{
	shared.LinkDelivered: shared.LinkWasDelivered,
	shared.LinkOpened:    shared.LinkWasOpened,
	shared.LinkDismissed: shared.LinkWasDismissed,
}

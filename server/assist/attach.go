package assist

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Attach lets someone attend a cart, if there is consent to it. To attend again
// changes nothing.
func (d *Desk) Attach(ctx context.Context, who Staff, id string) (cart.Record, error) {
	what := &deed{who: who, action: "attach", cart: id}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		if err := cart.Closed(&r.Cart); err != nil {
			return nil, err
		}
		if _, attends := r.Attendant(who.Name); attends {
			return nil, nil
		}
		consent, err := d.consent(r, who)
		if err != nil {
			return nil, err
		}
		return d.attach(r, who.Name, consent)
	})
}

// consent finds what allows someone to attend a cart that they don't attend yet. Whom
// the shopper has said no to, or stopped, a short while ago, doesn't come back by a
// colleague's handing over.
func (d *Desk) consent(r *cart.Record, who Staff) (shared.Consent, error) {
	declined := d.declined(r, who)
	if offer := r.Handover; offer != nil && offer.To == who.Name && !declined {
		if from, attends := r.Attendant(offer.From); attends {
			return from.Consent, nil
		}
	}
	switch {
	case r.Phone:
		return shared.ConsentPhone, nil
	case shared.HelpWanted(r.HelpAt, d.now()):
		return shared.ConsentRequest, nil
	case d.config.WithoutConsent && !declined:
		return shared.ConsentNotice, nil
	}
	return "", &shared.Problem{
		Code:   shared.CodeConsentNeeded,
		Detail: "The customer has to agree first: ask for their code, or knock.",
	}
}

// declined says whether the shopper has said no to someone a short while ago.
func (d *Desk) declined(r *cart.Record, who Staff) bool {
	return slices.ContainsFunc(lasting(r.Knocks, d.now()), func(k shared.Knock) bool { return k.Staff == who.Name && k.Declined })
}

// attach makes someone an attendant. A handover to them is done with that, as are
// their knocks and the shopper's request for help.
func (d *Desk) attach(r *cart.Record, name string, consent shared.Consent) (*cart.Outcome, error) {
	activity := &shared.Activity{Kind: shared.Attached, Staff: name, Consent: consent}
	remove(&r.Cart, name) // nobody attends twice
	if offer := r.Handover; offer != nil && offer.To == name {
		activity.Reason = shared.ReleasedHandedOver
		remove(&r.Cart, offer.From)
	}
	if len(r.Attendants) >= shared.MaxAttendants {
		return nil, &shared.Problem{Code: shared.CodeTooMany, Detail: fmt.Sprintf("%d of you attend this cart already.", shared.MaxAttendants)}
	}
	r.Attendants = append(slices.Clone(r.Attendants), shared.Attendant{Staff: name, Since: d.now(), Consent: consent})
	r.Knocks = slices.DeleteFunc(slices.Clone(r.Knocks), func(k shared.Knock) bool { return k.Staff == name })
	r.HelpAt = time.Time{}
	return cart.Did(activity, nil)
}

// remove ends someone's attendance, and the handover that they have offered.
func remove(c *shared.Cart, name string) {
	c.Attendants = slices.DeleteFunc(slices.Clone(c.Attendants), func(a shared.Attendant) bool { return a.Staff == name })
	if c.Handover != nil && c.Handover.From == name {
		c.Handover = nil
	}
}

// AttachByCode finds a cart by the code that its shopper reads aloud, which is also
// their consent, and can be used once. Wrong codes are counted against who tries.
func (d *Desk) AttachByCode(ctx context.Context, who Staff, code string) (cart.Record, error) {
	what := &deed{who: who, action: "attach_by_code"}
	if wait := d.codes.Begin(who.Name); wait > 0 {
		err := tooMany("Too many wrong codes.", wait)
		d.refused(ctx, d.entry(what), err)
		return cart.Record{}, err
	}
	r, err := d.attachByCode(ctx, what, code)
	var problem *shared.Problem
	switch {
	case errors.As(err, &problem) && problem.Code == shared.CodeUnknownCode:
		d.config.Log.WarnContext(ctx, "wrong assist code", "staff", who.Name)
	default:
		d.codes.Return(who.Name)
	}
	return r, err
}

func (d *Desk) attachByCode(ctx context.Context, what *deed, code string) (cart.Record, error) {
	unknown := &shared.Problem{Code: shared.CodeUnknownCode, Field: "code", Detail: "No cart has this code now. Codes last ten minutes; ask for a new one."}
	found, err := d.config.Carts.ByCode(ctx, code)
	if errors.Is(err, cart.ErrNotFound) {
		d.refused(ctx, d.entry(what), unknown)
		return cart.Record{}, unknown
	}
	if err != nil {
		return cart.Record{}, err
	}
	what.cart = found.ID
	return d.do(ctx, what, cart.Which{ID: found.ID}, func(r *cart.Record) (*cart.Outcome, error) {
		// It may have been used, or renewed, since it was found.
		if r.Code != code || !d.now().Before(r.CodeUntil) || r.Status != shared.CartOpen {
			return nil, unknown
		}
		r.Code = ""
		return d.attach(r, what.who.Name, shared.ConsentCode)
	})
}

func tooMany(detail string, wait time.Duration) error {
	return &shared.Problem{Code: shared.CodeTooMany, Detail: detail, RetryAfter: int(math.Ceil(wait.Seconds()))}
}

// Release ends someone's own attendance.
func (d *Desk) Release(ctx context.Context, who Staff, id string) error {
	what := &deed{who: who, action: "release", cart: id}
	_, err := d.do(ctx, what, cart.Which{ID: id}, released(who.Name, shared.ReleasedByThemselves))
	return err
}

// released is the rule that ends an attendance, if there is one.
func released(name string, reason shared.ReleaseReason) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		if _, attends := r.Attendant(name); !attends {
			return nil, nil
		}
		remove(&r.Cart, name)
		return cart.Did(&shared.Activity{Kind: shared.Released, Staff: name, Reason: reason}, nil)
	}
}

// OfferHandover lets someone who attends a cart offer it to a colleague, who takes
// over by attaching, under the same consent.
func (d *Desk) OfferHandover(ctx context.Context, who Staff, id string, want shared.OfferHandover) (cart.Record, error) {
	attenders, err := d.config.People.Attenders(ctx)
	if err != nil {
		return cart.Record{}, err
	}
	what := &deed{who: who, action: "offer_handover", cart: id, attended: true, after: "to " + want.To}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		if err := want.Validate(); err != nil {
			return nil, err
		}
		if want.To == who.Name || !slices.Contains(attenders, want.To) {
			return nil, &shared.Problem{Code: shared.CodeInvalid, Field: "to", Detail: "Choose a colleague who may attend carts."}
		}
		r.Handover = &shared.Handover{From: who.Name, To: want.To, Note: want.Note, At: d.now()}
		return cart.Did(&shared.Activity{Kind: shared.HandoverOffered, Staff: want.To, Note: want.Note}, nil)
	})
}

// EndHandover lets either side take back an offer, or decline it.
func (d *Desk) EndHandover(ctx context.Context, who Staff, id string) (cart.Record, error) {
	what := &deed{who: who, action: "end_handover", cart: id}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		offer := r.Handover
		if offer == nil || offer.From != who.Name && offer.To != who.Name {
			return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no handover of yours."}
		}
		r.Handover = nil
		return cart.Did(&shared.Activity{Kind: shared.HandoverEnded, Staff: offer.To}, nil)
	})
}

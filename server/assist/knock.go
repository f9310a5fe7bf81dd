package assist

import (
	"context"
	"slices"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Knock asks a shopper whether they are on the phone with someone.
func (d *Desk) Knock(ctx context.Context, who Staff, id string) (cart.Record, error) {
	what := &deed{who: who, action: "knock", cart: id}
	if wait := d.knocks.Begin(who.Name); wait > 0 {
		err := tooMany("You have knocked at too many carts.", wait)
		d.refused(ctx, d.entry(what), err)
		return cart.Record{}, err
	}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		if err := cart.Closed(&r.Cart); err != nil {
			return nil, err
		}
		if _, attends := r.Attendant(who.Name); attends {
			return nil, nil
		}
		now := d.now()
		open := lasting(r.Knocks, now)
		for _, k := range open {
			if k.Staff != who.Name {
				continue
			}
			if k.Declined {
				return nil, tooMany("The customer said no, or stopped you, a short while ago.", k.Until.Sub(now))
			}
			return nil, nil // it still waits for an answer
		}
		if len(open) >= shared.MaxAttendants {
			return nil, tooMany("Others are knocking at this cart.", open[0].Until.Sub(now))
		}
		r.Knocks = append(open, shared.Knock{Staff: who.Name, At: now, Until: now.Add(knockLifetime)})
		return cart.Did(&shared.Activity{Kind: shared.Knocked, Staff: who.Name}, nil)
	})
}

// lasting returns the knocks that haven't lapsed.
func lasting(knocks []shared.Knock, now time.Time) []shared.Knock {
	return slices.DeleteFunc(slices.Clone(knocks), func(k shared.Knock) bool { return !now.Before(k.Until) })
}

// AnswerKnock is the shopper's answer.
func (d *Desk) AnswerKnock(ctx context.Context, shopper string, want shared.AnswerKnock) (cart.Record, error) {
	if err := want.Validate(); err != nil {
		return cart.Record{}, err
	}
	return d.own(ctx, shopper, func(r *cart.Record) (*cart.Outcome, error) {
		now := d.now()
		r.Knocks = lasting(r.Knocks, now)
		i := slices.IndexFunc(r.Knocks, func(k shared.Knock) bool { return k.Staff == want.Staff && !k.Declined })
		if i < 0 {
			return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: "That question has lapsed."}
		}
		if !want.Accept {
			r.Knocks[i].Declined, r.Knocks[i].Until = true, now.Add(declinedFor)
			return cart.Did(&shared.Activity{Kind: shared.KnockDeclined, Staff: want.Staff}, nil)
		}
		outcome, err := d.attach(r, want.Staff, shared.ConsentKnock)
		if err != nil {
			return nil, err
		}
		outcome.Audit = &shared.AuditEntry{
			At: now, Staff: want.Staff, Action: "attach_by_knock", CartID: r.ID, Cart: r.Name, Customer: r.Customer,
			Consent: shared.ConsentKnock, Outcome: shared.AuditDone,
		}
		return outcome, nil
	})
}

// own follows a rule on a shopper's open cart.
func (d *Desk) own(ctx context.Context, shopper string, rule cart.Rule) (cart.Record, error) {
	if shopper == "" {
		return cart.Record{}, cart.ErrNoCart
	}
	return d.config.Carts.Apply(ctx, cart.Which{Shopper: shopper}, cart.ShopperActor, rule)
}

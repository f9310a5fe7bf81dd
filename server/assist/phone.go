package assist

import (
	"context"
	"fmt"

	"cartline/server/cart"
	"cartline/shared"
)

// StartPhoneOrder makes a cart for a caller who has no browser open, attended by who
// makes it. The caller is the customer with this e-mail address or, if there is
// none, noted as a new one.
func (d *Desk) StartPhoneOrder(ctx context.Context, who Staff, want shared.StartPhoneOrder) (cart.Record, error) {
	what := &deed{who: who, action: "start_phone_order", needs: shared.RoleCartEditor}
	customer, err := d.caller(ctx, what, want)
	if err != nil {
		d.refused(ctx, d.entry(what), err)
		return cart.Record{}, err
	}
	fresh := d.config.Carts.NewCart(cart.NewID(), customer.ID)
	fresh.Phone = true
	return d.do(ctx, what, cart.Which{Shopper: fresh.Shopper, New: fresh}, func(r *cart.Record) (*cart.Outcome, error) {
		r.Attendants = []shared.Attendant{{Staff: who.Name, Since: d.now(), Consent: shared.ConsentPhone}}
		return cart.Did(&shared.Activity{Kind: shared.PhoneStarted, Staff: who.Name, Consent: shared.ConsentPhone}, nil)
	})
}

// caller finds or notes who is on the phone, for those who may ask.
func (d *Desk) caller(ctx context.Context, what *deed, want shared.StartPhoneOrder) (shared.Customer, error) {
	if err := d.may(what, &shared.Cart{}); err != nil {
		return shared.Customer{}, err
	}
	if err := want.Validate(); err != nil {
		return shared.Customer{}, err
	}
	if want.Email != "" {
		// This tells whether there is such a customer, as looking one up does.
		if err := d.mayLookUp(what.who); err != nil {
			return shared.Customer{}, err
		}
		known, err := d.config.People.CustomersByEmail(ctx, want.Email)
		if err != nil || len(known) > 0 {
			return first(known), err
		}
	}
	return d.config.People.AddCustomer(ctx, want.Name, want.Email)
}

func first(customers []shared.Customer) shared.Customer {
	if len(customers) == 0 {
		return shared.Customer{}
	}
	return customers[0]
}

// PlaceOrder makes an order of a phone cart. Other carts their shoppers order
// themselves.
func (d *Desk) PlaceOrder(ctx context.Context, who Staff, id string, want shared.PlaceOrder) (cart.Record, error) {
	what := &deed{who: who, action: "place_order", cart: id, needs: shared.RoleCartEditor, attended: true, tell: func(c *shared.Cart) string {
		return shared.Money{Amount: want.Total, Currency: c.Total.Currency}.String()
	}}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		if !r.Phone {
			return nil, &shared.Problem{Code: shared.CodeForbidden, Detail: "The customer orders this cart themselves; only phone orders are yours to place."}
		}
		return cart.PlaceOrder(want, who.actor(), d.now())(r)
	})
}

// LookUp lists the open carts of a customer by their whole e-mail address. That is
// written down, once for each account that has the address, with what it found.
func (d *Desk) LookUp(ctx context.Context, who Staff, email string) ([]shared.CartSummary, error) {
	entry := d.entry(&deed{who: who, action: "look_up_email"})
	if err := d.mayLookUp(who); err != nil {
		d.refused(ctx, entry, err)
		return nil, err
	}
	known, err := d.config.People.CustomersByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		known = []shared.Customer{{}} // that nobody was found is written down as well
	}
	found := []shared.CartSummary{}
	for _, customer := range known {
		carts, err := d.config.Carts.CartsOfCustomer(ctx, customer.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, carts...)
		entry.Customer = customer.ID
		entry.Outcome, entry.After = shared.AuditDone, fmt.Sprintf("%d carts", len(carts))
		if err := d.config.Store.AppendAudit(ctx, entry); err != nil {
			return nil, err // what isn't written down may not be known
		}
	}
	return found, nil
}

// mayLookUp counts one more customer that someone asks for by an e-mail address, and
// refuses if that is too many.
func (d *Desk) mayLookUp(who Staff) error {
	if wait := d.lookUps.Begin(who.Name); wait > 0 {
		return tooMany("You have looked up too many customers.", wait)
	}
	return nil
}

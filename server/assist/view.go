package assist

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cartline/server/cart"
	"cartline/shared"
)

// View returns a cart as one of the staff may see it: with who the customer is if
// they attend it, and without otherwise.
func (d *Desk) View(ctx context.Context, who Staff, r cart.Record) (shared.Cart, bool, error) {
	_, attends := r.Attendant(who.Name)
	if !attends {
		return forWatcher(r.Cart, who.Name), false, nil
	}
	c := r.Cart
	if r.Customer != "" {
		customer, found, err := d.config.People.Customer(ctx, r.Customer)
		if err != nil {
			return shared.Cart{}, false, err
		}
		if found {
			c.Customer = &customer
		}
	}
	return c, true, nil
}

// forWatcher leaves out what is for those who attend. Whom a cart is offered to may
// read the offer.
func forWatcher(c shared.Cart, name string) shared.Cart {
	c.Customer = nil
	if c.Handover != nil && c.Handover.To != name {
		offer := *c.Handover
		offer.Note = ""
		c.Handover = &offer
	}
	return c
}

// ForShopper returns a cart as its shopper may see it: without what staff write to
// one another.
func ForShopper(c shared.Cart) shared.Cart {
	c.Customer, c.Handover = nil, nil
	if c.Discount != nil || slices.ContainsFunc(c.Lines, func(l shared.Line) bool { return l.Discount != nil }) {
		c.Lines = slices.Clone(c.Lines)
		c.Discount = withoutLimit(c.Discount)
		for i := range c.Lines {
			c.Lines[i].Discount = withoutLimit(c.Lines[i].Discount)
		}
	}
	return c
}

// withoutLimit hides how much more might have been taken off.
func withoutLimit(d *shared.Discount) *shared.Discount {
	if d == nil {
		return nil
	}
	shown := *d
	shown.MaxBasisPoints = 0
	return &shown
}

// Timeline returns what happened to a cart as one of the staff may see it.
func (d *Desk) Timeline(ctx context.Context, who Staff, id string, before int64, limit int) (shared.Timeline, error) {
	r, err := d.config.Carts.Cart(ctx, id)
	if err != nil {
		return shared.Timeline{}, err
	}
	timeline, err := d.config.Carts.History(ctx, id, before, limit)
	if err != nil {
		return shared.Timeline{}, err
	}
	if _, attends := r.Attendant(who.Name); !attends {
		for i := range timeline.Activities {
			timeline.Activities[i].Note = ""
		}
	}
	return timeline, nil
}

// Audience is a kind of people to whom activities are told.
type Audience int

// The audiences.
const (
	Watchers Audience = iota // staff who may see that carts change
	Attendants
	Shoppers // the cart's own
)

// Payload returns what an audience is told of an entry of the log, encoded, and
// whether it is told at all. It holds no personal data for any of them: who a
// customer is, is never in the log.
func Payload(entry cart.Entry, audience Audience) (payload []byte, told bool, err error) {
	if audience == Watchers && !hasNote(entry.Kind) {
		return entry.Activity, true, nil
	}
	if audience == Shoppers && forStaffOnly(entry.Kind) {
		return nil, false, nil
	}
	var event shared.CartEvent
	if err := json.Unmarshal(entry.Activity, &event.Activity); err != nil {
		return nil, false, fmt.Errorf("decode activity: %w", err)
	}
	if audience != Attendants {
		event.Activity.Note = ""
	}
	if audience == Watchers {
		payload, err = json.Marshal(event.Activity)
		return payload, err == nil, err
	}
	if err := json.Unmarshal(entry.State, &event.Cart); err != nil {
		return nil, false, fmt.Errorf("decode cart: %w", err)
	}
	if audience == Shoppers {
		event.Cart = ForShopper(event.Cart)
		event.Activity.Discount = changeWithoutLimit(event.Activity.Discount)
	}
	payload, err = json.Marshal(event)
	return payload, err == nil, err
}

func changeWithoutLimit(change *shared.DiscountChange) *shared.DiscountChange {
	if change == nil {
		return nil
	}
	return &shared.DiscountChange{SKU: change.SKU, Old: withoutLimit(change.Old), New: withoutLimit(change.New)}
}

func hasNote(kind shared.ActivityKind) bool {
	return kind == shared.NoteWritten || kind == shared.HandoverOffered
}

func forStaffOnly(kind shared.ActivityKind) bool {
	return hasNote(kind) || kind == shared.HandoverEnded
}

// AttendantsOf returns who attends the cart after an entry of the log.
func AttendantsOf(entry cart.Entry) ([]string, error) {
	var state struct {
		Attendants []shared.Attendant `json:"attendants"`
	}
	if err := json.Unmarshal(entry.State, &state); err != nil {
		return nil, fmt.Errorf("decode cart: %w", err)
	}
	names := make([]string, 0, len(state.Attendants))
	for _, a := range state.Attendants {
		names = append(names, a.Staff)
	}
	return names, nil
}

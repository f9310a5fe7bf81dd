package cart

import (
	"time"

	"cartline/shared"
)

// Record is a cart as a store keeps it: what others may read, and what is for the
// server alone.
type Record struct {
	shared.Cart
	// Shopper is the ID of the shopper whose cart it is, or was; Customer that of
	// their account, "" for a guest's.
	Shopper  string
	Customer string
	// Code is the assist code under which the cart is found until CodeUntil, or "".
	// No two open carts have the same.
	Code      string
	CodeUntil time.Time
}

// Rule decides about a cart that is locked for it: it changes the record and says
// what it did, or refuses with a *shared.Problem. If it returns no outcome, nothing
// is kept.
type Rule func(*Record) (*Outcome, error)

// Outcome is what a rule did.
type Outcome struct {
	// Activity tells of the change. The rule fills in the kind and what belongs to
	// it; the rest follows from the cart.
	Activity *shared.Activity
	// Audit is kept together with the change, if it is set.
	Audit *shared.AuditEntry
}

// Did makes the outcome of a rule that did one thing or, with nil, nothing.
func Did(activity *shared.Activity, err error) (*Outcome, error) {
	if err != nil || activity == nil {
		return nil, err
	}
	return &Outcome{Activity: activity}, nil
}

// commit makes what a rule did the cart's next version: it stamps the lines,
// reckons the totals anew, and completes the activity.
func commit(c *shared.Cart, activity *shared.Activity, actor shared.Actor, now time.Time) error {
	c.Version++
	for i := range c.Lines {
		if c.Lines[i].Version == 0 {
			c.Lines[i].Version = c.Version
		}
	}
	if activity.Kind.ChangesContent() {
		c.UpdatedAt = now
		c.Last = &shared.LastChange{Kind: activity.Kind, Actor: actor, Line: activity.Line}
		if err := reckon(c); err != nil {
			return err
		}
		tellTaken(c, activity.Discount)
	}
	tellAdded(c, activity.Link, now)
	activity.CartID, activity.CartVersion = c.ID, c.Version
	activity.Actor, activity.At = actor, now
	activity.Cart = c.Summary()
	return nil
}

// tellTaken tells what a discount that was granted takes off, which is known only
// now.
func tellTaken(c *shared.Cart, change *shared.DiscountChange) {
	if change == nil || change.New == nil {
		return
	}
	if at, err := discountAt(c, change.SKU); err == nil && *at != nil {
		change.New = *at
	}
}

// tellAdded says since when the product of a link is in the cart.
func tellAdded(c *shared.Cart, told *shared.Link, now time.Time) {
	for i := range c.Links {
		if link := &c.Links[i]; link.At.IsZero() {
			link.At = now
		}
	}
	if told != nil && told.At.IsZero() {
		told.At = now
	}
}

// touched marks a line as changed by the version that is being made.
func touched(line *shared.Line) { line.Version = 0 }

// Closed refuses to change a cart that isn't open any more.
func Closed(c *shared.Cart) error {
	switch c.Status {
	case shared.CartOpen:
		return nil
	case shared.CartOrdered:
		return &shared.Problem{Code: shared.CodeCartClosed, Detail: "This cart has been ordered, and can't change any more."}
	default:
		return &shared.Problem{Code: shared.CodeCartClosed, Detail: "This cart is closed, and can't change any more."}
	}
}

package cart

import (
	"fmt"
	"time"

	"cartline/shared"
)

// PlaceOrder is the rule that makes an order of a cart. The total must be the one
// that who orders has seen.
func PlaceOrder(want shared.PlaceOrder, by shared.Actor, now time.Time) Rule {
	return func(r *Record) (*Outcome, error) { return Did(placeOrder(r, want, by, now)) }
}

func placeOrder(r *Record, want shared.PlaceOrder, by shared.Actor, now time.Time) (*shared.Activity, error) {
	if err := want.Validate(); err != nil {
		return nil, err
	}
	if err := Closed(&r.Cart); err != nil {
		return nil, err
	}
	if len(r.Lines) == 0 {
		return nil, &shared.Problem{Code: shared.CodeInvalid, Detail: "There is nothing in the cart to order."}
	}
	if want.Total != r.Total.Amount {
		present := copyCart(&r.Cart)
		return nil, &shared.Problem{
			Code: shared.CodeTotalChanged, Field: "total", Cart: &present,
			Detail: fmt.Sprintf("The total has changed: it is %s now.", r.Total),
		}
	}
	number := newOrderNumber()
	r.Status = shared.CartOrdered
	r.Order = &shared.Order{Number: number, At: now, By: by}
	settle(r)
	return &shared.Activity{Kind: shared.Ordered, Order: number}, nil
}

package cart

import (
	"slices"
	"time"

	"cartline/shared"
)

// merge brings the lines of one cart into another. Quantities of the same product
// are summed, nothing is lost, and lines keep the discount that they have in
// `into` or else bring theirs; the same holds for the cart's discount. Whoever
// attends one of them attends both from then on.
//
// It returns nothing if `from` isn't open, so that the same merge applied again
// changes nothing.
func merge(from, into *Record) (away, here *shared.Activity, err error) {
	if from.Status != shared.CartOpen || into.Status != shared.CartOpen {
		return nil, nil, nil
	}
	if err := canMerge(&from.Cart, &into.Cart); err != nil {
		return nil, nil, err
	}
	for _, line := range from.Lines {
		i := lineIndex(&into.Cart, line.SKU)
		if i < 0 {
			into.Lines = append(into.Lines, line)
			i = len(into.Lines) - 1
		} else {
			into.Lines[i].Quantity += line.Quantity
			if into.Lines[i].Discount == nil {
				into.Lines[i].Discount = line.Discount
			}
		}
		touched(&into.Lines[i])
	}
	if into.Discount == nil {
		into.Discount = from.Discount
	}
	into.Seen = into.Seen || from.Seen
	into.Simulated = into.Simulated || from.Simulated
	if from.PageAt.After(into.PageAt) {
		into.Page, into.PageAt = from.Page, from.PageAt
	}
	if into.HelpAt.IsZero() {
		into.HelpAt = from.HelpAt
	}
	for _, attendant := range from.Attendants {
		if _, there := into.Attendant(attendant.Staff); !there {
			into.Attendants = append(into.Attendants, attendant)
		}
	}
	// Who attends by now has no more to ask.
	into.Knocks = slices.DeleteFunc(into.Knocks, func(k shared.Knock) bool {
		_, attends := into.Attendant(k.Staff)
		return attends
	})
	into.Links = append(into.Links, from.Links...)
	into.Links = into.Links[max(0, len(into.Links)-shared.MaxLinks):]
	if into.Handover == nil {
		into.Handover = from.Handover
	}
	into.SignedIn = true
	// The guest turned out to be this customer: what is kept of theirs can be erased.
	from.Customer = into.Customer
	from.Status, from.MergedInto = shared.CartMerged, into.ID
	merged := len(from.Lines)
	settle(from)
	return &shared.Activity{Kind: shared.MergedAway, Other: into.ID, MergedLines: merged},
		&shared.Activity{Kind: shared.CartsMerged, Other: from.ID, MergedLines: merged}, nil
}

// settle ends what only an open cart has: the code, and whoever attends or wants
// to.
func settle(r *Record) {
	r.Code = ""
	r.Attendants, r.Knocks, r.Handover = nil, nil, nil
	r.HelpAt = time.Time{}
}

// canMerge refuses what would pass the limits. It is checked before anything is
// changed.
func canMerge(from, into *shared.Cart) error {
	tooLarge := &shared.Problem{
		Code:   shared.CodeCartFull,
		Detail: "Your two carts are too large to become one. Order one of them first.",
	}
	lines := len(into.Lines)
	for _, line := range from.Lines {
		i := lineIndex(into, line.SKU)
		switch {
		case len(into.Lines) > 0 && into.Lines[0].UnitPrice.Currency != line.UnitPrice.Currency:
			return &shared.Problem{
				Code:   shared.CodeInvalid,
				Detail: "Your two carts are in different currencies. Order one of them first.",
			}
		case i < 0:
			lines++
		case into.Lines[i].Quantity+line.Quantity > shared.MaxMergedQuantity:
			return tooLarge
		}
	}
	if lines > shared.MaxMergedLines {
		return tooLarge
	}
	return nil
}

// adopt makes a guest's cart the cart of a customer who has none.
func adopt(r *Record, shopper, customer string) *shared.Activity {
	r.Shopper, r.Customer, r.SignedIn = shopper, customer, true
	return &shared.Activity{Kind: shared.SignedIn}
}

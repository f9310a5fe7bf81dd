package cart

import (
	"fmt"

	"cartline/shared"
)

// SetDiscount is the rule that gives a cart or a line a discount, in place of the
// one it had. Limit is the most that `by` may take off, in basis points.
func SetDiscount(want shared.SetDiscount, by string, limit int) Rule {
	return func(r *Record) (*Outcome, error) { return Did(setDiscount(&r.Cart, want, by, limit)) }
}

// RemoveDiscount is the rule that takes the discount of a line away or, with no
// SKU, that of the cart.
func RemoveDiscount(sku string) Rule {
	return func(r *Record) (*Outcome, error) {
		if err := Closed(&r.Cart); err != nil {
			return nil, err
		}
		at, err := discountAt(&r.Cart, sku)
		if err != nil {
			return nil, err
		}
		if *at == nil {
			return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no discount to remove."}
		}
		return Did(putDiscount(&r.Cart, sku, at, nil), nil)
	}
}

func setDiscount(c *shared.Cart, want shared.SetDiscount, by string, limit int) (*shared.Activity, error) {
	if err := want.Validate(); err != nil {
		return nil, err
	}
	if err := Closed(c); err != nil {
		return nil, err
	}
	at, err := discountAt(c, want.SKU)
	if err != nil {
		return nil, err
	}
	if want.BasisPoints > limit {
		return nil, overLimit(limit)
	}
	granted := &shared.Discount{
		BasisPoints: want.BasisPoints, Amount: want.Amount, Reason: want.Reason,
		MinQuantity: want.MinQuantity, MinSubtotal: want.MinSubtotal,
		MaxBasisPoints: limit, By: by,
	}
	if granted.Same(*at) {
		return nil, nil
	}
	if want.Amount > baseOf(c, want.SKU) {
		return nil, &shared.Problem{Code: shared.CodeTooMuch, Field: "amount", Detail: "That is more than there is to take off."}
	}
	// What it would do is tried on a copy, since others hold the cart's lines.
	trial := copyCart(c)
	trialAt, err := discountAt(&trial, want.SKU)
	if err != nil {
		return nil, err
	}
	*trialAt = granted
	if err := reckon(&trial); err != nil {
		return nil, err
	}
	if (*trialAt).Capped || trial.Discount != nil && trial.Discount.Capped && (c.Discount == nil || !c.Discount.Capped) {
		return nil, overLimit(limit)
	}
	return putDiscount(c, want.SKU, at, granted), nil
}

func overLimit(limit int) error {
	return &shared.Problem{
		Code:   shared.CodeOverLimit,
		Detail: fmt.Sprintf("You may take off at most %s in all.", percent(limit)),
	}
}

// percent writes basis points for people: "20 %", "12.5 %".
func percent(basisPoints int) string {
	text := fmt.Sprintf("%d.%02d", basisPoints/100, basisPoints%100)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text + " %"
}

// discountAt returns where the discount of the cart, or of a line, is kept.
func discountAt(c *shared.Cart, sku string) (**shared.Discount, error) {
	if sku == "" {
		return &c.Discount, nil
	}
	i := lineIndex(c, sku)
	if i < 0 {
		return nil, notInCart()
	}
	return &c.Lines[i].Discount, nil
}

// putDiscount replaces a discount and says so.
func putDiscount(c *shared.Cart, sku string, at **shared.Discount, granted *shared.Discount) *shared.Activity {
	activity := &shared.Activity{Kind: shared.DiscountSet, Discount: &shared.DiscountChange{SKU: sku, Old: *at, New: granted}}
	if granted == nil {
		activity.Kind = shared.DiscountRemoved
	}
	*at = granted
	if i := lineIndex(c, sku); i >= 0 {
		touched(&c.Lines[i])
		activity.Line = &shared.LineChange{
			SKU: sku, Name: c.Lines[i].Name, OldQuantity: c.Lines[i].Quantity, NewQuantity: c.Lines[i].Quantity,
		}
	}
	return activity
}

// baseOf returns what a discount would be taken off: the line's subtotal, or what
// the lines' own discounts leave of all.
func baseOf(c *shared.Cart, sku string) int64 {
	var base int64
	for _, line := range c.Lines {
		if sku == line.SKU {
			return line.Subtotal.Amount
		}
		base += line.Total.Amount + line.Share
	}
	return base
}

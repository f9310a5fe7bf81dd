package cart

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"cartline/shared"
)

// reckon sets every amount and count that follows from the lines and discounts.
//
// All of it is integer arithmetic in the minor unit, in this order:
//
//  1. A line's subtotal is its price times its quantity. Its own discount takes
//     off a share, rounded half up, or an amount; at most its limit's share of the
//     subtotal, and at most all of it. What is left is the line's net.
//  2. The cart's discount takes off a share of the sum of the nets, or an amount,
//     at most that sum; and together with the lines' discounts at most its limit's
//     share of the sum of the subtotals.
//  3. What it takes off is spread over the lines in proportion to their nets, by
//     the method of the largest remainder: each line gets its share rounded down,
//     and those with the largest remainders one unit more, until all is spread.
//
// So no line's total is below zero, and the lines' totals sum to the cart's.
func reckon(c *shared.Cart) error {
	currency := c.Total.Currency
	c.Items, c.Subtotal, c.Total = 0, shared.Money{}, shared.Money{}
	nets := make([]int64, len(c.Lines))
	var net, own int64 // the sum of the nets, and of the lines' discounts
	for i := range c.Lines {
		line := &c.Lines[i]
		var err error
		if line.Subtotal, err = line.UnitPrice.Times(line.Quantity); err != nil {
			return fmt.Errorf("line %s: %w", line.SKU, err)
		}
		if c.Subtotal, err = c.Subtotal.Plus(line.Subtotal); err != nil {
			return fmt.Errorf("subtotal: %w", err)
		}
		c.Items += line.Quantity
		taken := int64(0)
		if d := line.Discount; d != nil {
			line.Discount = takeOff(*d, line.Subtotal.Amount, shared.Share(line.Subtotal.Amount, d.MaxBasisPoints), int64(d.MinQuantity-line.Quantity))
			taken = line.Discount.Taken
		}
		nets[i] = line.Subtotal.Amount - taken
		net += nets[i]
		own += taken
	}
	var shares []int64
	if d := c.Discount; d != nil {
		room := max(0, shared.Share(c.Subtotal.Amount, d.MaxBasisPoints)-own)
		c.Discount = takeOff(*d, net, room, d.MinSubtotal-c.Subtotal.Amount)
		shares = spread(c.Discount.Taken, nets, net)
	}
	for i := range c.Lines {
		line := &c.Lines[i]
		line.Share = 0
		if shares != nil {
			line.Share = shares[i]
		}
		line.Total = shared.Money{Amount: nets[i] - line.Share, Currency: line.UnitPrice.Currency}
		c.Total.Amount += line.Total.Amount
	}
	c.Total.Currency = c.Subtotal.Currency
	if len(c.Lines) == 0 {
		c.Subtotal.Currency, c.Total.Currency = currency, currency
	}
	return nil
}

// takeOff says what a discount takes off a base, at most room. Short is what its
// condition lacks, if that is above zero. It makes a copy, since others may hold
// the discount.
func takeOff(d shared.Discount, base, room, short int64) *shared.Discount {
	d.Taken, d.Short, d.Capped = 0, 0, false
	if short > 0 {
		d.Short = short
		return &d
	}
	d.Taken = min(d.Amount, base)
	if d.BasisPoints > 0 {
		d.Taken = shared.Share(base, d.BasisPoints)
	}
	if d.Taken > room {
		d.Taken, d.Capped = room, true
	}
	return &d
}

// spread divides an amount in proportion to weights, whose sum is not below it.
func spread(amount int64, weights []int64, sum int64) []int64 {
	shares := make([]int64, len(weights))
	if amount == 0 || sum == 0 {
		return shares
	}
	type rest struct {
		i         int
		remainder uint64
	}
	rests := make([]rest, len(weights))
	left := amount
	for i, weight := range weights {
		high, low := bits.Mul64(uint64(amount), uint64(weight))
		share, remainder := bits.Div64(high, low, uint64(sum)) // high < sum, since amount <= sum and weight <= sum
		shares[i] = int64(share)
		left -= shares[i]
		rests[i] = rest{i, remainder}
	}
	// Equal remainders go to the earlier line.
	slices.SortStableFunc(rests, func(a, b rest) int { return cmp.Compare(b.remainder, a.remainder) })
	for _, r := range rests[:left] {
		shares[r.i]++
	}
	return shares
}

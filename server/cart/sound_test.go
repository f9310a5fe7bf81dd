package cart

import (
	"fmt"
	"math/big"

	"cartline/shared"
)

// Sound says what is wrong with a cart's amounts, reckoned anew in another way: with
// big integers, and from the parts to the whole.
func Sound(c *shared.Cart) error {
	items, subtotal, total, own, shares := 0, new(big.Int), new(big.Int), new(big.Int), new(big.Int)
	for _, line := range c.Lines {
		worth := product64(line.UnitPrice.Amount, int64(line.Quantity))
		if !equals(worth, line.Subtotal.Amount) {
			return fmt.Errorf("line %s: %d × %d is not %d", line.SKU, line.Quantity, line.UnitPrice.Amount, line.Subtotal.Amount)
		}
		if line.Total.Amount < 0 || line.Share < 0 {
			return fmt.Errorf("line %s: a total of %d with a share of %d", line.SKU, line.Total.Amount, line.Share)
		}
		left := new(big.Int).Sub(worth, big.NewInt(line.Share))
		if d := line.Discount; d != nil {
			taken, capped := wouldTake(*d, worth, shareOf(worth, d.MaxBasisPoints), line.Quantity < d.MinQuantity)
			if !equals(taken, d.Taken) || d.Capped != capped {
				return fmt.Errorf("line %s: %+v should take %v off %v", line.SKU, *d, taken, worth)
			}
			if lacks := int64(max(0, d.MinQuantity-line.Quantity)); d.Short != lacks {
				return fmt.Errorf("line %s: short of %d, not %d", line.SKU, lacks, d.Short)
			}
			left.Sub(left, taken)
			own.Add(own, taken)
		}
		if !equals(left, line.Total.Amount) {
			return fmt.Errorf("line %s: %v is left, not %d", line.SKU, left, line.Total.Amount)
		}
		if line.Version < 1 || line.Version > c.Version {
			return fmt.Errorf("line %s: version %d in a cart of version %d", line.SKU, line.Version, c.Version)
		}
		items += line.Quantity
		subtotal.Add(subtotal, worth)
		shares.Add(shares, big.NewInt(line.Share))
		total.Add(total, left)
	}
	if c.Items != items || !equals(subtotal, c.Subtotal.Amount) || !equals(total, c.Total.Amount) {
		return fmt.Errorf("%d items for %d of %d, not %d for %v of %v", c.Items, c.Total.Amount, c.Subtotal.Amount, items, total, subtotal)
	}
	return soundDiscount(c.Discount, subtotal, own, shares)
}

// soundDiscount checks the cart's discount: own is what the lines' took off already,
// shares the sum of what the lines bear of this one.
func soundDiscount(d *shared.Discount, subtotal, own, shares *big.Int) error {
	if d == nil {
		if shares.Sign() != 0 {
			return fmt.Errorf("shares of %v in no discount", shares)
		}
		return nil
	}
	room := new(big.Int).Sub(shareOf(subtotal, d.MaxBasisPoints), own)
	if room.Sign() < 0 {
		room.SetInt64(0)
	}
	lacks := new(big.Int).Sub(big.NewInt(d.MinSubtotal), subtotal)
	taken, capped := wouldTake(*d, new(big.Int).Sub(subtotal, own), room, lacks.Sign() > 0)
	if !equals(taken, d.Taken) || shares.Cmp(taken) != 0 || d.Capped != capped {
		return fmt.Errorf("%+v should take %v; the lines bear %v", *d, taken, shares)
	}
	if lacks.Sign() < 0 {
		lacks.SetInt64(0)
	}
	if !equals(lacks, d.Short) {
		return fmt.Errorf("short of %v, not %d", lacks, d.Short)
	}
	return nil
}

// wouldTake is what a discount takes off, at most room, and whether that is less than
// it would otherwise.
func wouldTake(d shared.Discount, base, room *big.Int, short bool) (taken *big.Int, capped bool) {
	if short {
		return new(big.Int), false
	}
	taken = big.NewInt(d.Amount)
	if d.BasisPoints > 0 {
		taken = shareOf(base, d.BasisPoints)
	}
	if taken.Cmp(base) > 0 {
		taken = base
	}
	if taken.Cmp(room) > 0 {
		return room, true
	}
	return taken, false
}

// shareOf rounds half up: it is the whole part of the share and a half.
func shareOf(amount *big.Int, basisPoints int) *big.Int {
	share := new(big.Rat).SetFrac(new(big.Int).Mul(amount, big.NewInt(int64(basisPoints))), big.NewInt(shared.WholeInBasisPoints))
	share.Add(share, big.NewRat(1, 2))
	return new(big.Int).Div(share.Num(), share.Denom())
}

func product64(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

func equals(a *big.Int, b int64) bool { return a.IsInt64() && a.Int64() == b }

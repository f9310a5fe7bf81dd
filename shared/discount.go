package shared

import (
	"fmt"
	"math/bits"
	"slices"
)

// WholeInBasisPoints is everything, in the unit in which shares are told: one
// basis point is a hundredth of a percent.
const WholeInBasisPoints = 10_000

// Reasons for which a discount may be given. Each discount has one, so that a shop
// can see later what its discounts were for.
func Reasons() []string {
	return []string{"goodwill", "price_match", "volume", "damaged", "loyalty", "other"}
}

// Discount is something taken off a line or a whole cart. It is either a share,
// BasisPoints, or an Amount in the cart's currency.
//
// It follows the cart: when lines change, what it takes off is reckoned anew. It
// never takes off more than MaxBasisPoints of what it applies to, which is the
// limit under which it was granted; and nothing while its condition doesn't hold.
type Discount struct {
	BasisPoints int    `json:"basis_points,omitempty"`
	Amount      int64  `json:"amount,omitempty"`
	Reason      string `json:"reason"`
	// MinQuantity is the condition of a line's discount, MinSubtotal that of a
	// cart's, in the minor unit. 0 is no condition.
	MinQuantity int   `json:"min_quantity,omitempty"`
	MinSubtotal int64 `json:"min_subtotal,omitempty"`
	// MaxBasisPoints bounds what is taken off, whatever becomes of the cart.
	MaxBasisPoints int    `json:"max_basis_points"`
	By             string `json:"by"` // username
	// Taken is what it takes off at present, and Short what is missing for its
	// condition: items or money in the minor unit. Either is 0 if the other isn't.
	Taken int64 `json:"taken"`
	Short int64 `json:"short,omitempty"`
	// Capped says that MaxBasisPoints keeps it from taking off its Amount.
	Capped bool `json:"capped,omitempty"`
}

// Same says whether two discounts grant the same, whatever they take off now.
func (d *Discount) Same(other *Discount) bool {
	if d == nil || other == nil {
		return d == other
	}
	a, b := *d, *other
	a.Taken, a.Short, a.Capped = 0, 0, false
	b.Taken, b.Short, b.Capped = 0, 0, false
	return a == b
}

// Share returns basisPoints of an amount that is not negative, rounded half up to
// the minor unit. It is at most the amount, for shares up to the whole.
func Share(amount int64, basisPoints int) int64 {
	if amount <= 0 || basisPoints <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(amount), uint64(basisPoints))
	low, carry := bits.Add64(low, WholeInBasisPoints/2, 0)
	share, _ := bits.Div64(high+carry, low, WholeInBasisPoints)
	return int64(share)
}

// SetDiscount is the body of PUT /api/carts/ID/discount: it replaces the discount
// of the cart or, with a SKU, of a line.
type SetDiscount struct {
	SKU         string `json:"sku,omitempty"`
	BasisPoints int    `json:"basis_points,omitempty"`
	Amount      int64  `json:"amount,omitempty"`
	Reason      string `json:"reason"`
	MinQuantity int    `json:"min_quantity,omitempty"`
	MinSubtotal int64  `json:"min_subtotal,omitempty"`
}

// Validate reports the first thing that is wrong.
func (s SetDiscount) Validate() error {
	switch {
	case s.BasisPoints == 0 && s.Amount == 0:
		return invalid("basis_points", "Say how much: a share in basis_points, 1000 for 10 %, or an amount.")
	case s.BasisPoints != 0 && s.Amount != 0:
		return invalid("amount", "A discount is a share or an amount, not both.")
	case s.BasisPoints < 0 || s.BasisPoints > WholeInBasisPoints:
		return invalid("basis_points", fmt.Sprintf("A share is from 1 to %d basis points.", WholeInBasisPoints))
	case s.Amount < 0 || s.Amount > MaxPrice:
		return invalid("amount", "An amount is above zero, and not as high as this.")
	case !slices.Contains(Reasons(), s.Reason):
		return invalid("reason", "Choose a reason.")
	case s.MinQuantity < 0 || s.MinQuantity > MaxQuantity:
		return invalid("min_quantity", fmt.Sprintf("A condition on the quantity is from 1 to %d.", MaxQuantity))
	case s.MinSubtotal < 0 || s.MinSubtotal > MaxPrice:
		return invalid("min_subtotal", "A condition on the subtotal is above zero, and not as high as this.")
	case s.SKU != "" && s.MinSubtotal != 0:
		return invalid("min_subtotal", "A line's discount can depend on its quantity only.")
	case s.SKU == "" && s.MinQuantity != 0:
		return invalid("min_quantity", "A cart's discount can depend on its subtotal only.")
	}
	return nil
}

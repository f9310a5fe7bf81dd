package shop

import (
	"strconv"
	"strings"

	"cartline/app/part"
	"cartline/shared"
)

// percent writes basis points: "10 %", "12.5 %".
func percent(basisPoints int) string {
	text := strconv.Itoa(basisPoints / 100)
	if rest := basisPoints % 100; rest != 0 {
		digits := strconv.Itoa(100 + rest)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return text + " %"
}

// worth writes what a discount grants: "10 % off", "€5.00 off".
func worth(d *shared.Discount, currency string) string {
	if d.BasisPoints > 0 {
		return percent(d.BasisPoints) + " off"
	}
	return shared.Money{Amount: d.Amount, Currency: currency}.String() + " off"
}

// dealWords tells what a discount grants, why, and who gave it.
func dealWords(d *shared.Discount, currency string) string {
	text := worth(d, currency) + ", " + reasonWords(d.Reason)
	if d.By != "" {
		text += " (by " + d.By + ")"
	}
	return text
}

// reasonWords puts the reason of a discount as a customer may read it.
func reasonWords(reason string) string {
	switch reason {
	case "goodwill":
		return "with our compliments"
	case "price_match":
		return "price match"
	case "volume":
		return "for the quantity"
	case "damaged":
		return "for a flaw"
	case "loyalty":
		return "for your loyalty"
	default:
		return "agreed with you"
	}
}

// limits tells why a discount takes off less than it grants, or is empty.
func limits(d *shared.Discount, currency string, ofLine bool) string {
	switch {
	case d.Short > 0 && ofLine:
		return "Counts again with " + part.Count(int(d.Short), "item", "items") + " more."
	case d.Short > 0:
		return "Needs " + shared.Money{Amount: d.Short, Currency: currency}.String() + " more to count."
	case d.Capped:
		return "At most " + percent(d.MaxBasisPoints) + " can be taken off."
	default:
		return ""
	}
}

// taken is what all the lines' own discounts take off.
func taken(cart shared.Cart) int64 {
	var sum int64
	for _, line := range cart.Lines {
		if line.Discount != nil {
			sum += line.Discount.Taken
		}
	}
	return sum
}

// less writes an amount that is taken off.
func less(amount int64, currency string) string {
	return shared.Money{Amount: -amount, Currency: currency}.String()
}

// lineSum is what a line costs with its own discount, before the cart's: such sums
// and the cart's discount make the total.
func lineSum(line shared.Line) shared.Money {
	sum := line.Subtotal
	if line.Discount != nil {
		sum.Amount -= line.Discount.Taken
	}
	return sum
}

package shared

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// Money is an amount in the minor unit of its currency: {1250, "EUR"} is twelve
// euros fifty, {1250, "JPY"} is 1,250 yen. It is never a fraction, so sums are
// exact. The zero Money has no currency and can be added to any.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Errors of Money's arithmetic. Both mean a programming or catalogue mistake:
// a cart has one currency, and its limits keep totals far below 2^63.
var (
	ErrCurrencyMismatch = errors.New("amounts in different currencies can't be added")
	ErrMoneyOverflow    = errors.New("the amount is too large")
)

// Plus returns the sum, or an error if the currencies differ or the sum
// overflows.
func (m Money) Plus(other Money) (Money, error) {
	if m == (Money{}) {
		return other, nil
	}
	if other == (Money{}) {
		return m, nil
	}
	if m.Currency != other.Currency {
		return Money{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, m.Currency, other.Currency)
	}
	sum := m.Amount + other.Amount
	if (sum > m.Amount) != (other.Amount > 0) {
		return Money{}, ErrMoneyOverflow
	}
	return Money{Amount: sum, Currency: m.Currency}, nil
}

// Times returns the amount multiplied by a quantity, or an error if the quantity
// is negative or the product is not from -(2^63-1) to 2^63-1.
func (m Money) Times(quantity int) (Money, error) {
	if quantity < 0 {
		return Money{}, fmt.Errorf("a quantity of %d is negative", quantity)
	}
	high, low := bits.Mul64(magnitude(m.Amount), uint64(quantity))
	if high != 0 || low > math.MaxInt64 {
		return Money{}, ErrMoneyOverflow
	}
	return Money{Amount: m.Amount * int64(quantity), Currency: m.Currency}, nil
}

// String writes the amount as people read it, "€12.50", "−€12.50" or "CHF 12.50".
// It is for display only; nothing parses it.
func (m Money) String() string {
	digits := MinorDigits(m.Currency)
	text := strconv.FormatUint(magnitude(m.Amount), 10)
	if digits > 0 {
		for len(text) <= digits {
			text = "0" + text
		}
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	sign := ""
	if m.Amount < 0 {
		sign = "−"
	}
	return sign + symbol(m.Currency) + text
}

// symbol is what stands before an amount.
func symbol(currency string) string {
	switch currency {
	case "":
		return ""
	case "EUR":
		return "€"
	case "USD":
		return "$"
	case "GBP":
		return "£"
	default:
		return currency + " "
	}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// MinorDigits is how many digits of an amount in a currency stand after the point:
// the exponent of ISO 4217. It is 2 for currencies that this program doesn't know.
func MinorDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	default:
		return 2
	}
}

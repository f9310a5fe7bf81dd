package catalogue

import (
	"fmt"
	"strconv"
	"strings"

	"cartline/shared"
)

// maxPriceText is longer than any price within the limits.
const maxPriceText = 20

// parsePrice reads a price in major units, "12.50", as exactly as its currency asks
// for. Nothing is guessed: 12.5 and 12,50 are refused, since whoever wrote 1,250 may
// have meant either.
func parsePrice(text, currency string) (shared.Money, string) {
	digits := shared.MinorDigits(currency)
	whole, fraction, pointed := strings.Cut(text, ".")
	minor, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || !isDigits(whole) || pointed != (digits > 0) || pointed && (!isDigits(fraction) || len(fraction) != digits) || len(text) > maxPriceText {
		example := decimal(shared.Money{Amount: 1250, Currency: currency})
		return shared.Money{}, fmt.Sprintf("%q is not a price in %s. It is written like %s, without sign, symbol or thousands.", text, currency, example)
	}
	return shared.Money{Amount: minor, Currency: currency}, ""
}

func isDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// decimal is the reverse of parsePrice.
func decimal(m shared.Money) string {
	digits := shared.MinorDigits(m.Currency)
	text := strconv.FormatInt(m.Amount, 10)
	if digits == 0 {
		return text
	}
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return text[:len(text)-digits] + "." + text[len(text)-digits:]
}

package catalogue

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cartline/shared"
)

// Limits of a product's texts: those of a SKU and of a slug are in bytes, which are
// ASCII, the others in characters.
const (
	MaxSKU         = 64
	MaxSlug        = 100
	MaxName        = 120
	MaxCategory    = 50
	MaxDescription = 2000
)

// clean takes away what programs leave around a text without meaning it: spaces,
// and the Windows kind of line end.
func clean(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// checkAll checks each product, and that no two have the same SKU or slug.
func checkAll(entries []entry, wrong *Mistakes) {
	bySKU := make(map[string]int, len(entries))
	bySlug := make(map[string]int, len(entries))
	for _, e := range entries {
		checkProduct(e, wrong)
		once(bySKU, e.product.SKU, e.line, "sku", wrong)
		once(bySlug, e.product.Slug, e.line, "slug", wrong)
	}
}

func once(lines map[string]int, value string, line int, column string, wrong *Mistakes) {
	if value == "" {
		return // which is another mistake
	}
	if first, ok := lines[value]; ok {
		wrong.add(line, column, fmt.Sprintf("%q is on line %d already.", value, first))
		return
	}
	lines[value] = line
}

func checkProduct(e entry, wrong *Mistakes) {
	p := e.product
	if detail := badSKU(p.SKU); detail != "" {
		wrong.add(e.line, "sku", detail)
	}
	if detail := badSlug(p.Slug); detail != "" && p.Slug+p.Name != "" {
		wrong.add(e.line, "slug", detail)
	}
	if p.Name == "" {
		wrong.add(e.line, "name", "A product needs a name.")
	}
	for _, text := range []struct {
		column, value string
		max           int
		lines         bool
	}{
		{"name", p.Name, MaxName, false},
		{"description", p.Description, MaxDescription, true},
		{"category", p.Category, MaxCategory, false},
	} {
		if detail := badText(text.value, text.max, text.lines); detail != "" {
			wrong.add(e.line, text.column, detail)
		}
	}
}

// badSKU says what is wrong with a SKU. It is a part of addresses, and is typed and
// read out; so it is plain.
func badSKU(sku string) string {
	switch {
	case sku == "":
		return "A product needs a SKU."
	case len(sku) > MaxSKU:
		return fmt.Sprintf("A SKU has at most %d characters.", MaxSKU)
	case !isLetterOrDigit(sku[0]) || strings.ContainsFunc(sku, func(r rune) bool {
		return r >= utf8.RuneSelf || !isLetterOrDigit(byte(r)) && !strings.ContainsRune("-_.", r)
	}):
		return fmt.Sprintf("%q can't be a SKU: it has letters from A to Z, digits, hyphens, underscores and points only, and begins with a letter or a digit.", sku)
	}
	return ""
}

// badSlug says what is wrong with a slug, which is the end of a page's address.
func badSlug(slug string) string {
	switch {
	case slug == "":
		return "No slug can be made of this name, so give one."
	case len(slug) > MaxSlug:
		return fmt.Sprintf("A slug has at most %d characters.", MaxSlug)
	case slug[0] == '-' || slug[len(slug)-1] == '-' || strings.ContainsFunc(slug, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	}):
		return fmt.Sprintf("%q can't be a slug: it has letters from a to z, digits, and hyphens between them only.", slug)
	}
	return ""
}

func badText(text string, most int, lines bool) string {
	if utf8.RuneCountInString(text) > most {
		return fmt.Sprintf("This has more than %d characters.", most)
	}
	for _, r := range text {
		if unicode.IsControl(r) && (r != '\n' || !lines) {
			return fmt.Sprintf("There is a control character, %U.", r)
		}
	}
	return ""
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// badPrice says what is wrong with a price in the minor unit.
func badPrice(price shared.Money) string {
	switch {
	case price.Amount < 0:
		return "A price is not negative."
	case price.Amount > shared.MaxPrice:
		return fmt.Sprintf("A price is at most %s.", decimal(shared.Money{Amount: shared.MaxPrice, Currency: price.Currency}))
	}
	return ""
}

// badCurrency says what is wrong with a currency's code.
func badCurrency(code string) string {
	switch {
	case code == "":
		return "A price needs a currency, like EUR."
	case len(code) != 3 || strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' }):
		return fmt.Sprintf("%q can't be a currency: it is three capital letters, like EUR.", code)
	}
	return ""
}

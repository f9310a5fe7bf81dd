package catalogue

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"cartline/shared"
)

// jsonProduct is a shared.Product of which can be told what the file left out.
type jsonProduct struct {
	SKU         string     `json:"sku"`
	Slug        string     `json:"slug"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Category    string     `json:"category"`
	Price       *jsonPrice `json:"price"`
}

type jsonPrice struct {
	Amount   *int64 `json:"amount"`
	Currency string `json:"currency"`
}

// Validate implements shared.Validator. What a product has to be like is checked
// later, with those of the other format.
func (jsonProduct) Validate() error { return nil }

func readJSONLines(text []byte, wrong *Mistakes) []entry {
	var entries []entry
	line := 0
	for content := range bytes.Lines(text) {
		line++
		content = bytes.TrimSpace(content)
		if len(content) == 0 {
			continue
		}
		if len(entries) == MaxProducts {
			wrong.add(line, "", tooMany)
			return entries
		}
		read, err := shared.Decode[jsonProduct](content)
		if err != nil {
			wrong.add(line, "", shared.ProblemOf(err).Detail)
			continue
		}
		slug := clean(read.Slug)
		entries = append(entries, entry{line: line, named: slug != "", product: shared.Product{
			SKU:         clean(read.SKU),
			Slug:        slug,
			Name:        clean(read.Name),
			Description: clean(read.Description),
			Category:    clean(read.Category),
			Price:       read.Price.money(line, wrong),
		}})
	}
	return entries
}

// money checks a price and returns it.
func (p *jsonPrice) money(line int, wrong *Mistakes) shared.Money {
	if p == nil || p.Amount == nil {
		wrong.add(line, "price", `A product needs a price, like {"amount":1250,"currency":"EUR"}, in the minor unit.`)
		return shared.Money{}
	}
	price := shared.Money{Amount: *p.Amount, Currency: clean(p.Currency)}
	if detail := badCurrency(price.Currency); detail != "" {
		wrong.add(line, "price.currency", detail)
		return price
	}
	if detail := badPrice(price); detail != "" {
		wrong.add(line, "price.amount", detail)
	}
	return price
}

func writeJSONLines(out io.Writer, products []shared.Product) error {
	w := bufio.NewWriter(out)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, p := range products {
		if err := encoder.Encode(p); err != nil {
			return err
		}
	}
	return w.Flush()
}

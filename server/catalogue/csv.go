package catalogue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cartline/shared"
)

// columns are those of a CSV file, in the order in which they are written. They are
// read in any order.
var columns = []string{"sku", "slug", "name", "description", "category", "price", "currency"}

// optional are the columns that a file needn't have.
var optional = []string{"slug", "description", "category"}

func readCSV(text []byte, wrong *Mistakes) []entry {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1 // we tell ourselves what is missing
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		wrong.add(0, "", "The file is empty. Its first line names the columns: "+strings.Join(columns, ",")+".")
		return nil
	}
	if err != nil {
		unreadable(err, wrong)
		return nil
	}
	names, ok := readHeader(header, wrong)
	if !ok {
		return nil
	}
	var entries []entry
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			unreadable(err, wrong) // after which no line can be told from the next
			return entries
		}
		line, _ := r.FieldPos(0)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue // spreadsheets leave lines like this
		}
		if len(entries) == MaxProducts {
			wrong.add(line, "", tooMany)
			return entries
		}
		if len(cells) != len(names) {
			wrong.add(line, "", fmt.Sprintf("There are %d fields, and %d columns.", len(cells), len(names)))
			continue
		}
		entries = append(entries, readRow(line, names, cells, wrong))
	}
}

var tooMany = fmt.Sprintf("There are more than %d products.", MaxProducts)

// unreadable tells of a line that is not CSV.
func unreadable(err error, wrong *Mistakes) {
	line := 0
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		line = parse.StartLine
	}
	wrong.add(line, "", `A quotation mark is out of place. A field with one in it begins and ends with ", and doubles those within.`)
}

// readHeader returns the names of the columns as they stand in the file.
func readHeader(cells []string, wrong *Mistakes) (names []string, ok bool) {
	const line = 1
	if len(cells) == 1 && strings.Contains(cells[0], ";") {
		wrong.add(line, "", "The columns are separated by semicolons. Save the file with commas.")
		return nil, false
	}
	before := len(wrong.List)
	for _, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		switch {
		case !slices.Contains(columns, name):
			wrong.add(line, "", fmt.Sprintf("There is no column %q; there are %s.", name, strings.Join(columns, ", ")))
		case slices.Contains(names, name):
			wrong.add(line, name, "This column is there twice.")
		}
		names = append(names, name)
	}
	for _, name := range columns {
		if !slices.Contains(names, name) && !slices.Contains(optional, name) {
			wrong.add(line, "", fmt.Sprintf("The column %s is missing.", name))
		}
	}
	return names, len(wrong.List) == before
}

func readRow(line int, names, cells []string, wrong *Mistakes) entry {
	e := entry{line: line}
	var price string
	for i, cell := range cells {
		text := clean(unguard(clean(cell)))
		switch names[i] {
		case "sku":
			e.product.SKU = text
		case "slug":
			e.product.Slug = text
			e.named = text != ""
		case "name":
			e.product.Name = text
		case "description":
			e.product.Description = text
		case "category":
			e.product.Category = text
		case "price":
			price = text
		case "currency":
			e.product.Price.Currency = text
		}
	}
	e.product.Price = readPrice(line, price, e.product.Price.Currency, wrong)
	return e
}

func readPrice(line int, text, currency string, wrong *Mistakes) shared.Money {
	if detail := badCurrency(currency); detail != "" {
		wrong.add(line, "currency", detail)
		return shared.Money{}
	}
	if text == "" {
		wrong.add(line, "price", "A product needs a price.")
		return shared.Money{}
	}
	price, detail := parsePrice(text, currency)
	if detail == "" {
		detail = badPrice(price)
	}
	if detail != "" {
		wrong.add(line, "price", detail)
	}
	return price
}

func writeCSV(out io.Writer, products []shared.Product) error {
	w := csv.NewWriter(out)
	if err := w.Write(columns); err != nil {
		return err
	}
	for _, p := range products {
		cells := []string{p.SKU, p.Slug, p.Name, p.Description, p.Category, decimal(p.Price), p.Price.Currency}
		for i := range cells {
			cells[i] = guard(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

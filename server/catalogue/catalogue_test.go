package catalogue_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"cartline/server/catalogue"
	"cartline/server/demo"
	"cartline/shared"
)

const header = "sku,slug,name,description,category,price,currency\n"

var formats = []catalogue.Format{catalogue.CSV, catalogue.JSONLines}

func euros(cents int64) shared.Money { return shared.Money{Amount: cents, Currency: "EUR"} }

func TestRead(t *testing.T) {
	mug := shared.Product{SKU: "MUG-1", Slug: "blue-mug", Name: "Blue mug", Description: "Holds coffee.", Category: "Kitchen", Price: euros(1250)}
	bare := shared.Product{SKU: "MUG-1", Slug: "blue-mug", Name: "Blue mug", Price: euros(1250)}
	tests := []struct {
		name   string
		format catalogue.Format
		text   string
		want   []shared.Product
	}{
		{"all columns", "csv", header + "MUG-1,blue-mug,Blue mug,Holds coffee.,Kitchen,12.50,EUR\n", []shared.Product{mug}},
		{"no line end at the end", "csv", header + "MUG-1,blue-mug,Blue mug,Holds coffee.,Kitchen,12.50,EUR", []shared.Product{mug}},
		{"Windows and a byte order mark", "csv", "\ufeff" + strings.ReplaceAll(header+"MUG-1,blue-mug,Blue mug,Holds coffee.,Kitchen,12.50,EUR\n", "\n", "\r\n"), []shared.Product{mug}},
		{"columns in another order, and case", "csv", "Price, NAME,currency,sku\n12.50,Blue mug,EUR,MUG-1\n", []shared.Product{bare}},
		{"spaces around", "csv", header + " MUG-1 , blue-mug, Blue mug ,\tHolds coffee.,Kitchen , 12.50 ,EUR \n", []shared.Product{mug}},
		{"lines with nothing", "csv", header + "\n,,,,,,\nMUG-1,blue-mug,Blue mug,Holds coffee.,Kitchen,12.50,EUR\n , ,,,,,\n", []shared.Product{mug}},
		{"a text of several lines", "csv", header + "MUG-1,blue-mug,Blue mug,\"One.\r\nTwo, \"\"three\"\".\",,12.50,EUR\n",
			[]shared.Product{{SKU: "MUG-1", Slug: "blue-mug", Name: "Blue mug", Description: "One.\nTwo, \"three\".", Price: euros(1250)}}},
		{"yen", "csv", "sku,name,price,currency\nA,A,1250,JPY\n", []shared.Product{{SKU: "A", Slug: "a", Name: "A", Price: shared.Money{Amount: 1250, Currency: "JPY"}}}},
		{"dinars", "csv", "sku,name,price,currency\nA,A,1.250,KWD\n", []shared.Product{{SKU: "A", Slug: "a", Name: "A", Price: shared.Money{Amount: 1250, Currency: "KWD"}}}},
		{"for nothing, and the most", "csv", "sku,name,price,currency\nA,A,0.00,EUR\nB,B,1000000000.00,EUR\n",
			[]shared.Product{{SKU: "A", Slug: "a", Name: "A", Price: euros(0)}, {SKU: "B", Slug: "b", Name: "B", Price: euros(shared.MaxPrice)}}},
		{"a field that was guarded", "csv", "sku,name,description,price,currency\nA,'=A,'A,1.00,EUR\nB,=B,''-B,1.00,EUR\n",
			[]shared.Product{{SKU: "A", Slug: "a", Name: "=A", Description: "'A", Price: euros(100)}, {SKU: "B", Slug: "b", Name: "=B", Description: "'-B", Price: euros(100)}}},
		{"no products", "csv", header, []shared.Product{}},
		{"JSON lines", "jsonl", `{"sku":"MUG-1","slug":"blue-mug","name":"Blue mug","description":"Holds coffee.","category":"Kitchen","price":{"amount":1250,"currency":"EUR"}}`, []shared.Product{mug}},
		{"JSON lines, with empty ones", "jsonl", "\ufeff\r\n{\"sku\":\"MUG-1\",\"name\":\"Blue mug\",\"price\":{\"amount\":1250,\"currency\":\"EUR\"}}\r\n\n", []shared.Product{bare}},
		{"nothing", "jsonl", "", []shared.Product{}},
	}
	for _, test := range tests {
		got, err := catalogue.Read(strings.NewReader(test.text), test.format)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %+v, %v, want %+v", test.name, got, err, test.want)
		}
	}
}

func TestMistakes(t *testing.T) {
	row := func(cells string) string { return header + cells + "\n" }
	long := func(n int) string { return strings.Repeat("ä", n) }
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", "The file is empty."},
		{"UTF-16", "\xff\xfes\x00k\x00", "The file is UTF-16."},
		{"not UTF-8", header + "A,a,caf\xe9,,,1.00,EUR\n", "line 2: This is not UTF-8."},
		{"NUL", header + "\nA,a,a\x00,,,1.00,EUR\n", "line 3: There is a NUL byte"},
		{"semicolons", "sku;name;price;currency\nA;A;1,00;EUR\n", "line 1: The columns are separated by semicolons."},
		{"an unknown column", "sku,name,price,currency,colour\n", `line 1: There is no column "colour"`},
		{"a column twice", "sku,name,price,currency,SKU\n", "line 1, sku: This column is there twice."},
		{"no price at all", "sku,name,currency\n", "line 1: The column price is missing."},
		{"too few fields", row("A,a,A,,1.00,EUR"), "line 2: There are 6 fields, and 7 columns."},
		{"too many fields", row("A,a,A,,,1.00,EUR,x"), "line 2: There are 8 fields, and 7 columns."},
		{"a quotation mark within", row(`A,a,A "big" one,,,1.00,EUR`), "line 2: A quotation mark is out of place."},
		{"a quotation mark that is not closed", row("A,a,\"A,,,1.00,EUR\n\n"), "line 2: A quotation mark is out of place."},
		{"the line after a text of several", row("A,a,A,\"x\ny\nz\",,1.00,EUR\nB,b,,,,1.00,EUR"), "line 5, name: A product needs a name."},
		{"no SKU", row(",a,A,,,1.00,EUR"), "line 2, sku: A product needs a SKU."},
		{"a slash in a SKU", row("A/1,a,A,,,1.00,EUR"), `line 2, sku: "A/1" can't be a SKU`},
		{"a SKU of points", row("..,a,A,,,1.00,EUR"), `line 2, sku: ".." can't be a SKU`},
		{"a SKU of other letters", row("Ä,a,A,,,1.00,EUR"), `line 2, sku: "Ä" can't be a SKU`},
		{"a long SKU", row(strings.Repeat("A", 65) + ",a,A,,,1.00,EUR"), "line 2, sku: A SKU has at most 64 characters."},
		{"capitals in a slug", row("A,Blue,A,,,1.00,EUR"), `line 2, slug: "Blue" can't be a slug`},
		{"a slug that ends with a hyphen", row("A,blue-,A,,,1.00,EUR"), `line 2, slug: "blue-" can't be a slug`},
		{"a long slug", row("A," + strings.Repeat("a", 101) + ",A,,,1.00,EUR"), "line 2, slug: A slug has at most 100 characters."},
		{"no name", row("A,a,,,,1.00,EUR"), "line 2, name: A product needs a name."},
		{"only spaces", row("A,a,  ,,,1.00,EUR"), "line 2, name: A product needs a name."},
		{"a long name", row("A,a," + long(121) + ",,,1.00,EUR"), "line 2, name: This has more than 120 characters."},
		{"a line end in a name", row("A,a,\"A\nB\",,,1.00,EUR"), "line 2, name: There is a control character, U+000A."},
		{"a bell in a description", row("A,a,A,x\ay,,1.00,EUR"), "line 2, description: There is a control character, U+0007."},
		{"a long description", row("A,a,A," + long(2001) + ",,1.00,EUR"), "line 2, description: This has more than 2000 characters."},
		{"a long category", row("A,a,A,," + long(51) + ",1.00,EUR"), "line 2, category: This has more than 50 characters."},
		{"no price", row("A,a,A,,,,EUR"), "line 2, price: A product needs a price."},
		{"no currency", row("A,a,A,,,1.00,"), "line 2, currency: A price needs a currency, like EUR."},
		{"a symbol for a currency", row("A,a,A,,,1.00,€"), `line 2, currency: "€" can't be a currency`},
		{"small letters", row("A,a,A,,,1.00,eur"), `line 2, currency: "eur" can't be a currency`},
		{"one digit after the point", row("A,a,A,,,12.5,EUR"), `line 2, price: "12.5" is not a price in EUR. It is written like 12.50`},
		{"three digits", row("A,a,A,,,12.500,EUR"), `"12.500" is not a price`},
		{"none", row("A,a,A,,,12,EUR"), `"12" is not a price`},
		{"a point only", row("A,a,A,,,12.,EUR"), `"12." is not a price`},
		{"nothing before the point", row("A,a,A,,,.50,EUR"), `".50" is not a price`},
		{"a comma", row(`A,a,A,,,"12,50",EUR`), `"12,50" is not a price`},
		{"thousands", row(`A,a,A,,,"1,250.00",EUR`), `"1,250.00" is not a price`},
		{"negative", row("A,a,A,,,-1.00,EUR"), `"-1.00" is not a price`},
		{"a plus", row("A,a,A,,,+1.00,EUR"), `"+1.00" is not a price`},
		{"a sign after the point", row("A,a,A,,,1.-5,EUR"), `"1.-5" is not a price`},
		{"exponent", row("A,a,A,,,1e2,EUR"), `"1e2" is not a price`},
		{"a symbol", row("A,a,A,,,€1.00,EUR"), `"€1.00" is not a price`},
		{"yen with digits", row("A,a,A,,,12.50,JPY"), `"12.50" is not a price in JPY. It is written like 1250`},
		{"too dear", row("A,a,A,,,1000000000.01,EUR"), "line 2, price: A price is at most 1000000000.00."},
		{"beyond all numbers", row("A,a,A,,,99999999999999999999999.00,EUR"), "is not a price"},
		{"the same SKU", row("A,a,A,,,1.00,EUR\nB,b,B,,,1.00,EUR\nA,c,A,,,1.00,EUR"), `line 4, sku: "A" is on line 2 already.`},
		{"the same slug", row("A,a,A,,,1.00,EUR\nB,a,B,,,1.00,EUR"), `line 3, slug: "a" is on line 2 already.`},
		{"a name of which no slug can be made", row("...,,茶碗,,,1.00,EUR"), "line 2, slug: No slug can be made of this name"},

		{"not JSON", "{", "line 1: This is not the JSON that is expected here"},
		{"a JSON array", "[]", "line 1: This is not the JSON that is expected here"},
		{"an unknown field", `{"sku":"A","colour":"red"}`, `line 1: This is not the JSON that is expected here: unknown field "colour".`},
		{"a field twice", "\n" + `{"sku":"A","sku":"B"}`, `line 2: There is more than one "sku".`},
		{"two on one line", `{"sku":"A"} {"sku":"B"}`, "line 1: There is something after the JSON value."},
		{"JSON null", "null", "line 1, sku: A product needs a SKU."},
		{"no price in JSON", `{"sku":"A","name":"A"}`, "line 1, price: A product needs a price, like {"},
		{"a price without an amount", `{"sku":"A","name":"A","price":{"currency":"EUR"}}`, "line 1, price: A product needs a price, like {"},
		{"a price without a currency", `{"sku":"A","name":"A","price":{"amount":1}}`, "line 1, price.currency: A price needs a currency"},
		{"a fraction", `{"sku":"A","name":"A","price":{"amount":1.5,"currency":"EUR"}}`, "line 1: This is not the JSON that is expected here"},
		{"a negative amount", `{"sku":"A","name":"A","price":{"amount":-1,"currency":"EUR"}}`, "line 1, price.amount: A price is not negative."},
		{"an amount too high", `{"sku":"A","name":"A","price":{"amount":100000000000001,"currency":"EUR"}}`, "line 1, price.amount: A price is at most"},
	}
	for _, test := range tests {
		format := catalogue.CSV
		if strings.HasPrefix(test.text, "{") || strings.HasPrefix(test.text, "[]") || strings.HasPrefix(test.text, "\n{") || test.text == "null" {
			format = catalogue.JSONLines
		}
		got, err := catalogue.Read(strings.NewReader(test.text), format)
		var mistakes *catalogue.Mistakes
		if got != nil || !errors.As(err, &mistakes) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestManyMistakes(t *testing.T) {
	text := header + strings.Repeat("A/,a,A,,,1.00,EUR\n", 30)
	_, err := catalogue.Read(strings.NewReader(text), catalogue.CSV)
	var mistakes *catalogue.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes.List) != 20 || mistakes.More != 30+2*29-20 {
		t.Errorf("got %+v", mistakes)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 21 || lines[20] != "and 68 more" {
		t.Errorf("got %q", lines)
	}
}

func TestLimits(t *testing.T) {
	var csv, jsonl strings.Builder
	csv.WriteString("sku,name,price,currency\n")
	for i := range catalogue.MaxProducts {
		fmt.Fprintf(&csv, "A%d,A%d,1.00,EUR\n", i, i)
		fmt.Fprintf(&jsonl, `{"sku":"A%d","name":"A%d","price":{"amount":1,"currency":"EUR"}}`+"\n", i, i)
	}
	more := map[catalogue.Format]string{catalogue.CSV: "B,B,1.00,EUR\n", catalogue.JSONLines: `{"sku":"B"}`}
	for format, text := range map[catalogue.Format]string{catalogue.CSV: csv.String(), catalogue.JSONLines: jsonl.String()} {
		got, err := catalogue.Read(strings.NewReader(text), format)
		if err != nil || len(got) != catalogue.MaxProducts {
			t.Errorf("%s: got %d products, %v", format, len(got), err)
		}
		if _, err := catalogue.Read(strings.NewReader(text+more[format]), format); err == nil || !strings.Contains(err.Error(), "more than 100000 products") {
			t.Errorf("%s with one more: got %v", format, err)
		}
	}
	if _, err := catalogue.Read(&endless{}, catalogue.CSV); err == nil || err.Error() != "The file is larger than 64 MB." {
		t.Errorf("got %v", err)
	}
}

// endless is a reader that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestBrokenReaderAndWriter(t *testing.T) {
	cause := errors.New("some cause")
	for _, format := range formats {
		if _, err := catalogue.Read(iotest.ErrReader(cause), format); !errors.Is(err, cause) {
			t.Errorf("read %s: got %v", format, err)
		}
		if err := catalogue.Write(brokenWriter{cause}, format, demo.Products()); !errors.Is(err, cause) {
			t.Errorf("write %s: got %v", format, err)
		}
	}
	if _, err := catalogue.Read(strings.NewReader("x"), "xml"); err == nil {
		t.Error("an unknown format can be read")
	}
	if err := catalogue.Write(new(bytes.Buffer), "xml", nil); err == nil {
		t.Error("an unknown format can be written")
	}
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

// TestWrite shows what a file looks like.
func TestWrite(t *testing.T) {
	products := []shared.Product{
		{SKU: "A", Slug: "a", Name: "=1+1", Description: "Some <b>, \"c\".", Category: "@home", Price: euros(5)},
		{SKU: "B", Slug: "b", Name: "'-b", Price: shared.Money{Amount: 5, Currency: "KWD"}},
	}
	want := map[catalogue.Format]string{
		catalogue.CSV: header + "A,a,'=1+1,\"Some <b>, \"\"c\"\".\",'@home,0.05,EUR\nB,b,''-b,,,0.005,KWD\n",
		catalogue.JSONLines: `{"sku":"A","slug":"a","name":"=1+1","description":"Some <b>, \"c\".","category":"@home","price":{"amount":5,"currency":"EUR"}}` + "\n" +
			`{"sku":"B","slug":"b","name":"'-b","price":{"amount":5,"currency":"KWD"}}` + "\n",
	}
	for _, format := range formats {
		var b bytes.Buffer
		if err := catalogue.Write(&b, format, products); err != nil || b.String() != want[format] {
			t.Errorf("%s: got %v\n%s\nwant\n%s", format, err, b.String(), want[format])
		}
	}
}

func TestDemoProducts(t *testing.T) {
	products := demo.Products()
	if len(products) < 40 {
		t.Errorf("got %d products, want 40", len(products))
	}
	roundTrip(t, products)
}

func roundTrip(t interface{ Fatalf(string, ...any) }, products []shared.Product) {
	for _, format := range formats {
		var b bytes.Buffer
		if err := catalogue.Write(&b, format, products); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		text := b.String()
		got, err := catalogue.Read(&b, format)
		if err != nil || !slices.Equal(got, products) {
			t.Fatalf("%s: got %q, %v, want %q, by\n%s", format, got, err, products, text)
		}
	}
}

// TestRoundTrip: what was exported is imported as it was, and no field of the file
// is a formula.
func TestRoundTrip(t *testing.T) {
	// Characters that mean something to someone are drawn more often.
	char := rapid.OneOf(rapid.SampledFrom([]rune("=+-@＝'\",;\n\\<&ä茶😀\ufeff\u00a0\u202e")), rapid.Rune())
	text := func(most int, lines bool) *rapid.Generator[string] {
		return rapid.Map(rapid.StringOfN(char, 0, most, -1), func(s string) string {
			s = strings.Map(func(r rune) rune {
				if r < ' ' && (r != '\n' || !lines) || r >= 0x7f && r < 0xa0 {
					return -1
				}
				return r
			}, s)
			return strings.TrimSpace(s)
		})
	}
	product := rapid.Custom(func(t *rapid.T) shared.Product {
		return shared.Product{
			SKU:         rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._-]{0,20}`).Draw(t, "sku"),
			Slug:        rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`).Draw(t, "slug"),
			Name:        text(catalogue.MaxName, false).Filter(func(s string) bool { return s != "" }).Draw(t, "name"),
			Description: text(catalogue.MaxDescription, true).Draw(t, "description"),
			Category:    text(catalogue.MaxCategory, false).Draw(t, "category"),
			Price: shared.Money{
				Amount:   rapid.Int64Range(0, shared.MaxPrice).Draw(t, "amount"),
				Currency: rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "CLF", "XXX"}).Draw(t, "currency"),
			},
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		products := rapid.SliceOfN(product, 0, 6).Draw(t, "products")
		for _, id := range []func(shared.Product) string{
			func(p shared.Product) string { return p.SKU }, func(p shared.Product) string { return p.Slug },
		} {
			seen := map[string]bool{}
			products = slices.DeleteFunc(products, func(p shared.Product) bool {
				again := seen[id(p)]
				seen[id(p)] = true
				return again
			})
		}
		roundTrip(t, products)
	})
}

// TestAnything: no file makes the reader panic, and one that is accepted can be
// written and read again.
func TestAnything(t *testing.T) {
	part := rapid.OneOf(rapid.SampledFrom([]string{header, "A,a,A,,,1.00,EUR\n", ",", "\n", "\"", "\r\n", "1.00", "EUR", "{", "}", `{"sku":"A","name":"B","price":{"amount":1,"currency":"EUR"}}`, "\xff", "'"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(part).Draw(t, "file"), "")
		for _, format := range formats {
			products, err := catalogue.Read(strings.NewReader(text), format)
			if err == nil {
				roundTrip(t, products)
			}
		}
	})
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]catalogue.Format{"a.csv": "csv", "a/b.CSV": "csv", "a.jsonl": "jsonl", "a.ndjson": "jsonl", "csv": "", "a.json": "", "-": ""} {
		if got, ok := catalogue.FormatOf(name); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v", name, got, ok)
		}
	}
}

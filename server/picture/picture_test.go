package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cartline/server/demo"
	"cartline/server/picture"
	"cartline/shared"
)

// maxSize keeps a page of pictures light.
const maxSize = 3000

// allowed are the elements that draw, and the attributes that load nothing.
var allowed = map[string]string{
	"svg":     "xmlns viewBox width height role",
	"title":   "",
	"g":       "fill transform",
	"path":    "d fill stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray opacity transform",
	"circle":  "cx cy r fill stroke stroke-width opacity",
	"ellipse": "cx cy rx ry fill stroke stroke-width opacity transform",
}

var colour = regexp.MustCompile(`^(none|#[0-9a-f]{6})$`)

// check reports what is wrong with a picture, and returns its title.
func check(t interface{ Errorf(string, ...any) }, svg []byte) (title string) {
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("not XML: %v\n%s", err, svg)
			return ""
		}
		switch token := token.(type) {
		case xml.StartElement:
			attributes, ok := allowed[token.Name.Local]
			if !ok {
				t.Errorf("there is an element %s", token.Name.Local)
			}
			for _, a := range token.Attr {
				if !strings.Contains(" "+attributes+" ", " "+a.Name.Local+" ") {
					t.Errorf("%s has an attribute %s", token.Name.Local, a.Name.Local)
				}
				if (a.Name.Local == "fill" || a.Name.Local == "stroke") && !colour.MatchString(a.Value) {
					t.Errorf("%s is not a colour", a.Value)
				}
			}
		case xml.CharData:
			title += string(token)
		case xml.EndElement:
		default:
			t.Errorf("there is %T", token)
		}
	}
	if !bytes.HasPrefix(svg, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300"`)) {
		t.Errorf("got %.100s", svg)
	}
	if len(svg) > maxSize {
		t.Errorf("%d bytes are more than %d", len(svg), maxSize)
	}
	return title
}

func TestDemoProducts(t *testing.T) {
	seen := map[string]string{}
	for _, p := range demo.Products() {
		svg := picture.SVG(p)
		if title := check(t, svg); title != p.Name {
			t.Errorf("got the title %q, want %q", title, p.Name)
		}
		if !bytes.Equal(svg, picture.SVG(p)) {
			t.Errorf("%s: another picture the second time", p.Name)
		}
		_, drawing, _ := strings.Cut(string(svg), "</title>")
		if other, ok := seen[drawing]; ok {
			t.Errorf("%s looks like %s", p.Name, other)
		}
		seen[drawing] = p.Name
	}
}

// drawn leaves out the title, so that pictures can be compared.
func drawn(p shared.Product) string {
	_, drawing, _ := strings.Cut(string(picture.SVG(p)), "</title>")
	return drawing
}

func TestChoice(t *testing.T) {
	tests := []struct {
		name, a, b string // with their categories, after a slash
		same       bool
	}{
		{"whatever the case", "Blue mug/", "BLUE MUG/", true},
		{"of a plural", "Blue mug/", "Blue mugs/", true},
		{"the last word counts", "Blue soap dispenser/", "Blue dispenser/", true},
		{"two words before one", "Blue hand towel/", "Blue towel/", false},
		{"the name before the category", "Blue mug/", "Blue mug/Garden", true},
		{"the category, if the name says nothing", "Blue thing/Garden", "Blue plant/", true},
		{"nothing known", "Blue thing/Misc", "Blue gizmo/Misc", true},
		{"other colours", "Blue mug/", "Green mug/", false},
		{"the colour of a material", "Oak mug/", "Beech mug/", true},
	}
	for _, test := range tests {
		product := func(text string) shared.Product {
			name, category, _ := strings.Cut(text, "/")
			return shared.Product{SKU: "A", Name: name, Category: category}
		}
		if got := drawn(product(test.a)) == drawn(product(test.b)); got != test.same {
			t.Errorf("%s: %q and %q: got %v, want %v", test.name, test.a, test.b, got, test.same)
		}
	}
	looks := map[string]bool{}
	for _, sku := range strings.Split("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "") {
		looks[drawn(shared.Product{SKU: sku, Name: "Thing"})] = true
	}
	if len(looks) < 15 {
		t.Errorf("26 products of which nothing is known look %d ways only", len(looks))
	}
}

// TestAnyProduct draws whatever a shop may call its products.
func TestAnyProduct(t *testing.T) {
	words := rapid.SampledFrom([]string{
		"mug", "lamp", "</title><script>", "&", `"M"`, "'", "\x00", "\xff", "\ufffe", "\u202e", "茶碗", "blue", "ss", "s", "'s", "garden", " ",
	})
	rapid.Check(t, func(t *rapid.T) {
		p := shared.Product{
			SKU:      rapid.String().Draw(t, "sku"),
			Name:     strings.Join(rapid.SliceOfN(rapid.OneOf(words, rapid.StringN(0, 5, -1)), 0, 6).Draw(t, "name"), " "),
			Category: rapid.OneOf(words, rapid.String()).Draw(t, "category"),
		}
		check(t, picture.SVG(p))
	})
}

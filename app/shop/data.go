package shop

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"cartline/shared"
)

// The pages, by their paths. A product's page is PathProduct and its slug, a
// product's picture PathPicture, its slug and ".svg".
const (
	PathFront   = "/shop"
	PathCart    = "/shop/cart"
	PathProduct = "/shop/p/"
	PathPicture = "/shop/picture/"
)

// The shop's name and telephone number, which is of those kept for stories.
const (
	Name      = "Hearth & Field"
	Telephone = "020 7946 0142"
)

// Kind is which page it is.
type Kind string

// The kinds of pages.
const (
	ViewShell   Kind = ""        // not known yet: what go-app renders
	ViewFront   Kind = "front"   // products, perhaps searched for
	ViewProduct Kind = "product" // one product
	ViewCart    Kind = "cart"    // the visitor's cart, orders and account
	ViewMissing Kind = "missing" // there is no such product
	ViewDown    Kind = "down"    // the catalogue can't be read now
)

// Data is what a page shows that is the same for everyone.
type Data struct {
	View       Kind     `json:"view"`
	Categories []string `json:"categories,omitempty"`

	// Of the front: what was asked for, and what was found.
	Query    string           `json:"query,omitempty"`
	Category string           `json:"category,omitempty"`
	Products []shared.Product `json:"products,omitempty"`
	// Next is where the list goes on, and empty at its end; More says that this is
	// such a part.
	Next string `json:"next,omitempty"`
	More bool   `json:"more,omitempty"`

	// Of the page of a product. Products are others that go with it.
	Product *shared.Product `json:"product,omitempty"`
}

// Marker is what stands in the document where the page is to be.
const Marker = `shop-goes-here`

// DataID is the id of the template in which the document carries Data as JSON.
const DataID = "page-data"

// JSON encodes the data for the document.
func (d Data) JSON() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	return string(text)
}

// parseData is the reverse of JSON. A document without data, or with data that
// another version wrote, is a page that has to be loaded again.
func parseData(text string) Data {
	var d Data
	if json.Unmarshal([]byte(text), &d) != nil || d.View == ViewShell {
		return Data{View: ViewDown}
	}
	return d
}

// Title names the page in the tab and to whoever lists it.
func (d Data) Title() string {
	switch {
	case d.View == ViewProduct && d.Product != nil:
		return d.Product.Name + " · " + Name
	case d.View == ViewCart:
		return "Your cart · " + Name
	case d.View == ViewMissing:
		return "Not found · " + Name
	case d.Query != "":
		return "Search: " + d.Query + " · " + Name
	case d.Category != "":
		return d.Category + " · " + Name
	default:
		return Name
	}
}

// Description tells whoever lists the page what is on it.
func (d Data) Description() string {
	if d.View == ViewProduct && d.Product != nil && d.Product.Description != "" {
		return d.Product.Description
	}
	return "Good, plain things for the house and the garden."
}

// MaxQuery is the length in bytes of the longest text that is searched for.
const MaxQuery = 100

// CleanQuery makes a text that stood in an address fit to be shown and searched for.
func CleanQuery(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	for len(text) > MaxQuery {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// productPath is the address of a product's page, picturePath that of its picture.
func productPath(slug string) string { return PathProduct + url.PathEscape(slug) }
func picturePath(slug string) string { return PathPicture + url.PathEscape(slug) + ".svg" }

// listPath is the address of the front with a category, a query and a place to go
// on from, any of which may be empty.
func listPath(category, query, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{"category": category, "q": query, "after": after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return PathFront
	}
	return PathFront + "?" + values.Encode()
}

// ownPath says whether a link leads to a page of this site. Browsers take a second
// slash, and a backslash for one, as the beginning of a host.
func ownPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.Contains(path, `\`) &&
		!strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

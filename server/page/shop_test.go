package page

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// catalogue is a shop's, in memory. With an error it has nothing but that.
type catalogue struct {
	products []shared.Product
	err      error
}

func (c *catalogue) Products(_ context.Context, query cart.ProductQuery) (shared.ProductList, error) {
	if c.err != nil {
		return shared.ProductList{}, c.err
	}
	var list shared.ProductList
	after := query.After == ""
	for _, p := range c.products {
		switch {
		case !after:
			after = p.SKU == query.After
		case query.Category != "" && p.Category != query.Category || !strings.Contains(strings.ToLower(p.Name), strings.ToLower(query.Text)):
		case len(list.Products) == query.Limit:
			list.Next = list.Products[query.Limit-1].SKU
			return list, nil
		default:
			list.Products = append(list.Products, p)
		}
	}
	return list, nil
}

func (c *catalogue) Product(_ context.Context, slug string) (shared.Product, error) {
	if c.err != nil {
		return shared.Product{}, c.err
	}
	for _, p := range c.products {
		if p.Slug == slug {
			return p, nil
		}
	}
	return shared.Product{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such product."}
}

func (c *catalogue) Categories(context.Context) ([]string, error) {
	var names []string
	for _, p := range c.products {
		if p.Category != "" && !slices.Contains(names, p.Category) {
			names = append(names, p.Category)
		}
	}
	return names, c.err
}

const (
	wickedName = `"><script>alert(1)</script>`
	clockName  = `24" wall <clock> & co \ more`
)

var _ Catalogue = (*cart.Service)(nil)

// shelf is what the tests' shop sells.
var shelf = func() *catalogue {
	c := &catalogue{}
	add := func(sku, slug, name, description, category string) {
		c.products = append(c.products, shared.Product{
			SKU: sku, Slug: slug, Name: name, Description: description, Category: category,
			Price: shared.Money{Amount: 1250, Currency: "EUR"},
		})
	}
	add("W", "wicked", wickedName, wickedName, wickedName)
	add("C", "clock-24", clockName, clockName, clockName)
	add(`O" onfocus="alert(2)`, "odd", "Odd", "</template><script>alert(3)</script>", "Odd")
	for i := range 60 {
		add(fmt.Sprint("MUG-", i), fmt.Sprint("mug-", i), fmt.Sprint("Mug ", i), "To drink from.", "Kitchen")
	}
	return c
}()

func shopWith(t *testing.T, c Catalogue) *Pages {
	t.Helper()
	p := *newPages(t)
	p.shop = &shopPages{catalogue: c, logger: slog.New(slog.NewTextHandler(t.Output(), nil)), version: "v", before: p.shop.before, after: p.shop.after, drawn: map[string]*asset{}}
	return &p
}

var shopPaths = []string{"/shop", "/shop/cart", "/shop/p/wicked", "/shop/p/clock-24", "/shop/p/odd", "/shop?q=mug", "/shop?q=", "/shop?category=Kitchen",
	"/shop?q=%22%3E%3Cscript%3Ealert(4)%3C/script%3E", "/shop?category=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/shop?q=mug&after=%22%3E%3Cscript%3E"}

// Nothing that a product or a request brings becomes anything but text.
func TestShopBreaksOutOfNothing(t *testing.T) {
	p := newPages(t)
	for _, path := range shopPaths {
		w := ask(p, "GET", path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: got status %d", path, w.Code)
		}
		body := w.Body.Bytes()
		if strings.Contains(string(body), "<script>") {
			t.Errorf("%s: a script got in", path)
		}
		scripts := 0
		for _, tag := range tagsOf(body) {
			switch tag.name {
			case "script":
				scripts++
				if !strings.HasPrefix(tag.attributes["src"], "/") {
					t.Errorf("%s: got a script %v", path, tag.attributes)
				}
			case "style", "base", "iframe", "clock":
				t.Errorf("%s: got <%s>", path, tag.name)
			}
			for name := range tag.attributes {
				if strings.HasPrefix(name, "on") || name == "style" {
					t.Errorf("%s: <%s> has %s", path, tag.name, name)
				}
			}
		}
		if scripts != 2 {
			t.Errorf("%s: %d scripts, want the program's two", path, scripts)
		}
		if strings.Contains(string(body), "goes-here") {
			t.Errorf("%s: a mark was left in the shell", path)
		}
	}
}

func titleOf(body string) string {
	return html.UnescapeString(regexp.MustCompile(`<title>([^<]*)</title>`).FindStringSubmatch(body)[1])
}

// The page is there to be read before the program runs, and the program is given the
// same to draw.
func TestShopPages(t *testing.T) {
	p := newPages(t)
	for _, test := range []struct {
		path, title string
		status      int
		contains    []string
	}{
		{"/shop", "Hearth & Field", 200, []string{"Mug 3", "€12.50", `href="/shop?category=Kitchen"`, "See all", "/shop/picture/mug-0.svg"}},
		{"/shop?category=Kitchen", "Kitchen · Hearth & Field", 200, []string{"Mug 23", "More products", "after=MUG-23"}},
		{"/shop?category=Kitchen&after=MUG-47", "Kitchen · Hearth & Field", 200, []string{"Mug 48", "Mug 59"}},
		{"/shop?q=mug+5", "Search: mug 5 · Hearth & Field", 200, []string{"Results for “mug 5”", "Mug 59", `value="mug 5"`}},
		{"/shop?q=nothing", "Search: nothing · Hearth & Field", 200, []string{"Nothing found"}},
		{"/shop/cart", "Your cart · Hearth & Field", 200, []string{"Looking at your cart"}},
		{"/shop/p/clock-24", clockName + " · Hearth & Field", 200, []string{html.EscapeString(clockName), "Add to cart"}},
		{"/shop/p/mug-1", "Mug 1 · Hearth & Field", 200, []string{"To drink from.", "Goes with it", "Mug 4"}},
		{"/shop/p/nope", "Not found · Hearth & Field", 404, []string{"not on our shelves", "Kitchen"}},
		{"/shop/p/", "Not found · Hearth & Field", 404, nil},
		{"/shop/p/a/b", "Not found · Hearth & Field", 404, nil},
		{"/shop?category=Nope", "Not found · Hearth & Field", 404, nil},
	} {
		w := ask(p, "GET", test.path)
		body := w.Body.String()
		if w.Code != test.status || titleOf(body) != test.title {
			t.Errorf("%s: got %d, %q", test.path, w.Code, titleOf(body))
		}
		for _, want := range append(test.contains, `id="main"`, `<template id="page-data">{&#34;view&#34;`) {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", test.path, want)
			}
		}
		header := w.Header()
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "script-src 'self' 'wasm-unsafe-eval'") {
			t.Errorf("%s: got policy %q", test.path, policy)
		}
		if header.Get("Cache-Control") != "no-cache" || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: got %v", test.path, header)
		}
	}
	if policy := ask(p, "GET", "/").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'none'") {
		t.Errorf("the console has %q", policy)
	}
	if data := regexp.MustCompile(`(?s)<template id="page-data">(.*?)</template>`).FindStringSubmatch(ask(p, "GET", "/shop/p/odd").Body.String()); data == nil || !strings.Contains(html.UnescapeString(data[1]), `"sku":"O\" onfocus=`) {
		t.Errorf("the program is given %v", data)
	}
}

func TestShopReferences(t *testing.T) {
	p := newPages(t)
	for _, path := range []string{"/shop", "/shop/p/mug-1", "/shop?category=Kitchen", "/shop/cart"} {
		for _, tag := range tagsOf(ask(p, "GET", path).Body.Bytes()) {
			for _, attribute := range []string{"href", "src", "action"} {
				address := html.UnescapeString(tag.attributes[attribute])
				if address == "" || strings.HasPrefix(address, "#") || strings.HasPrefix(address, "/desk") {
					continue
				}
				if got := ask(p, "GET", strings.TrimSuffix(address, "#account")).Code; got != 200 {
					t.Errorf("%s: <%s %s=%q>: got %d", path, tag.name, attribute, address, got)
				}
			}
		}
	}
}

func TestShopIsKeptByWhoHasIt(t *testing.T) {
	p := newPages(t)
	etag := ask(p, "GET", "/shop").Header().Get("ETag")
	if !strings.HasPrefix(etag, `W/"`) || ask(p, "GET", "/shop", "If-None-Match", etag).Code != http.StatusNotModified {
		t.Errorf("the page is sent again to who has %s", etag)
	}
	if ask(p, "GET", "/shop/cart", "If-None-Match", etag).Code != http.StatusOK {
		t.Error("another page has the same ETag")
	}
	cheaper := &catalogue{products: slices.Clone(shelf.products)}
	cheaper.products[len(cheaper.products)-60].Price.Amount = 1
	q := shopWith(t, cheaper)
	before := ask(q, "GET", "/shop").Header().Get("ETag")
	cheaper.products[len(cheaper.products)-60].Price.Amount = 2
	w := ask(q, "GET", "/shop", "If-None-Match", before)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "€0.02") {
		t.Errorf("got status %d for a page with another price", w.Code)
	}
	for i := range maxDrawn + 10 {
		ask(q, "GET", fmt.Sprint("/shop?q=", i))
	}
	if len(q.shop.drawn) > maxDrawn {
		t.Errorf("%d pages are kept", len(q.shop.drawn))
	}
}

func TestShopWithoutCatalogue(t *testing.T) {
	for name, c := range map[string]*catalogue{
		"nothing can be read": {err: errors.New("secret: database is down")},
		"nothing is there":    {},
	} {
		p := shopWith(t, c)
		log := testenv.NewLog()
		p.shop.logger = log.Logger()
		w := ask(p, "GET", "/shop")
		body := w.Body.String()
		if c.err != nil {
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(body, "secret") || !strings.Contains(body, "can&#39;t show its products") {
				t.Errorf("%s: got %d: %s", name, w.Code, body)
			}
			if got := ask(p, "GET", "/shop/picture/mug-1.svg").Code; got != http.StatusServiceUnavailable {
				t.Errorf("%s: the picture got %d", name, got)
			}
			if got := len(log.Records("the catalogue can't be read")); got != 2 {
				t.Errorf("%s: the log tells of it %d times", name, got)
			}
			continue
		}
		if w.Code != http.StatusOK || !strings.Contains(body, "bin/cartline product import FILE") {
			t.Errorf("%s: got %d: %s", name, w.Code, body)
		}
	}
}

func TestPictures(t *testing.T) {
	p := newPages(t)
	w := ask(p, "GET", "/shop/picture/wicked.svg")
	header := w.Header()
	if w.Code != http.StatusOK || header.Get("Content-Type") != "image/svg+xml" || header.Get("Content-Security-Policy") != "default-src 'none'" ||
		header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "public, max-age=86400" {
		t.Errorf("got %d, %v", w.Code, header)
	}
	if strings.Contains(w.Body.String(), "<script") {
		t.Error("a name got out of the picture's title")
	}
	if ask(p, "GET", "/shop/picture/wicked.svg", "If-None-Match", header.Get("ETag")).Code != http.StatusNotModified {
		t.Error("the picture is sent again")
	}
	for _, path := range []string{"/shop/picture/nope.svg", "/shop/picture/wicked", "/shop/picture/", "/shop/picture/../p/wicked"} {
		if got := ask(p, "GET", path).Code; got != http.StatusNotFound {
			t.Errorf("%s: got %d", path, got)
		}
	}
}

func TestShopAddresses(t *testing.T) {
	p := newPages(t)
	for path, want := range map[string]string{"/shop/": "/shop", "/shop/cart/": "/shop/cart"} {
		if w := ask(p, "GET", path); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d to %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	if got := ask(p, "POST", "/shop").Code; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", got)
	}
	for _, path := range []string{"/shopping", "/shop/x"} {
		if got := ask(p, "GET", path).Code; got != http.StatusNotFound {
			t.Errorf("%s: got %d", path, got)
		}
	}
	if w := ask(p, "HEAD", "/shop"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: got %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestDeskWithACart(t *testing.T) {
	p := newPages(t)
	desk := ask(p, "GET", "/desk")
	w := ask(p, "GET", "/desk/cart/0123456789abcdef0123456789abcdef")
	if w.Code != http.StatusOK || w.Body.String() != desk.Body.String() {
		t.Errorf("got %d, %d bytes", w.Code, w.Body.Len())
	}
	if got := ask(p, "GET", "/desk/cart/short").Code; got != http.StatusNotFound {
		t.Errorf("a cart that can't be: got %d", got)
	}
}

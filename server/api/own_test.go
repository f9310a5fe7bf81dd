package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/shared"
)

func equal(a, b map[string]int) bool { return maps.Equal(a, b) }

func TestProducts(t *testing.T) {
	b := open(t, options{}).browser(t)
	for _, test := range []struct {
		query, skus, next string
	}{
		{"", "MUG LAMP", ""},
		{"?q=MUG", "MUG", ""},
		{"?q=desk", "LAMP", ""},
		{"?category=Light", "LAMP", ""},
		{"?category=light", "", ""},
		{"?q=%25", "", ""},
		{"?limit=1", "MUG", "MUG"},
		{"?limit=1&after=MUG", "LAMP", ""},
		{"?limit=9223372036854775807", "MUG LAMP", ""},
	} {
		list := into[shared.ProductList](t, b.ask(t, "GET", "/api/products"+test.query, ""))
		var skus []string
		for _, p := range list.Products {
			skus = append(skus, p.SKU)
		}
		if got := strings.Join(skus, " "); got != test.skus || list.Next != test.next {
			t.Errorf("%q: got %q, next %q, want %q, %q", test.query, got, list.Next, test.skus, test.next)
		}
	}
	long := strings.Repeat("x", 201)
	for _, query := range []string{"q=" + long, "category=" + long, "after=" + long, "limit=-1", "limit=many", "limit=9223372036854775808"} {
		problem(t, b.ask(t, "GET", "/api/products?"+query, ""), 400, shared.CodeInvalid)
	}
	if got := into[shared.Product](t, b.ask(t, "GET", "/api/products/blue-mug", "")); got != mug {
		t.Errorf("got %+v, want %+v", got, mug)
	}
	problem(t, b.ask(t, "GET", "/api/products/MUG", ""), 404, shared.CodeNotFound)
}

// TestCart follows a shopper from the first look to the last change.
func TestCart(t *testing.T) {
	s := open(t, options{})
	b := s.browser(t)
	c := into[shared.Cart](t, b.ask(t, "GET", "/api/cart", ""))
	if c.ID != "" || c.Version != 0 || c.Lines == nil || len(c.Lines) != 0 {
		t.Errorf("got %+v, want an empty cart with a list of no lines", c)
	}
	if got := s.rows(t)["shopper_session"]; got != 0 {
		t.Errorf("got %d sessions after a look, want none", got)
	}

	for i, step := range []struct {
		method, path, body string
		lines              string // SKU×quantity@version
		items              int
		total              int64
		wakes              int
	}{
		{"PUT", "MUG", `{"quantity":2}`, "MUG×2@1", 2, 2500, 1},
		{"PUT", "LAMP", `{"quantity":1}`, "MUG×2@1 LAMP×1@2", 3, 9400, 2},
		{"PUT", "MUG", `{"quantity":999,"version":1}`, "MUG×999@3 LAMP×1@2", 1000, 1250*999 + 6900, 3},
		{"PUT", "MUG", `{"quantity":999,"version":3}`, "MUG×999@3 LAMP×1@2", 1000, 1250*999 + 6900, 3}, // the same again
		{"DELETE", "MUG?version=3", "", "LAMP×1@2", 1, 6900, 4},
		{"DELETE", "LAMP", "", "", 0, 0, 5},
	} {
		c := into[shared.Cart](t, b.ask(t, step.method, "/api/cart/lines/"+step.path, step.body))
		if got := describeLines(c); got != step.lines || c.Items != step.items || c.Total.Amount != step.total || c.Version != int64(step.wakes) {
			t.Errorf("step %d: got %q, %d items, %v, version %d, want %q, %d, %d, %d", i, got, c.Items, c.Total, c.Version, step.lines, step.items, step.total, step.wakes)
		}
		if again := into[shared.Cart](t, b.ask(t, "GET", "/api/cart", "")); describeLines(again) != step.lines || again.Version != c.Version {
			t.Errorf("step %d: reads back as %q, version %d", i, describeLines(again), again.Version)
		}
		if got := s.wakes.Load(); got != int64(step.wakes) {
			t.Errorf("step %d: told %d changes, want %d", i, got, step.wakes)
		}
	}
	if got, want := s.rows(t), map[string]int{"cart": 1, "activity": 5, "shopper_session": 1, "customer": 0}; !equal(got, want) {
		t.Errorf("got rows %v, want %v", got, want)
	}
	if other := into[shared.Cart](t, s.browser(t).ask(t, "GET", "/api/cart", "")); other.ID != "" {
		t.Errorf("somebody else got cart %s", other.ID)
	}
}

func describeLines(c shared.Cart) string {
	var lines []string
	for _, l := range c.Lines {
		lines = append(lines, fmt.Sprintf("%s×%d@%d", l.SKU, l.Quantity, l.Version))
	}
	return strings.Join(lines, " ")
}

// TestConflict has two windows of one shopper change the same line, and different
// ones.
func TestConflict(t *testing.T) {
	s := open(t, options{})
	b := s.browser(t)
	b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`)
	b.ask(t, "PUT", "/api/cart/lines/LAMP", `{"quantity":1}`)
	other := &browser{s, &http.Client{Transport: b.client.Transport, Jar: b.client.Jar}}

	// Both have seen MUG@1 and LAMP@2. Each changes one of them: both hold.
	into[shared.Cart](t, b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":5,"version":1}`))
	c := into[shared.Cart](t, other.ask(t, "PUT", "/api/cart/lines/LAMP", `{"quantity":3,"version":2}`))
	if got, want := describeLines(c), "MUG×5@3 LAMP×3@4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	before, wakes := s.rows(t), s.wakes.Load()
	for _, change := range []struct{ method, path, body string }{
		{"PUT", "MUG", `{"quantity":7,"version":1}`},
		{"PUT", "MUG", `{"quantity":7}`},
		{"PUT", "MUG", `{"quantity":7,"version":4}`},
		{"PUT", "LAMP", `{"quantity":3,"version":2}`}, // even though it says what is
		{"DELETE", "MUG?version=1", ""},
	} {
		p := problem(t, other.ask(t, change.method, "/api/cart/lines/"+change.path, change.body), 409, shared.CodeVersionConflict)
		if p.Cart == nil || describeLines(*p.Cart) != "MUG×5@3 LAMP×3@4" || p.Cart.ID != c.ID {
			t.Errorf("%s %s %s: got cart %+v, want the present one", change.method, change.path, change.body, p.Cart)
		}
	}
	if after := s.rows(t); !equal(before, after) || s.wakes.Load() != wakes {
		t.Errorf("got rows %v and %d changes told, want %v, %d", after, s.wakes.Load(), before, wakes)
	}
	into[shared.Cart](t, b.ask(t, "DELETE", "/api/cart/lines/MUG", ""))
	problem(t, other.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":7,"version":3}`), 409, shared.CodeVersionConflict)
	problem(t, other.ask(t, "DELETE", "/api/cart/lines/MUG?version=3", ""), 409, shared.CodeVersionConflict)
	problem(t, other.ask(t, "DELETE", "/api/cart/lines/MUG", ""), 404, shared.CodeNotFound)
}

// TestRefusedChanges changes nothing: neither for somebody new, of whom no trace
// remains, nor for somebody with a cart.
func TestRefusedChanges(t *testing.T) {
	tests := []struct {
		name, sku, kind, body string
		status                int
		code                  shared.Code
		field                 string
	}{
		{"zero", "LAMP", "", `{"quantity":0}`, 400, shared.CodeInvalid, "quantity"},
		{"no quantity", "LAMP", "", `{}`, 400, shared.CodeInvalid, "quantity"},
		{"negative", "LAMP", "", `{"quantity":-1}`, 400, shared.CodeInvalid, "quantity"},
		{"absurd", "LAMP", "", `{"quantity":1000}`, 400, shared.CodeInvalid, "quantity"},
		{"more than an int", "LAMP", "", `{"quantity":9223372036854775808}`, 400, shared.CodeInvalid, ""},
		{"fraction", "LAMP", "", `{"quantity":1.5}`, 400, shared.CodeInvalid, ""},
		{"exponent", "LAMP", "", `{"quantity":1e2}`, 400, shared.CodeInvalid, ""},
		{"text", "LAMP", "", `{"quantity":"1"}`, 400, shared.CodeInvalid, ""},
		{"null body", "LAMP", "", `null`, 400, shared.CodeInvalid, "quantity"},
		{"negative version", "LAMP", "", `{"quantity":1,"version":-1}`, 400, shared.CodeInvalid, "version"},
		{"unknown product", "SPOON", "", `{"quantity":1}`, 404, shared.CodeUnknownProduct, "sku"},
		{"product by its slug", "desk-lamp", "", `{"quantity":1}`, 404, shared.CodeUnknownProduct, "sku"},
		{"SQL", "'OR'1'='1", "", `{"quantity":1}`, 404, shared.CodeUnknownProduct, "sku"},
		{"version of a line that isn't", "LAMP", "", `{"quantity":1,"version":3}`, 409, shared.CodeVersionConflict, "version"},
		{"malformed", "LAMP", "", `{"quantity":1`, 400, shared.CodeInvalid, ""},
		{"not UTF-8", "LAMP", "", "{\"quantity\":1,\"\xff\":1}", 400, shared.CodeInvalid, ""},
		{"empty", "LAMP", "application/json", ``, 400, shared.CodeInvalid, ""},
		{"array", "LAMP", "", `[{"quantity":1}]`, 400, shared.CodeInvalid, ""},
		{"trailing", "LAMP", "", `{"quantity":1}{}`, 400, shared.CodeInvalid, ""},
		{"unknown field", "LAMP", "", `{"quantity":1,"price":0}`, 400, shared.CodeInvalid, ""},
		{"too large", "LAMP", "", `{"quantity":1` + strings.Repeat(" ", shared.MaxBody) + `}`, 413, shared.CodeTooLarge, ""},
		{"a form", "LAMP", "application/x-www-form-urlencoded", `{"quantity":1}`, 415, shared.CodeUnsupportedType, ""},
		{"plain text", "LAMP", "text/plain", `{"quantity":1}`, 415, shared.CodeUnsupportedType, ""},
		{"no type", "LAMP", "none", `{"quantity":1}`, 415, shared.CodeUnsupportedType, ""},
	}
	s := open(t, options{})
	shopper := s.browser(t)
	shopper.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`)
	before := s.rows(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, b := range []*browser{s.browser(t), shopper} {
				r := s.request(t, "PUT", "/api/cart/lines/"+test.sku, test.body)
				switch test.kind {
				case "":
				case "none":
					r.Header.Del("Content-Type")
				default:
					r.Header.Set("Content-Type", test.kind)
				}
				got := b.send(t, r)
				if p := problem(t, got, test.status, test.code); p.Field != test.field {
					t.Errorf("got field %q, want %q", p.Field, test.field)
				}
				if cookies := got.header.Values("Set-Cookie"); len(cookies) > 0 {
					t.Errorf("got cookies %q, want none", cookies)
				}
				if strings.Contains(string(got.body), "shared.") || strings.Contains(string(got.body), "int64") {
					t.Errorf("the answer tells of our insides: %s", got.body)
				}
			}
			if after := s.rows(t); !equal(before, after) || s.wakes.Load() != 1 {
				t.Errorf("got rows %v and %d changes told, want %v, 1", after, s.wakes.Load(), before)
			}
		})
	}
	for _, version := range []string{"-1", "x", "1.5", "9223372036854775808"} {
		problem(t, shopper.ask(t, "DELETE", "/api/cart/lines/MUG?version="+version, ""), 400, shared.CodeInvalid)
	}
	c := into[shared.Cart](t, shopper.ask(t, "GET", "/api/cart", ""))
	if got, want := describeLines(c), "MUG×2@1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r := s.request(t, "PUT", "/api/cart/lines/MUG", `{"quantity":3,"version":1}`)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	into[shared.Cart](t, shopper.send(t, r)) // a parameter is no other type
}

// TestStrangeShoppers come with cookies that are none of ours.
func TestStrangeShoppers(t *testing.T) {
	s := open(t, options{})
	expired := s.browser(t)
	first := expired.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`)
	token := first.cookie(t, "cartline_shopper").Value
	if _, err := s.store.Sweep(t.Context(), time.Now().Add(identity.ShopperLifetime+time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{token, "rubbish", strings.Repeat("x", 4000)} {
		r := s.request(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`)
		r.AddCookie(&http.Cookie{Name: "cartline_shopper", Value: value})
		got := s.browser(t).send(t, r)
		c := into[shared.Cart](t, got)
		if describeLines(c) != "MUG×1@1" {
			t.Errorf("cookie %.10q: got %q, want a new cart", value, describeLines(c))
		}
		if cookie := got.cookie(t, "cartline_shopper"); cookie.Value == value || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Path != "/" {
			t.Errorf("got cookie %v, want a new one, HttpOnly and SameSite=Lax", cookie)
		}
	}
}

func TestStaffReadCarts(t *testing.T) {
	s := open(t, options{})
	staff := s.signedIn(t, shared.RoleEventListener)
	empty := staff.ask(t, "GET", "/api/carts", "")
	if list := into[shared.CartList](t, empty); list.Carts == nil || len(list.Carts) != 0 || list.Cursor == "" {
		t.Errorf("got %s, want a list of no carts and a cursor", empty.body)
	}
	var ids []string // newest first
	for range 3 {
		b := s.browser(t)
		c := into[shared.Cart](t, b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":2}`))
		b.ask(t, "POST", "/api/cart/pageview", `{"path":"/shop"}`)
		ids = append([]string{c.ID}, ids...)
	}
	var got []string
	pages, next := 0, ""
	for {
		list := into[shared.CartList](t, staff.ask(t, "GET", "/api/carts?limit=2&after="+next, ""))
		for _, c := range list.Carts {
			got = append(got, c.ID)
			if c.Items != 2 || c.Total.Amount != 2500 || c.Name == "" {
				t.Errorf("got summary %+v", c)
			}
		}
		if _, err := cart.ParseCursor(list.Cursor); err != nil {
			t.Errorf("cursor %q: %v", list.Cursor, err)
		}
		pages++
		if next = list.Next; next == "" || pages > 3 {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") || pages != 2 {
		t.Errorf("got %v in %d pages, want %v in 2", got, pages, ids)
	}
	one := staff.ask(t, "GET", "/api/carts/"+ids[0], "")
	if view := into[shared.CartView](t, one); describeLines(view.Cart) != "MUG×2@1" || view.Attached || view.Cursor == "" {
		t.Errorf("got %s", one.body)
	}
	var fields struct{ Cart map[string]json.RawMessage }
	if err := json.Unmarshal(one.body, &fields); err != nil || fields.Cart["shopper"] != nil || fields.Cart["id"] == nil {
		t.Errorf("got %s, %v, want nothing of the shopper", one.body, err)
	}
	problem(t, staff.ask(t, "GET", "/api/carts/none", ""), 404, shared.CodeNotFound)
	problem(t, staff.ask(t, "GET", "/api/carts?after=rubbish", ""), 400, shared.CodeInvalid)
	problem(t, staff.ask(t, "GET", "/api/carts?limit=x", ""), 400, shared.CodeInvalid)
}

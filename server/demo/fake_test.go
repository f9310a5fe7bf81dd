package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cartline/shared"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeShop answers as the API does, as far as shoppers can tell, and notes what they
// do. It is strict: what the API would refuse as malformed is a failure of the test.
type fakeShop struct {
	t   *testing.T
	url string

	mu       sync.Mutex
	people   int
	carts    map[string]*shared.Cart
	did      map[string]int // by method and route
	sequence []string       // method and path
	fail     int            // status of every answer, unless 0
	failed   bool           // it was set at some time
	// meet is called with each cart before it is shown.
	meet func(*shared.Cart)
	// faults are what the shoppers did wrong.
	faults []string
}

func newFakeShop(t *testing.T) *fakeShop {
	f := &fakeShop{t: t, carts: map[string]*shared.Cart{}, did: map[string]int{}, meet: func(*shared.Cart) {}}
	server := httptest.NewServer(f)
	f.url = server.URL
	t.Cleanup(func() {
		server.Close() // which waits for the last requests
		for _, fault := range f.faults {
			t.Error(fault)
		}
	})
	return f
}

func (f *fakeShop) fault(format string, args ...any) {
	f.faults = append(f.faults, fmt.Sprintf(format, args...))
}

// count returns how often a route was used.
func (f *fakeShop) count(route string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.did[route]
}

func (f *fakeShop) setFail(status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.failed = status, true
}

func (f *fakeShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // they have stopped
	}
	if got := r.UserAgent(); got != "cartline-demo-shopper" {
		f.fault("%s: the user agent is %q", r.URL, got)
	}
	if (len(body) > 0) != (r.Header.Get("Content-Type") == "application/json") {
		f.fault("%s: %q is sent as %q", r.URL, body, r.Header.Get("Content-Type"))
	}
	f.sequence = append(f.sequence, r.Method+" "+r.URL.String())
	if f.fail != 0 {
		w.WriteHeader(f.fail)
		return
	}
	mux := http.NewServeMux()
	for route, answer := range f.routes(body) {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
			f.did[route]++
			value, problem := answer(w, r)
			if problem != nil {
				w.WriteHeader(http.StatusConflict)
				value = problem
			}
			_ = json.NewEncoder(w).Encode(value) // else they have stopped
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.fault("there is no %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusNotFound)
	})
	mux.ServeHTTP(w, r)
}

type answerer func(http.ResponseWriter, *http.Request) (any, *shared.Problem)

func (f *fakeShop) routes(body []byte) map[string]answerer {
	withCart := func(change func(*shared.Cart, *http.Request) *shared.Problem) answerer {
		return func(w http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			c := f.cart(w, r, true)
			problem := change(c, r)
			return c, problem
		}
	}
	return map[string]answerer{
		"GET /api/categories": func(http.ResponseWriter, *http.Request) (any, *shared.Problem) {
			return shared.CategoryList{Categories: []string{"Bath & body", "Kitchen"}}, nil
		},
		"GET /api/products": func(_ http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			list := shared.ProductList{}
			for _, p := range Products() {
				if category := r.URL.Query().Get("category"); category == "" || category == p.Category {
					list.Products = append(list.Products, p)
				}
			}
			return list, nil
		},
		"GET /api/products/{slug}": func(_ http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			i := slices.IndexFunc(Products(), func(p shared.Product) bool { return p.Slug == r.PathValue("slug") })
			return Products()[i], nil
		},
		"GET /api/cart": func(w http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			c := f.cart(w, r, false)
			if len(c.Lines) > 0 && !c.Seen && !f.failed {
				f.fault("%s was filled, and no page reported", c.ID)
			}
			f.meet(c)
			return c, nil
		},
		"PUT /api/cart/lines/{sku}":    withCart(func(c *shared.Cart, r *http.Request) *shared.Problem { return f.setLine(c, r.PathValue("sku"), body) }),
		"DELETE /api/cart/lines/{sku}": withCart(removeLine),
		"POST /api/cart/pageview": withCart(func(c *shared.Cart, _ *http.Request) *shared.Problem {
			view := decode[shared.ViewPage](f, body)
			if !view.Simulated || !strings.HasPrefix(view.Path, "/shop") {
				f.fault("got %+v", view)
			}
			c.Seen, c.Page = c.ID != "", view.Path
			return nil
		}),
		"POST /api/cart/order": func(w http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			c := f.cart(w, r, false)
			if order := decode[shared.PlaceOrder](f, body); order.Total != c.Total.Amount || c.Items == 0 {
				f.fault("got the order %+v for %+v", order, c)
			}
			c.Status = shared.CartOrdered
			return c, nil
		},
		"POST /api/cart/help": withCart(func(c *shared.Cart, _ *http.Request) *shared.Problem { c.HelpAt = time.Now(); return nil }),
		"DELETE /api/cart/help": withCart(func(c *shared.Cart, _ *http.Request) *shared.Problem {
			c.HelpAt = time.Time{}
			return nil
		}),
		"POST /api/cart/code": withCart(func(*shared.Cart, *http.Request) *shared.Problem { return nil }),
		"POST /api/cart/knock": withCart(func(c *shared.Cart, _ *http.Request) *shared.Problem {
			if got := decode[shared.AnswerKnock](f, body); len(c.Knocks) != 1 || got.Staff != c.Knocks[0].Staff {
				f.fault("got %+v for %+v", got, c.Knocks)
			}
			c.Knocks = nil
			return nil
		}),
		"POST /api/cart/links/{link}": withCart(func(c *shared.Cart, r *http.Request) *shared.Problem {
			got := decode[shared.MoveLink](f, body)
			l := &c.Links[slices.IndexFunc(c.Links, func(l shared.Link) bool { return l.ID == r.PathValue("link") })]
			if (l.State == shared.LinkSent) != (got.State == shared.LinkDelivered) || !l.Pending() {
				f.fault("a link that was %s is %s", l.State, got.State)
			}
			l.State = got.State
			return nil
		}),
		"POST /api/customers": func(w http.ResponseWriter, r *http.Request) (any, *shared.Problem) {
			if got := decode[shared.SignUp](f, body); !strings.HasSuffix(got.Email, "@example.com") {
				f.fault("got %+v", got)
			}
			return shared.CustomerSession{}, nil
		},
	}
}

func decode[T shared.Validator](f *fakeShop, body []byte) T {
	value, err := shared.Decode[T](body)
	if err != nil {
		f.fault("%s: %v", body, err)
	}
	return value
}

// cart returns the open cart of whoever asks, by two cookies, both of which they have
// to send back. A cart that is to be changed is made.
func (f *fakeShop) cart(w http.ResponseWriter, r *http.Request, make bool) *shared.Cart {
	id := ""
	if cookie, err := r.Cookie("__Host-shopper"); err == nil {
		id = cookie.Value
		if second, err := r.Cookie("plain"); err != nil || second.Value != id {
			f.fault("the second cookie is %v", second)
		}
		if _, err := r.Cookie("gone"); err == nil {
			f.fault("a cookie that was taken back is sent")
		}
	}
	c := f.carts[id]
	if c == nil || c.Status != shared.CartOpen {
		c = &shared.Cart{Status: shared.CartOpen}
		// A page view makes no cart.
		if make && r.URL.Path != "/api/cart/pageview" {
			if id == "" {
				f.people++
				id = fmt.Sprint("p", f.people)
				http.SetCookie(w, &http.Cookie{Name: "__Host-shopper", Value: id, Path: "/", Secure: true, HttpOnly: true})
				http.SetCookie(w, &http.Cookie{Name: "plain", Value: id})
				http.SetCookie(w, &http.Cookie{Name: "gone", Value: "x"})
			} else {
				http.SetCookie(w, &http.Cookie{Name: "gone", MaxAge: -1})
			}
			c.ID = "cart-" + id
			f.carts[id] = c
		}
	}
	if id != "" {
		http.SetCookie(w, &http.Cookie{Name: "gone", MaxAge: -1})
	}
	return c
}

func (f *fakeShop) setLine(c *shared.Cart, sku string, body []byte) *shared.Problem {
	want := decode[shared.SetLine](f, body)
	i := slices.IndexFunc(Products(), func(p shared.Product) bool { return p.SKU == sku })
	if i < 0 {
		f.fault("there is no product %s", sku)
		return nil
	}
	price := Products()[i].Price
	at := slices.IndexFunc(c.Lines, func(l shared.Line) bool { return l.SKU == sku })
	if at < 0 {
		c.Lines = append(c.Lines, shared.Line{SKU: sku})
		at = len(c.Lines) - 1
	}
	line := &c.Lines[at]
	if line.Version != want.Version {
		f.fault("%s has version %d, and %d was given", sku, line.Version, want.Version)
	}
	if line.Quantity == want.Quantity {
		f.fault("nothing changes by %s", body)
	}
	c.Version++
	line.Quantity, line.Version, line.UnitPrice = want.Quantity, c.Version, price
	reckon(c)
	// Now and then somebody else was faster.
	if c.Version%10 == 9 {
		return &shared.Problem{Code: shared.CodeVersionConflict, Cart: c}
	}
	return nil
}

func removeLine(c *shared.Cart, r *http.Request) *shared.Problem {
	c.Lines = slices.DeleteFunc(c.Lines, func(l shared.Line) bool {
		return l.SKU == r.PathValue("sku") && fmt.Sprint(l.Version) == r.URL.Query().Get("version")
	})
	reckon(c)
	return nil
}

func reckon(c *shared.Cart) {
	c.Items, c.Total = 0, shared.Money{}
	for _, l := range c.Lines {
		c.Items += l.Quantity
		c.Total.Amount += l.UnitPrice.Amount * int64(l.Quantity)
	}
}

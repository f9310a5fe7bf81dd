package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"cartline/shared"
)

// caller calls the API as one browser does. It is for one goroutine at a time, except
// for cookies.
type caller struct {
	url    string
	client *http.Client

	mu     sync.Mutex
	cookie string
}

// newCaller makes a caller who has no cookie yet. Its connections end with each answer:
// they are to find the server gone at every stage.
func newCaller(url string) *caller {
	return &caller{url: url, client: &http.Client{
		Timeout:   writeTimeout,
		Transport: &http.Transport{DisableKeepAlives: true},
	}}
}

// cookies returns the header's value.
func (c *caller) cookies() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cookie
}

// call sends a body, unless it is nil, and decodes the answer if there is a place for
// it. The error is a *shared.Problem if the server gave it; after any other nobody
// knows what was done.
func (c *caller) call(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cookie", c.cookies())
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	c.keep(response.Cookies())
	if response.StatusCode >= 500 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if response.StatusCode >= 300 {
		problem := new(shared.Problem)
		if err := json.Unmarshal(answer, problem); err != nil {
			return fmt.Errorf("%s %s: %s: %w", method, path, response.Status, err)
		}
		return problem
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func (c *caller) keep(cookies []*http.Cookie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cookie := range cookies {
		c.cookie = cookie.Name + "=" + cookie.Value // one is all that anybody here gets
	}
}

// apiWriter shops at the server.
type apiWriter struct {
	*caller
	book *Book
	cart shared.Cart // as the server showed it last
	// pause is at most how long it waits after a write.
	pause time.Duration
	// begun is called once, as soon as there is a cart. It may be nil.
	begun func(cartID string)
}

func (w *apiWriter) run(ctx context.Context) {
	sure := true // that what it has is what the server has
	for ctx.Err() == nil {
		if !sure {
			var got shared.Cart
			sure = w.call(ctx, http.MethodGet, "/api/cart", nil, &got) == nil
			w.cart = got
		}
		if sure {
			sure = w.step(ctx)
		}
		pause(ctx, upTo(w.pause))
	}
}

// step makes a change at random, and says whether its outcome is known.
func (w *apiWriter) step(ctx context.Context) (sure bool) {
	var got shared.Cart
	method, path, body := w.choose()
	err := w.call(ctx, method, path, body, &got)
	if err != nil {
		if problem := shared.ProblemOf(err); problem.Code == shared.CodeInternal && ctx.Err() == nil {
			w.book.Unanswered()
		}
		return false
	}
	w.book.Acknowledged(&got)
	if w.begun != nil {
		w.begun(got.ID)
		w.begun = nil
	}
	w.cart = got
	return got.Status == shared.CartOpen
}

func (w *apiWriter) choose() (method, path string, body any) {
	sku := products[rand.IntN(len(products))].SKU
	version := lineVersion(&w.cart, sku)
	switch {
	case chance(2) && w.cart.Status == shared.CartOpen && len(w.cart.Lines) > 0:
		return http.MethodPost, "/api/cart/order", shared.PlaceOrder{Total: w.cart.Total.Amount}
	case version > 0 && chance(15):
		return http.MethodDelete, fmt.Sprintf("/api/cart/lines/%s?version=%d", sku, version), nil
	}
	return http.MethodPut, "/api/cart/lines/" + sku, shared.SetLine{Quantity: 1 + rand.IntN(shared.MaxQuantity), Version: version}
}

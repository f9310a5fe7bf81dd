package api

import (
	"context"
	"net/url"
	"strconv"

	"cartline/shared"
)

// Desk tells what the desk of who is signed in can do.
func (c *Client) Desk(ctx context.Context) (shared.Desk, error) {
	return call[shared.Desk](ctx, c, "GET", "/api/desk", nil)
}

// manyCarts is how many of them a page of the list has, but for the first: that is as
// short as the server makes it, so that there is something to look at.
const manyCarts = 1000

// Carts lists open carts from where after says, or from the start if it is empty.
// all includes those of which nobody has seen a page.
func (c *Client) Carts(ctx context.Context, after string, all bool) (shared.CartList, error) {
	query := url.Values{}
	if after != "" {
		query.Set("after", after)
		query.Set("limit", strconv.Itoa(manyCarts))
	}
	if all {
		query.Set("all", "1")
	}
	return call[shared.CartList](ctx, c, "GET", withQuery("/api/carts", query), nil)
}

// CartView reads one cart, as far as who asks may see it.
func (c *Client) CartView(ctx context.Context, id string) (shared.CartView, error) {
	return call[shared.CartView](ctx, c, "GET", cartPath(id, ""), nil)
}

// Timeline reads what happened to a cart, newest first, from before a version; 0 is
// from the end.
func (c *Client) Timeline(ctx context.Context, id string, before int64) (shared.Timeline, error) {
	query := url.Values{}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return call[shared.Timeline](ctx, c, "GET", withQuery(cartPath(id, "/activity"), query), nil)
}

// FindCart finds a caller's cart by their code, which attaches who asks, or by a
// whole e-mail address, which is recorded.
func (c *Client) FindCart(ctx context.Context, find shared.FindCart) (shared.FoundCarts, error) {
	if err := find.Validate(); err != nil {
		return shared.FoundCarts{}, err
	}
	return call[shared.FoundCarts](ctx, c, "POST", "/api/carts/find", find)
}

// StartPhoneOrder makes a cart for a caller and attaches who asks.
func (c *Client) StartPhoneOrder(ctx context.Context, start shared.StartPhoneOrder) (shared.CartView, error) {
	if err := start.Validate(); err != nil {
		return shared.CartView{}, err
	}
	return call[shared.CartView](ctx, c, "POST", "/api/carts", start)
}

// Attach attends a cart.
func (c *Client) Attach(ctx context.Context, id string) (shared.CartView, error) {
	return call[shared.CartView](ctx, c, "POST", cartPath(id, "/claim"), nil)
}

// Release no longer attends a cart.
func (c *Client) Release(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE", cartPath(id, "/claim"), nil, nil)
}

// Knock asks the shopper whether they are on the phone with who asks.
func (c *Client) Knock(ctx context.Context, id string) (shared.Cart, error) {
	return c.cart(ctx, "POST", cartPath(id, "/knock"), nil)
}

// OfferHandover offers a cart to a colleague.
func (c *Client) OfferHandover(ctx context.Context, id string, offer shared.OfferHandover) (shared.Cart, error) {
	return c.checked(ctx, "POST", cartPath(id, "/handover"), offer)
}

// EndHandover withdraws an offer, or declines it.
func (c *Client) EndHandover(ctx context.Context, id string) (shared.Cart, error) {
	return c.cart(ctx, "DELETE", cartPath(id, "/handover"), nil)
}

// SetCartLine says how many of a product there are to be in a cart.
func (c *Client) SetCartLine(ctx context.Context, id, sku string, line shared.SetLine) (shared.Cart, error) {
	return c.checked(ctx, "PUT", cartPath(id, "/lines/"+url.PathEscape(sku)), line)
}

// RemoveCartLine takes a line of a version out of a cart.
func (c *Client) RemoveCartLine(ctx context.Context, id, sku string, version int64) (shared.Cart, error) {
	query := url.Values{"version": {strconv.FormatInt(version, 10)}}
	return c.cart(ctx, "DELETE", withQuery(cartPath(id, "/lines/"+url.PathEscape(sku)), query), nil)
}

// UndoInCart takes back the change that made a version of a cart.
func (c *Client) UndoInCart(ctx context.Context, id string, undo shared.Undo) (shared.Cart, error) {
	return c.checked(ctx, "POST", cartPath(id, "/undo"), undo)
}

// SetDiscount grants a discount on a cart or a line.
func (c *Client) SetDiscount(ctx context.Context, id string, set shared.SetDiscount) (shared.Cart, error) {
	return c.checked(ctx, "PUT", cartPath(id, "/discount"), set)
}

// RemoveDiscount takes away the discount of a line or, without a SKU, of the cart.
func (c *Client) RemoveDiscount(ctx context.Context, id, sku string) (shared.Cart, error) {
	query := url.Values{}
	if sku != "" {
		query.Set("sku", sku)
	}
	return c.cart(ctx, "DELETE", withQuery(cartPath(id, "/discount"), query), nil)
}

// SendLink suggests a page to the shopper.
func (c *Client) SendLink(ctx context.Context, id string, send shared.SendLink) (shared.Cart, error) {
	return c.checked(ctx, "POST", cartPath(id, "/links"), send)
}

// WriteNote leaves a note among staff.
func (c *Client) WriteNote(ctx context.Context, id string, note shared.WriteNote) (shared.Cart, error) {
	return c.checked(ctx, "POST", cartPath(id, "/notes"), note)
}

// OrderCart places a phone order.
func (c *Client) OrderCart(ctx context.Context, id string, order shared.PlaceOrder) (shared.Cart, error) {
	return c.checked(ctx, "POST", cartPath(id, "/order"), order)
}

// FindProducts looks for products by words, a name's or a SKU.
func (c *Client) FindProducts(ctx context.Context, words string, limit int) (shared.ProductList, error) {
	query := url.Values{"q": {words}, "limit": {strconv.Itoa(limit)}}
	return call[shared.ProductList](ctx, c, "GET", withQuery("/api/products", query), nil)
}

// Categories lists those of the shop.
func (c *Client) Categories(ctx context.Context) (shared.CategoryList, error) {
	return call[shared.CategoryList](ctx, c, "GET", "/api/categories", nil)
}

// Audit lists what staff did, newest first, from before an entry; 0 is from the end.
func (c *Client) Audit(ctx context.Context, before int64) (shared.AuditList, error) {
	query := url.Values{"before": {strconv.FormatInt(before, 10)}, "limit": {"200"}}
	return call[shared.AuditList](ctx, c, "GET", withQuery("/api/audit", query), nil)
}

// cart makes a call that is answered by a cart.
func (c *Client) cart(ctx context.Context, method, path string, body any) (shared.Cart, error) {
	return call[shared.Cart](ctx, c, method, path, body)
}

// checked is cart with a body, in which what can be told to be wrong without the
// server, is.
func (c *Client) checked(ctx context.Context, method, path string, body shared.Validator) (shared.Cart, error) {
	if err := body.Validate(); err != nil {
		return shared.Cart{}, err
	}
	return c.cart(ctx, method, path, body)
}

func cartPath(id, rest string) string { return "/api/carts/" + url.PathEscape(id) + rest }

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

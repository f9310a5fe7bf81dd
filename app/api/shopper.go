package api

import (
	"context"
	"net/url"
	"strconv"

	"cartline/shared"
)

// Cart returns the shopper's open cart, an empty one without an ID if there is
// none.
func (c *Client) Cart(ctx context.Context) (shared.Cart, error) {
	return c.ownCart(ctx, "GET", "/api/cart", nil)
}

// SetLine sets the quantity of a product in the shopper's cart, which is made if
// there is none.
func (c *Client) SetLine(ctx context.Context, sku string, in shared.SetLine) (shared.Cart, error) {
	return c.ownCart(ctx, "PUT", ownLine(sku), in)
}

// RemoveLine takes a product out of the shopper's cart, if its line still has that
// version.
func (c *Client) RemoveLine(ctx context.Context, sku string, version int64) (shared.Cart, error) {
	return c.ownCart(ctx, "DELETE", ownLine(sku)+"?version="+strconv.FormatInt(version, 10), nil)
}

// UndoOwn takes back the change that made a version of the shopper's cart, whoever
// made it.
func (c *Client) UndoOwn(ctx context.Context, version int64) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/undo", shared.Undo{Version: version})
}

// PlaceOwnOrder orders the shopper's cart, if its total is still the one given, in
// the minor unit.
func (c *Client) PlaceOwnOrder(ctx context.Context, total int64) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/order", shared.PlaceOrder{Total: total})
}

// Orders lists the shopper's orders, newest first.
func (c *Client) Orders(ctx context.Context) (shared.OrderList, error) {
	return call[shared.OrderList](ctx, c, "GET", "/api/cart/orders", nil)
}

// NewCode has a new assist code made for the shopper's cart. An earlier one ends.
func (c *Client) NewCode(ctx context.Context) (shared.AssistCode, error) {
	return call[shared.AssistCode](ctx, c, "POST", "/api/cart/code", nil)
}

// HideCode ends the assist code of the shopper's cart.
func (c *Client) HideCode(ctx context.Context) error {
	return c.do(ctx, "DELETE", "/api/cart/code", nil, nothing)
}

// AskHelp asks for help by any of the staff.
func (c *Client) AskHelp(ctx context.Context) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/help", nil)
}

// EndHelp withdraws what AskHelp asked.
func (c *Client) EndHelp(ctx context.Context) (shared.Cart, error) {
	return c.ownCart(ctx, "DELETE", "/api/cart/help", nil)
}

// AnswerKnock answers one of the staff, who asked whether they are on the phone
// with the shopper.
func (c *Client) AnswerKnock(ctx context.Context, in shared.AnswerKnock) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/knock", in)
}

// StopAssistance ends the access of one of the staff, or of all, to the shopper's
// cart.
func (c *Client) StopAssistance(ctx context.Context, in shared.StopAssistance) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/stop", in)
}

// ViewPage tells which page the shopper looks at.
func (c *Client) ViewPage(ctx context.Context, in shared.ViewPage) error {
	return c.do(ctx, "POST", "/api/cart/pageview", in, nothing)
}

// MoveLink tells what has become of a page that staff suggested.
func (c *Client) MoveLink(ctx context.Context, id string, state shared.LinkState) (shared.Cart, error) {
	return c.ownCart(ctx, "POST", "/api/cart/links/"+url.PathEscape(id), shared.MoveLink{State: state})
}

// Customer tells which customer is signed in, if any.
func (c *Client) Customer(ctx context.Context) (shared.CustomerSession, error) {
	return c.whoShops(ctx, "GET", "/api/customer/session", nil)
}

// SignUp makes an account for the shopper, and signs them in. What can be told to
// be wrong without the server, is.
func (c *Client) SignUp(ctx context.Context, in shared.SignUp) (shared.CustomerSession, error) {
	if err := in.Validate(); err != nil {
		return shared.CustomerSession{}, err
	}
	return c.whoShops(ctx, "POST", "/api/customers", in)
}

// SignInCustomer signs the shopper in. What can be told to be wrong without the
// server, is.
func (c *Client) SignInCustomer(ctx context.Context, in shared.CustomerSignIn) (shared.CustomerSession, error) {
	if err := in.Validate(); err != nil {
		return shared.CustomerSession{}, err
	}
	return c.whoShops(ctx, "POST", "/api/customer/session", in)
}

// SignOutCustomer ends the shopper's session.
func (c *Client) SignOutCustomer(ctx context.Context) error {
	return c.do(ctx, "DELETE", "/api/customer/session", nil, nothing)
}

// nothing is where an answer goes that says nothing.
var nothing = new(struct{})

func ownLine(sku string) string { return "/api/cart/lines/" + url.PathEscape(sku) }

func (c *Client) ownCart(ctx context.Context, method, path string, body any) (shared.Cart, error) {
	return call[shared.Cart](ctx, c, method, path, body)
}

func (c *Client) whoShops(ctx context.Context, method, path string, body any) (shared.CustomerSession, error) {
	return call[shared.CustomerSession](ctx, c, method, path, body)
}

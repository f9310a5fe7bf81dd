package api

import (
	"context"
	"errors"
	"testing"

	"cartline/shared"
)

// Each call goes where the server expects it, with what it expects.
func TestShopperCalls(t *testing.T) {
	only := func(_ shared.Cart, err error) error { return err }
	tests := []struct {
		call         func(context.Context, *Client) error
		method, path string
		body         string
	}{
		{func(ctx context.Context, c *Client) error { return only(c.Cart(ctx)) }, "GET", "/api/cart", ""},
		{func(ctx context.Context, c *Client) error {
			return only(c.SetLine(ctx, "A/B", shared.SetLine{Quantity: 2, Version: 7}))
		}, "PUT", "/api/cart/lines/A%2FB", `{"quantity":2,"version":7}`},
		{func(ctx context.Context, c *Client) error { return only(c.RemoveLine(ctx, "A B", 7)) }, "DELETE", "/api/cart/lines/A%20B?version=7", ""},
		{func(ctx context.Context, c *Client) error { return only(c.UndoOwn(ctx, 7)) }, "POST", "/api/cart/undo", `{"version":7}`},
		{func(ctx context.Context, c *Client) error { return only(c.PlaceOwnOrder(ctx, 1250)) }, "POST", "/api/cart/order", `{"total":1250}`},
		{func(ctx context.Context, c *Client) error { _, err := c.Orders(ctx); return err }, "GET", "/api/cart/orders", ""},
		{func(ctx context.Context, c *Client) error { _, err := c.NewCode(ctx); return err }, "POST", "/api/cart/code", ""},
		{func(ctx context.Context, c *Client) error { return c.HideCode(ctx) }, "DELETE", "/api/cart/code", ""},
		{func(ctx context.Context, c *Client) error { return only(c.AskHelp(ctx)) }, "POST", "/api/cart/help", ""},
		{func(ctx context.Context, c *Client) error { return only(c.EndHelp(ctx)) }, "DELETE", "/api/cart/help", ""},
		{func(ctx context.Context, c *Client) error {
			return only(c.AnswerKnock(ctx, shared.AnswerKnock{Staff: "ada", Accept: true}))
		}, "POST", "/api/cart/knock", `{"staff":"ada","accept":true}`},
		{func(ctx context.Context, c *Client) error {
			return only(c.StopAssistance(ctx, shared.StopAssistance{Staff: "ada"}))
		}, "POST", "/api/cart/stop", `{"staff":"ada"}`},
		{func(ctx context.Context, c *Client) error { return c.ViewPage(ctx, shared.ViewPage{Path: "/shop"}) }, "POST", "/api/cart/pageview", `{"path":"/shop"}`},
		{func(ctx context.Context, c *Client) error { return only(c.MoveLink(ctx, "l1", shared.LinkOpened)) }, "POST", "/api/cart/links/l1", `{"state":"opened"}`},
		{func(ctx context.Context, c *Client) error { _, err := c.Customer(ctx); return err }, "GET", "/api/customer/session", ""},
		{func(ctx context.Context, c *Client) error {
			_, err := c.SignUp(ctx, shared.SignUp{Name: "Ada", Email: "ada@example.com", Password: "12345678"})
			return err
		}, "POST", "/api/customers", `{"name":"Ada","email":"ada@example.com","password":"12345678"}`},
		{func(ctx context.Context, c *Client) error {
			_, err := c.SignInCustomer(ctx, shared.CustomerSignIn{Email: "ada@example.com", Password: "x"})
			return err
		}, "POST", "/api/customer/session", `{"email":"ada@example.com","password":"x"}`},
		{func(ctx context.Context, c *Client) error { return c.SignOutCustomer(ctx) }, "DELETE", "/api/customer/session", ""},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			asked := false
			c := New(func(_ context.Context, method, path string, body []byte) (int, []byte, error) {
				asked = true
				if method != test.method || path != test.path || string(body) != test.body {
					t.Errorf("got %s %s %s, want %s", method, path, body, test.body)
				}
				return 409, []byte(`{"code":"version_conflict","detail":"It has changed.","cart":{"id":"c1"}}`), nil
			})
			err := test.call(t.Context(), c)
			var p *shared.Problem
			if !asked || !errors.As(err, &p) || p.Cart == nil || p.Cart.ID != "c1" {
				t.Errorf("asked: %v, got %v", asked, err)
			}
		})
	}
}

// What is wrong at sight isn't sent.
func TestShopperIsToldAtOnce(t *testing.T) {
	c := New(func(context.Context, string, string, []byte) (int, []byte, error) {
		t.Error("the server is asked")
		return 500, nil, nil
	})
	var p *shared.Problem
	if _, err := c.SignUp(t.Context(), shared.SignUp{Name: "Ada", Email: "ada", Password: "12345678"}); !errors.As(err, &p) || p.Field != "email" {
		t.Errorf("got %v", err)
	}
	if _, err := c.SignInCustomer(t.Context(), shared.CustomerSignIn{Email: "ada@example.com"}); !errors.As(err, &p) || p.Field != "password" {
		t.Errorf("got %v", err)
	}
}

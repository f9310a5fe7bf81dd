package api_test

import (
	"context"
	"testing"

	"cartline/app/api"
	"cartline/shared"
)

// Each call asks what docs/protocol.md says.
func TestDeskCalls(t *testing.T) {
	ctx := context.Background()
	id := "0123456789abcdef0123456789abcdef"
	tests := []struct {
		asked string
		call  func(*api.Client) error
	}{
		{"GET /api/desk ", func(c *api.Client) error { _, err := c.Desk(ctx); return err }},
		{"GET /api/carts ", func(c *api.Client) error { _, err := c.Carts(ctx, "", false); return err }},
		{"GET /api/carts?all=1 ", func(c *api.Client) error { _, err := c.Carts(ctx, "", true); return err }},
		{"GET /api/carts?after=a%2Fb&all=1&limit=1000 ", func(c *api.Client) error { _, err := c.Carts(ctx, "a/b", true); return err }},
		{"GET /api/carts/" + id + " ", func(c *api.Client) error { _, err := c.CartView(ctx, id); return err }},
		{"GET /api/carts/" + id + "/activity ", func(c *api.Client) error { _, err := c.Timeline(ctx, id, 0); return err }},
		{"GET /api/carts/" + id + "/activity?before=9 ", func(c *api.Client) error { _, err := c.Timeline(ctx, id, 9); return err }},
		{`POST /api/carts/find {"code":"482913"}`, func(c *api.Client) error { _, err := c.FindCart(ctx, shared.FindCart{Code: "482913"}); return err }},
		{`POST /api/carts {"name":"Ann"}`, func(c *api.Client) error {
			_, err := c.StartPhoneOrder(ctx, shared.StartPhoneOrder{Name: "Ann"})
			return err
		}},
		{"POST /api/carts/" + id + "/claim ", func(c *api.Client) error { _, err := c.Attach(ctx, id); return err }},
		{"DELETE /api/carts/" + id + "/claim ", func(c *api.Client) error { return c.Release(ctx, id) }},
		{"POST /api/carts/" + id + "/knock ", func(c *api.Client) error { _, err := c.Knock(ctx, id); return err }},
		{"POST /api/carts/" + id + `/handover {"to":"bea"}`, func(c *api.Client) error {
			_, err := c.OfferHandover(ctx, id, shared.OfferHandover{To: "bea"})
			return err
		}},
		{"DELETE /api/carts/" + id + "/handover ", func(c *api.Client) error { _, err := c.EndHandover(ctx, id); return err }},
		{"PUT /api/carts/" + id + `/lines/A%2F1 {"quantity":2,"version":7}`, func(c *api.Client) error {
			_, err := c.SetCartLine(ctx, id, "A/1", shared.SetLine{Quantity: 2, Version: 7})
			return err
		}},
		{"DELETE /api/carts/" + id + "/lines/A?version=7 ", func(c *api.Client) error { _, err := c.RemoveCartLine(ctx, id, "A", 7); return err }},
		{"POST /api/carts/" + id + `/undo {"version":7}`, func(c *api.Client) error { _, err := c.UndoInCart(ctx, id, shared.Undo{Version: 7}); return err }},
		{"PUT /api/carts/" + id + `/discount {"basis_points":1000,"reason":"loyalty"}`, func(c *api.Client) error {
			_, err := c.SetDiscount(ctx, id, shared.SetDiscount{BasisPoints: 1000, Reason: "loyalty"})
			return err
		}},
		{"DELETE /api/carts/" + id + "/discount ", func(c *api.Client) error { _, err := c.RemoveDiscount(ctx, id, ""); return err }},
		{"DELETE /api/carts/" + id + "/discount?sku=A ", func(c *api.Client) error { _, err := c.RemoveDiscount(ctx, id, "A"); return err }},
		{"POST /api/carts/" + id + `/links {"url":"/shop"}`, func(c *api.Client) error { _, err := c.SendLink(ctx, id, shared.SendLink{URL: "/shop"}); return err }},
		{"POST /api/carts/" + id + `/notes {"text":"x"}`, func(c *api.Client) error { _, err := c.WriteNote(ctx, id, shared.WriteNote{Text: "x"}); return err }},
		{"POST /api/carts/" + id + `/order {"total":5}`, func(c *api.Client) error { _, err := c.OrderCart(ctx, id, shared.PlaceOrder{Total: 5}); return err }},
		{"GET /api/products?limit=6&q=blue+mug ", func(c *api.Client) error { _, err := c.FindProducts(ctx, "blue mug", 6); return err }},
		{"GET /api/categories ", func(c *api.Client) error { _, err := c.Categories(ctx); return err }},
		{"GET /api/audit?before=3&limit=200 ", func(c *api.Client) error { _, err := c.Audit(ctx, 3); return err }},
	}
	for _, test := range tests {
		var asked string
		if err := test.call(api.New(answering(200, "{}", &asked))); err != nil || asked != test.asked {
			t.Errorf("asked %q, %v; want %q", asked, err, test.asked)
		}
	}
}

// What can be told to be wrong here is not asked.
func TestDeskCallsThatAreWrong(t *testing.T) {
	ctx := context.Background()
	for name, call := range map[string]func(*api.Client) error{
		"code":     func(c *api.Client) error { _, err := c.FindCart(ctx, shared.FindCart{Code: "12"}); return err },
		"name":     func(c *api.Client) error { _, err := c.StartPhoneOrder(ctx, shared.StartPhoneOrder{}); return err },
		"note":     func(c *api.Client) error { _, err := c.WriteNote(ctx, "x", shared.WriteNote{}); return err },
		"quantity": func(c *api.Client) error { _, err := c.SetCartLine(ctx, "x", "A", shared.SetLine{}); return err },
	} {
		var asked string
		err := call(api.New(answering(200, "{}", &asked)))
		if shared.ProblemOf(err).Code != shared.CodeInvalid || asked != "" {
			t.Errorf("%s: asked %q, got %v", name, asked, err)
		}
	}
}

package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cartline/shared"
)

// visitors are who asks in TestRoutes, in the order of its table's columns. Staff who
// attend do so with the customer's code.
var visitors = []struct {
	name    string
	shopper bool
	staff   bool
	roles   []string
	attends bool
}{
	{name: "nobody"},
	{name: "a shopper", shopper: true},
	{name: "staff without a role", staff: true},
	{name: "staff who may not listen", staff: true, roles: []string{shared.RoleCartEditor, shared.RoleDiscounter}},
	{name: "a watcher", staff: true, roles: []string{shared.RoleEventListener}},
	{name: "a watcher who might do all", staff: true, roles: []string{shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter}},
	{name: "an attendant", staff: true, roles: []string{shared.RoleEventListener}, attends: true},
	{name: "an editor who attends", staff: true, roles: []string{shared.RoleEventListener, shared.RoleCartEditor}, attends: true},
	{name: "a discounter who attends", staff: true, roles: []string{shared.RoleEventListener, shared.RoleDiscounter}, attends: true},
	{name: "an admin", staff: true, roles: []string{shared.RoleAdmin}},
}

// expectation is how a route is asked, and how each of the visitors is answered.
type expectation struct{ path, body, statuses string }

// table has every route. CART is the cart of a caller, who has one mug in it; a shopper
// has another.
func table() map[string]expectation {
	const (
		all      = "200 200 200 200 200 200 200 200 200 200"
		bad      = "400 400 400 400 400 400 400 400 400 400"
		sent     = "204 204 204 204 204 204 204 204 204 204"
		absent   = "404 404 404 404 404 404 404 404 404 404"
		shopper  = "404 200 404 404 404 404 404 404 404 404"
		signedIn = "401 401 200 200 200 200 200 200 200 200"
		watcher  = "401 401 403 403 200 200 200 200 200 403"
		attend   = "401 401 403 403 403 403 200 200 200 403"
		editor   = "401 401 403 403 403 403 403 200 403 403"
		discount = "401 401 403 403 403 403 403 403 200 403"
		audit    = "401 401 403 403 403 403 403 403 403 200"
	)
	return map[string]expectation{
		"GET /api/products":        {"/api/products", "", all},
		"GET /api/products/{slug}": {"/api/products/blue-mug", "", all},
		"GET /api/categories":      {"/api/categories", "", all},

		"GET /api/cart":                {"/api/cart", "", all},
		"PUT /api/cart/lines/{sku}":    {"/api/cart/lines/LAMP", `{"quantity":1}`, all},
		"DELETE /api/cart/lines/{sku}": {"/api/cart/lines/MUG", "", shopper},
		"POST /api/cart/undo":          {"/api/cart/undo", `{"version":1}`, shopper},
		"POST /api/cart/order":         {"/api/cart/order", `{"total":1250}`, shopper},
		"GET /api/cart/orders":         {"/api/cart/orders", "", all},
		"POST /api/cart/code":          {"/api/cart/code", "", all},
		"DELETE /api/cart/code":        {"/api/cart/code", "", sent},
		"POST /api/cart/help":          {"/api/cart/help", "", all},
		"DELETE /api/cart/help":        {"/api/cart/help", "", shopper},
		"POST /api/cart/knock":         {"/api/cart/knock", `{"staff":"x","accept":true}`, absent},
		"POST /api/cart/stop":          {"/api/cart/stop", `{}`, shopper},
		"POST /api/cart/pageview":      {"/api/cart/pageview", `{"path":"/shop"}`, sent},
		"POST /api/cart/links/{link}":  {"/api/cart/links/x", `{"state":"opened"}`, absent},

		"POST /api/customers":          {"/api/customers", `{}`, bad},
		"POST /api/customer/session":   {"/api/customer/session", `{}`, bad},
		"GET /api/customer/session":    {"/api/customer/session", "", all},
		"DELETE /api/customer/session": {"/api/customer/session", "", sent},

		"POST /api/staff/session":   {"/api/staff/session", `{}`, bad},
		"GET /api/staff/session":    {"/api/staff/session", "", signedIn},
		"DELETE /api/staff/session": {"/api/staff/session", "", sent},
		"PUT /api/staff/password":   {"/api/staff/password", `{}`, "401 401 400 400 400 400 400 400 400 400"},

		"GET /api/desk":                      {"/api/desk", "", watcher},
		"GET /api/carts":                     {"/api/carts", "", watcher},
		"POST /api/carts":                    {"/api/carts", `{"name":"Bob"}`, "401 401 403 403 403 200 403 200 403 403"},
		"POST /api/carts/find":               {"/api/carts/find", `{"email":"bob@example.com"}`, watcher},
		"GET /api/carts/{id}":                {"/api/carts/CART", "", watcher},
		"GET /api/carts/{id}/activity":       {"/api/carts/CART/activity", "", watcher},
		"POST /api/carts/{id}/claim":         {"/api/carts/CART/claim", "", attend},
		"DELETE /api/carts/{id}/claim":       {"/api/carts/CART/claim", "", "401 401 403 403 204 204 204 204 204 403"},
		"POST /api/carts/{id}/knock":         {"/api/carts/CART/knock", "", watcher},
		"POST /api/carts/{id}/handover":      {"/api/carts/CART/handover", `{"to":"colleague"}`, attend},
		"DELETE /api/carts/{id}/handover":    {"/api/carts/CART/handover", "", "401 401 403 403 404 404 404 404 404 403"},
		"PUT /api/carts/{id}/lines/{sku}":    {"/api/carts/CART/lines/LAMP", `{"quantity":1}`, editor},
		"DELETE /api/carts/{id}/lines/{sku}": {"/api/carts/CART/lines/MUG", "", editor},
		"POST /api/carts/{id}/undo":          {"/api/carts/CART/undo", `{"version":1}`, editor},
		"PUT /api/carts/{id}/discount":       {"/api/carts/CART/discount", `{"basis_points":1000,"reason":"goodwill"}`, discount},
		"DELETE /api/carts/{id}/discount":    {"/api/carts/CART/discount", "", "401 401 403 403 403 403 403 403 404 403"},
		"POST /api/carts/{id}/links":         {"/api/carts/CART/links", `{"url":"/shop"}`, attend},
		"POST /api/carts/{id}/notes":         {"/api/carts/CART/notes", `{"text":"x"}`, attend},
		// It is no phone order, which is its shopper's to place.
		"POST /api/carts/{id}/order": {"/api/carts/CART/order", `{"total":1250}`, "401 401 403 403 403 403 403 403 403 403"},
		"GET /api/audit":             {"/api/audit", "", audit},

		"GET /api/gateway/sessions": {"/api/gateway/sessions", "", watcher},
		"GET /api/gateway":          {"/api/gateway", "", watcher},
		"GET /api/handshake":        {"/api/handshake?path=/events/io", "", "401 200 403 403 200 200 200 200 200 403"},
		// Who knows the id may ask; TestHandshakeRecord has one that is told.
		"GET /api/handshake/{id}": {"/api/handshake/0123456789abcdef0123456789abcdef", "", absent},
	}
}

// TestRoutes asks each route as each kind of visitor. A route that is not in the table
// fails.
func TestRoutes(t *testing.T) {
	table := table()
	s := open(t, options{})
	s.signedInAs(t, "colleague", shared.RoleEventListener)
	routes := s.api.routes()
	for _, pattern := range slices.Sorted(maps.Keys(routes)) {
		want, listed := table[pattern]
		if !listed {
			t.Errorf("%s: who may ask this? Add it to the table.", pattern)
			continue
		}
		method, _, _ := strings.Cut(pattern, " ")
		statuses := strings.Fields(want.statuses)
		for i, visitor := range visitors {
			caller := s.browser(t)
			called := into[shared.Cart](t, caller.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`))
			b := s.browser(t)
			if visitor.staff {
				b = s.signedIn(t, visitor.roles...)
			}
			if visitor.shopper {
				b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`)
			}
			if visitor.attends {
				s.attach(t, b, caller)
			}
			got := b.ask(t, method, strings.ReplaceAll(want.path, "CART", called.ID), want.body)
			if strconv.Itoa(got.status) != statuses[i] {
				t.Errorf("%s by %s: got %d %s, want %s", pattern, visitor.name, got.status, got.body, statuses[i])
			}
		}
	}
	for pattern := range table {
		if routes[pattern] == nil {
			t.Errorf("%s is in the table but is no route", pattern)
		}
	}
}

// attach lets staff attend the cart of a caller who reads their code aloud.
func (s *shop) attach(t *testing.T, staff, caller *browser) shared.CartView {
	t.Helper()
	code := into[shared.AssistCode](t, caller.ask(t, "POST", "/api/cart/code", ""))
	found := into[shared.FoundCarts](t, staff.ask(t, "POST", "/api/carts/find", fmt.Sprintf(`{"code":%q}`, code.Code[:3]+" "+code.Code[3:])))
	if found.Cart == nil || !found.Cart.Attached {
		t.Fatalf("got %+v, want the caller's cart, attached", found)
	}
	return *found.Cart
}

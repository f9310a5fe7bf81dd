// Package api is the HTTP JSON API: the shopper's own cart, the catalogue, staff
// sessions, and what staff may read of carts and of the gateway.
//
// It translates between HTTP and the packages cart and identity, and knows no SQL
// and no rule of a cart. Every error is answered with a problem (RFC 9457); the
// cause of one that is our fault is logged and never shown.
//
// Start with api.go, which lists the routes.
package api

// Package demo fills an empty shop with something to look at: products, a member
// of the staff with a password that is made up at each start, and simulated
// shoppers, who reach the shop through its public HTTP API only.
//
// It is for trying Cartline out. It adds what isn't there, changes no product,
// and runs only when asked for with --demo. Start with Setup, and with Shoppers in
// shoppers.go; shopper.go says what one of them does.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/shared"
)

// Username is that of the demo's member of the staff.
const Username = "demo"

// Setup adds the demo's products, if there are no products at all, and its member
// of the staff, whose new password it returns. Sessions under an earlier password
// end.
func Setup(ctx context.Context, store cart.Store, staff *identity.Staff) (password string, err error) {
	products, err := store.Products(ctx, cart.ProductQuery{Limit: 1})
	if err != nil {
		return "", err
	}
	if len(products) == 0 {
		if err := store.PutProducts(ctx, Products()); err != nil {
			return "", err
		}
	}
	password = newPassword()
	err = staff.SetPassword(ctx, Username, password)
	var problem *shared.Problem
	if errors.As(err, &problem) && problem.Code == shared.CodeNotFound {
		err = staff.Add(ctx, Username, password, shared.Roles())
	}
	return password, err
}

// newPassword returns sixteen random letters and digits (80 bits), in groups that
// can be typed.
func newPassword() string {
	text := strings.ToLower(rand.Text())
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16]}, "-")
}

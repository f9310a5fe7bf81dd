package cart

import (
	"fmt"
	"slices"
	"time"

	"cartline/shared"
)

// setLine makes the quantity of a product what someone wants it to be. The
// line's version must be the one that the wish is based on: 0 for a product that
// the cart didn't have. It returns nil if nothing is to be changed.
func setLine(c *shared.Cart, product shared.Product, want shared.SetLine) (*shared.Activity, error) {
	if err := want.Validate(); err != nil {
		return nil, err
	}
	if err := Closed(c); err != nil {
		return nil, err
	}
	i := lineIndex(c, product.SKU)
	if i < 0 {
		if want.Version != 0 {
			return nil, conflict(c, fmt.Sprintf("%s is no longer in the cart.", product.Name))
		}
		return addLine(c, product, want.Quantity)
	}
	line := &c.Lines[i]
	if want.Version == 0 && line.Quantity == want.Quantity {
		return nil, nil // the same wish again, whose answer got lost
	}
	if line.Version != want.Version {
		return nil, conflict(c, fmt.Sprintf("%s has changed meanwhile: there are %d now.", line.Name, line.Quantity))
	}
	if line.Quantity == want.Quantity {
		return nil, nil
	}
	return resize(line, want.Quantity), nil
}

// resize changes the quantity of a line.
func resize(line *shared.Line, quantity int) *shared.Activity {
	activity := &shared.Activity{Kind: shared.LineChanged, Line: &shared.LineChange{
		SKU: line.SKU, Name: line.Name, OldQuantity: line.Quantity, NewQuantity: quantity,
	}}
	line.Quantity = quantity
	touched(line)
	return activity
}

func addLine(c *shared.Cart, product shared.Product, quantity int) (*shared.Activity, error) {
	if len(c.Lines) >= shared.MaxLines {
		return nil, &shared.Problem{
			Code:   shared.CodeCartFull,
			Detail: fmt.Sprintf("A cart holds at most %d different products.", shared.MaxLines),
		}
	}
	if len(c.Lines) > 0 && c.Lines[0].UnitPrice.Currency != product.Price.Currency {
		return nil, &shared.Problem{
			Code:   shared.CodeInvalid,
			Field:  "sku",
			Detail: fmt.Sprintf("%s is sold in %s, and this cart is in %s.", product.Name, product.Price.Currency, c.Lines[0].UnitPrice.Currency),
		}
	}
	if c.Discount != nil && c.Discount.Amount > 0 && c.Total.Currency != "" && c.Total.Currency != product.Price.Currency {
		// The cart is empty, but for an amount that is of another currency.
		return nil, &shared.Problem{
			Code:   shared.CodeInvalid,
			Field:  "sku",
			Detail: fmt.Sprintf("%s is sold in %s, and this cart has a discount in %s.", product.Name, product.Price.Currency, c.Total.Currency),
		}
	}
	c.Lines = append(c.Lines, shared.Line{
		SKU: product.SKU, Slug: product.Slug, Name: product.Name, Quantity: quantity, UnitPrice: product.Price,
	})
	activity := &shared.Activity{Kind: shared.LineAdded, Line: &shared.LineChange{
		SKU: product.SKU, Name: product.Name, NewQuantity: quantity,
	}}
	followLink(c, product.SKU, activity)
	return activity, nil
}

// followLink notes that the product of a link that was opened is now in the cart.
func followLink(c *shared.Cart, sku string, activity *shared.Activity) {
	for i := range c.Links {
		link := &c.Links[i]
		if link.SKU == sku && link.State == shared.LinkOpened {
			link.State, link.At = shared.LinkAdded, time.Time{} // commit knows when
			moved := *link
			activity.Link = &moved
		}
	}
}

// removeLine takes a line out. Version 0 takes it out whatever its version is.
func removeLine(c *shared.Cart, sku string, version int64) (*shared.Activity, error) {
	if err := Closed(c); err != nil {
		return nil, err
	}
	i := lineIndex(c, sku)
	if i < 0 {
		if version != 0 {
			return nil, conflict(c, "This product is no longer in the cart.")
		}
		return nil, notInCart()
	}
	line := c.Lines[i]
	if version != 0 && version != line.Version {
		return nil, conflict(c, fmt.Sprintf("%s has changed meanwhile: there are %d now.", line.Name, line.Quantity))
	}
	return takeOut(c, i), nil
}

// takeOut takes a line out, and tells of its discount, so that both can be put
// back.
func takeOut(c *shared.Cart, i int) *shared.Activity {
	line := c.Lines[i]
	c.Lines = slices.Delete(c.Lines, i, i+1)
	activity := &shared.Activity{Kind: shared.LineRemoved, Line: &shared.LineChange{
		SKU: line.SKU, Name: line.Name, OldQuantity: line.Quantity,
	}}
	if line.Discount != nil {
		activity.Discount = &shared.DiscountChange{SKU: line.SKU, Old: line.Discount}
	}
	return activity
}

func notInCart() error {
	return &shared.Problem{Code: shared.CodeNotFound, Detail: "This product is not in the cart."}
}

func lineIndex(c *shared.Cart, sku string) int {
	return slices.IndexFunc(c.Lines, func(l shared.Line) bool { return l.SKU == sku })
}

// conflict refuses a change that is based on an old version, and shows the
// present state, so that the caller can decide anew without asking again.
func conflict(c *shared.Cart, detail string) *shared.Problem {
	present := *c
	present.Lines = slices.Clone(c.Lines)
	if c.Version == 0 {
		// The cart would have been made by this change: there is none.
		present = emptyCart()
	}
	return &shared.Problem{Code: shared.CodeVersionConflict, Field: "version", Detail: detail, Cart: &present}
}

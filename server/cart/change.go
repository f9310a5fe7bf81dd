package cart

import (
	"fmt"
	"slices"
	"time"

	"cartline/shared"
)

// change is a rule that was followed: it has altered the lines, and says how.
type change struct {
	kind shared.ActivityKind
	line shared.LineChange
}

// setLine makes the quantity of a product what the shopper wants it to be. The
// line's version must be the one that the wish is based on: 0 for a product that
// the cart didn't have. It returns nil if nothing is to be changed.
func setLine(c *shared.Cart, product shared.Product, want shared.SetLine) (*change, error) {
	if err := want.Validate(); err != nil {
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
	did := &change{kind: shared.LineChanged, line: shared.LineChange{
		SKU: line.SKU, Name: line.Name, OldQuantity: line.Quantity, NewQuantity: want.Quantity,
	}}
	line.Quantity = want.Quantity
	return did, nil
}

func addLine(c *shared.Cart, product shared.Product, quantity int) (*change, error) {
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
	c.Lines = append(c.Lines, shared.Line{
		SKU: product.SKU, Name: product.Name, Quantity: quantity, UnitPrice: product.Price,
	})
	return &change{kind: shared.LineAdded, line: shared.LineChange{
		SKU: product.SKU, Name: product.Name, NewQuantity: quantity,
	}}, nil
}

// removeLine takes a line out. Version 0 takes it out whatever its version is.
func removeLine(c *shared.Cart, sku string, version int64) (*change, error) {
	i := lineIndex(c, sku)
	if i < 0 {
		if version != 0 {
			return nil, conflict(c, "This product is no longer in the cart.")
		}
		return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: "This product is not in the cart."}
	}
	line := c.Lines[i]
	if version != 0 && version != line.Version {
		return nil, conflict(c, fmt.Sprintf("%s has changed meanwhile: there are %d now.", line.Name, line.Quantity))
	}
	c.Lines = slices.Delete(c.Lines, i, i+1)
	return &change{kind: shared.LineRemoved, line: shared.LineChange{
		SKU: line.SKU, Name: line.Name, OldQuantity: line.Quantity,
	}}, nil
}

// commit makes a rule's change the cart's next version: it stamps the line,
// reckons the totals anew, and returns the activity that tells of it.
func commit(c *shared.Cart, did *change, actor shared.Actor, now time.Time) (*shared.Activity, error) {
	c.Version++
	c.UpdatedAt = now
	if i := lineIndex(c, did.line.SKU); i >= 0 {
		c.Lines[i].Version = c.Version
	}
	if err := reckon(c); err != nil {
		return nil, err
	}
	return &shared.Activity{
		CartID:      c.ID,
		CartVersion: c.Version,
		Kind:        did.kind,
		Actor:       actor,
		At:          now,
		Line:        &did.line,
		Cart:        c.Summary(),
	}, nil
}

// reckon sets every amount and count that follows from the lines.
func reckon(c *shared.Cart) error {
	currency := c.Total.Currency
	c.Items = 0
	c.Total = shared.Money{}
	for i := range c.Lines {
		line := &c.Lines[i]
		var err error
		if line.Total, err = line.UnitPrice.Times(line.Quantity); err != nil {
			return fmt.Errorf("line %s: %w", line.SKU, err)
		}
		if c.Total, err = c.Total.Plus(line.Total); err != nil {
			return fmt.Errorf("total: %w", err)
		}
		c.Items += line.Quantity
	}
	if len(c.Lines) == 0 {
		c.Total.Currency = currency
	}
	return nil
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

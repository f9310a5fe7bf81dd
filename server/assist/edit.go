package assist

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cartline/server/cart"
	"cartline/shared"
)

// SetLine sets the quantity of a product in an attended cart.
func (d *Desk) SetLine(ctx context.Context, who Staff, id, sku string, want shared.SetLine) (cart.Record, error) {
	what := &deed{who: who, action: "set_line", cart: id, needs: shared.RoleCartEditor, attended: true, after: fmt.Sprintf("%d × %s", want.Quantity, sku)}
	rule, err := d.config.Carts.LineRule(ctx, sku, want)
	if err != nil {
		rule = refusing(err)
	}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		what.before = quantityOf(&r.Cart, sku)
		return rule(r)
	})
}

// refusing is a rule that refuses: for what is wrong before the cart is looked at,
// but is told only to those who may do it at all.
func refusing(err error) cart.Rule {
	return func(*cart.Record) (*cart.Outcome, error) { return nil, err }
}

func quantityOf(c *shared.Cart, sku string) string {
	line, ok := c.Line(sku)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d × %s", line.Quantity, sku)
}

// RemoveLine takes a product out of an attended cart.
func (d *Desk) RemoveLine(ctx context.Context, who Staff, id, sku string, version int64) (cart.Record, error) {
	what := &deed{who: who, action: "remove_line", cart: id, needs: shared.RoleCartEditor, attended: true}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		what.before = quantityOf(&r.Cart, sku)
		return cart.RemoveRule(sku, version)(r)
	})
}

// Undo takes one change of an attended cart back. For a discount that takes the
// role that gives them.
func (d *Desk) Undo(ctx context.Context, who Staff, id string, want shared.Undo) (cart.Record, error) {
	what := &deed{who: who, action: "undo", cart: id, needs: shared.RoleCartEditor, attended: true, after: fmt.Sprintf("version %d", want.Version)}
	rule, kind, err := d.config.Carts.UndoRule(ctx, id, want, who.actor())
	if err != nil {
		rule = refusing(err)
	}
	if kind == shared.DiscountSet || kind == shared.DiscountRemoved {
		what.needs = shared.RoleDiscounter
	}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		outcome, err := rule(r)
		if err != nil || outcome == nil {
			return nil, err
		}
		return outcome, d.mayGiveBack(who, outcome.Activity)
	})
}

// mayGiveBack refuses to bring a discount back that someone else was allowed to give.
func (d *Desk) mayGiveBack(who Staff, done *shared.Activity) error {
	if done.Kind != shared.DiscountSet || done.Discount.New.MaxBasisPoints <= d.limit(who) {
		return nil
	}
	return &shared.Problem{Code: shared.CodeOverLimit, Detail: "That discount is more than you may give."}
}

// SetDiscount gives an attended cart, or a line of it, a discount.
func (d *Desk) SetDiscount(ctx context.Context, who Staff, id string, want shared.SetDiscount) (cart.Record, error) {
	what := &deed{who: who, action: "set_discount", cart: id, needs: shared.RoleDiscounter, attended: true, tell: func(c *shared.Cart) string { return wanted(want, c.Total.Currency) }}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		what.before = discountOf(&r.Cart, want.SKU)
		return cart.SetDiscount(want, who.Name, d.limit(who))(r)
	})
}

// RemoveDiscount takes a discount of an attended cart away.
func (d *Desk) RemoveDiscount(ctx context.Context, who Staff, id, sku string) (cart.Record, error) {
	what := &deed{who: who, action: "remove_discount", cart: id, needs: shared.RoleDiscounter, attended: true}
	return d.do(ctx, what, cart.Which{ID: id}, func(r *cart.Record) (*cart.Outcome, error) {
		what.before = discountOf(&r.Cart, sku)
		return cart.RemoveDiscount(sku)(r)
	})
}

// wanted tells a discount for the audit, also one that is refused.
func wanted(want shared.SetDiscount, currency string) string {
	text := fmt.Sprintf("%d.%02d %%", want.BasisPoints/100, want.BasisPoints%100)
	if want.BasisPoints == 0 {
		text = shared.Money{Amount: want.Amount, Currency: currency}.String()
	}
	if want.SKU != "" {
		text += " on " + want.SKU
	}
	return text + ", " + want.Reason
}

func discountOf(c *shared.Cart, sku string) string {
	d := c.Discount
	if sku != "" {
		line, _ := c.Line(sku)
		d = line.Discount
	}
	if d == nil {
		return ""
	}
	return wanted(shared.SetDiscount{SKU: sku, BasisPoints: d.BasisPoints, Amount: d.Amount, Reason: d.Reason}, c.Total.Currency)
}

// WriteNote leaves a note for colleagues at an attended cart. The customer doesn't
// see it, and the audit has only its length.
func (d *Desk) WriteNote(ctx context.Context, who Staff, id string, want shared.WriteNote) (cart.Record, error) {
	text := strings.TrimSpace(want.Text)
	what := &deed{who: who, action: "write_note", cart: id, attended: true, after: fmt.Sprintf("%d characters", utf8.RuneCountInString(text))}
	return d.do(ctx, what, cart.Which{ID: id}, func(*cart.Record) (*cart.Outcome, error) {
		if err := want.Validate(); err != nil {
			return nil, err
		}
		return cart.Did(&shared.Activity{Kind: shared.NoteWritten, Note: text}, nil)
	})
}

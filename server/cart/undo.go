package cart

import (
	"cartline/shared"
)

// undo takes one change back, if nothing has been changed on top of it. Product is
// that of the change's line, if it is still sold. A shopper may take any line's
// change back, and a discount that they were given, but not get one back that was
// taken away.
func undo(c *shared.Cart, done shared.Activity, product *shared.Product, actor shared.Actor) (*shared.Activity, error) {
	if err := Closed(c); err != nil {
		return nil, err
	}
	var activity *shared.Activity
	var err error
	switch done.Kind {
	case shared.LineAdded, shared.LineChanged:
		activity, err = undoSet(c, done)
	case shared.LineRemoved:
		activity, err = undoRemoval(c, done, product, actor)
	case shared.DiscountSet, shared.DiscountRemoved:
		activity, err = undoDiscount(c, done, actor)
	default:
		err = cannotUndo("That can't be taken back.")
	}
	if err != nil {
		return nil, err
	}
	activity.Undoes = done.CartVersion
	return activity, nil
}

func cannotUndo(detail string) error {
	return &shared.Problem{Code: shared.CodeCannotUndo, Detail: detail}
}

func changedSince(name string) error {
	return cannotUndo(name + " has changed since, so that can't be taken back.")
}

func undoSet(c *shared.Cart, done shared.Activity) (*shared.Activity, error) {
	i := lineIndex(c, done.Line.SKU)
	if i < 0 || c.Lines[i].Version != done.CartVersion {
		return nil, changedSince(done.Line.Name)
	}
	if done.Line.OldQuantity == 0 {
		return takeOut(c, i), nil
	}
	return resize(&c.Lines[i], done.Line.OldQuantity), nil
}

func undoRemoval(c *shared.Cart, done shared.Activity, product *shared.Product, actor shared.Actor) (*shared.Activity, error) {
	if lineIndex(c, done.Line.SKU) >= 0 {
		return nil, changedSince(done.Line.Name)
	}
	if product == nil {
		return nil, cannotUndo(done.Line.Name + " is not sold any more.")
	}
	activity, err := addLine(c, *product, done.Line.OldQuantity)
	// A shopper doesn't get a discount back that staff have taken away with its line.
	withIt := actor.Kind != shared.ActorShopper || done.Actor.Kind == shared.ActorShopper
	if err == nil && done.Discount != nil && withIt {
		c.Lines[len(c.Lines)-1].Discount = done.Discount.Old
	}
	return activity, err
}

func undoDiscount(c *shared.Cart, done shared.Activity, actor shared.Actor) (*shared.Activity, error) {
	at, err := discountAt(c, done.Discount.SKU)
	if err != nil || !(*at).Same(done.Discount.New) {
		return nil, cannotUndo("The discount has changed since, so that can't be taken back.")
	}
	if actor.Kind == shared.ActorShopper && done.Discount.Old != nil {
		return nil, cannotUndo("Only the staff can give that discount back.")
	}
	return putDiscount(c, done.Discount.SKU, at, done.Discount.Old), nil
}

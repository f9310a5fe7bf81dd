package cart

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/shared"
)

// modelLine is all that the model knows of a line.
type modelLine struct {
	quantity int
	version  int64
}

// machine drives the rules beside a model that is too simple to be wrong: a map
// of quantities and versions, and one of discounts by SKU.
type machine struct {
	cart      shared.Cart
	lines     map[string]modelLine
	discounts map[string]*shared.Discount
	version   int64
	log       []shared.Activity
	ordered   bool
}

var modelProducts = []shared.Product{
	product("A", "Apple", 1, "EUR"), product("B", "Book", 1999, "EUR"), product("C", "Crown", shared.MaxPrice, "EUR"),
	product("D", "Duck", 0, "EUR"), product("E", "Egg", 35, "EUR"),
}

func TestRulesFollowTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{cart: emptyCart(), lines: map[string]modelLine{}, discounts: map[string]*shared.Discount{}}
		t.Repeat(map[string]func(*rapid.T){
			"":           m.check,
			"set":        m.set,
			"remove":     m.remove,
			"discount":   m.discount,
			"undiscount": m.undiscount,
			"undo":       m.undo,
			"order":      m.order,
		})
	})
}

// drawVersion draws the line's version as a client may know it: right, none, old or
// made up.
func (m *machine) drawVersion(t *rapid.T, sku string) int64 {
	return rapid.OneOf(
		rapid.Just(m.lines[sku].version), rapid.Just(m.lines[sku].version), rapid.Just[int64](0), rapid.Int64Range(0, m.version+2),
	).Draw(t, "version")
}

func (m *machine) set(t *rapid.T) {
	p := rapid.SampledFrom(modelProducts).Draw(t, "product")
	want := shared.SetLine{
		Quantity: rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(-1, shared.MaxQuantity+1)).Draw(t, "quantity"),
		Version:  m.drawVersion(t, p.SKU),
	}
	line, there := m.lines[p.SKU]
	before := encoded(t, m.cart)
	did, err := setLine(&m.cart, p, want)
	switch {
	case want.Quantity < 1 || want.Quantity > shared.MaxQuantity:
		m.refused(t, before, did, err, shared.CodeInvalid)
	case m.ordered:
		m.refused(t, before, did, err, shared.CodeCartClosed)
	case there && want.Quantity == line.quantity && (want.Version == line.version || want.Version == 0):
		if did != nil || err != nil || encoded(t, m.cart) != before {
			t.Fatalf("nothing was to change: got %v, %v", did, err)
		}
	case want.Version != line.version:
		m.refused(t, before, did, err, shared.CodeVersionConflict)
	default:
		kind := shared.LineChanged
		if !there {
			kind = shared.LineAdded
		}
		m.accepted(t, did, err, kind, shared.LineChange{
			SKU: p.SKU, Name: p.Name, OldQuantity: line.quantity, NewQuantity: want.Quantity,
		})
		m.lines[p.SKU] = modelLine{quantity: want.Quantity, version: m.version}
	}
}

func (m *machine) remove(t *rapid.T) {
	p := rapid.SampledFrom(modelProducts).Draw(t, "product")
	version := m.drawVersion(t, p.SKU)
	line, there := m.lines[p.SKU]
	before := encoded(t, m.cart)
	did, err := removeLine(&m.cart, p.SKU, version)
	switch {
	case m.ordered:
		m.refused(t, before, did, err, shared.CodeCartClosed)
	case !there && version == 0:
		m.refused(t, before, did, err, shared.CodeNotFound)
	case version != 0 && version != line.version:
		m.refused(t, before, did, err, shared.CodeVersionConflict)
	default:
		m.accepted(t, did, err, shared.LineRemoved, shared.LineChange{SKU: p.SKU, Name: p.Name, OldQuantity: line.quantity})
		delete(m.lines, p.SKU)
		delete(m.discounts, p.SKU)
	}
}

// drawTarget draws what may have a discount: a product, or all of the cart.
func (m *machine) drawTarget(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "A", "B", "C", "D", "E"}).Draw(t, "sku")
}

func (m *machine) discount(t *rapid.T) {
	want := shared.SetDiscount{SKU: m.drawTarget(t), Reason: "volume"}
	if rapid.Bool().Draw(t, "is a share") {
		want.BasisPoints = rapid.IntRange(1, limit+1).Draw(t, "basis points")
	} else {
		want.Amount = rapid.Int64Range(1, 500).Draw(t, "amount")
	}
	before := encoded(t, m.cart)
	did, err := setDiscount(&m.cart, want, "zoe", limit)
	_, there := m.lines[want.SKU]
	switch code := codeOf(err); {
	case m.ordered:
		m.refused(t, before, did, err, shared.CodeCartClosed)
	case want.SKU != "" && !there:
		m.refused(t, before, did, err, shared.CodeNotFound)
	case want.BasisPoints > limit:
		m.refused(t, before, did, err, shared.CodeOverLimit)
	case code == shared.CodeTooMuch || code == shared.CodeOverLimit: // when exactly, TestLimitIsExact says
		m.refused(t, before, did, err, code)
	case did == nil && err == nil:
		if old := m.discounts[want.SKU]; old == nil || old.BasisPoints != want.BasisPoints || old.Amount != want.Amount {
			t.Fatalf("nothing came of %+v in place of %+v", want, old)
		}
	default:
		m.discounted(t, did, err, want.SKU)
	}
}

func (m *machine) undiscount(t *rapid.T) {
	sku := m.drawTarget(t)
	before := encoded(t, m.cart)
	r := Record{Cart: m.cart}
	outcome, err := RemoveDiscount(sku)(&r)
	m.cart = r.Cart
	switch {
	case m.ordered:
		m.refused(t, before, nil, err, shared.CodeCartClosed)
	case m.discounts[sku] == nil:
		m.refused(t, before, nil, err, shared.CodeNotFound)
	case err != nil:
		t.Fatal(err)
	default:
		m.discounted(t, outcome.Activity, err, sku)
	}
}

// discounted commits a change of a discount, which is also one of its line.
func (m *machine) discounted(t *rapid.T, did *shared.Activity, err error, sku string) {
	t.Helper()
	if did == nil || err != nil || did.Discount.SKU != sku || !did.Discount.Old.Same(m.discounts[sku]) {
		t.Fatalf("got %v, %v; want a change of %q from %+v", did, err, sku, m.discounts[sku])
	}
	m.commit(t, did)
	m.discounts[sku] = did.Discount.New
	if line, there := m.lines[sku]; there {
		m.lines[sku] = modelLine{quantity: line.quantity, version: m.version}
	}
}

// undo takes any earlier change back. What comes of it, the model knows from the
// change alone.
func (m *machine) undo(t *rapid.T) {
	if len(m.log) == 0 {
		t.Skip("nothing to undo")
	}
	undone := rapid.SampledFrom(m.log).Draw(t, "undone")
	before := encoded(t, m.cart)
	var sold *shared.Product
	for _, p := range modelProducts {
		if p.SKU == skuOf(&undone) {
			sold = &p
		}
	}
	did, err := undo(&m.cart, undone, sold, zoe)
	if m.ordered {
		m.refused(t, before, did, err, shared.CodeCartClosed)
		return
	}
	if undone.Kind == shared.DiscountSet || undone.Kind == shared.DiscountRemoved {
		sku := undone.Discount.SKU
		if _, there := m.lines[sku]; sku != "" && !there || !m.discounts[sku].Same(undone.Discount.New) {
			m.refused(t, before, did, err, shared.CodeCannotUndo)
			return
		}
		m.discounted(t, did, err, sku)
		return
	}
	sku, line := undone.Line.SKU, m.lines[undone.Line.SKU]
	if undone.Kind == shared.LineRemoved && line.quantity > 0 || undone.Kind != shared.LineRemoved && line.version != undone.CartVersion {
		m.refused(t, before, did, err, shared.CodeCannotUndo)
		return
	}
	m.commit(t, did)
	if did.Undoes != undone.CartVersion || did.Line.NewQuantity != undone.Line.OldQuantity || did.Line.OldQuantity != undone.Line.NewQuantity {
		t.Fatalf("got %s for %s", encoded(t, did), encoded(t, undone))
	}
	if undone.Line.OldQuantity == 0 {
		delete(m.lines, sku)
		delete(m.discounts, sku)
		return
	}
	m.lines[sku] = modelLine{quantity: undone.Line.OldQuantity, version: m.version}
	if undone.Discount != nil {
		m.discounts[sku] = undone.Discount.Old
	}
}

func (m *machine) order(t *rapid.T) {
	total := m.cart.Total.Amount + rapid.SampledFrom([]int64{0, 0, 1}).Draw(t, "off by")
	if !m.ordered && rapid.IntRange(0, 9).Draw(t, "hesitates") > 0 {
		t.Skip("not yet")
	}
	before := encoded(t, m.cart)
	r := Record{Cart: m.cart}
	did, err := placeOrder(&r, shared.PlaceOrder{Total: total}, ShopperActor, noon)
	m.cart = r.Cart
	var p *shared.Problem
	switch {
	case m.ordered:
		m.refused(t, before, did, err, shared.CodeCartClosed)
	case len(m.lines) == 0:
		m.refused(t, before, did, err, shared.CodeInvalid)
	case total != m.cart.Total.Amount:
		if !errors.As(err, &p) || p.Code != shared.CodeTotalChanged || encoded(t, m.cart) != before {
			t.Fatalf("got %v, %v; want code %s", did, err, shared.CodeTotalChanged)
		}
	default:
		m.commit(t, did)
		m.ordered = true
		m.log = m.log[:len(m.log)-1]
	}
}

func (m *machine) refused(t *rapid.T, before string, did *shared.Activity, err error, code shared.Code) {
	t.Helper()
	if did != nil || codeOf(err) != code {
		t.Fatalf("got %v, %v; want code %s", did, err, code)
	}
	if after := encoded(t, m.cart); after != before {
		t.Fatalf("a refused change made %s of %s", after, before)
	}
	var p *shared.Problem
	if errors.As(err, &p) && (p.Cart != nil) != (code == shared.CodeVersionConflict) {
		t.Fatalf("code %s with the cart %v", code, p.Cart)
	}
}

// accepted commits a change, which makes exactly one version and one activity.
func (m *machine) accepted(t *rapid.T, did *shared.Activity, err error, kind shared.ActivityKind, line shared.LineChange) {
	t.Helper()
	if did == nil || err != nil {
		t.Fatalf("got %v, %v; want %s", did, err, kind)
	}
	now := m.commit(t, did)
	if did.Kind != kind || *did.Line != line || did.CartVersion != m.version || !did.At.Equal(now) || encoded(t, did.Cart) != encoded(t, m.cart.Summary()) {
		t.Fatalf("got the activity %s, want %s of %+v at version %d", encoded(t, did), kind, line, m.version)
	}
}

func (m *machine) commit(t *rapid.T, did *shared.Activity) time.Time {
	t.Helper()
	m.version++
	now := noon.Add(time.Duration(m.version) * time.Second)
	if err := commit(&m.cart, did, ShopperActor, now); err != nil {
		t.Fatal(err)
	}
	m.log = append(m.log, *did)
	return now
}

// check is what holds at any time.
func (m *machine) check(t *rapid.T) {
	c := &m.cart
	if c.Version != m.version || len(c.Lines) != len(m.lines) {
		t.Fatalf("got version %d with %d lines, want %d with %d", c.Version, len(c.Lines), m.version, len(m.lines))
	}
	for _, line := range c.Lines {
		want, ok := m.lines[line.SKU]
		if got := (modelLine{line.Quantity, line.Version}); !ok || got != want {
			t.Fatalf("line %s: got %+v, want %+v", line.SKU, got, want)
		}
		if !line.Discount.Same(m.discounts[line.SKU]) {
			t.Fatalf("line %s: got the discount %+v, want %+v", line.SKU, line.Discount, m.discounts[line.SKU])
		}
	}
	if !c.Discount.Same(m.discounts[""]) {
		t.Fatalf("got the discount %+v, want %+v", c.Discount, m.discounts[""])
	}
	if err := Sound(c); err != nil {
		t.Fatal(err)
	}
	if (c.Status == shared.CartOrdered) != m.ordered {
		t.Fatalf("the cart is %s, ordered: %v", c.Status, m.ordered)
	}
}

// Two clients that read the same cart and change different lines don't disturb
// each other: both orders are accepted, and end with the same lines.
func TestDifferentLinesNeverConflict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := emptyCart()
		for _, p := range modelProducts[:rapid.IntRange(0, len(modelProducts)).Draw(t, "lines")] {
			apply(t, &start, &start, p, 5)
		}
		order := rapid.Permutation(modelProducts).Draw(t, "order")
		a, b := order[0], order[1]
		quantityA, quantityB := rapid.IntRange(0, 9).Draw(t, "a"), rapid.IntRange(0, 9).Draw(t, "b")
		one, other := clone(start), clone(start)
		apply(t, &one, &start, a, quantityA)
		apply(t, &one, &start, b, quantityB)
		apply(t, &other, &start, b, quantityB)
		apply(t, &other, &start, a, quantityA)
		if x, y := quantities(one), quantities(other); fmt.Sprint(x) != fmt.Sprint(y) || one.Version != other.Version || one.Total != other.Total {
			t.Fatalf("got %v (%v) one way and %v (%v) the other", x, one.Total, y, other.Total)
		}
	})
}

// apply sets a product's quantity (0 removes it) as a client wishes who has seen
// the cart earlier.
func apply(t *rapid.T, c, seen *shared.Cart, p shared.Product, quantity int) {
	t.Helper()
	line, there := seen.Line(p.SKU)
	var did *shared.Activity
	var err error
	switch {
	case quantity > 0:
		did, err = setLine(c, p, shared.SetLine{Quantity: quantity, Version: line.Version})
	case there:
		did, err = removeLine(c, p.SKU, line.Version)
	}
	if err != nil {
		t.Fatalf("%s to %d: %v", p.SKU, quantity, err)
	}
	if did != nil {
		mustCommit(t, c, did)
	}
}

func clone(c shared.Cart) shared.Cart {
	c.Lines = append([]shared.Line{}, c.Lines...)
	return c
}

func quantities(c shared.Cart) map[string]int {
	all := make(map[string]int)
	for _, line := range c.Lines {
		all[line.SKU] = line.Quantity
	}
	return all
}

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
// of quantities and versions.
type machine struct {
	cart    shared.Cart
	lines   map[string]modelLine
	version int64
}

var modelProducts = []shared.Product{
	product("A", "Apple", 1, "EUR"), product("B", "Book", 1999, "EUR"), product("C", "Crown", shared.MaxPrice, "EUR"),
	product("D", "Duck", 0, "EUR"), product("E", "Egg", 35, "EUR"),
}

func TestRulesFollowTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{cart: emptyCart(), lines: map[string]modelLine{}}
		t.Repeat(map[string]func(*rapid.T){
			"":       m.check,
			"set":    m.set,
			"remove": m.remove,
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
	case !there && version == 0:
		m.refused(t, before, did, err, shared.CodeNotFound)
	case version != 0 && version != line.version:
		m.refused(t, before, did, err, shared.CodeVersionConflict)
	default:
		m.accepted(t, did, err, shared.LineRemoved, shared.LineChange{SKU: p.SKU, Name: p.Name, OldQuantity: line.quantity})
		delete(m.lines, p.SKU)
	}
}

func (m *machine) refused(t *rapid.T, before string, did *change, err error, code shared.Code) {
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
func (m *machine) accepted(t *rapid.T, did *change, err error, kind shared.ActivityKind, line shared.LineChange) {
	t.Helper()
	if did == nil || err != nil {
		t.Fatalf("got %v, %v; want %s", did, err, kind)
	}
	m.version++
	now := noon.Add(time.Duration(m.version) * time.Second)
	a, err := commit(&m.cart, did, shopperActor, now)
	if err != nil {
		t.Fatal(err)
	}
	if a.Kind != kind || *a.Line != line || a.CartVersion != m.version || !a.At.Equal(now) || a.Cart != m.cart.Summary() {
		t.Fatalf("got the activity %s, want %s of %+v at version %d", encoded(t, a), kind, line, m.version)
	}
}

// check is what holds at any time.
func (m *machine) check(t *rapid.T) {
	c := &m.cart
	if c.Version != m.version || len(c.Lines) != len(m.lines) {
		t.Fatalf("got version %d with %d lines, want %d with %d", c.Version, len(c.Lines), m.version, len(m.lines))
	}
	items, total := 0, int64(0)
	for _, line := range c.Lines {
		want, ok := m.lines[line.SKU]
		if got := (modelLine{line.Quantity, line.Version}); !ok || got != want {
			t.Fatalf("line %s: got %+v, want %+v", line.SKU, got, want)
		}
		if line.Total.Amount != line.UnitPrice.Amount*int64(line.Quantity) {
			t.Fatalf("line %s: %d times %d is not %d", line.SKU, line.Quantity, line.UnitPrice.Amount, line.Total.Amount)
		}
		items += line.Quantity
		total += line.Total.Amount
	}
	if c.Items != items || c.Total.Amount != total {
		t.Fatalf("got %d items for %d, want %d for %d", c.Items, c.Total.Amount, items, total)
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
	var did *change
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
		if _, err := commit(c, did, shopperActor, noon); err != nil {
			t.Fatal(err)
		}
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

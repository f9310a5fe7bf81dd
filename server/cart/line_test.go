package cart

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"cartline/shared"
)

var (
	mug  = product("MUG-1", "Blue mug", 1250, "EUR")
	lamp = product("LAMP-1", "Desk lamp", 4900, "EUR")
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	zoe  = shared.Actor{Kind: shared.ActorStaff, Name: "zoe"}
)

func product(sku, name string, amount int64, currency string) shared.Product {
	return shared.Product{SKU: sku, Slug: sku, Name: name, Price: shared.Money{Amount: amount, Currency: currency}}
}

// mustSet sets a line and commits it.
func mustSet(t *testing.T, c *shared.Cart, p shared.Product, quantity int) {
	t.Helper()
	line, _ := c.Line(p.SKU)
	did, err := setLine(c, p, shared.SetLine{Quantity: quantity, Version: line.Version})
	if err != nil || did == nil {
		t.Fatalf("set %s to %d: %v, %v", p.SKU, quantity, did, err)
	}
	mustCommit(t, c, did)
}

// mustCommit makes what a rule did the cart's next version.
func mustCommit(t interface {
	Helper()
	Fatal(...any)
}, c *shared.Cart, did *shared.Activity) {
	t.Helper()
	if err := commit(c, did, ShopperActor, noon); err != nil {
		t.Fatal(err)
	}
}

// twoLines returns a cart with mugs at version 1, and a lamp at version 2.
func twoLines(t *testing.T) shared.Cart {
	t.Helper()
	c := emptyCart()
	c.ID, c.Name = "id", "amber-fox-42"
	mustSet(t, &c, mug, 2)
	mustSet(t, &c, lamp, 1)
	return c
}

func encoded(t interface{ Fatal(...any) }, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func codeOf(err error) shared.Code {
	var p *shared.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestRulesThatChange(t *testing.T) {
	set := func(p shared.Product, quantity int, version int64) func(*shared.Cart) (*shared.Activity, error) {
		return func(c *shared.Cart) (*shared.Activity, error) {
			return setLine(c, p, shared.SetLine{Quantity: quantity, Version: version})
		}
	}
	remove := func(sku string, version int64) func(*shared.Cart) (*shared.Activity, error) {
		return func(c *shared.Cart) (*shared.Activity, error) { return removeLine(c, sku, version) }
	}
	towel := product("TOWEL-1", "Towel", 900, "EUR")
	dearer := mug
	dearer.Price.Amount, dearer.Name = 9999, "Another name"
	tests := []struct {
		name  string
		rule  func(*shared.Cart) (*shared.Activity, error)
		kind  shared.ActivityKind
		line  shared.LineChange
		items int
		total int64
		lines string
	}{
		{"a new line comes last", set(towel, 3, 0), shared.LineAdded,
			shared.LineChange{SKU: "TOWEL-1", Name: "Towel", NewQuantity: 3}, 6, 10100, "MUG-1×2 v1, LAMP-1×1 v2, TOWEL-1×3 v3"},
		{"more", set(mug, 5, 1), shared.LineChanged,
			shared.LineChange{SKU: "MUG-1", Name: "Blue mug", OldQuantity: 2, NewQuantity: 5}, 6, 11150, "MUG-1×5 v3, LAMP-1×1 v2"},
		{"fewer", set(mug, 1, 1), shared.LineChanged,
			shared.LineChange{SKU: "MUG-1", Name: "Blue mug", OldQuantity: 2, NewQuantity: 1}, 2, 6150, "MUG-1×1 v3, LAMP-1×1 v2"},
		{"name and price stay as they were", set(dearer, 3, 1), shared.LineChanged,
			shared.LineChange{SKU: "MUG-1", Name: "Blue mug", OldQuantity: 2, NewQuantity: 3}, 4, 8650, "MUG-1×3 v3, LAMP-1×1 v2"},
		{"removed", remove("MUG-1", 1), shared.LineRemoved,
			shared.LineChange{SKU: "MUG-1", Name: "Blue mug", OldQuantity: 2}, 1, 4900, "LAMP-1×1 v2"},
		{"removed, whatever its version", remove("LAMP-1", 0), shared.LineRemoved,
			shared.LineChange{SKU: "LAMP-1", Name: "Desk lamp", OldQuantity: 1}, 2, 2500, "MUG-1×2 v1"},
	}
	for _, test := range tests {
		c := twoLines(t)
		did, err := test.rule(&c)
		if err != nil || did == nil {
			t.Errorf("%s: got %v, %v; want a change", test.name, did, err)
			continue
		}
		later := noon.Add(time.Hour)
		got := *did
		if err := commit(&c, &got, zoe, later); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := shared.Activity{
			CartID: "id", CartVersion: 3, Kind: test.kind, Actor: zoe,
			At: later, Line: &test.line,
			Cart: shared.CartSummary{
				ID: "id", Name: "amber-fox-42", Version: 3, Status: shared.CartOpen, Lines: len(c.Lines),
				Items: test.items, Total: shared.Money{Amount: test.total, Currency: "EUR"}, UpdatedAt: later,
				Products: namesOf(c), Last: &shared.LastChange{Kind: test.kind, Actor: zoe, Line: &test.line},
			},
		}
		if encoded(t, got) != encoded(t, want) {
			t.Errorf("%s:\n got %s\nwant %s", test.name, encoded(t, got), encoded(t, want))
		}
		if encoded(t, c.Summary()) != encoded(t, want.Cart) {
			t.Errorf("%s: the cart is %+v, its activity says %+v", test.name, c.Summary(), want.Cart)
		}
		if got := linesOf(c); got != test.lines {
			t.Errorf("%s: got lines %s, want %s", test.name, got, test.lines)
		}
	}
}

func namesOf(c shared.Cart) (names []string) {
	for _, line := range c.Lines {
		names = append(names, line.Name)
	}
	return names
}

func linesOf(c shared.Cart) (text string) {
	for i, line := range c.Lines {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s×%d v%d", line.SKU, line.Quantity, line.Version)
	}
	return text
}

func TestRulesThatRefuse(t *testing.T) {
	set := func(p shared.Product, quantity int, version int64) func(*shared.Cart) (*shared.Activity, error) {
		return func(c *shared.Cart) (*shared.Activity, error) {
			return setLine(c, p, shared.SetLine{Quantity: quantity, Version: version})
		}
	}
	remove := func(sku string, version int64) func(*shared.Cart) (*shared.Activity, error) {
		return func(c *shared.Cart) (*shared.Activity, error) { return removeLine(c, sku, version) }
	}
	tests := []struct {
		name string
		rule func(*shared.Cart) (*shared.Activity, error)
		code shared.Code
	}{
		{"zero", set(mug, 0, 1), shared.CodeInvalid},
		{"negative", set(mug, -1, 1), shared.CodeInvalid},
		{"too many", set(mug, shared.MaxQuantity+1, 1), shared.CodeInvalid},
		{"absurd", set(mug, math.MaxInt, 1), shared.CodeInvalid},
		{"a negative version", set(mug, 1, -1), shared.CodeInvalid},
		{"an old version", set(lamp, 2, 1), shared.CodeVersionConflict},
		{"a version to come", set(mug, 3, 7), shared.CodeVersionConflict},
		{"no version for a line that is there", set(mug, 3, 0), shared.CodeVersionConflict},
		{"an old version, though nothing would change", set(lamp, 1, 1), shared.CodeVersionConflict},
		{"a version for a line that isn't there", set(product("TOWEL-1", "Towel", 900, "EUR"), 1, 1), shared.CodeVersionConflict},
		{"another currency", set(product("TEA-1", "Tea", 900, "GBP"), 1, 0), shared.CodeInvalid},
		{"remove an old version", remove("LAMP-1", 1), shared.CodeVersionConflict},
		{"remove a negative version", remove("LAMP-1", -1), shared.CodeVersionConflict},
		{"remove what is gone", remove("TOWEL-1", 2), shared.CodeVersionConflict},
		{"remove what never was", remove("TOWEL-1", 0), shared.CodeNotFound},
	}
	for _, test := range tests {
		c := twoLines(t)
		before := encoded(t, c)
		did, err := test.rule(&c)
		if did != nil || codeOf(err) != test.code {
			t.Errorf("%s: got %v, %v; want code %s", test.name, did, err, test.code)
		}
		if after := encoded(t, c); after != before {
			t.Errorf("%s: the cart changed from %s to %s", test.name, before, after)
		}
		var p *shared.Problem
		if test.code == shared.CodeVersionConflict && errors.As(err, &p) && (p.Cart == nil || encoded(t, p.Cart) != before) {
			t.Errorf("%s: got the state %s, want %s", test.name, encoded(t, p.Cart), before)
		}
	}
}

// The state in a conflict is kept by others when the cart goes on changing.
func TestConflictShowsACopy(t *testing.T) {
	c := twoLines(t)
	shown := conflict(&c, "").Cart
	c.Lines[0].Quantity = 77
	if got := shown.Lines[0].Quantity; got != 2 {
		t.Errorf("got %d, want the 2 of that moment", got)
	}
}

// A cart that was only going to be made is not shown as if it were there.
func TestConflictWithoutACart(t *testing.T) {
	c := emptyCart()
	c.ID, c.Name = NewID(), NewName()
	_, err := setLine(&c, mug, shared.SetLine{Quantity: 1, Version: 3})
	var p *shared.Problem
	if !errors.As(err, &p) || p.Cart == nil || encoded(t, p.Cart) != encoded(t, emptyCart()) {
		t.Errorf("got %v with %s, want an empty cart without a name", err, encoded(t, p.Cart))
	}
}

func TestSettingWhatIsThereChangesNothing(t *testing.T) {
	c := twoLines(t)
	before := encoded(t, c)
	did, err := setLine(&c, mug, shared.SetLine{Quantity: 2, Version: 1})
	if did != nil || err != nil || encoded(t, c) != before {
		t.Errorf("got %v, %v and %s; want nothing and %s", did, err, encoded(t, c), before)
	}
}

func TestCartIsFull(t *testing.T) {
	c := emptyCart()
	for i := range shared.MaxLines {
		mustSet(t, &c, product(fmt.Sprint("P-", i), "Thing", shared.MaxPrice, "EUR"), shared.MaxQuantity)
	}
	if want := int64(shared.MaxLines * shared.MaxQuantity * shared.MaxPrice); c.Total.Amount != want {
		t.Errorf("got a total of %d, want %d", c.Total.Amount, want)
	}
	before := encoded(t, c)
	if did, err := setLine(&c, mug, shared.SetLine{Quantity: 1}); did != nil || codeOf(err) != shared.CodeCartFull || encoded(t, c) != before {
		t.Errorf("one line more: got %v, %v; want code %s and no change", did, err, shared.CodeCartFull)
	}
	mustSet(t, &c, product("P-7", "Thing", 1, "EUR"), 1) // a line that is there can change
	did, err := removeLine(&c, "P-0", 0)
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, &c, did)
	mustSet(t, &c, mug, 1) // there is room again
}

// An emptied cart keeps its currency for display, and may begin with another.
func TestEmptiedCart(t *testing.T) {
	c := emptyCart()
	mustSet(t, &c, mug, 2)
	did, err := removeLine(&c, mug.SKU, 1)
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, &c, did)
	if want := (shared.Money{Currency: "EUR"}); c.Total != want || c.Items != 0 || len(c.Lines) != 0 {
		t.Errorf("got %+v, want no lines and a total of %+v", c, want)
	}
	mustSet(t, &c, product("TEA-1", "Tea", 900, "GBP"), 2)
	if want := (shared.Money{Amount: 1800, Currency: "GBP"}); c.Total != want {
		t.Errorf("got %+v, want %+v", c.Total, want)
	}
}

func TestCommitRefusesTotalsThatOverflow(t *testing.T) {
	c := emptyCart()
	c.Lines = []shared.Line{{SKU: "A", Quantity: 2, UnitPrice: shared.Money{Amount: math.MaxInt64, Currency: "EUR"}}}
	did := &shared.Activity{Kind: shared.LineAdded, Line: &shared.LineChange{SKU: "A"}}
	if err := commit(&c, did, ShopperActor, noon); !errors.Is(err, shared.ErrMoneyOverflow) {
		t.Errorf("got %v, want ErrMoneyOverflow", err)
	}
	c.Lines[0].Quantity = 1
	c.Lines = append(slices.Clone(c.Lines), c.Lines[0])
	if err := commit(&c, did, ShopperActor, noon); !errors.Is(err, shared.ErrMoneyOverflow) {
		t.Errorf("sum: got %v, want ErrMoneyOverflow", err)
	}
}

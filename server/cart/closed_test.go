package cart

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"cartline/shared"
)

// Every rule that this package offers refuses a cart that isn't open. The list is
// made from the source, so that a rule which is new has to be added here.
func TestClosedCartsRefuseEveryRule(t *testing.T) {
	service := &Service{store: soldStore{}}
	actor := ShopperActor
	rules := map[string]func() (Rule, error){
		"SetDiscount": func() (Rule, error) {
			return SetDiscount(shared.SetDiscount{BasisPoints: 100, Reason: "other"}, "zoe", limit), nil
		},
		"RemoveDiscount": func() (Rule, error) { return RemoveDiscount(""), nil },
		"PlaceOrder":     func() (Rule, error) { return PlaceOrder(shared.PlaceOrder{Total: 6660}, actor, noon), nil },
		"RemoveRule":     func() (Rule, error) { return RemoveRule(mug.SKU, 0), nil },
		"LineRule": func() (Rule, error) {
			return service.LineRule(t.Context(), mug.SKU, shared.SetLine{Quantity: 9, Version: 1})
		},
		"UndoRule": func() (Rule, error) {
			rule, _, err := service.UndoRule(t.Context(), "id", shared.Undo{Version: 1}, actor)
			return rule, err
		},
	}
	for _, name := range rulesOfThePackage(t) {
		ruleOf, ok := rules[name]
		if !ok {
			t.Errorf("%s makes a rule that this test doesn't know", name)
			continue
		}
		rule, err := ruleOf()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		open := Record{Cart: discounted(t)}
		if outcome, err := rule(&open); err != nil || outcome == nil {
			t.Errorf("%s of an open cart: got %v, %v; want it done", name, outcome, err)
		}
		for _, status := range []shared.CartStatus{shared.CartOrdered, shared.CartMerged, shared.CartExpired} {
			r := Record{Cart: discounted(t)}
			r.Status = status
			before := encoded(t, r.Cart)
			outcome, err := rule(&r)
			if outcome != nil || codeOf(err) != shared.CodeCartClosed || encoded(t, r.Cart) != before {
				t.Errorf("%s of a cart that is %s: got %v, %v; want code %s and no change", name, status, outcome, err, shared.CodeCartClosed)
			}
		}
	}
}

func discounted(t *testing.T) shared.Cart {
	c := twoLines(t)
	c.Discount = &shared.Discount{BasisPoints: 1000, MaxBasisPoints: limit, Reason: "goodwill", By: "zoe"}
	mustReckon(t, &c)
	return c
}

// soldStore sells mugs, and remembers that the cart began with two of them.
type soldStore struct{ Store }

func (soldStore) ProductBySKU(_ context.Context, _ string) (shared.Product, error) { return mug, nil }

func (soldStore) History(_ context.Context, _ string, _ int64, _ int) ([]shared.Activity, error) {
	return []shared.Activity{{Kind: shared.LineAdded, CartVersion: 1, Line: &shared.LineChange{SKU: mug.SKU, NewQuantity: 2}}}, nil
}

// rulesOfThePackage lists the exported functions and methods that return a Rule.
func rulesOfThePackage(t *testing.T) (names []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Name.IsExported() && returnsRule(f) {
				names = append(names, f.Name.Name)
			}
		}
	}
	if len(names) == 0 {
		t.Fatal("no rule was found")
	}
	return names
}

func returnsRule(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	for _, result := range f.Type.Results.List {
		if name, ok := result.Type.(*ast.Ident); ok && name.Name == "Rule" {
			return true
		}
	}
	return false
}

// Package carttest holds a store to the contracts of cart.Store and cart.Log. It
// is for tests: each adapter calls Run with a way to open an empty store.
package carttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Store is what is held to the contract.
type Store interface {
	cart.Store
	cart.Log
}

// Run runs the suite. Open returns an empty store, which it also closes when the
// test ends.
func Run(t *testing.T, open func(t *testing.T) Store) {
	tests := []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"products are listed by name, searched and paged", products},
		{"putting products replaces all or nothing", putProducts},
		{"a cart is made by its first change", firstChange},
		{"lines are kept as they were changed, in order", lines},
		{"a refused change keeps nothing", refused},
		{"carts are listed by their newest change and paged", carts},
		{"concurrent first changes make one cart", concurrentFirst},
		{"concurrent changes lose nothing and are logged in order", concurrent},
		{"the log is read in parts, without gap or repeat", logParts},
		{"the log knows what it contains", wholeLog},
		{"the log knows what it has forgotten", trimmedLog},
		{"the log of a cart or a shopper is read alone", scopes},
		{"the log tells how far a reader is behind", behind},
		{"an ended context ends the call", cancelled},
		{"a record is read back as it was written", documents},
		{"a code leads to one cart", codes},
		{"orders and an account's carts are listed", orders},
		{"carts that may be a bot's are left out", evident},
		{"carts that were left are found", idle},
		{"an expired cart is only told of", expired},
		{"two carts change together or not at all", changeBoth},
		{"a cart's history is read from its end", history},
		{"what can't be kept isn't found", unstorable},
		{"the log is trimmed but for its head", trim},
		{"categories are those that have products", categories},
		{"a customer is forgotten, the rest stays", forget},
		{"two writers lose no update", twoWriters},
		{"sign-ins race with shopping", signInRaces},
		{"crosswise changes of two carts don't block", crosswise},
		{"a change goes into the shopper's next cart", nextCart},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

var (
	mug   = shared.Product{SKU: "MUG-1", Slug: "blue-mug", Name: "Blue mug", Description: "Holds coffee.", Category: "Kitchen", Price: shared.Money{Amount: 1250, Currency: "EUR"}}
	lamp  = shared.Product{SKU: "LAMP-1", Slug: "desk-lamp", Name: "Desk lamp", Category: "Light", Price: shared.Money{Amount: 4900, Currency: "EUR"}}
	towel = shared.Product{SKU: "TOWEL_%", Slug: "towel", Name: "Towel 100%", Category: "Bath", Price: shared.Money{Amount: 900, Currency: "EUR"}}
)

// now is a time that databases can keep exactly.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// add returns a rule that adds a line, as the service would follow it.
func add(product shared.Product, quantity int) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		r.Lines = append(r.Lines, shared.Line{
			SKU: product.SKU, Name: product.Name, Quantity: quantity, UnitPrice: product.Price, Version: r.Version,
		})
		return outcome(r, shared.LineAdded)
	}
}

// raise returns a rule that adds one to a line.
func raise(sku string) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		i := slices.IndexFunc(r.Lines, func(l shared.Line) bool { return l.SKU == sku })
		if i < 0 {
			return nil, fmt.Errorf("no line %s", sku)
		}
		r.Version++
		r.Lines[i].Quantity++
		r.Lines[i].Version = r.Version
		return outcome(r, shared.LineChanged)
	}
}

// set returns a rule that sets something else of a cart.
func set(kind shared.ActivityKind, change func(*cart.Record)) cart.Rule {
	return func(r *cart.Record) (*cart.Outcome, error) {
		r.Version++
		change(r)
		return outcome(r, kind)
	}
}

func outcome(r *cart.Record, kind shared.ActivityKind) (*cart.Outcome, error) {
	at := now()
	if kind.ChangesContent() {
		r.UpdatedAt = at
	}
	r.Items, r.Total = 0, shared.Money{}
	for i := range r.Lines {
		line := &r.Lines[i]
		var err error
		if line.Total, err = line.UnitPrice.Times(line.Quantity); err != nil {
			return nil, err
		}
		r.Items += line.Quantity
		if r.Total, err = r.Total.Plus(line.Total); err != nil {
			return nil, err
		}
	}
	return &cart.Outcome{Activity: &shared.Activity{
		CartID: r.ID, CartVersion: r.Version, Kind: kind, At: at,
		Actor: shared.Actor{Kind: shared.ActorShopper}, Cart: r.Summary(),
	}}, nil
}

func fresh(shopper string) *cart.Record {
	at := now()
	return &cart.Record{Shopper: shopper, Cart: shared.Cart{
		ID: cart.NewID(), Name: cart.NewName(), Status: shared.CartOpen, CreatedAt: at, UpdatedAt: at, Lines: []shared.Line{},
	}}
}

// own names the open cart of a shopper, which is made if there is none.
func own(shopper string) cart.Which { return cart.Which{Shopper: shopper, New: fresh(shopper)} }

// first makes a shopper's cart with one mug.
func first(t *testing.T, s Store, shopper string) cart.Record {
	t.Helper()
	return change(t, s, own(shopper), add(mug, 1))
}

func change(t *testing.T, s Store, which cart.Which, rule cart.Rule) cart.Record {
	t.Helper()
	r, err := s.Change(t.Context(), which, rule)
	if err != nil {
		t.Fatalf("change: %v", err)
	}
	return r
}

func products(t *testing.T, s Store) {
	ctx := t.Context()
	if err := s.PutProducts(ctx, []shared.Product{towel, mug, lamp}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		query cart.ProductQuery
		want  []shared.Product
	}{
		{"all", cart.ProductQuery{}, []shared.Product{mug, lamp, towel}},
		{"first page", cart.ProductQuery{Limit: 2}, []shared.Product{mug, lamp}},
		{"next page", cart.ProductQuery{After: lamp.SKU, Limit: 2}, []shared.Product{towel}},
		{"after an unknown product", cart.ProductQuery{After: "NONE"}, []shared.Product{}},
		{"by part of the name, whatever the case", cart.ProductQuery{Text: "LAM"}, []shared.Product{lamp}},
		{"by category text", cart.ProductQuery{Text: "kitch"}, []shared.Product{mug}},
		{"by SKU", cart.ProductQuery{Text: "mug-1"}, []shared.Product{mug}},
		{"wildcards stand for themselves", cart.ProductQuery{Text: "%"}, []shared.Product{towel}},
		{"so does the other one", cart.ProductQuery{Text: "L_"}, []shared.Product{towel}},
		{"in a category", cart.ProductQuery{Category: "Bath"}, []shared.Product{towel}},
		{"none", cart.ProductQuery{Text: `\`}, []shared.Product{}},
	}
	for _, test := range tests {
		if test.query.Limit == 0 {
			test.query.Limit = 10
		}
		got, err := s.Products(ctx, test.query)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got == nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if got, err := s.ProductBySlug(ctx, "blue-mug"); err != nil || got != mug {
		t.Errorf("by slug: got %v, %v", got, err)
	}
	if got, err := s.ProductBySKU(ctx, "LAMP-1"); err != nil || got != lamp {
		t.Errorf("by SKU: got %v, %v", got, err)
	}
	if _, err := s.ProductBySlug(ctx, "none"); !errors.Is(err, cart.ErrNotFound) {
		t.Errorf("unknown slug: got %v, want ErrNotFound", err)
	}
	if _, err := s.ProductBySKU(ctx, "none"); !errors.Is(err, cart.ErrNotFound) {
		t.Errorf("unknown SKU: got %v, want ErrNotFound", err)
	}
}

func putProducts(t *testing.T, s Store) {
	ctx := t.Context()
	if err := s.PutProducts(ctx, []shared.Product{mug}); err != nil {
		t.Fatal(err)
	}
	dearer := mug
	dearer.Price.Amount = 1300
	sameSlug := lamp
	sameSlug.Slug = mug.Slug
	if err := s.PutProducts(ctx, []shared.Product{dearer, sameSlug}); err == nil {
		t.Fatal("two products with one slug were accepted")
	}
	if got, _ := s.ProductBySKU(ctx, mug.SKU); got != mug {
		t.Errorf("after a refused put: got %v, want the old %v", got, mug)
	}
	if err := s.PutProducts(ctx, []shared.Product{dearer, lamp}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.ProductBySKU(ctx, mug.SKU); got != dearer {
		t.Errorf("after a put: got %v, want %v", got, dearer)
	}
}

func firstChange(t *testing.T, s Store) {
	ctx := t.Context()
	if _, err := s.CartOf(ctx, "alice"); !errors.Is(err, cart.ErrNotFound) {
		t.Fatalf("before: got %v, want ErrNotFound", err)
	}
	if _, err := s.Change(ctx, cart.Which{Shopper: "alice"}, add(mug, 1)); !errors.Is(err, cart.ErrNotFound) {
		t.Fatalf("change without a cart and without New: got %v, want ErrNotFound", err)
	}
	made := first(t, s, "alice")
	if made.Version != 1 || made.Items != 1 || made.Total != mug.Price {
		t.Errorf("got %+v", made)
	}
	for name, read := range map[string]func() (cart.Record, error){
		"by shopper": func() (cart.Record, error) { return s.CartOf(ctx, "alice") },
		"by ID":      func() (cart.Record, error) { return s.Cart(ctx, made.ID) },
	} {
		got, err := read()
		if err != nil || !equal(got, made) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, made)
		}
	}
	again, err := s.Change(ctx, own("alice"), raise(mug.SKU))
	if err != nil || again.ID != made.ID || again.Version != 2 {
		t.Errorf("the second change: got cart %s version %d, %v; want %s version 2", again.ID, again.Version, err, made.ID)
	}
	if _, err := s.Cart(ctx, "none"); !errors.Is(err, cart.ErrNotFound) {
		t.Errorf("unknown cart: got %v, want ErrNotFound", err)
	}
}

func lines(t *testing.T, s Store) {
	ctx := t.Context()
	c := first(t, s, "alice")
	which := cart.Which{ID: c.ID}
	steps := []cart.Rule{
		add(towel, 2), add(lamp, 1), raise(towel.SKU),
		set(shared.LineRemoved, func(r *cart.Record) {
			r.Lines = slices.DeleteFunc(r.Lines, func(l shared.Line) bool { return l.SKU == mug.SKU })
		}),
		add(mug, 5), // back again, now last
	}
	for i, step := range steps {
		var err error
		if c, err = s.Change(ctx, which, step); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if got, err := s.Cart(ctx, c.ID); err != nil || !equal(got, c) {
			t.Fatalf("after step %d: got %+v, %v; want %+v", i, got, err, c)
		}
	}
	var order []string
	for _, line := range c.Lines {
		order = append(order, fmt.Sprintf("%s×%d v%d", line.SKU, line.Quantity, line.Version))
	}
	if want := []string{"TOWEL_%×3 v4", "LAMP-1×1 v3", "MUG-1×5 v6"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

func refused(t *testing.T, s Store) {
	ctx := t.Context()
	no := errors.New("no")
	refuse := func(r *cart.Record) (*cart.Outcome, error) {
		r.Version = 99
		r.Lines = append(r.Lines, shared.Line{SKU: "X"})
		return nil, no
	}
	if _, err := s.Change(ctx, own("bob"), refuse); !errors.Is(err, no) {
		t.Errorf("got %v, want the function's own error", err)
	}
	if _, err := s.CartOf(ctx, "bob"); !errors.Is(err, cart.ErrNotFound) {
		t.Errorf("a refused first change left a cart: %v", err)
	}
	c := first(t, s, "alice")
	if _, err := s.Change(ctx, cart.Which{ID: c.ID}, refuse); !errors.Is(err, no) {
		t.Errorf("got %v, want the function's own error", err)
	}
	got, err := s.Change(ctx, cart.Which{ID: c.ID}, func(*cart.Record) (*cart.Outcome, error) { return nil, nil })
	if err != nil || !equal(got, c) {
		t.Errorf("no activity: got %+v, %v; want %+v", got, err, c)
	}
	if got, err := s.Cart(ctx, c.ID); err != nil || !equal(got, c) {
		t.Errorf("after refusals: got %+v, %v; want %+v", got, err, c)
	}
	if entries := readLog(t, s, cart.Position{}, 1); len(entries) != 1 {
		t.Errorf("got %d activities, want the first change's only", len(entries))
	}
}

func carts(t *testing.T, s Store) {
	ctx := t.Context()
	if got, err := s.Carts(ctx, cart.ListQuery{Limit: 10, All: true}); err != nil || got == nil || len(got) != 0 {
		t.Errorf("none: got %v, %v; want an empty list", got, err)
	}
	var made []cart.Record
	for i := range 5 {
		made = append(made, first(t, s, fmt.Sprint("shopper-", i)))
	}
	// The first moves to the front.
	moved, err := s.Change(ctx, cart.Which{ID: made[0].ID}, raise(mug.SKU))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{moved.ID, made[4].ID, made[3].ID, made[2].ID, made[1].ID}
	var got []string
	for place := (cart.Place{}); ; {
		page, err := s.Carts(ctx, cart.ListQuery{After: place, Limit: 2, All: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			got = append(got, c.ID)
			place = cart.Place{UpdatedAt: c.UpdatedAt, ID: c.ID}
		}
		if len(page) < 2 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	page, err := s.Carts(ctx, cart.ListQuery{Limit: 1, All: true})
	if err != nil || len(page) != 1 || !equal(page[0], moved.Summary()) {
		t.Errorf("got %+v, %v; want %+v", page, err, moved.Summary())
	}
}

func concurrentFirst(t *testing.T, s Store) {
	const workers = 8
	var wg sync.WaitGroup
	ids := make([]string, workers)
	for i := range workers {
		wg.Go(func() {
			c, err := s.Change(t.Context(), own("alice"), func(r *cart.Record) (*cart.Outcome, error) {
				if len(r.Lines) == 0 {
					return add(mug, 1)(r)
				}
				return raise(mug.SKU)(r)
			})
			if err != nil {
				t.Errorf("worker %d: %v", i, err)
			}
			ids[i] = c.ID
		})
	}
	wg.Wait()
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != 1 {
		t.Fatalf("made %d carts, want 1", len(ids))
	}
	c, err := s.CartOf(t.Context(), "alice")
	if err != nil || c.Items != workers || c.Version != workers {
		t.Errorf("got %d items, version %d, %v; want %d of both", c.Items, c.Version, err, workers)
	}
	inOrder(t, readLog(t, s, cart.Position{}, workers))
}

func concurrent(t *testing.T, s Store) {
	const carts, workers, changes = 3, 6, 20
	made := make([]cart.Record, carts)
	for i := range made {
		made[i] = first(t, s, fmt.Sprint("shopper-", i))
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := range changes {
				which := cart.Which{ID: made[(worker+i)%carts].ID}
				if _, err := s.Change(t.Context(), which, raise(mug.SKU)); err != nil {
					t.Errorf("worker %d: %v", worker, err)
					return
				}
			}
		})
	}
	wg.Wait()
	items := 0
	for _, m := range made {
		c, err := s.Cart(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		items += c.Items
	}
	if want := carts + workers*changes; items != want {
		t.Errorf("got %d items, want %d", items, want)
	}
	inOrder(t, readLog(t, s, cart.Position{}, carts+workers*changes))
}

func logParts(t *testing.T, s Store) {
	ctx := t.Context()
	start, err := s.Head(ctx)
	if err != nil || start.Epoch == "" {
		t.Fatalf("head of an empty log: %+v, %v; want an epoch", start, err)
	}
	c := first(t, s, "alice")
	for range 10 {
		if _, err := s.Change(ctx, cart.Which{ID: c.ID}, raise(mug.SKU)); err != nil {
			t.Fatal(err)
		}
	}
	all := readLog(t, s, start, 11)
	inOrder(t, all)
	last := all[len(all)-1].Position
	if head, err := s.Head(ctx); err != nil || head != last {
		t.Errorf("head: got %+v, %v; want %+v", head, err, last)
	}
	var parts []cart.Entry
	for position := start; ; {
		part, err := s.After(ctx, position, cart.Scope{}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(part) == 0 {
			break
		}
		parts = append(parts, part...)
		position = part[len(part)-1].Position
	}
	if len(parts) != len(all) {
		t.Fatalf("in parts: got %d, want %d", len(parts), len(all))
	}
	for i := range all {
		if parts[i].Position != all[i].Position || string(parts[i].Activity) != string(all[i].Activity) {
			t.Errorf("entry %d: got %v, want %v", i, parts[i].Position, all[i].Position)
		}
	}
}

func cancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Change(ctx, own("alice"), add(mug, 1)); err == nil {
		t.Error("Change went on")
	}
	if _, err := s.After(ctx, cart.Position{}, cart.Scope{}, 1); err == nil {
		t.Error("After went on")
	}
}

// readLog reads the log until it has the number of entries that are to come. An
// entry may become readable a little after its commit.
func readLog(t *testing.T, s Store, after cart.Position, want int) []cart.Entry {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		entries, err := s.After(t.Context(), after, cart.Scope{}, want+1)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) >= want || time.Now().After(deadline) {
			if len(entries) != want {
				t.Errorf("got %d entries, want %d", len(entries), want)
			}
			return entries
		}
	}
}

// inOrder checks that positions rise and that each cart's versions follow one
// another from 1.
func inOrder(t *testing.T, entries []cart.Entry) {
	t.Helper()
	versions := make(map[string]int64)
	var last cart.Position
	for _, entry := range entries {
		if !last.Before(entry.Position) {
			t.Errorf("position %+v comes after %+v", entry.Position, last)
		}
		last = entry.Position
		var a shared.Activity
		if err := json.Unmarshal(entry.Activity, &a); err != nil {
			t.Fatal(err)
		}
		if a.CartID != entry.CartID || a.CartVersion != versions[a.CartID]+1 {
			t.Errorf("cart %s: version %d comes after %d", a.CartID, a.CartVersion, versions[a.CartID])
		}
		versions[a.CartID] = a.CartVersion
	}
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

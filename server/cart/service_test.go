package cart_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cartline/server/cart"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

var (
	mug   = product("MUG-1", "Blue mug", 1250, "EUR")
	lamp  = product("LAMP-1", "Desk lamp", 4900, "EUR")
	towel = product("TOWEL-1", "Towel", 900, "EUR")
	tea   = product("TEA-1", "Tea", 700, "GBP")
)

func product(sku, name string, amount int64, currency string) shared.Product {
	return shared.Product{SKU: sku, Slug: strings.ToLower(sku), Name: name, Price: shared.Money{Amount: amount, Currency: currency}}
}

// shop is a service over a real store with four products, and counts its wakes.
type shop struct {
	*cart.Service
	t     *testing.T
	store *sqlite.Store

	mu    sync.Mutex
	wakes int
	// onWake, if set, is called at each wake.
	onWake func()
}

func openShop(t *testing.T) *shop {
	t.Helper()
	store := sqlitetest.Open(t)
	if err := store.PutProducts(t.Context(), []shared.Product{mug, lamp, towel, tea}); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, store: store}
	s.Service = cart.NewService(store, store, s.wake)
	return s
}

func (s *shop) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakes++
	if s.onWake != nil {
		s.onWake()
	}
}

func (s *shop) woken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wakes
}

func (s *shop) set(shopper, sku string, quantity int, version int64) cart.Record {
	s.t.Helper()
	c, err := s.SetLine(s.t.Context(), cart.Shopper{ID: shopper}, sku, shared.SetLine{Quantity: quantity, Version: version})
	if err != nil {
		s.t.Fatalf("%s sets %s to %d: %v", shopper, sku, quantity, err)
	}
	return c
}

// activities returns the log.
func (s *shop) activities() []shared.Activity {
	s.t.Helper()
	entries, err := s.store.After(s.t.Context(), cart.Position{}, cart.Scope{}, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	all := make([]shared.Activity, len(entries))
	for i, entry := range entries {
		if err := json.Unmarshal(entry.Activity, &all[i]); err != nil {
			s.t.Fatal(err)
		}
	}
	return all
}

func code(err error) shared.Code {
	var p *shared.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func text(t *testing.T, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestShopping(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	c := s.set("alice", "MUG-1", 2, 0)
	if c.ID == "" || c.Name == "" || c.Version != 1 || c.CreatedAt.IsZero() {
		t.Errorf("the first change: got %+v, want a new cart", c)
	}
	c = s.set("alice", "LAMP-1", 1, 0)
	c = s.set("alice", "MUG-1", 5, 1) // the lamp's change in between doesn't matter
	c, err := s.RemoveLine(ctx, "alice", "LAMP-1", 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := (shared.Money{Amount: 6250, Currency: "EUR"}); c.Version != 4 || c.Items != 5 || c.Total != want {
		t.Errorf("got version %d, %d items, %v; want 4, 5, %v", c.Version, c.Items, c.Total, want)
	}
	for name, read := range map[string]func() (cart.Record, error){
		"own":   func() (cart.Record, error) { return s.CartOf(ctx, "alice") },
		"by ID": func() (cart.Record, error) { return s.Cart(ctx, c.ID) },
	} {
		if got, err := read(); err != nil || text(t, got) != text(t, c) {
			t.Errorf("%s: got %s, %v; want %s", name, text(t, got), err, text(t, c))
		}
	}
	var got []string
	for _, a := range s.activities() {
		got = append(got, fmt.Sprintf("%d %s %s %d→%d %s", a.CartVersion, a.Kind, a.Line.SKU, a.Line.OldQuantity, a.Line.NewQuantity, a.Actor.Kind))
	}
	want := []string{
		"1 line_added MUG-1 0→2 shopper", "2 line_added LAMP-1 0→1 shopper",
		"3 line_changed MUG-1 2→5 shopper", "4 line_removed LAMP-1 1→0 shopper",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log: got %q, want %q", got, want)
	}
	if got := s.woken(); got != 4 {
		t.Errorf("woken %d times, want 4", got)
	}
}

// What is refused, or changes nothing, leaves neither a cart nor an activity nor
// a wake.
func TestNothingComesOfRefusals(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	before := s.set("alice", "MUG-1", 2, 0)
	set := func(shopper, sku string, quantity int, version int64) error {
		_, err := s.SetLine(ctx, cart.Shopper{ID: shopper}, sku, shared.SetLine{Quantity: quantity, Version: version})
		return err
	}
	remove := func(shopper, sku string, version int64) error {
		_, err := s.RemoveLine(ctx, shopper, sku, version)
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	tests := []struct {
		name string
		err  error
		want shared.Code
	}{
		{"the same again", set("alice", "MUG-1", 2, 1), ""},
		{"an old version", set("alice", "MUG-1", 3, 7), shared.CodeVersionConflict},
		{"no quantity", set("alice", "LAMP-1", 0, 0), shared.CodeInvalid},
		{"another currency", set("alice", "TEA-1", 1, 0), shared.CodeInvalid},
		{"an unknown product", set("alice", "NONE", 1, 0), shared.CodeUnknownProduct},
		{"what no product can be called", set("alice", "MUG\x00", 1, 0), shared.CodeUnknownProduct},
		{"nor this", set("alice", "\xff", 1, 0), shared.CodeUnknownProduct},
		{"a first change", set("bob", "MUG-1", 0, 0), shared.CodeInvalid},
		{"a first change with a version", set("bob", "MUG-1", 1, 1), shared.CodeVersionConflict},
		{"remove an old version", remove("alice", "MUG-1", 7), shared.CodeVersionConflict},
		{"remove what isn't there", remove("alice", "LAMP-1", 0), shared.CodeNotFound},
		{"remove from no cart", remove("bob", "MUG-1", 0), shared.CodeNotFound},
	}
	for _, test := range tests {
		if code(test.err) != test.want || test.want == "" && test.err != nil {
			t.Errorf("%s: got %v, want code %q", test.name, test.err, test.want)
		}
	}
	if _, err := s.SetLine(ended, cart.Shopper{ID: "alice"}, "MUG-1", shared.SetLine{Quantity: 9, Version: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got %v", err)
	}
	if got, err := s.CartOf(ctx, "alice"); err != nil || text(t, got) != text(t, before) {
		t.Errorf("the cart: got %s, %v; want %s", text(t, got), err, text(t, before))
	}
	if got, err := s.CartOf(ctx, "bob"); err != nil || got.ID != "" || got.Lines == nil {
		t.Errorf("bob's cart: got %+v, %v; want an empty one", got, err)
	}
	if got := len(s.activities()); got != 1 || s.woken() != 1 {
		t.Errorf("got %d activities and %d wakes, want 1 of each", got, s.woken())
	}
}

// Whoever is woken finds the change committed.
func TestWakeComesAfterTheCommit(t *testing.T) {
	s := openShop(t)
	var logged int
	s.onWake = func() { logged = len(s.activities()) }
	for i := range 3 {
		s.set(fmt.Sprint("shopper-", i), "MUG-1", 1, 0)
		if logged != i+1 {
			t.Errorf("wake %d found %d activities", i+1, logged)
		}
	}
}

func TestConcurrentChangesOfOneCart(t *testing.T) {
	s := openShop(t)
	skus := []string{"MUG-1", "LAMP-1", "TOWEL-1"}
	var wg sync.WaitGroup
	for i, sku := range skus {
		wg.Go(func() {
			version := int64(0)
			for quantity := 1; quantity <= 5; quantity++ {
				c, err := s.SetLine(t.Context(), cart.Shopper{ID: "alice"}, sku, shared.SetLine{Quantity: quantity + i, Version: version})
				if err != nil {
					t.Errorf("%s: %v", sku, err)
					return
				}
				line, _ := c.Line(sku)
				version = line.Version
			}
		})
	}
	wg.Wait()
	c, err := s.CartOf(t.Context(), "alice")
	if err != nil || c.Version != 15 || c.Items != 5+6+7 {
		t.Errorf("got version %d with %d items, %v; want 15 with 18", c.Version, c.Items, err)
	}
	if got := len(s.activities()); got != 15 || s.woken() != 15 {
		t.Errorf("got %d activities and %d wakes, want 15", got, s.woken())
	}
}

func TestCanBegin(t *testing.T) {
	s := openShop(t)
	tests := []struct {
		name string
		sku  string
		want shared.SetLine
		code shared.Code
	}{
		{"yes", "MUG-1", shared.SetLine{Quantity: 1}, ""},
		{"an unknown product", "NONE", shared.SetLine{Quantity: 1}, shared.CodeUnknownProduct},
		{"no quantity", "MUG-1", shared.SetLine{}, shared.CodeInvalid},
		{"a version", "MUG-1", shared.SetLine{Quantity: 1, Version: 4}, shared.CodeVersionConflict},
	}
	for _, test := range tests {
		if err := s.CanBegin(t.Context(), test.sku, test.want); code(err) != test.code || test.code == "" && err != nil {
			t.Errorf("%s: got %v, want code %q", test.name, err, test.code)
		}
	}
	if got := len(s.activities()); got != 0 || s.woken() != 0 {
		t.Errorf("asking left %d activities and %d wakes", got, s.woken())
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	if c, err := s.CartOf(ctx, ""); err != nil || c.ID != "" || c.Lines == nil || c.Status != shared.CartOpen {
		t.Errorf("nobody's cart: got %+v, %v; want an empty one", c, err)
	}
	for _, name := range []string{"none", "", "\x00", "a\x00", "\xff"} {
		if c, err := s.Cart(ctx, name); code(err) != shared.CodeNotFound {
			t.Errorf("cart %q: got %+v, %v; want code %s", name, c, err, shared.CodeNotFound)
		}
		if p, err := s.Product(ctx, name); code(err) != shared.CodeNotFound {
			t.Errorf("product %q: got %+v, %v; want code %s", name, p, err, shared.CodeNotFound)
		}
	}
	if p, err := s.Product(ctx, "blue-mug"); code(err) != shared.CodeNotFound {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := s.Product(ctx, "mug-1"); err != nil || p != mug {
		t.Errorf("got %+v, %v; want %+v", p, err, mug)
	}
}

func TestProductsArePaged(t *testing.T) {
	s := openShop(t)
	tests := []struct {
		name  string
		query cart.ProductQuery
		want  []shared.Product
		next  string
	}{
		{"all", cart.ProductQuery{}, []shared.Product{mug, lamp, tea, towel}, ""},
		{"all that there are", cart.ProductQuery{Limit: 4}, []shared.Product{mug, lamp, tea, towel}, ""},
		{"more than a page may hold", cart.ProductQuery{Limit: cart.MaxPage + 1}, []shared.Product{mug, lamp, tea, towel}, ""},
		{"a negative limit", cart.ProductQuery{Limit: -1}, []shared.Product{mug, lamp, tea, towel}, ""},
		{"first page", cart.ProductQuery{Limit: 3}, []shared.Product{mug, lamp, tea}, "TEA-1"},
		{"last page", cart.ProductQuery{Limit: 3, After: "TEA-1"}, []shared.Product{towel}, ""},
		{"none", cart.ProductQuery{Text: "piano"}, []shared.Product{}, ""},
		{"a text that nothing can have", cart.ProductQuery{Text: "\x00"}, []shared.Product{}, ""},
		{"a place that nothing can have", cart.ProductQuery{After: "\xff"}, []shared.Product{}, ""},
	}
	for _, test := range tests {
		got, err := s.Products(t.Context(), test.query)
		if err != nil || got.Products == nil || !slices.Equal(got.Products, test.want) || got.Next != test.next {
			t.Errorf("%s: got %+v, %v; want %v, next %q", test.name, got, err, test.want, test.next)
		}
	}
}

func TestCartsArePaged(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	var want []string // newest first
	for i := range 5 {
		want = slices.Insert(want, 0, s.set(fmt.Sprint("shopper-", i), "MUG-1", 1, 0).ID)
	}
	var got []string
	pages := 0
	for after := ""; ; {
		list, err := s.Carts(ctx, after, 2, true)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, c := range list.Carts {
			got = append(got, c.ID)
		}
		if after = list.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("got %v in %d pages, want %v in 3", got, pages, want)
	}
	if list, err := s.Carts(ctx, "nonsense", 2, true); code(err) != shared.CodeInvalid {
		t.Errorf("a bad place: got %+v, %v; want code %s", list, err, shared.CodeInvalid)
	}
	if list, err := openShop(t).Carts(ctx, "", 0, true); err != nil || list.Carts == nil || len(list.Carts) != 0 {
		t.Errorf("no carts: got %+v, %v; want an empty list", list, err)
	}
}

// lateHead changes a cart right after the log's position was read.
type lateHead struct {
	cart.Log
	then func()
}

func (l lateHead) Head(ctx context.Context) (cart.Position, error) {
	head, err := l.Log.Head(ctx)
	l.then()
	return head, err
}

// A change that comes between the reading of the position and that of the carts
// may be seen twice, but must not be missed: it is after the cursor.
func TestCursorIsReadBeforeTheCarts(t *testing.T) {
	s := openShop(t)
	ctx := t.Context()
	s.set("alice", "MUG-1", 1, 0)
	service := cart.NewService(s.store, lateHead{s.store, func() { s.set("bob", "MUG-1", 1, 0) }}, func() {})
	list, err := service.Carts(ctx, "", 0, true)
	if err != nil || len(list.Carts) != 2 {
		t.Fatalf("got %+v, %v; want both carts", list, err)
	}
	position, err := cart.ParseCursor(list.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.store.After(ctx, position, cart.Scope{}, 10)
	if err != nil || len(entries) != 1 || entries[0].CartID != list.Carts[0].ID {
		t.Errorf("after the cursor: got %+v, %v; want bob's change", entries, err)
	}
}

// brokenStore is a database that has gone.
type brokenStore struct {
	cart.Store
	cart.Log
}

var errBroken = errors.New("disk I/O error")

func (brokenStore) ProductBySKU(context.Context, string) (shared.Product, error) { return mug, nil }

func (brokenStore) Change(_ context.Context, which cart.Which, rule cart.Rule) (cart.Record, error) {
	r := *which.New
	if _, err := rule(&r); err != nil {
		return cart.Record{}, err
	}
	return r, errBroken // when it was to be committed
}

func (brokenStore) Head(context.Context) (cart.Position, error) { return cart.Position{}, errBroken }

func TestFailedCommitWakesNobody(t *testing.T) {
	s := cart.NewService(brokenStore{}, brokenStore{}, func() { t.Error("woken without a commit") })
	c, err := s.SetLine(t.Context(), cart.Shopper{ID: "alice"}, "MUG-1", shared.SetLine{Quantity: 1})
	if !errors.Is(err, errBroken) || c.ID != "" {
		t.Errorf("got %+v, %v; want the store's error and no cart", c, err)
	}
	if list, err := s.Carts(t.Context(), "", 0, true); !errors.Is(err, errBroken) {
		t.Errorf("carts without a position: got %+v, %v; want the store's error", list, err)
	}
}

package shop

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/app/api"
	"cartline/shared"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func testModel() *model { return newModel(func() time.Time { return noon }) }

// desk is a server with one cart, as strict about versions as the real one.
type desk struct{ cart shared.Cart }

func newDesk() *desk {
	return &desk{cart: shared.Cart{ID: "c1", Status: shared.CartOpen, Total: euros(0)}}
}

func euros(cents int64) shared.Money { return shared.Money{Amount: cents, Currency: "EUR"} }

// copy returns the cart as an answer carries it: nothing is shared with the server.
func (d *desk) copy() shared.Cart {
	c := d.cart
	c.Lines = append([]shared.Line(nil), c.Lines...)
	return c
}

func (d *desk) answer(r request) (shared.Cart, error) {
	line, there := d.cart.Line(r.sku)
	switch {
	case r.quantity == 0 && !there && r.version == 0:
		return shared.Cart{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "It is not in the cart."}
	case r.version != line.Version:
		now := d.copy()
		return shared.Cart{}, &shared.Problem{Code: shared.CodeVersionConflict, Detail: "It has changed.", Cart: &now}
	}
	d.put(r.sku, r.quantity)
	return d.copy(), nil
}

// put sets a quantity, as staff may at any time.
func (d *desk) put(sku string, quantity int) {
	d.cart.Version++
	d.cart.Items = 0
	var lines []shared.Line
	found := false
	for _, l := range d.cart.Lines {
		if l.SKU == sku {
			found = true
			l.Quantity, l.Version = quantity, d.cart.Version
		}
		if l.Quantity > 0 {
			lines = append(lines, l)
			d.cart.Items += l.Quantity
		}
	}
	if !found && quantity > 0 {
		lines = append(lines, shared.Line{SKU: sku, Name: "Product " + sku, Quantity: quantity, Version: d.cart.Version})
		d.cart.Items += quantity
	}
	d.cart.Lines = lines
}

func (d *desk) quantity(sku string) int {
	line, _ := d.cart.Line(sku)
	return line.Quantity
}

// Clicks come at any time, also while a request is on its way, and cart events in
// between; what was clicked is there in the end.
func TestNoClickIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, d := testModel(), newDesk()
		var flying []request
		want := map[string]int{}
		sku := rapid.SampledFrom([]string{"A", "B"})
		land := func() {
			r := flying[0]
			flying = flying[1:]
			cart, err := d.answer(r)
			m.wrote(r, cart, err)
		}
		launch := func() {
			for _, s := range []string{"A", "B"} {
				if r, ok := m.next(s); ok {
					flying = append(flying, r)
				}
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			s := sku.Draw(t, "sku")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				m.add(s, "", 1)
				want[s]++
			case 1:
				if m.quantity(s) > 0 {
					want[s] = m.quantity(s) + 1
					m.set(s, want[s])
				}
			case 2:
				if m.quantity(s) > 0 {
					m.remove(s)
					want[s] = 0
				}
			case 3:
				if len(flying) > 0 {
					land()
				}
			case 4:
				m.took(d.copy()) // an event
			}
			launch()
			if got := m.quantity(s); got != want[s] {
				t.Fatalf("the page shows %d of %s, want %d", got, s, want[s])
			}
		}
		for len(flying) > 0 {
			land()
			launch()
		}
		for _, s := range []string{"A", "B"} {
			if got := d.quantity(s); got != want[s] || m.quantity(s) != want[s] || m.writes[s] != nil {
				t.Fatalf("%s: the server has %d, the page shows %d, want %d", s, got, m.quantity(s), want[s])
			}
		}
		if m.items() != d.cart.Items {
			t.Fatalf("the page counts %d items, want %d", m.items(), d.cart.Items)
		}
	})
}

// What is added comes on top of whatever others did meanwhile.
func TestAddingGoesWithAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, d := testModel(), newDesk()
		added, theirs := 0, 0
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			m.add("A", "", 1)
			added++
			r, ok := m.next("A")
			if rapid.Bool().Draw(t, "others are faster") {
				theirs++
				d.put("A", d.quantity("A")+1)
			}
			for ok {
				cart, err := d.answer(r)
				m.wrote(r, cart, err)
				r, ok = m.next("A")
			}
		}
		if got := d.quantity("A"); got != added+theirs {
			t.Fatalf("got %d, want %d", got, added+theirs)
		}
	})
}

// conflicting is a model whose visitor wanted another quantity than staff had set.
func conflicting(t *testing.T, want, theirs int) (*model, *desk) {
	t.Helper()
	m, d := testModel(), newDesk()
	d.put("A", 2)
	m.took(d.copy())
	if want == 0 {
		m.remove("A")
	} else {
		m.set("A", want)
	}
	r, ok := m.next("A")
	if !ok {
		t.Fatal("nothing is sent")
	}
	d.put("A", theirs)
	cart, err := d.answer(r)
	m.wrote(r, cart, err)
	return m, d
}

func TestConflict(t *testing.T) {
	tests := []struct {
		want, theirs           int
		question, keep, insist string
	}{
		{3, 5, "You wanted 3, but it was changed to 5 meanwhile.", "Keep 5", "Make it 3"},
		{3, 0, "You wanted 3, but it was taken out meanwhile.", "Leave it out", "Make it 3"},
		{0, 5, "You took it out, but it was changed to 5 meanwhile.", "Keep 5", "Take it out"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.want, test.theirs), func(t *testing.T) {
			m, d := conflicting(t, test.want, test.theirs)
			w := m.writes["A"]
			if w == nil || !w.conflict {
				t.Fatal("there is no conflict")
			}
			if q, k, i := w.conflictWords(); q != test.question || k != test.keep || i != test.insist {
				t.Errorf("got %q, %q, %q", q, k, i)
			}
			if _, ok := m.next("A"); ok || m.quantity("A") != test.theirs {
				t.Errorf("it goes on without an answer, and shows %d", m.quantity("A"))
			}
			m.insist("A")
			r, _ := m.next("A")
			cart, err := d.answer(r)
			m.wrote(r, cart, err)
			if d.quantity("A") != test.want || m.writes["A"] != nil {
				t.Errorf("insisting: got %d (%v), want %d", d.quantity("A"), err, test.want)
			}

			m, d = conflicting(t, test.want, test.theirs)
			m.keep("A")
			if _, ok := m.next("A"); ok || d.quantity("A") != test.theirs || m.quantity("A") != test.theirs {
				t.Errorf("keeping: got %d, want %d", m.quantity("A"), test.theirs)
			}
		})
	}
}

// Once a quantity was chosen, "some more" is no longer all that is wanted.
func TestAddingThenChoosing(t *testing.T) {
	m, d := testModel(), newDesk()
	m.add("A", "", 1)
	m.set("A", 4)
	r, _ := m.next("A")
	d.put("A", 2)
	cart, err := d.answer(r)
	m.wrote(r, cart, err)
	if w := m.writes["A"]; w == nil || !w.conflict {
		t.Errorf("got %+v, want the question which quantity it is to be", w)
	}
}

func TestConflictThatIsNone(t *testing.T) {
	m, _ := conflicting(t, 3, 3)
	if m.writes["A"] != nil {
		t.Error("both want the same, and are asked")
	}
	m, d := conflicting(t, 3, 5)
	d.put("A", 3)
	m.took(d.copy())
	if m.writes["A"] != nil {
		t.Error("the other one gave in, and it is still asked")
	}
}

func TestProblems(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
		look bool
	}{
		{"refused", &shared.Problem{Code: shared.CodeCartFull, Detail: "A cart has at most 200 lines."}, "A cart has at most 200 lines.", true},
		{"unreachable", fmt.Errorf("%w: gone", api.ErrUnreachable), "The shop can't be reached. Check your connection.", false},
		{"garbled", errors.New("odd"), "The shop's answer can't be read.", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, d := testModel(), newDesk()
			d.put("A", 2)
			m.took(d.copy())
			m.set("A", 3)
			r, _ := m.next("A")
			if look := m.wrote(r, shared.Cart{}, test.err); look != test.look {
				t.Errorf("looks anew: %v, want %v", look, test.look)
			}
			if w := m.writes["A"]; w == nil || w.problem != test.want {
				t.Fatalf("got %+v, want the problem %q", w, test.want)
			}
			if m.quantity("A") != 2 || m.items() != 2 {
				t.Errorf("shows %d, as if it were there", m.quantity("A"))
			}
			m.insist("A")
			if r, ok := m.next("A"); !ok || r.quantity != 3 {
				t.Errorf("trying again sends %+v, %v", r, ok)
			}
		})
	}
}

// Staff put a line back before its removal was answered: it is there.
func TestPutBackMeanwhile(t *testing.T) {
	m, d := testModel(), newDesk()
	d.put("A", 2)
	m.took(d.copy())
	m.remove("A")
	r, _ := m.next("A")
	cart, err := d.answer(r)
	d.put("A", 2)
	m.took(d.copy())
	m.wrote(r, cart, err)
	if _, gone := m.gone["A"]; gone || m.quantity("A") != 2 || !slices.Contains(m.order, "A") {
		t.Errorf("gone: %v, %d of it in %v; want 2, and not gone", gone, m.quantity("A"), m.order)
	}
}

func TestPutBack(t *testing.T) {
	m, d := testModel(), newDesk()
	d.put("A", 2)
	d.put("B", 1)
	m.took(d.copy())
	m.set("A", 3)
	first, _ := m.next("A")
	m.remove("A") // while that is on its way
	if m.gone["A"].line.Quantity != 3 {
		t.Errorf("%d can be put back, want what was shown", m.gone["A"].line.Quantity)
	}
	cart, err := d.answer(first)
	m.wrote(first, cart, err)
	r, _ := m.next("A")
	cart, err = d.answer(r)
	m.wrote(r, cart, err)
	if d.quantity("A") != 0 || len(m.order) != 2 {
		t.Fatalf("%d are left (%v), rows %v", d.quantity("A"), err, m.order)
	}
	m.restore("A")
	r, _ = m.next("A")
	cart, err = d.answer(r)
	m.wrote(r, cart, err)
	if d.quantity("A") != 3 || m.order[0] != "A" || len(m.gone) != 0 {
		t.Errorf("got %d (%v), rows %v", d.quantity("A"), err, m.order)
	}
}

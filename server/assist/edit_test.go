package assist_test

import (
	"errors"
	"strings"
	"testing"

	"cartline/server/assist"
	"cartline/shared"
)

func TestDiscountLimits(t *testing.T) {
	both := map[string]int{shared.RoleDiscounter: 1000, shared.RoleAdmin: 3000}
	tests := []struct {
		name   string
		limits map[string]int
		who    assist.Staff
		limit  int
	}{
		{"by default", nil, zoe, 2000},
		{"an admin by default", nil, chief, 5000},
		{"set", both, zoe, 1000},
		{"of several the highest", both, chief, 3000},
		{"an admin who is no discounter", both, staff("adam", shared.RoleAdmin, shared.RoleCartEditor), 0},
		{"neither", both, carl, 0},
	}
	for _, test := range tests {
		o := openOffice(t, func(c *assist.Config) { c.Limits = test.limits })
		if got, err := o.Settings(t.Context(), test.who); err != nil || got.DiscountLimit != test.limit {
			t.Errorf("%s: got %+v, %v; want %d", test.name, got, err, test.limit)
		}
		if test.limit == 0 {
			continue
		}
		id := o.attended(guest, test.who)
		set := func(basisPoints int) error {
			return second(o.SetDiscount(t.Context(), test.who, id, shared.SetDiscount{BasisPoints: basisPoints, Reason: "other"}))
		}
		err := set(test.limit + 1)
		o.wants(test.name+", above", err, shared.CodeOverLimit)
		if !strings.Contains(err.Error(), "%") {
			t.Errorf("%s: the limit isn't told: %v", test.name, err)
		}
		o.wants(test.name+", at it", set(test.limit), "")
		if d := o.cart(id).Discount; d == nil || d.By != test.who.Name || d.MaxBasisPoints != test.limit {
			t.Errorf("%s: got %+v", test.name, d)
		}
	}
}

func TestSettings(t *testing.T) {
	o := openOffice(t)
	got, err := o.Settings(t.Context(), zoe)
	want := shared.Desk{ConsentNeeded: true, DiscountLimit: 2000, Colleagues: []string{"bob", "carl", "chief", "walt"}, IdleSeconds: 1800}
	if err != nil || encoded(t, got) != encoded(t, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	o.people.attenders = []string{"zoe"}
	if got, err := o.Settings(t.Context(), zoe); err != nil || got.Colleagues == nil || len(got.Colleagues) != 0 {
		t.Errorf("alone: got %+v, %v; want no colleagues", got, err)
	}
	o.people.fail = errors.New("the staff can't be read")
	if _, err := o.Settings(t.Context(), zoe); !errors.Is(err, o.people.fail) {
		t.Errorf("got %v", err)
	}
}

// Two who change the same line from the same version: the second sees what the first
// made of it.
func TestEditTogether(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe)
	line := o.cart(id).Lines[0]
	if _, err := o.carts.SetLine(ctx, guest, mug.SKU, shared.SetLine{Quantity: 5, Version: line.Version}); err != nil {
		t.Fatal(err)
	}
	_, err := o.SetLine(ctx, zoe, id, mug.SKU, shared.SetLine{Quantity: 7, Version: line.Version})
	o.wants("zoe, later", err, shared.CodeVersionConflict)
	var p *shared.Problem
	if !errors.As(err, &p) || p.Cart == nil || p.Cart.Lines[0].Quantity != 5 {
		t.Errorf("got %+v", p)
	}
	audit := o.audit()
	if last := audit[len(audit)-1]; last.Before != "5 × MUG-1" || last.After != "7 × MUG-1" || last.Outcome != string(shared.CodeVersionConflict) {
		t.Errorf("got %+v", last)
	}
	r, err := o.SetLine(ctx, zoe, id, mug.SKU, shared.SetLine{Quantity: 7, Version: p.Cart.Lines[0].Version})
	if err != nil || r.Items != 7 {
		t.Errorf("got %+v, %v", r, err)
	}
	// The shopper takes the change back, as zoe could.
	r, err = o.carts.Undo(ctx, "guest", shared.Undo{Version: r.Version})
	if err != nil || r.Items != 5 {
		t.Errorf("got %+v, %v", r, err)
	}
	r, err = o.Undo(ctx, zoe, id, shared.Undo{Version: r.Version})
	if err != nil || r.Items != 7 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// To take a discount back takes the role that gives one.
func TestUndoOfADiscount(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe, carl)
	r, err := o.SetDiscount(ctx, zoe, id, shared.SetDiscount{BasisPoints: 1000, Reason: "other"})
	if err != nil {
		t.Fatal(err)
	}
	o.wants("carl", second(o.Undo(ctx, carl, id, shared.Undo{Version: r.Version})), shared.CodeForbidden)
	lone := staff("dora", shared.RoleEventListener, shared.RoleDiscounter) // edits no lines
	o.attach(guest, lone)
	r, err = o.Undo(ctx, lone, id, shared.Undo{Version: r.Version})
	if err != nil || r.Discount != nil {
		t.Errorf("got %+v, %v", r.Discount, err)
	}
	r, err = o.Undo(ctx, zoe, id, shared.Undo{Version: r.Version})
	if err != nil || r.Discount == nil {
		t.Errorf("the undo of that: got %+v, %v", r.Discount, err)
	}
}

// What an admin may give, and took away again, a discounter can't give back.
func TestUndoKeepsToTheLimit(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe, chief)
	if _, err := o.SetDiscount(ctx, chief, id, shared.SetDiscount{BasisPoints: 4000, Reason: "other"}); err != nil {
		t.Fatal(err)
	}
	r, err := o.RemoveDiscount(ctx, chief, id, "")
	if err != nil {
		t.Fatal(err)
	}
	o.wants("zoe", second(o.Undo(ctx, zoe, id, shared.Undo{Version: r.Version})), shared.CodeOverLimit)
	o.wants("chief", second(o.Undo(ctx, chief, id, shared.Undo{Version: r.Version})), "")
}

func TestNotes(t *testing.T) {
	o := openOffice(t)
	id := o.attended(guest, zoe)
	o.wants("a note", second(o.WriteNote(t.Context(), zoe, id, shared.WriteNote{Text: "  " + secretNote + "\n"})), "")
	if last := o.last(id); last.Kind != shared.NoteWritten || last.Note != secretNote {
		t.Errorf("got %+v", last)
	}
	o.wants("nothing", second(o.WriteNote(t.Context(), zoe, id, shared.WriteNote{Text: " "})), shared.CodeInvalid)
	o.wants("too much", second(o.WriteNote(t.Context(), zoe, id, shared.WriteNote{Text: strings.Repeat("x", shared.MaxNote+1)})), shared.CodeInvalid)
}

// A cart's row in lists doesn't move because of what staff write or where the shopper
// looks.
func TestOnlyContentCountsAsChange(t *testing.T) {
	o := openOffice(t)
	id := o.attended(guest, zoe)
	before := o.cart(id)
	o.wants("note", second(o.WriteNote(t.Context(), zoe, id, shared.WriteNote{Text: "x"})), "")
	o.wants("page", o.ViewPage(t.Context(), "guest", shared.ViewPage{Path: "/shop"}), "")
	after := o.cart(id)
	if !after.UpdatedAt.Equal(before.UpdatedAt) || encoded(t, after.Last) != encoded(t, before.Last) || after.Version != before.Version+2 {
		t.Errorf("got %+v", after)
	}
}

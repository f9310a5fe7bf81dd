package shop

import (
	"testing"
	"time"

	"cartline/shared"
)

var ada = shared.Actor{Kind: shared.ActorStaff, Name: "ada"}

func TestSentences(t *testing.T) {
	shopper := shared.Actor{Kind: shared.ActorShopper}
	change := func(from, to int) *shared.LineChange {
		return &shared.LineChange{SKU: "MUG", Name: "Blue mug", OldQuantity: from, NewQuantity: to}
	}
	tests := []struct {
		activity shared.Activity
		want     string
		undo     bool
	}{
		{shared.Activity{Kind: shared.LineAdded, Actor: ada, Line: change(0, 2)}, "ada added 2 × Blue mug", true},
		{shared.Activity{Kind: shared.LineChanged, Actor: ada, Line: change(2, 3)}, "ada raised Blue mug from 2 to 3", true},
		{shared.Activity{Kind: shared.LineChanged, Actor: ada, Line: change(3, 1)}, "ada lowered Blue mug from 3 to 1", true},
		{shared.Activity{Kind: shared.LineRemoved, Actor: ada, Line: change(3, 0)}, "ada took Blue mug out", true},
		{shared.Activity{Kind: shared.LineRemoved, Actor: ada, Line: change(3, 0), Undoes: 4}, "ada took Blue mug out again", false},
		{shared.Activity{Kind: shared.LineAdded, Actor: shopper, Line: change(0, 2)}, "", false},
		{shared.Activity{Kind: shared.LineAdded, Actor: ada}, "", true},
		{shared.Activity{Kind: shared.DiscountSet, Actor: ada, Discount: &shared.DiscountChange{SKU: "MUG", New: &shared.Discount{BasisPoints: 1250, Reason: "goodwill"}}},
			"ada gave you 12.5 % off Mug, with our compliments", true},
		{shared.Activity{Kind: shared.DiscountSet, Actor: ada, Discount: &shared.DiscountChange{New: &shared.Discount{Amount: 500, Reason: "other"}}},
			"ada gave you €5.00 off the whole cart, agreed with you", true},
		{shared.Activity{Kind: shared.DiscountRemoved, Actor: ada, Discount: &shared.DiscountChange{SKU: "GONE"}}, "ada took the discount off GONE", true},
		{shared.Activity{Kind: shared.Attached, Actor: shopper, Staff: "ada"}, "ada is helping you with this cart now.", false},
		{shared.Activity{Kind: shared.Released, Actor: shared.Actor{Kind: shared.ActorServer}, Staff: "ada"}, "ada no longer sees your name or changes this cart.", false},
		{shared.Activity{Kind: shared.CartsMerged, Actor: shopper, MergedLines: 1}, "1 line from your guest cart was added.", false},
		{shared.Activity{Kind: shared.LinkWasSent, Actor: ada}, "", false},
		{shared.Activity{Kind: shared.PageViewed, Actor: shopper}, "", false},
	}
	cart := cartOf("c1", 9, mug)
	cart.Total = euros(2500)
	for _, test := range tests {
		if got := sentence(test.activity, cart); got != test.want {
			t.Errorf("%s: got %q, want %q", test.activity.Kind, got, test.want)
		}
		if got := undoable(test.activity); got != test.undo {
			t.Errorf("%s: can be undone: %v, want %v", test.activity.Kind, got, test.undo)
		}
	}
}

func TestNews(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	m.took(cartOf("c1", 1))
	for v := int64(2); v < 14; v++ {
		event := shared.CartEvent{
			Activity: shared.Activity{Kind: shared.LineAdded, CartVersion: v, Actor: ada, Line: &shared.LineChange{SKU: "MUG", Name: "Mug", NewQuantity: 2}},
			Cart:     cartOf("c1", v, mug),
		}
		m.happened(event)
		m.happened(event) // told twice is told once
	}
	if len(m.recent()) != maxNews || m.recent()[0].Version != 13 || len(m.toasts()) != 3 || !m.ticking() {
		t.Fatalf("got %d news, %d in sight", len(m.recent()), len(m.toasts()))
	}
	if m.touch["MUG"].by != "ada" {
		t.Error("the line doesn't say by whom")
	}
	m.dismiss(13)
	if m.toasts()[0].Version != 12 || m.recent()[0].Version != 13 {
		t.Error("what was dismissed is still in sight, or not in the list")
	}
	m.happened(shared.CartEvent{
		Activity: shared.Activity{Kind: shared.LineRemoved, CartVersion: 14, Undoes: 12, Actor: shared.Actor{Kind: shared.ActorShopper}, Line: &shared.LineChange{SKU: "MUG"}},
		Cart:     cartOf("c1", 14),
	})
	if !m.recent()[1].Undone || m.touch["MUG"].by != "" {
		t.Errorf("got %+v, by %q", m.recent()[1], m.touch["MUG"].by)
	}
	now = now.Add(toastTime)
	if len(m.toasts()) != 0 || len(m.recent()) != maxNews {
		t.Error("news don't go out of sight, or out of the list")
	}
	m.took(cartOf("c2", 1))
	if len(m.recent()) != 0 {
		t.Error("the news of another cart are shown")
	}
}

// Whoever loads the page after a change is told by whom it was.
func TestCredit(t *testing.T) {
	m := testModel()
	cart := cartOf("c1", 3, mug)
	cart.Last = &shared.LastChange{Kind: shared.LineChanged, Actor: ada, Line: &shared.LineChange{SKU: "MUG"}}
	m.looked(cart, nil, 0)
	if m.touch["MUG"].by != "ada" {
		t.Error("the line doesn't say by whom")
	}
}

func TestDiscountWords(t *testing.T) {
	for bp, want := range map[int]string{1000: "10 %", 1250: "12.5 %", 1205: "12.05 %", 5: "0.05 %", 10000: "100 %"} {
		if got := percent(bp); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	tests := []struct {
		discount shared.Discount
		ofLine   bool
		want     string
	}{
		{shared.Discount{Short: 750}, false, "Needs €7.50 more to count."},
		{shared.Discount{Short: 1}, true, "Counts again with 1 item more."},
		{shared.Discount{Capped: true, MaxBasisPoints: 2000}, false, "At most 20 % can be taken off."},
		{shared.Discount{}, false, ""},
	}
	for _, test := range tests {
		if got := limits(&test.discount, "EUR", test.ofLine); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

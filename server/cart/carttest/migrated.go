package carttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// OldCarts returns carts as the first release kept them, the newest change first:
// without discounts, and with nobody who attends them. An adapter writes them, and
// OldActivities of each, into a database of that release by SQL, and then lets
// CheckMigrated look at what became of them.
func OldCarts() []cart.Record {
	begun := time.Date(2026, 3, 29, 1, 59, 59, 999_999_000, time.UTC)
	var carts []cart.Record
	for i, micros := range []time.Duration{999_999, 500_000, 123_456, 1_000, 1, 0} {
		r := cart.Record{Shopper: fmt.Sprint("shopper-", i), Cart: shared.Cart{
			ID: cart.NewID(), Name: cart.NewName(), Status: shared.CartOpen, Lines: []shared.Line{}, Seen: true,
			CreatedAt: begun, UpdatedAt: begun.Add(time.Microsecond + micros*time.Microsecond),
			Total: shared.Money{Currency: "EUR"}, Subtotal: shared.Money{Currency: "EUR"},
		}}
		// The order of the lines is that in which they came; the last cart is empty.
		for j, p := range []shared.Product{towel, mug, lamp}[:min(3, 5-i)] {
			line := shared.Line{SKU: p.SKU, Name: p.Name + " “ü\\\"", Quantity: j + i + 1, UnitPrice: p.Price, Version: int64(j + 1)}
			line.Total = shared.Money{Amount: p.Price.Amount * int64(line.Quantity), Currency: "EUR"}
			line.Subtotal = line.Total
			r.Lines = append(r.Lines, line)
			r.Items += line.Quantity
			r.Total.Amount += line.Total.Amount
		}
		r.Subtotal = r.Total
		r.Version = int64(max(2, len(r.Lines))) // the empty one had a line and lost it
		carts = append(carts, r)
	}
	return carts
}

// OldActivities returns what the first release had in its log about a cart.
func OldActivities(t *testing.T, r cart.Record) (payloads []string) {
	t.Helper()
	for version := int64(1); version <= r.Version; version++ {
		payload, err := json.Marshal(map[string]any{
			"cart_id": r.ID, "cart_version": version, "kind": shared.LineAdded, "at": r.UpdatedAt,
			"actor": shared.Actor{Kind: shared.ActorShopper}, "line": shared.LineChange{SKU: mug.SKU, NewQuantity: int(version)},
			"cart": map[string]any{"id": r.ID, "version": version},
		})
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, string(payload))
	}
	return payloads
}

// CheckMigrated looks for OldCarts in a store that was brought up to date. Middle is
// the log's position after the activities of the first cart that was written, as the
// first release told it.
func CheckMigrated(t *testing.T, s Store, old []cart.Record, middle cart.Position) {
	t.Helper()
	ctx := t.Context()
	for _, want := range old {
		got, err := s.Cart(ctx, want.ID)
		if err != nil || !equal(got.Cart, want.Cart) || got.Shopper != want.Shopper || got.Customer != "" || got.Code != "" {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
		if again, err := s.CartOf(ctx, want.Shopper); err != nil || again.ID != want.ID {
			t.Errorf("of its shopper: got %+v, %v", again, err)
		}
	}
	var listed []shared.CartSummary
	for place := (cart.Place{}); ; {
		page, err := s.Carts(ctx, cart.ListQuery{After: place, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		listed = append(listed, page...)
		last := page[len(page)-1]
		place = cart.Place{UpdatedAt: last.UpdatedAt, ID: last.ID}
	}
	var want []shared.CartSummary
	for _, r := range old {
		want = append(want, r.Summary())
	}
	if !equal(listed, want) {
		t.Errorf("the list:\n got %+v\nwant %+v", listed, want)
	}
	checkOldLog(t, s, old, middle)
	checkGoesOn(t, s, old[0], old[len(old)-1])
}

func checkOldLog(t *testing.T, s Store, old []cart.Record, middle cart.Position) {
	t.Helper()
	activities := 0
	for _, r := range old {
		history, err := s.History(t.Context(), r.ID, 0, 100)
		if err != nil || int64(len(history)) != r.Version || history[0].CartVersion != r.Version || history[0].Line == nil {
			t.Errorf("the history of %s: got %+v, %v", r.ID, history, err)
		}
		activities += len(history)
	}
	inOrder(t, readLog(t, s, cart.Position{}, activities))
	rest := readLog(t, s, middle, activities-int(old[0].Version))
	if slices.ContainsFunc(rest, func(e cart.Entry) bool { return e.CartID == old[0].ID }) {
		t.Error("an old cursor leads back to what was before it")
	}
}

// checkGoesOn changes carts that are old: one with lines, and one without.
func checkGoesOn(t *testing.T, s Store, full, empty cart.Record) {
	t.Helper()
	carts := service(t, s)
	line := full.Lines[0]
	r, err := carts.SetLine(t.Context(), cart.Shopper{ID: full.Shopper}, line.SKU, shared.SetLine{Quantity: line.Quantity + 1, Version: line.Version})
	if err != nil || r.ID != full.ID || r.Version != full.Version+1 || r.Items != full.Items+1 {
		t.Errorf("got %+v, %v", r, err)
	}
	matches(t, &r.Cart)
	r, err = carts.SetLine(t.Context(), cart.Shopper{ID: empty.Shopper}, mug.SKU, shared.SetLine{Quantity: 1})
	if err != nil || r.ID != empty.ID || r.Version != empty.Version+1 || r.Items != 1 {
		t.Errorf("the empty one: got %+v, %v", r, err)
	}
}

// CheckTrimmedBefore looks at a log that was brought up to date from a release that
// didn't note what it forgot. Its first activities were forgotten, `left` are left, and
// the epoch is what it was then.
func CheckTrimmedBefore(t *testing.T, s Store, epoch string, left int) {
	t.Helper()
	all := readLog(t, s, cart.Position{}, left)
	if head, err := s.Head(t.Context()); err != nil || head != all[left-1].Position || head.Epoch != epoch {
		t.Errorf("the head: got %+v, %v; want %+v in the epoch %s", head, err, all[left-1].Position, epoch)
	}
	for _, entry := range all {
		contains(t, s, "what is left", entry.Position, true)
	}
	beginning := cart.Position{Epoch: epoch}
	contains(t, s, "the beginning", beginning, false)
	if entries, err := s.After(t.Context(), beginning, cart.Scope{}, 10); !errors.Is(err, cart.ErrGone) {
		t.Errorf("after the beginning: got %v, %v; want ErrGone", entries, err)
	}
	Fill(t, s, 1)
	readLog(t, s, all[0].Position, left)
}

package ledger_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/server/cart"
	"cartline/server/ledger"
	"cartline/shared"
)

// small is a log of three carts: A1 B1 A2 C1 A3 B2.
func small() []ledger.Row {
	var rows []ledger.Row
	for i, of := range []struct {
		id      string
		version int64
	}{{"A", 1}, {"B", 1}, {"A", 2}, {"C", 1}, {"A", 3}, {"B", 2}} {
		rows = append(rows, ledger.Row{
			Position: cart.Position{Epoch: "e", Tx: uint64(10 + i), Seq: int64(100 - i), Mark: uint32(i)},
			CartID:   of.id, Version: of.version, Shopper: "of " + of.id,
		})
	}
	return rows
}

var (
	beginningPosition = cart.Position{Epoch: "e"}
	beginning         = beginningPosition.Cursor()
)

func heard(row ledger.Row) ledger.Heard {
	return ledger.Heard{Cursor: row.Position.Cursor(), CartID: row.CartID, Version: row.Version}
}

// replacing is an event that stands for count others, the first of which is given.
func replacing(row ledger.Row, count int, first ledger.Row) ledger.Heard {
	h := heard(row)
	h.Replaces = &shared.Replaced{From: first.Position.Cursor(), Count: count}
	return h
}

// hear enters events of one connection.
func hear(h *ledger.Hearing, events ...ledger.Heard) {
	h.Connected()
	for _, event := range events {
		h.Hear(event, time.Now())
	}
}

func TestCheck(t *testing.T) {
	l := small()
	all := []ledger.Heard{heard(l[0]), heard(l[1]), heard(l[2]), heard(l[3]), heard(l[4]), heard(l[5])}
	tests := []struct {
		name      string
		rows      []ledger.Row // if not small
		start     string
		scope     cart.Scope
		coalesces bool
		first     []ledger.Heard // on the first connection
		second    []ledger.Heard // on the second, if there is one
		told      string
		dropped   int // by the client
		kept      []shared.Cart
		want      ledger.Counts
	}{
		{name: "everything", first: all},
		{name: "over two connections", first: all[:2], second: all[2:]},
		{name: "from the middle", start: l[2].Position.Cursor(), first: all[3:]},
		{name: "after the end", start: l[5].Position.Cursor()},
		{name: "of one cart", scope: cart.Scope{CartID: "B"}, first: []ledger.Heard{all[1], all[5]}},
		{name: "of one shopper", scope: cart.Scope{Shopper: "of C"}, first: all[3:4]},
		{name: "acknowledged and there", first: all, kept: []shared.Cart{{ID: "A", Version: 3}, {ID: "B", Version: 1}, {}}},

		{name: "acknowledged and gone", first: all, kept: []shared.Cart{{ID: "A", Version: 4}, {ID: "D", Version: 1}}, want: ledger.Counts{Unkept: 2}},
		{name: "one missing", first: append(all[:3:3], all[4:]...), want: ledger.Counts{Lost: 1}},
		{name: "the last missing", first: all[:5], want: ledger.Counts{Behind: 1}},
		{name: "the first missing", first: all[1:], want: ledger.Counts{Lost: 1}},
		{name: "nothing heard", want: ledger.Counts{Behind: 6}},
		{name: "one of the cart missing", scope: cart.Scope{CartID: "A"}, first: []ledger.Heard{all[0], all[4]}, want: ledger.Counts{Lost: 1}},
		{name: "another cart's", scope: cart.Scope{CartID: "C"}, first: all[3:5], want: ledger.Counts{Invented: 1}},
		{name: "repeated", first: append(all[:3:3], all[2:]...), want: ledger.Counts{Repeated: 1}},
		{name: "repeated on another connection", first: all[:3], second: all[2:], want: ledger.Counts{Repeated: 1}},
		{name: "out of order", first: append(append(all[:1:1], all[2], all[1]), all[3:]...), want: ledger.Counts{Disordered: 1}},
		{name: "of no cursor", first: append(all[:6:6], ledger.Heard{Cursor: "x", CartID: "A", Version: 4}), want: ledger.Counts{Invented: 1}},
		{name: "of another's cursor", first: append([]ledger.Heard{{Cursor: all[0].Cursor, CartID: "A", Version: 2}}, all[1:]...), want: ledger.Counts{Invented: 1, Lost: 1}},
		{name: "told that it is lost", first: all, told: "a gap", want: ledger.Counts{Unrecovered: 1}},
		{name: "repeated, but not told", first: all, dropped: 2, want: ledger.Counts{Repeated: 2}},
		{name: "began nowhere", start: "x", want: ledger.Counts{Misstated: 1}},
		{name: "began in another epoch", start: "f.0.0.0", want: ledger.Counts{Misstated: 1}},
		{name: "a version missing in the log", rows: append(l[:2:2], l[3:]...), first: append(all[:2:2], all[3:]...), want: ledger.Counts{Unsequenced: 1}},
		{name: "versions the wrong way round in the log", rows: []ledger.Row{l[2], l[0]}, first: []ledger.Heard{all[2], all[0]}, want: ledger.Counts{Unsequenced: 2}},

		{name: "coalesced: everything", coalesces: true, first: all},
		{name: "coalesced", coalesces: true, first: []ledger.Heard{all[3], replacing(l[4], 2, l[0]), replacing(l[5], 1, l[1])}},
		{name: "coalesced in part", coalesces: true, first: []ledger.Heard{all[0], all[1], all[3], replacing(l[4], 1, l[2]), all[5]}},
		{name: "coalesced over two connections", coalesces: true, first: all[:1], second: []ledger.Heard{all[3], all[4], all[5]}},
		{name: "coalesced over two, and told in part", coalesces: true, first: []ledger.Heard{all[1]}, second: []ledger.Heard{all[3], replacing(l[4], 1, l[2]), all[5]}},

		{name: "coalesced: the newest missing", coalesces: true, first: []ledger.Heard{all[1], all[3], replacing(l[4], 2, l[0])}, want: ledger.Counts{Behind: 1}},
		{name: "coalesced: a cart missing", coalesces: true, first: []ledger.Heard{all[0], all[1], all[2], all[4], all[5]}, want: ledger.Counts{Lost: 1}},
		{name: "coalesced: not told", coalesces: true, first: []ledger.Heard{all[3], all[4], replacing(l[5], 1, l[1])}, want: ledger.Counts{Lost: 1}},
		{name: "coalesced: not told on the second connection", coalesces: true, first: all[:2], second: []ledger.Heard{all[2], all[3], all[5]}, want: ledger.Counts{Lost: 1}},
		{name: "coalesced: too few", coalesces: true, first: []ledger.Heard{all[3], replacing(l[4], 1, l[2]), replacing(l[5], 1, l[1])}, want: ledger.Counts{Misstated: 1}},
		{name: "coalesced: too many", coalesces: true, first: []ledger.Heard{all[3], replacing(l[4], 3, l[0]), replacing(l[5], 1, l[1])}, want: ledger.Counts{Misstated: 1}},
		{name: "coalesced: from another", coalesces: true, first: []ledger.Heard{all[3], replacing(l[4], 2, l[1]), replacing(l[5], 1, l[1])}, want: ledger.Counts{Misstated: 1}},
		{name: "coalesced: nothing to stand for", coalesces: true, first: append(all[:5:5], replacing(l[5], 1, l[1])), want: ledger.Counts{Misstated: 1}},
		{name: "coalesced: repeated", coalesces: true, first: append(all[:6:6], all[5]), want: ledger.Counts{Repeated: 1}},
		{name: "coalesced: the older after the newer", coalesces: true, first: []ledger.Heard{all[0], all[1], all[3], replacing(l[4], 1, l[2]), all[2], all[5]}, want: ledger.Counts{Disordered: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.rows == nil {
				test.rows = small()
			}
			if test.start == "" {
				test.start = beginning
			}
			book := new(ledger.Book)
			for i := range test.kept {
				book.Acknowledged(&test.kept[i])
			}
			h := book.Open("Ann", test.scope, test.coalesces)
			h.Begin(test.start)
			h.Begin("only the first counts")
			if test.told != "" {
				h.ToldLost(test.told)
			}
			h.Dropped(test.dropped)
			hear(h, test.first...)
			if test.second != nil {
				hear(h, test.second...)
			}
			got := ledger.Check(test.rows, book)
			if got.Counts != test.want {
				t.Errorf("got %+v, want %+v\n%s", got.Counts, test.want, got)
			}
			if none := test.want == (ledger.Counts{}); got.None() != none || (got.String() == "") != none {
				t.Errorf("none: got %v, %q; want %v", got.None(), got, none)
			}
		})
	}
}

// Whatever one listener misses, hears twice or hears in another order is found.
func TestCheckFindsEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := someRows(t)
		events := make([]ledger.Heard, len(rows))
		for i, row := range rows {
			events[i] = heard(row)
		}
		at := rapid.IntRange(0, len(events)-1).Draw(t, "at")
		var want func(*ledger.Findings) bool
		switch rapid.SampledFrom([]string{"nothing", "leave out", "repeat", "swap"}).Draw(t, "change") {
		case "nothing":
			want = (*ledger.Findings).None
		case "leave out":
			events = append(events[:at:at], events[at+1:]...)
			want = func(f *ledger.Findings) bool { return f.Lost+f.Behind == 1 && (f.Behind == 1) == (at == len(rows)-1) }
		case "repeat":
			again := rapid.IntRange(at+1, len(events)).Draw(t, "again")
			events = append(events[:again:again], append([]ledger.Heard{events[at]}, events[again:]...)...)
			want = func(f *ledger.Findings) bool { return f.Repeated == 1 }
		case "swap":
			other := rapid.IntRange(0, len(events)-1).Filter(func(i int) bool { return i != at || len(events) == 1 }).Draw(t, "other")
			events[at], events[other] = events[other], events[at]
			want = func(f *ledger.Findings) bool { return f.Disordered > 0 || len(events) == 1 }
		}
		book := new(ledger.Book)
		h := book.Open("Ann", cart.Scope{}, false)
		h.Begin(beginning)
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		hear(h, events[:cut]...)
		hear(h, events[cut:]...)
		if got := ledger.Check(rows, book); !want(got) {
			t.Fatalf("got %+v\n%s", got.Counts, got)
		}
	})
}

// What a queue that coalesces makes of a log is as it has to be, however slow its
// reader is; and if it forgets to tell what an event stands for, that is found.
func TestCheckCoalesced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := someRows(t)
		forgets := rapid.Bool().Draw(t, "forgets")
		forgot := false
		var queue, got []ledger.Heard
		take := func() { got, queue = append(got, queue...), nil }
		for _, row := range rows {
			event := heard(row)
			for i, waiting := range queue {
				if waiting.CartID != event.CartID {
					continue
				}
				from, count := waiting.Cursor, 1
				if waiting.Replaces != nil {
					from, count = waiting.Replaces.From, 1+waiting.Replaces.Count
				}
				if event.Replaces = (&shared.Replaced{From: from, Count: count}); forgets {
					event.Replaces, forgot = nil, true
				}
				queue = append(queue[:i:i], queue[i+1:]...)
				break
			}
			queue = append(queue, event)
			if rapid.IntRange(0, 3).Draw(t, "take") == 0 {
				take()
			}
		}
		take()
		book := new(ledger.Book)
		h := book.Open("Ann", cart.Scope{}, true)
		h.Begin(beginning)
		hear(h, got...)
		if found := ledger.Check(rows, book); found.None() == forgot {
			t.Fatalf("forgot to tell: %v; found %+v\n%s", forgot, found.Counts, found)
		}
	})
}

// someRows makes a log of a few carts.
func someRows(t *rapid.T) []ledger.Row {
	versions := make(map[string]int64)
	var rows []ledger.Row
	position := beginningPosition
	for range rapid.IntRange(1, 30).Draw(t, "length") {
		id := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "cart")
		versions[id]++
		// Transactions with several activities, and numbers that fall from one
		// transaction to the next.
		if position.Tx > 0 && rapid.Bool().Draw(t, "same") {
			position.Seq++
		} else {
			position.Tx += rapid.Uint64Range(1, 3).Draw(t, "tx")
			position.Seq = rapid.Int64Range(1, 100).Draw(t, "seq")
		}
		rows = append(rows, ledger.Row{Position: position, CartID: id, Version: versions[id]})
	}
	return rows
}

func TestReport(t *testing.T) {
	report := &ledger.Report{Findings: &ledger.Findings{Counts: ledger.Counts{Lost: 3}}, Faults: map[string]int{"server killed": 7}, Delivered: 12}
	for _, line := range []string{"server killed            7\n", "delivered                12\n", "lost                     3\n"} {
		if got := report.String(); !strings.Contains(got, line) {
			t.Errorf("the report doesn't have %q:\n%s", line, got)
		}
	}
}

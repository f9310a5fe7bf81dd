package cart

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/shared"
)

func TestCursorGoesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Position{
			Epoch: rapid.StringMatching(`[0-9a-f]{1,64}`).Draw(t, "epoch"),
			Tx:    rapid.Uint64().Draw(t, "tx"),
			Seq:   rapid.Int64Min(0).Draw(t, "seq"),
			Mark:  rapid.Uint32().Draw(t, "mark"),
		}
		if got, err := ParseCursor(want.Cursor()); err != nil || got != want {
			t.Fatalf("%+v became %q and then %+v, %v", want, want.Cursor(), got, err)
		}
	})
}

func TestParseCursorRefuses(t *testing.T) {
	for _, cursor := range []string{
		"", ".", "..", "...", "e", "e.1", "e.1.2", "e.1.2.3.4", ".1.2.3", "e..2.3", "e.1..3", "e.1.2.",
		"e.-1.2.3", "e.1.-2.3", "e.1.2.-3", "e.+1.2.3", "e.1.+2.3", "e.1.2.+3", "e.1.-0.3",
		"e.01.2.3", "e.1.02.3", "e.1.2.03", "e.1.A.3", "e.1.2.A", "e.1.2.3 ", "e. 1.2.3", "e.1.!.3", "e.1.2.!", "e.1.2.3\n", "e.1_0.2.3",
		"e." + strings.Repeat("z", 14) + ".1.1", "e.1." + strings.Repeat("z", 14) + ".1", "e.1.1.1z141z4", // one more than fits
		strings.Repeat("e", maxEpoch+1) + ".1.2.3",
	} {
		if got, err := ParseCursor(cursor); !errors.Is(err, ErrBadCursor) || got != (Position{}) {
			t.Errorf("%q: got %+v, %v; want ErrBadCursor", cursor, got, err)
		}
	}
}

func TestBefore(t *testing.T) {
	// In order; each is before those that follow, and not before itself.
	positions := []Position{{}, {Seq: 1, Mark: 9}, {Seq: math.MaxInt64}, {Tx: 1}, {Tx: 1, Seq: 5}, {Tx: 2, Seq: 3, Mark: 1}, {Tx: math.MaxUint64}}
	for i, p := range positions {
		for j, q := range positions {
			if got, want := p.Before(q), i < j; got != want {
				t.Errorf("%+v before %+v: got %v, want %v", p, q, got, want)
			}
		}
	}
}

// The longest cursor is not longer than what a client may send.
func TestCursorsFit(t *testing.T) {
	longest := Position{Epoch: strings.Repeat("e", maxEpoch), Tx: math.MaxUint64, Seq: math.MaxInt64, Mark: math.MaxUint32}.Cursor()
	if len(longest) > shared.MaxCursor {
		t.Errorf("%q has %d bytes, and clients may send %d", longest, len(longest), shared.MaxCursor)
	}
}

// The mark tells activities apart whose times differ in a microsecond or a day, and
// none whose times a store takes for the same.
func TestMarkOf(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC)
	for _, other := range []time.Duration{time.Microsecond, -time.Microsecond, 24 * time.Hour, -time.Hour} {
		if MarkOf(at) == MarkOf(at.Add(other)) {
			t.Errorf("%v later, the mark is the same", other)
		}
	}
	if MarkOf(at) != MarkOf(at.Add(999).In(time.FixedZone("", 3600))) {
		t.Error("nanoseconds or the zone change the mark")
	}
}

func TestExtent(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	place := func(epoch string, tx uint64, seq int64) Position {
		return Position{Epoch: epoch, Tx: tx, Seq: seq, Mark: MarkOf(at)}
	}
	marked := func(p Position, mark uint32) Position { p.Mark = mark; return p }
	whole, trimmed := Extent{Position{Epoch: "e"}}, Extent{place("e", 5, 50)}
	for _, test := range []struct {
		name         string
		extent       Extent
		position     Position
		found        time.Time
		holds, reads bool
	}{
		{"an activity", trimmed, place("e", 5, 51), at, true, true},
		{"none", trimmed, place("e", 5, 51), time.Time{}, false, true},
		{"another in its place", trimmed, marked(place("e", 5, 51), 1), at, false, true},
		{"of another epoch", trimmed, place("d", 5, 51), at, false, false},
		{"the furthest that is gone", trimmed, place("e", 5, 50), time.Time{}, true, true},
		{"another in the place of that", trimmed, marked(place("e", 5, 50), 1), time.Time{}, false, true},
		{"before what is gone", trimmed, place("e", 5, 49), time.Time{}, false, false},
		{"before what is gone, but left over", trimmed, place("e", 5, 49), at, false, false},
		{"of an earlier transaction", trimmed, place("e", 4, 90), at, false, false},
		{"the beginning of what is gone", trimmed, Position{Epoch: "e"}, time.Time{}, false, false},
		{"the beginning", whole, Position{Epoch: "e"}, time.Time{}, true, true},
		{"the beginning, marked", whole, Position{Epoch: "e", Mark: 1}, time.Time{}, false, true},
		{"the beginning of another epoch", whole, Position{Epoch: "d"}, time.Time{}, false, false},
		{"none at all", trimmed, Position{}, time.Time{}, false, true},
	} {
		if got := test.extent.Holds(test.position, test.found); got != test.holds {
			t.Errorf("%s: holds %v, want %v", test.name, got, test.holds)
		}
		if err := test.extent.Reads(test.position); (err == nil) != test.reads || err != nil && !errors.Is(err, ErrGone) {
			t.Errorf("%s: reads %v, want %v", test.name, err, test.reads)
		}
	}
}

// FuzzParseCursor: what is accepted is a position that is written so, and no
// other way.
func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{
		Position{Epoch: "0123abcd", Tx: 7, Seq: 99, Mark: 5}.Cursor(),
		Position{Epoch: strings.Repeat("e", maxEpoch), Tx: math.MaxUint64, Seq: math.MaxInt64, Mark: math.MaxUint32}.Cursor(),
		"e.0.0.0", "e.00.0.0", "e.0.-1.0", "e.0.0.01", "e.Z.z.z", "e...", "....", "é.1.1.1", "e.1.1.1.", "\xff.1.1.1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := ParseCursor(cursor)
		if err != nil {
			if !errors.Is(err, ErrBadCursor) || p != (Position{}) {
				t.Fatalf("%q: got %+v, %v; want ErrBadCursor and nothing", cursor, p, err)
			}
			return
		}
		if p.Epoch == "" || len(p.Epoch) > maxEpoch || p.Seq < 0 || p.Cursor() != cursor {
			t.Fatalf("%q became %+v, whose cursor is %q", cursor, p, p.Cursor())
		}
	})
}

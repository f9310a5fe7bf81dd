package cart

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCursorGoesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Position{
			Epoch: rapid.StringMatching(`[0-9a-f]{1,64}`).Draw(t, "epoch"),
			Tx:    rapid.Uint64().Draw(t, "tx"),
			Seq:   rapid.Int64Min(0).Draw(t, "seq"),
		}
		if got, err := ParseCursor(want.Cursor()); err != nil || got != want {
			t.Fatalf("%+v became %q and then %+v, %v", want, want.Cursor(), got, err)
		}
	})
}

func TestParseCursorRefuses(t *testing.T) {
	for _, cursor := range []string{
		"", ".", "..", "e", "e.1", "e.1.2.3", ".1.2", "e..2", "e.1.", "e.-1.2", "e.1.-2", "e.+1.2", "e.1.+2", "e.1.-0",
		"e.01.2", "e.1.02", "e.1.A", "e.1.2 ", "e. 1.2", "e.1.!", "e.1.2\n", "e.1_0.2",
		"e." + strings.Repeat("z", 14) + ".1", "e.1." + strings.Repeat("z", 14), strings.Repeat("e", maxEpoch+1) + ".1.2",
	} {
		if got, err := ParseCursor(cursor); !errors.Is(err, ErrBadCursor) || got != (Position{}) {
			t.Errorf("%q: got %+v, %v; want ErrBadCursor", cursor, got, err)
		}
	}
}

func TestBefore(t *testing.T) {
	// In order; each is before those that follow, and not before itself.
	positions := []Position{{}, {Seq: 1}, {Seq: math.MaxInt64}, {Tx: 1}, {Tx: 1, Seq: 5}, {Tx: 2, Seq: 3}, {Tx: math.MaxUint64}}
	for i, p := range positions {
		for j, q := range positions {
			if got, want := p.Before(q), i < j; got != want {
				t.Errorf("%+v before %+v: got %v, want %v", p, q, got, want)
			}
		}
	}
}

// FuzzParseCursor: what is accepted is a position that is written so, and no
// other way.
func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{
		Position{Epoch: "0123abcd", Tx: 7, Seq: 99}.Cursor(), Position{Epoch: "e", Tx: math.MaxUint64, Seq: math.MaxInt64}.Cursor(),
		"e.0.0", "e.00.0", "e.0.-1", "e.Z.z", "e..", "...", "é.1.1", "e.1.1.", "\xff.1.1",
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

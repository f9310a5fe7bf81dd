package cart

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/shared"
)

func TestPlaceGoesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := placeOf(shared.CartSummary{
			ID:        NewID(),
			UpdatedAt: time.UnixMicro(rapid.Int64Range(0, maxMicros).Draw(t, "at")).UTC(),
		})
		if got, err := parsePlace(want.String()); err != nil || got != want {
			t.Fatalf("%+v became %q and then %+v, %v", want, want, got, err)
		}
	})
}

func TestParsePlaceOfNothing(t *testing.T) {
	if got, err := parsePlace(""); err != nil || got != (Place{}) {
		t.Errorf("got %+v, %v; want the beginning", got, err)
	}
}

func TestParsePlaceRefuses(t *testing.T) {
	id := strings.Repeat("0a", idSize)
	if _, err := parsePlace("1." + id); err != nil {
		t.Fatalf("the form itself is refused: %v", err)
	}
	for _, text := range []string{
		".", "1", "1.", "." + id, "x y." + id, "-1." + id, "+1." + id, "01." + id, "A." + id,
		"1." + id[2:], "1." + id + "00", "1." + strings.ToUpper(id), "1." + strings.Repeat("zz", idSize), "1." + id + ".",
		"1.\x00", "1." + strings.Repeat("\xff", 2*idSize),
		"1y2p0ij32e8e7." + id, // the largest int64, in the year 294247
		"zzzzzzzzzzzzzz." + id,
	} {
		if got, err := parsePlace(text); codeOf(err) != shared.CodeInvalid || got != (Place{}) {
			t.Errorf("%q: got %+v, %v; want code %s", text, got, err, shared.CodeInvalid)
		}
	}
	last := time.UnixMicro(maxMicros).UTC()
	if want := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Microsecond); !last.Equal(want) {
		t.Errorf("maxMicros is %v, want %v", last, want)
	}
}

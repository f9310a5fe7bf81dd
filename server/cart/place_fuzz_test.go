package cart

import (
	"testing"

	"cartline/shared"
)

// A place is refused as a client's mistake, or is one that String makes and every
// database can hold.
func FuzzParsePlace(f *testing.F) {
	for _, text := range []string{"", ".", "1.", "1y2p0ij32e8e7.00", "-1.00", Place{}.String(), placeOf(shared.CartSummary{ID: NewID()}).String()} {
		f.Add(text)
	}
	f.Add(Place{UpdatedAt: Now(), ID: NewID()}.String())
	f.Fuzz(func(t *testing.T, text string) {
		place, err := parsePlace(text)
		if err != nil {
			if codeOf(err) != shared.CodeInvalid || place != (Place{}) {
				t.Errorf("%q: got %+v, %v; want code %s and no place", text, place, err, shared.CodeInvalid)
			}
			return
		}
		if text != "" && place.String() != text {
			t.Errorf("%q was taken for %q", text, place)
		}
		if micros := place.UpdatedAt.UnixMicro(); text != "" && (micros < 0 || micros > maxMicros) {
			t.Errorf("%q is at %v, which not every database can hold", text, place.UpdatedAt)
		}
	})
}

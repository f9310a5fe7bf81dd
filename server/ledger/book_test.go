package ledger

import (
	"testing"

	"cartline/server/cart"
)

// Nobody is waited for who began beyond what is awaited: they needn't hear it, and won't.
func TestHearingHas(t *testing.T) {
	at := func(seq int64) cart.Position { return cart.Position{Epoch: "0123456789abcdef", Tx: 7, Seq: seq} }
	for _, test := range []struct {
		name, start string
		heard       []int64
		want        bool
	}{
		{"not begun", "", nil, false},
		{"begun before", at(1).Cursor(), []int64{2}, false},
		{"heard", at(1).Cursor(), []int64{2, 3}, true},
		{"begun just behind", at(3).Cursor(), nil, true},
		{"begun beyond", at(4).Cursor(), nil, true},
		{"begun in another log", cart.Position{Epoch: "fedcba9876543210", Tx: 9}.Cursor(), nil, false},
	} {
		h := &Hearing{start: test.start}
		for _, seq := range test.heard {
			h.heard = append(h.heard, Heard{Cursor: at(seq).Cursor()})
		}
		if got := h.has(at(3)); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

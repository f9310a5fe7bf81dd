package part

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRoll(t *testing.T) {
	length := func(s string) int { return len(s) }
	r := NewRoll(10, 100, length)
	for _, s := range []string{"a", "b", "c"} {
		r.Append(s)
	}
	if got, want := r.Items(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for range 7 {
		r.Append("x")
	}
	before := r.Items()
	r.Append("y")
	// One too many, so two go: the one, and a tenth of ten.
	if got := len(r.Items()); got != 9 {
		t.Errorf("got %d items after the limit, want 9", got)
	}
	if got := r.Dropped(); got != 2 {
		t.Errorf("got %d dropped, want 2", got)
	}
	if got := before[:3]; !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("a slice that was given out changed to %v", before)
	}
	r.Lose(5)
	if got := r.Dropped(); got != 7 {
		t.Errorf("got %d dropped after losing 5, want 7", got)
	}
	r.Append(string(make([]byte, 200)))
	if got := len(r.Items()); got != 1 {
		t.Errorf("got %d items next to one that is too large by itself, want it alone", got)
	}
	r.Clear()
	if len(r.Items()) != 0 || r.Dropped() != 0 {
		t.Errorf("got %d items and %d dropped after Clear", len(r.Items()), r.Dropped())
	}
}

// A Roll is always the end of all that was added, within its bounds, and counts
// what it has not.
func TestRollProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		bytes := rapid.IntRange(1, 200).Draw(t, "bytes")
		r := NewRoll(limit, bytes, func(n int) int { return n })
		var all []int
		for _, batch := range rapid.SliceOf(rapid.SliceOfN(rapid.IntRange(0, 60), 0, 20)).Draw(t, "batches") {
			r.Append(batch...)
			all = append(all, batch...)
			items := r.Items()
			if got, want := len(items)+r.Dropped(), len(all); got != want {
				t.Fatalf("kept and dropped are %d, want %d", got, want)
			}
			if want := all[r.Dropped():]; !slices.Equal(items, want) {
				t.Fatalf("got %v, want %v", items, want)
			}
			sum := 0
			for _, n := range items {
				sum += n
			}
			if len(items) > limit || len(items) > 1 && sum > bytes {
				t.Fatalf("got %d items of %d bytes, limits are %d and %d", len(items), sum, limit, bytes)
			}
			if len(all) > 0 && len(items) == 0 {
				t.Fatal("the newest is gone")
			}
		}
	})
}

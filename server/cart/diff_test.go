package cart

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

// Written as it says, the lines before become those after, and nothing is written
// that was so already.
func TestDiffLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) shared.Line {
			return shared.Line{
				SKU:      rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "sku"),
				Quantity: rapid.IntRange(1, 2).Draw(t, "quantity"),
			}
		})
		lines := rapid.SliceOfDistinct(line, func(l shared.Line) string { return l.SKU })
		before, after := lines.Draw(t, "before"), lines.Draw(t, "after")
		added, changed, removed := DiffLines(before, after)

		stored := make(map[string]shared.Line)
		for _, l := range before {
			stored[l.SKU] = l
		}
		for _, l := range added {
			if _, there := stored[l.SKU]; there {
				t.Fatalf("added %v, which was there", l)
			}
			stored[l.SKU] = l
		}
		for _, l := range changed {
			if was, there := stored[l.SKU]; !there || was == l {
				t.Fatalf("changed %v, which was %v", l, was)
			}
			stored[l.SKU] = l
		}
		for _, sku := range removed {
			if _, there := stored[sku]; !there {
				t.Fatalf("removed %s, which was not there", sku)
			}
			delete(stored, sku)
		}
		if len(stored) != len(after) || slices.ContainsFunc(after, func(l shared.Line) bool { return stored[l.SKU] != l }) {
			t.Fatalf("got %v, want %v", stored, after)
		}
	})
}

package cart

import (
	"regexp"
	"slices"
	"testing"
)

func TestNewID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := NewID()
		if !isID(id) || len(id) != 2*idSize || seen[id] {
			t.Fatalf("got %q, want 128 new bits in hexadecimal", id)
		}
		seen[id] = true
	}
}

func TestNewName(t *testing.T) {
	pattern := regexp.MustCompile(`^([a-z]+)-([a-z]+)-[0-9]{2}$`)
	seen := make(map[string]bool)
	for range 1000 {
		name := NewName()
		parts := pattern.FindStringSubmatch(name)
		if parts == nil || !slices.Contains(colours[:], parts[1]) || !slices.Contains(animals[:], parts[2]) {
			t.Fatalf("got %q, want a colour, an animal and two digits", name)
		}
		seen[name] = true
	}
	// Of a thousand among four hundred thousand, one or two are alike.
	if len(seen) < 950 {
		t.Errorf("got %d different names of 1000", len(seen))
	}
}

// A word that were there twice would come twice as often.
func TestWordsAreDifferent(t *testing.T) {
	for name, words := range map[string][]string{"colours": colours[:], "animals": animals[:]} {
		sorted := slices.Sorted(slices.Values(words))
		if got := len(slices.Compact(sorted)); got != len(words) {
			t.Errorf("%s: %d of %d are different", name, got, len(words))
		}
	}
}

package picture

import (
	"testing"

	"cartline/shared"
)

// TestWords looks up each word as it would be found in a name, which fails for
// one that words would never yield.
func TestWords(t *testing.T) {
	for _, motifs := range []map[string]motif{byWord, byCategory} {
		for word, want := range motifs {
			if got, ok := find(words(word), motifs); !ok || got != want {
				t.Errorf("%q is never found", word)
			}
		}
	}
	for word := range colourWords {
		if got := words(word); len(got) != 1 || got[0] != word {
			t.Errorf("the colour %q is never found: names yield %q", word, got)
		}
		if _, ok := hues[colourWords[word]]; !ok {
			t.Errorf("%q stands for no colour", word)
		}
	}
	for _, name := range chance {
		if _, ok := hues[name]; !ok {
			t.Errorf("there is no colour %q", name)
		}
	}
}

func TestSizes(t *testing.T) {
	for word := range byWord {
		if svg := SVG(shared.Product{SKU: word, Name: word}); len(svg) > 3000 {
			t.Errorf("%s: %d bytes", word, len(svg))
		}
	}
}

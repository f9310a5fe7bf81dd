package browser

import (
	"errors"
	"strings"
	"testing"
)

func TestFileWithoutABrowser(t *testing.T) {
	if _, _, err := ReadFile(t.Context(), "x", 1); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("ReadFile: got %v, want %v", err, ErrNoBrowser)
	}
	Rewrite("x", "y")
}

func TestTooLargeError(t *testing.T) {
	if got := (&TooLargeError{Size: 12, Most: 10}).Error(); !strings.Contains(got, "12 bytes") || !strings.Contains(got, "10") {
		t.Errorf("got %q, want both sizes in it", got)
	}
}

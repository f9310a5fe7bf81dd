package browser

import (
	"errors"
	"testing"
)

func TestLogWithoutABrowser(t *testing.T) {
	if top, height, below, row := Scroll("x"); top != 0 || height != 0 || below != 0 || row != 0 {
		t.Errorf("Scroll: got %d, %d, %d, %d", top, height, below, row)
	}
	ScrollIntoView("x")
	if Selecting() {
		t.Error("Selecting: something is marked")
	}
	if err := Copy(t.Context(), "x"); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("Copy: got %v, want %v", err, ErrNoBrowser)
	}
}

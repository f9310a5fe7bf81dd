package browser

import (
	"errors"
	"testing"
)

// Pages are prerendered with this package too, where no browser is.
func TestWithoutABrowser(t *testing.T) {
	if _, _, err := Fetch(t.Context(), "GET", "/", nil); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("Fetch: got %v, want %v", err, ErrNoBrowser)
	}
	if _, err := HasCache(t.Context(), "x"); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("HasCache: got %v, want %v", err, ErrNoBrowser)
	}
	if scheme, host := Location(); scheme != "" || host != "" {
		t.Errorf("Location: got %q, %q", scheme, host)
	}
	if got := Value("x"); got != "" {
		t.Errorf("Value: got %q", got)
	}
	if !AtEnd("x") {
		t.Error("AtEnd: what isn't there is scrolled")
	}
	SetValue("x", "y")
	Focus("x")
	Select("x")
	ScrollToEnd("x")
	LeaveLinksAlone()
	Alarm("nothing")
}

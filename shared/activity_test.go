package shared_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cartline/shared"
)

// What is in the cart changes with these kinds, and with no other.
func TestChangesContent(t *testing.T) {
	content := []shared.ActivityKind{
		shared.LineAdded, shared.LineChanged, shared.LineRemoved, shared.DiscountSet, shared.DiscountRemoved,
		shared.CartsMerged, shared.MergedAway, shared.Ordered, shared.Expired,
	}
	other := []shared.ActivityKind{
		shared.PageViewed, shared.SignedIn, shared.HelpAsked, shared.HelpEnded, shared.CodeShown, shared.CodeHidden, shared.Knocked,
		shared.KnockDeclined, shared.Attached, shared.Released, shared.HandoverOffered, shared.HandoverEnded, shared.LinkWasSent,
		shared.LinkWasDelivered, shared.LinkWasOpened, shared.LinkWasDismissed, shared.NoteWritten, shared.PhoneStarted, "",
	}
	for _, kind := range content {
		if !kind.ChangesContent() {
			t.Errorf("%s doesn't", kind)
		}
	}
	for _, kind := range other {
		if kind.ChangesContent() {
			t.Errorf("%q does", kind)
		}
	}
}

// What doesn't belong to an activity isn't sent.
func TestActivityLeavesOut(t *testing.T) {
	text, err := json.Marshal(shared.Activity{Kind: shared.LineAdded})
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"line", "discount", "link", "staff", "consent", "reason", "note", "undoes", "other", "order", "attendants", "page_at", "help_at"} {
		if strings.Contains(string(text), `"`+field+`":`) {
			t.Errorf("%s is in %s", field, text)
		}
	}
}

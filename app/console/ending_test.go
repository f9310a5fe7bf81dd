package console

import (
	"strings"
	"testing"

	"cartline/shared"
)

func TestEnding(t *testing.T) {
	tests := []struct {
		code   int
		reason string
		want   string
	}{
		{1000, "", "Disconnected: the server ended the conversation (code 1000, normal closure)"},
		{1001, "bye", "Disconnected: the server is going away, to stop or to start anew (code 1001, going away). The server says: bye"},
		{4711, "", "Disconnected: the server closed the connection (code 4711)"},
	}
	for _, test := range tests {
		if got := ending(test.code, test.reason); got != test.want {
			t.Errorf("ending(%d): got %q, want %q", test.code, got, test.want)
		}
	}
}

// Each code that has a name has a meaning of its own for people.
func TestMeaning(t *testing.T) {
	unknown := meaning(4711)
	for _, code := range []int{
		1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 1014,
		shared.CloseSlow, shared.CloseFlood, shared.CloseSessionEnded, shared.CloseForbidden,
	} {
		if got := meaning(code); got == unknown || strings.TrimSpace(got) == "" {
			t.Errorf("meaning(%d): got %q", code, got)
		}
	}
}

package shared_test

import (
	"testing"

	"cartline/shared"
)

func TestCloseCodes(t *testing.T) {
	tests := []struct {
		code      int
		reconnect bool
		name      string
	}{
		{1000, false, "normal closure"},
		{1001, true, "going away"},
		{1002, false, "protocol error"},
		{1003, false, "unsupported data"},
		{1004, true, "code 1004"},
		{1005, true, "no status received"},
		{1006, true, "abnormal closure"},
		{1007, false, "invalid payload"},
		{1008, false, "policy violation"},
		{1009, false, "message too big"},
		{1010, false, "mandatory extension"},
		{1011, true, "internal error"},
		{1012, true, "service restart"},
		{1013, true, "try again later"},
		{1014, true, "bad gateway"},
		{1015, true, "TLS handshake failed"},
		{2999, true, "code 2999"},
		{3000, true, "code 3000"},
		{shared.CloseSlow, true, "too slow"},
		{shared.CloseFlood, true, "too many messages"},
		{3499, true, "code 3499"},
		{3500, false, "code 3500"},
		{shared.CloseSessionEnded, false, "session ended"},
		{shared.CloseForbidden, false, "not allowed any more"},
		{3999, false, "code 3999"},
		{4000, true, "code 4000"},
		{-1, true, "code -1"},
	}
	for _, test := range tests {
		if got := shared.ShouldReconnect(test.code); got != test.reconnect {
			t.Errorf("ShouldReconnect(%d): got %v, want %v", test.code, got, test.reconnect)
		}
		if got := shared.CloseCodeName(test.code); got != test.name {
			t.Errorf("CloseCodeName(%d): got %q, want %q", test.code, got, test.name)
		}
	}
}

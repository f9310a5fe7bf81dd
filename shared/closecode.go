package shared

import "fmt"

// Close codes of our own. Those below 3500 mean "come back", those from 3500 on
// "don't, until something changes". RFC 6455, section 7.4.2, leaves 3000 to 3999
// to libraries and frameworks.
const (
	// CloseSlow: the client did not take its messages, and its queue is full.
	CloseSlow = 3008
	// CloseFlood: the client sent more messages than it may.
	CloseFlood = 3009
	// CloseSessionEnded: signed out, expired, or the user was removed.
	CloseSessionEnded = 3501
	// CloseForbidden: the user lost the role that the endpoint asks for.
	CloseForbidden = 3503
)

// ShouldReconnect says whether a client should connect again, after waiting,
// when its connection ended with this close code.
func ShouldReconnect(code int) bool {
	switch {
	case code == 1000, code == 1002, code == 1003, code == 1007, code == 1008, code == 1009, code == 1010:
		// Ended on purpose, or for what the client sent: the same would
		// happen again.
		return false
	case code >= 3500 && code <= 3999:
		return false
	default:
		return true
	}
}

// CloseCodeName returns the name of a close code as RFC 6455, section 7.4.1, the
// IANA registry or our own protocol know it, for people to read.
func CloseCodeName(code int) string {
	switch code {
	case 1000:
		return "normal closure"
	case 1001:
		return "going away"
	case 1002:
		return "protocol error"
	case 1003:
		return "unsupported data"
	case 1005:
		return "no status received"
	case 1006:
		return "abnormal closure"
	case 1007:
		return "invalid payload"
	case 1008:
		return "policy violation"
	case 1009:
		return "message too big"
	case 1010:
		return "mandatory extension"
	case 1011:
		return "internal error"
	case 1012:
		return "service restart"
	case 1013:
		return "try again later"
	case 1014:
		return "bad gateway"
	case 1015:
		return "TLS handshake failed"
	case CloseSlow:
		return "too slow"
	case CloseFlood:
		return "too many messages"
	case CloseSessionEnded:
		return "session ended"
	case CloseForbidden:
		return "not allowed any more"
	default:
		return fmt.Sprintf("code %d", code)
	}
}

package console

import (
	"fmt"

	"cartline/shared"
)

// ending puts into words how a connection ended that nobody here had asked to
// end.
func ending(code int, reason string) string {
	text := fmt.Sprintf("Disconnected: %s (%s)", meaning(code), codeText(code))
	if reason != "" {
		text += ". The server says: " + reason
	}
	return text
}

// codeText writes a close code with its name, if it has one.
func codeText(code int) string {
	number := fmt.Sprintf("code %d", code)
	if name := shared.CloseCodeName(code); name != number {
		number += ", " + name
	}
	return number
}

// meaning says what a close code is to the person in front of the page.
func meaning(code int) string {
	switch code {
	case 1000:
		return "the server ended the conversation"
	case 1001:
		return "the server is going away, to stop or to start anew"
	case 1002, 1003, 1007:
		return "the server could not take what was sent"
	case 1005:
		return "the server closed the connection without saying why"
	case 1006:
		return "the connection broke off without a goodbye"
	case 1008:
		return "the server refuses to go on"
	case 1009:
		return "a message was too big"
	case 1011:
		return "something went wrong on the server"
	case 1012, 1013, 1014:
		return "the server is busy with itself, try again in a moment"
	case shared.CloseSlow:
		return "messages came faster than this page could take them"
	case shared.CloseFlood:
		return "this page sent more messages than the server takes"
	case shared.CloseSessionEnded:
		return "you have been signed out"
	case shared.CloseForbidden:
		return "you may not listen any more"
	default:
		return "the server closed the connection"
	}
}

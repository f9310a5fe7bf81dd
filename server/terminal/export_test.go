package terminal

import "time"

// Impatient shortens how long a measurement waits for an echo, until undo is called.
func Impatient(patience time.Duration) (undo func()) {
	before, beforeLook := benchPatience, benchLook
	benchPatience, benchLook = patience, patience/4
	return func() { benchPatience, benchLook = before, beforeLook }
}

// EndSoon shortens how long an end by the context may take, until undo is called.
func EndSoon(patience time.Duration) (undo func()) {
	before := endPatience
	endPatience = patience
	return func() { endPatience = before }
}

package part

import "time"

// nudgeAfter is longer than go-app takes from a change to drawing it.
const nudgeAfter = 50 * time.Millisecond

// Nudge sees to it that what was changed is drawn soon. It is called by Dispatch, and is
// to be called by who stops a timer, or leaves off waiting for one, and dispatches
// nothing.
//
// go-app draws by a timer that is brought forward when something has changed. When other
// timers have been stopped in that moment, Go 1.26 clears them away, forgets for that
// time those that were brought forward (timers.check in package runtime), and sleeps
// until another one is due. With several threads nobody notices; a page, which has one,
// stands still, for as long as some timeout that runs elsewhere. So there is one that
// ends soon.
func Nudge() { time.AfterFunc(nudgeAfter, func() {}) }

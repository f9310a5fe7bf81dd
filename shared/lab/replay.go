package lab

import (
	"time"

	"cartline/shared/live"
)

// Step is one message of a replay, to be sent so long after the one before.
type Step struct {
	After   time.Duration
	Message live.Message
}

// maxPause bounds how long a replay waits between two messages, however long the
// recorded pause was.
const maxPause = time.Minute

// Replay makes a plan of the messages that were sent in a recording, so many times as
// fast; 0 is without any pause. It leaves out messages that were not kept whole, and
// tells how many.
func Replay(entries []Entry, speed float64) (steps []Step, incomplete int) {
	var last time.Time
	for _, e := range entries {
		switch {
		case e.Way != Sent:
			continue
		case e.Cut > 0:
			incomplete++
			continue
		}
		step := Step{Message: live.Message{Binary: e.Binary, Data: e.Data}}
		if !last.IsZero() && speed > 0 {
			// Compared before it is a Duration, which may be too small to hold it.
			pause := max(0, float64(e.At.Sub(last))/speed)
			step.After = time.Duration(min(float64(maxPause), pause))
		}
		last = e.At
		steps = append(steps, step)
	}
	return steps, incomplete
}

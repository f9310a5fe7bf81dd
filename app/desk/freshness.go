package desk

import (
	"errors"
	"fmt"
	"time"

	"cartline/shared/live"
)

// closedBy is the code with which the server closed the connection for good.
func closedBy(s live.State) (code int, ok bool) {
	var closed *live.CloseError
	if s.Phase == live.Ended && errors.As(s.Err, &closed) {
		return closed.Code, true
	}
	return 0, false
}

// fresh says that what is shown is what is.
func (m *model) fresh() bool { return m.state.Phase == live.Live && m.loaded && !m.loading }

// freshness says how fresh what is shown is, and how that is marked.
func (m *model) freshness() (words, mark string) {
	switch {
	case m.fresh():
		return "Live", "on"
	case m.state.Phase == live.Live && m.failure != "":
		return m.failure, "off"
	case m.state.Phase == live.Live:
		return "Catching up…", "busy"
	case m.asOf.IsZero() && m.state.Phase == live.Connecting:
		return "Connecting…", "busy"
	case m.asOf.IsZero():
		return "Not connected", "off"
	default:
		return "As of " + m.asOf.Local().Format("15:04:05"), "off"
	}
}

// countdown says when the next attempt to connect comes, or nothing. It is apart
// from freshness, which is read out whenever it changes.
func (m *model) countdown() string {
	if m.state.Phase != live.Waiting {
		return ""
	}
	// Rounded up: "in 0 s" would be a lie for most of a second.
	seconds := int((m.state.Retry.Sub(m.now()) + time.Second - 1) / time.Second)
	return fmt.Sprintf(" · again in %d s", max(0, seconds))
}

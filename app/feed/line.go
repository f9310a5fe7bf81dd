package feed

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/shared"
	"cartline/shared/live"
)

// patience is how long a page may be at making up for what it missed until it says so.
const patience = time.Second

// Line is how a page's connection stands, and how old what the page shows may be. The
// zero Line has not been connected yet. It is for one goroutine.
type Line struct {
	state live.State
	// current says that what is shown is all there is; until says since when it isn't,
	// if it ever was.
	current bool
	until   time.Time
	broken  bool      // the connection was lost since
	trouble string    // why it can't be made up for
	refused string    // why the server takes no connection
	late    time.Time // since when it can be made up for
}

// Moved takes a new state of the connection.
func (l *Line) Moved(s live.State, now time.Time) {
	if s.Phase != live.Live {
		at := now
		if errors.Is(s.Err, live.ErrSilent) {
			at = s.Heard // it was dead from then on, which is noticed only now
		}
		l.Missed(at)
		l.broken = true
	} else {
		l.refused = ""
	}
	l.state, l.late = s, now
}

// Missed takes that something is lacking in what is shown.
func (l *Line) Missed(now time.Time) {
	if l.current {
		l.current, l.until, l.late = false, now, now
	}
}

// Caught takes that all there is is shown. It holds for as long as the connection does.
func (l *Line) Caught() {
	if l.Live() {
		l.current, l.broken, l.trouble = true, false, ""
	}
}

// Failed takes why what is lacking can't be had at the moment.
func (l *Line) Failed(why string) { l.trouble = why }

// Refused takes why the server takes no connection, as it says itself, or "" if that
// isn't the reason. It holds until there is one.
func (l *Line) Refused(why string) {
	if !l.Live() {
		l.refused = strings.TrimSuffix(why, ".")
	}
}

// Read takes that all there is has just been read, though what changes from now on isn't
// heard.
func (l *Line) Read(now time.Time) { l.until = now }

// Live says whether there is a connection.
func (l *Line) Live() bool { return l.state.Phase == live.Live }

// Phase is where the connection stands.
func (l *Line) Phase() live.Phase { return l.state.Phase }

// Current says whether all there is is shown.
func (l *Line) Current() bool { return l.current }

// CutOff says whether what is shown is known to be of some time ago.
func (l *Line) CutOff(now time.Time) bool { return !l.well(now) && !l.until.IsZero() }

// Late says whether the page takes so long to make up for what it missed that it
// should say so.
func (l *Line) Late(now time.Time) bool {
	return l.Live() && !l.current && now.Sub(l.late) >= patience
}

// well says whether there is nothing to worry about: a page that reads something again
// mostly has it before anyone could read that it does.
func (l *Line) well(now time.Time) bool {
	return l.current || l.Live() && !l.broken && l.trouble == "" && !l.until.IsZero() && !l.Late(now)
}

// Words says how the connection stands. It changes seldom, as it is read out.
func (l *Line) Words(now time.Time) string {
	switch {
	case l.well(now):
		return "Connected"
	case l.state.Phase == live.Ended:
		return "Disconnected: " + Why(l.state.Err)
	case l.Live() && l.trouble != "":
		return l.trouble
	case l.refused != "":
		return l.refused
	case l.Late(now):
		return "Catching up…"
	case !l.until.IsZero():
		return "Reconnecting…"
	case l.state.Phase == live.Waiting:
		return "Can't connect"
	default:
		return "Connecting…"
	}
}

// Detail is what else there is to say: as of when what is shown was all there is, and
// when the next attempt comes.
func (l *Line) Detail(now time.Time) string {
	text := ""
	if l.CutOff(now) {
		text = " · as of " + l.until.Local().Format("15:04:05")
	}
	if l.state.Phase == live.Waiting {
		// Rounded up: "in 0 s" would be a lie for most of a second.
		seconds := int((l.state.Retry.Sub(now) + time.Second - 1) / time.Second)
		text += fmt.Sprintf(" · next try in\u00a0%d\u00a0s", max(0, seconds))
	}
	return text
}

// mark is the class of the sign before the words.
func (l *Line) mark(now time.Time) string {
	switch {
	case l.well(now):
		return "on"
	case l.state.Phase == live.Ended, l.Live() && l.trouble != "":
		return "off"
	default:
		return "busy"
	}
}

// Why says how a connection was lost.
func Why(err error) string {
	var closed *live.CloseError
	var refused *shared.Problem
	var other *live.ProtocolError
	switch {
	case errors.As(err, &other):
		return "the server is of another version; load this page again"
	case errors.As(err, &refused):
		return "the server refused what was listened to: " + strings.TrimSuffix(refused.Detail, ".")
	case errors.As(err, &closed) && closed.Code != 1006:
		return fmt.Sprintf("%s (code %d)", shared.CloseCodeName(closed.Code), closed.Code)
	case errors.Is(err, live.ErrSilent):
		return "the server didn't answer any more"
	default:
		return "the server could not be reached"
	}
}

// Draw draws how the connection stands, in an element with an id, and the button that
// helps where one does.
func (f *Feed) Draw(id string, l *Line, now time.Time) app.UI {
	return h.HTML(`<div class="status-line">
		<span class={}></span>
		<span id={}>
			<span role="status">{}</span>
			<span class="count">{}</span>
		</span>
		{}
	</div>`, "dot "+l.mark(now), id, l.Words(now), l.Detail(now), f.Button(l))
}

// Button draws the button that ends a wait, or connects again what has ended, where one
// does.
func (f *Feed) Button(l *Line) app.UI {
	switch l.state.Phase {
	case live.Waiting:
		return h.HTML(`<button class="button small" type="button" onclick={}>Try now</button>`, f.onHurry)
	case live.Ended:
		return h.HTML(`<button class="button small" type="button" onclick={}>Connect again</button>`, f.onAgain)
	default:
		return h.HTML(`<span hidden={}></span>`, true)
	}
}

package status

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cartline/app/api"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// face is which of its faces the page shows.
type face int

const (
	checking  face = iota // it isn't known yet who is there
	signedOut             // the sign-in form
	forbidden             // signed in, without the role
	watching              // the gateway
)

// model is what the page shows. It is for one goroutine.
type model struct {
	face    face
	who     shared.StaffSession
	problem string // above the form, or why the page can't go on
	busy    bool   // signing in or out

	gateway   shared.GatewayStatus
	known     bool // gateway has been read
	state     live.State
	reached   bool // a connection was open before
	listening []string
	feed      *feed
	now       func() time.Time
}

func newModel(now func() time.Time) *model {
	return &model{feed: newFeed(), now: now}
}

// met tells who is signed in, or why that isn't known, and says whether to
// watch now. asked is false for the question that each page begins with, to
// which "nobody" is no error.
func (m *model) met(who shared.StaffSession, err error, asked bool) (watch bool) {
	m.busy = false
	var p *shared.Problem
	switch {
	case err == nil:
		m.who, m.problem = who, ""
		if !slices.Contains(who.Roles, shared.RoleEventListener) {
			m.face = forbidden
			return false
		}
		m.face = watching
		m.state = live.State{Phase: live.Connecting}
		m.reached, m.known, m.listening = false, false, nil
		m.feed = newFeed()
		return true
	case errors.As(err, &p) && p.Status == 401 && !asked:
		m.face, m.problem = signedOut, ""
	case !asked:
		// Who is there may well be signed in, so the form would be wrong.
		m.face, m.problem = checking, said(err)
	default:
		m.face, m.problem = signedOut, said(err)
	}
	return false
}

// said puts an error of a call into words.
func said(err error) string {
	var p *shared.Problem
	switch {
	case errors.As(err, &p):
		text := p.Detail
		if p.RetryAfter > 0 {
			text += " Try again in " + part.Duration(time.Duration(p.RetryAfter)*time.Second) + "."
		}
		return text
	case errors.Is(err, api.ErrUnreachable):
		return "The server can't be reached. Is it still running?"
	default:
		return "The server's answer can't be read."
	}
}

// signedOutBy goes back to the form, and says why.
func (m *model) signedOutBy(why string) {
	m.face, m.problem, m.busy = signedOut, why, false
	m.who, m.gateway, m.known, m.listening = shared.StaffSession{}, shared.GatewayStatus{}, false, nil
	m.feed = newFeed()
}

// moved takes a new state of the connection.
func (m *model) moved(s live.State) {
	before := m.state.Phase
	m.state = s
	switch s.Phase {
	case live.Live:
		m.reached = true
		m.feed.add([]item{ownItem(m.now(), "Connected")}, 0)
	case live.Waiting, live.Ended:
		m.listening = nil
		if before == live.Live {
			m.feed.add([]item{ownItem(m.now(), "Disconnected: "+lost(s.Err))}, 0)
		}
	}
	var closed *live.CloseError
	if s.Phase == live.Ended && errors.As(s.Err, &closed) {
		switch closed.Code {
		case shared.CloseSessionEnded:
			m.signedOutBy("Your session has ended. Sign in again.")
		case shared.CloseForbidden:
			m.face = forbidden
		}
	}
}

// recognised takes who is signed in while the connection is lost, as a handshake
// that fails doesn't tell.
func (m *model) recognised(who shared.StaffSession, err error) {
	var p *shared.Problem
	switch {
	case errors.As(err, &p) && p.Status == 401:
		m.signedOutBy("Your session has ended. Sign in again.")
	case err == nil && !slices.Contains(who.Roles, shared.RoleEventListener):
		m.who, m.face = who, forbidden
	}
}

// lost says how a connection was lost.
func lost(err error) string {
	var closed *live.CloseError
	if errors.As(err, &closed) && closed.Code != 1006 {
		return fmt.Sprintf("%s (code %d)", shared.CloseCodeName(closed.Code), closed.Code)
	}
	return "the server could not be reached"
}

// stateText says how the connection is.
func (m *model) stateText() string {
	switch m.state.Phase {
	case live.Live:
		return "Connected"
	case live.Waiting:
		return "Reconnecting"
	case live.Ended:
		return "Ended: " + lost(m.state.Err)
	default:
		if m.reached {
			return "Reconnecting…"
		}
		return "Connecting…"
	}
}

// countdown says when the next attempt comes, or nothing. It is apart from
// stateText, which is read out whenever it changes.
func (m *model) countdown() string {
	if m.state.Phase != live.Waiting {
		return ""
	}
	// Rounded up: "in 0 s" would be a lie for most of a second.
	seconds := int((m.state.Retry.Sub(m.now()) + time.Second - 1) / time.Second)
	return fmt.Sprintf(" in %d s", max(0, seconds))
}

// took reads what messages say of the gateway and of what is listened to, and
// adds them to the feed.
func (m *model) took(arrivals []arrival, lost int) {
	items := make([]item, 0, len(arrivals))
	for _, a := range arrivals {
		m.learn(a.message)
		items = append(items, a.item)
	}
	m.feed.add(items, lost)
}

func (m *model) learn(message shared.Message) {
	switch message.Kind {
	case shared.ChannelGateway:
		var g shared.GatewayStatus
		if message.Into(&g) == nil {
			m.reported(g)
		}
	case shared.KindListening:
		if channel := channelOf(message); channel != "" && !slices.Contains(m.listening, channel) {
			m.listening = append(m.listening, channel)
		}
	case shared.KindUnlistening:
		channel := channelOf(message)
		m.listening = slices.DeleteFunc(slices.Clone(m.listening), func(c string) bool { return c == channel })
	}
}

func channelOf(message shared.Message) string {
	var l shared.Listening
	if message.Into(&l) != nil {
		return ""
	}
	return l.Channel
}

// reported takes what the gateway says of itself.
func (m *model) reported(g shared.GatewayStatus) { m.gateway, m.known = g, true }

// deaf says that the feed will stay empty, as the visitor has stopped listening.
func (m *model) deaf() bool {
	return m.state.Phase == live.Live && len(m.listening) > 0 && !slices.Contains(m.listening, shared.ChannelCartActivity)
}

// arrival is a message and how the feed shows it.
type arrival struct {
	message shared.Message
	item    item
}

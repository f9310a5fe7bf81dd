package status

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

// model is what the page shows. It is for one goroutine.
type model struct {
	signin.State

	gateway   shared.GatewayStatus
	known     bool // gateway has been read
	state     live.State
	reached   bool // a connection was open before
	listening []string
	feed      *feed
	now       func() time.Time
}

func newModel(now func() time.Time) *model {
	return &model{State: signin.State{Role: shared.RoleEventListener}, feed: newFeed(), now: now}
}

// met takes who is signed in, and says whether to watch now; see signin.State.
func (m *model) met(who shared.StaffSession, err error, asked bool) (watch bool) {
	if !m.Met(who, err, asked) {
		return false
	}
	m.state = live.State{Phase: live.Connecting}
	m.reached, m.known, m.listening = false, false, nil
	m.feed = newFeed()
	return true
}

// forget drops what only who was signed in may see.
func (m *model) forget() {
	m.gateway, m.known, m.listening = shared.GatewayStatus{}, false, nil
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
		m.Closed(closed.Code)
		m.forgetUnlessIn()
	}
}

// recognised takes who is signed in while the connection is lost.
func (m *model) recognised(who shared.StaffSession, err error) {
	m.Recognised(who, err)
	m.forgetUnlessIn()
}

func (m *model) forgetUnlessIn() {
	if m.Face == signin.SignedOut {
		m.forget()
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

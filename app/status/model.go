package status

import (
	"slices"
	"time"

	"cartline/app/feed"
	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

// model is what the page shows. It is for one goroutine.
type model struct {
	signin.State

	gateway   shared.GatewayStatus
	known     bool // gateway has been read
	line      feed.Line
	listening []string
	since     string // the cursor from which on the page has listened first
	feed      *history
	now       func() time.Time
}

func newModel(now func() time.Time) *model {
	return &model{State: signin.State{Role: shared.RoleEventListener}, feed: newHistory(), now: now}
}

// begin drops what only who was here before may see.
func (m *model) begin() {
	m.gateway, m.known, m.listening = shared.GatewayStatus{}, false, nil
	m.line, m.feed, m.since = feed.Line{}, newHistory(), ""
}

// moved takes a new state of the connection.
func (m *model) moved(s live.State) {
	before := m.line.Live()
	m.line.Moved(s, m.now())
	switch s.Phase {
	case live.Live:
		m.feed.add([]item{ownItem(m.now(), "Connected")}, 0)
	case live.Waiting, live.Ended:
		m.listening = nil
		if before {
			m.feed.add([]item{ownItem(m.now(), "Disconnected: "+feed.Why(s.Err))}, 0)
		}
	}
}

// took reads what messages say of the gateway and of what is listened to, and
// adds them to the feed.
func (m *model) took(heard []feed.Arrival, lost int) {
	items := make([]item, 0, len(heard))
	for _, a := range heard {
		m.learn(a.Message)
		items = append(items, arrivalItem(a))
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
		m.line.Caught()
		m.heeded(message)
	case shared.KindUnlistening:
		channel := feed.Arrival{Message: message}.Channel()
		m.listening = slices.DeleteFunc(slices.Clone(m.listening), func(c string) bool { return c == channel })
	}
}

// heeded takes what the gateway says it listens to for us.
func (m *model) heeded(message shared.Message) {
	var l shared.Listening
	if message.Into(&l) != nil || l.Channel == "" {
		return
	}
	if !slices.Contains(m.listening, l.Channel) {
		m.listening = append(m.listening, l.Channel)
	}
	if l.Channel == shared.ChannelCartActivity && m.since == "" && len(l.Cursor) <= shared.MaxCursor {
		m.since = l.Cursor
	}
}

// reported takes what the gateway says of itself.
func (m *model) reported(g shared.GatewayStatus) { m.gateway, m.known = g, true }

// deaf says that the feed will stay empty, as the visitor has stopped listening.
func (m *model) deaf() bool {
	return m.line.Live() && len(m.listening) > 0 && !slices.Contains(m.listening, shared.ChannelCartActivity)
}

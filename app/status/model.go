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
	told      bool // it was told by the process that this page is connected to
	line      feed.Line
	listening []string
	since     string // the cursor from which on the page has listened first
	feed      *history
	now       func() time.Time

	inspection *inspection
}

func newModel(now func() time.Time) *model {
	return &model{State: signin.State{Role: shared.RoleEventListener}, feed: newHistory(), now: now, inspection: new(inspection)}
}

// begin drops what only who was here before may see.
func (m *model) begin() {
	m.gateway, m.known, m.told, m.listening = shared.GatewayStatus{}, false, false, nil
	m.line, m.feed, m.since = feed.Line{}, newHistory(), ""
	m.inspection = new(inspection)
}

// moved takes a new state of the connection.
func (m *model) moved(s live.State) {
	before := m.line.Live()
	m.line.Moved(s, m.now())
	switch s.Phase {
	case live.Live:
		m.told = false // perhaps it is another one
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
			m.told = true
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

// asked takes what some process answered over HTTP. Of several, it needn't be the one that
// the page is connected to, which tells of itself as soon as it is listened to.
func (m *model) asked(g shared.GatewayStatus) {
	if !m.told {
		m.reported(g)
	}
}

// reported takes what the gateway says of itself.
func (m *model) reported(g shared.GatewayStatus) { m.gateway, m.known = g, true }

// deaf says that the feed will stay empty, as the visitor has stopped listening.
func (m *model) deaf() bool {
	return m.line.Live() && len(m.listening) > 0 && !slices.Contains(m.listening, shared.ChannelCartActivity)
}

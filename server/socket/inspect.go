package socket

import (
	"slices"
	"strings"
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// gone remembers the last sessions that have ended, up to shared.MaxGoneSessions. The zero
// value is ready.
type gone struct {
	mu   sync.Mutex
	last []shared.SessionState
	next int // where the next one goes, once there are as many as are kept
}

func (g *gone) add(s shared.SessionState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.last) < shared.MaxGoneSessions {
		g.last = append(g.last, s)
		return
	}
	g.last[g.next] = s
	g.next = (g.next + 1) % len(g.last)
}

// newest lists them, the last first.
func (g *gone) newest() []shared.SessionState {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.Concat(g.last[g.next:], g.last[:g.next])
	slices.Reverse(all)
	return all
}

// noteGone remembers a session whose connection has ended.
func (e *Events) noteGone(state shared.SessionState, end wire.End) {
	e.traffic.closed.Add(codeLabel(end.Code))
	e.traffic.dropped.Add(uint64(state.Dropped))
	state.Ended = &shared.SessionEnd{At: time.Now().UTC(), Code: end.Code, By: end.By.String(), Reason: end.Reason}
	e.gone.add(state)
}

// Inspect tells of each session what it was told, and what not, of those whose name
// contains a text: the oldest that are open, and the last that have ended.
func (e *Events) Inspect(name string) shared.GatewaySessions {
	answer := shared.GatewaySessions{
		At:     time.Now().UTC(),
		Cursor: cursorOf(e.config.Hub.Head()),
		Open:   []shared.SessionState{},
		Gone:   []shared.SessionState{},
	}
	open := slices.DeleteFunc(e.all(), func(s *session) bool { return !strings.Contains(s.name, name) })
	slices.SortFunc(open, func(a, b *session) int { return a.since.Compare(b.since) })
	answer.Count = len(open)
	for _, s := range open[:min(len(open), shared.MaxListedSessions)] {
		answer.Open = append(answer.Open, s.inspect())
	}
	for _, s := range e.gone.newest() {
		if strings.Contains(s.Name, name) {
			answer.Gone = append(answer.Gone, s)
		}
	}
	return answer
}

// inspect tells how the session stands.
func (s *session) inspect() shared.SessionState {
	load := s.queue.Load()
	return shared.SessionState{
		Name:       s.name,
		Request:    s.request,
		Since:      s.since,
		Heard:      s.events.conns.heard(s.conn),
		Channels:   s.channelStates(),
		Sent:       s.sent.Load(),
		QueueBytes: load.Bytes,
		Coalesced:  load.Replaced,
		Dropped:    load.Dropped,
	}
}

func cursorOf(position cart.Position) string {
	if position == (cart.Position{}) {
		return ""
	}
	return position.Cursor()
}

// channelStates tells of each channel that the session hears how far it was told.
func (s *session) channelStates() []shared.ChannelState {
	states := []shared.ChannelState{}
	for _, hearing := range s.events.config.Hub.Heard(s) {
		state := shared.ChannelState{Channel: hearing.Channel, State: shared.ChannelLive}
		if _, logged := s.feed(hearing.Channel); logged {
			state.Cursor = cursorOf(hearing.Position)
			if !hearing.Live {
				state.State = shared.ChannelCatchingUp
			}
		}
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b shared.ChannelState) int { return strings.Compare(a.Channel, b.Channel) })
	return states
}

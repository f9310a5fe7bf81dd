package socket

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/metrics"
	"cartline/shared"
)

// tally counts what one writer wrote. There is one for each, so that they don't wait for
// each other's caches; whoever asks adds them up.
type tally struct {
	events, replayed, replaced atomic.Uint64
	lag                        metrics.Histogram
}

// load is what is to be counted of one or several messages for each who gets them.
type load struct {
	events, replayed, replaced uint64
	commits                    []int64 // of what comes as it happens, in nanoseconds since 1970
	traced                     bool
	positions                  []cart.Position // of the same, if traced, until it was told
}

func (l *load) reset() {
	*l = load{commits: l.commits[:0], traced: l.traced, positions: l.positions[:0]}
}

func (l load) clone() load {
	l.commits, l.positions = slices.Clone(l.commits), slices.Clone(l.positions)
	return l
}

func (l *load) note(d event.Delivery) {
	if !d.IsEvent() {
		return
	}
	l.events++
	l.replaced += uint64(d.Replaces())
	if d.Replayed() {
		l.replayed++
	}
	if at, ok := d.Committed(); ok {
		l.commits = append(l.commits, at.UnixNano())
		if l.traced {
			l.positions = append(l.positions, d.Position())
		}
	}
}

// wrote counts what the system has taken for a client by a time.
func (s *session) wrote(l *load, now time.Time) {
	if l.events == 0 {
		return
	}
	s.sent.Add(int64(l.events))
	t := &s.writer.tally
	t.events.Add(l.events)
	if l.replayed > 0 {
		t.replayed.Add(l.replayed)
	}
	if l.replaced > 0 {
		t.replaced.Add(l.replaced)
	}
	if len(l.commits) > 0 {
		nanos := now.UnixNano()
		for _, at := range l.commits {
			t.lag.Observe(time.Duration(nanos - at))
		}
		for _, position := range l.positions {
			s.events.config.Written(position, now)
		}
		l.positions = l.positions[:0]
	}
}

// traffic counts the connections of an endpoint, and who asked for one.
type traffic struct {
	opened   atomic.Uint64
	dropped  atomic.Uint64 // events
	closed   metrics.Counts[string]
	admitted metrics.Counts[string]
}

func (t *traffic) noteAdmission(err error) {
	result := "ok"
	var problem *shared.Problem
	switch {
	case err == nil:
	case errors.As(err, &problem):
		result = string(problem.Code)
	default:
		result = string(shared.CodeUnavailable) // it can't be found out
	}
	t.admitted.Add(result)
}

// codeLabel names a close code, which may be any that a client thinks of.
func codeLabel(code int) string {
	if strings.HasPrefix(shared.CloseCodeName(code), "code ") {
		return "other"
	}
	return strconv.Itoa(code)
}

// Connections is what an endpoint has counted of its connections.
type Connections struct {
	Open   int
	Opened uint64
	Closed map[string]uint64 // by close code, or "other"
}

// Connections tells how many there are, and were.
func (e *Echo) Connections() Connections { return e.traffic.connections(e.Count()) }

// Connections tells how many there are, and were.
func (e *Events) Connections() Connections { return e.traffic.connections(e.Count()) }

func (t *traffic) connections(open int) Connections {
	return Connections{Open: open, Opened: t.opened.Load(), Closed: t.closed.All()}
}

// EventCounts is what was counted of events and of those who get them, since the start
// but for the queues.
type EventCounts struct {
	// Written counts events for each who got them, among which are Replayed, from the log,
	// and Replaced those for which a later one was written. Dropped ones waited for a client
	// when its connection ended.
	Written, Replayed, Replaced, Dropped uint64
	// Admitted counts handshakes by what was found of who asked: "ok", or a code.
	Admitted map[string]uint64
	// Queued is how many bytes wait for all clients, and Longest for one.
	Queued, Longest int
	// Lag is from the commit of a change to its writing, for each who listened.
	Lag metrics.Distribution
}

// Counts adds up what the writers have counted, and looks at each queue.
func (e *Events) Counts() (c EventCounts) {
	for _, w := range e.writers.all {
		c.Written += w.tally.events.Load()
		c.Replayed += w.tally.replayed.Load()
		c.Replaced += w.tally.replaced.Load()
		c.Lag.Add(&w.tally.lag)
	}
	c.Dropped = e.traffic.dropped.Load()
	c.Admitted = e.traffic.admitted.All()
	for _, s := range e.all() {
		bytes := s.queue.Bytes()
		c.Queued += bytes
		c.Longest = max(c.Longest, bytes)
	}
	return c
}

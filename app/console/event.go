package console

import (
	"sync"
	"time"

	"cartline/app/transcript"
	"cartline/shared"
	"cartline/shared/lab"
)

// maxTapped is of how many channels a tap keeps count.
const maxTapped = 20

// tap reads what comes from the events endpoint, and keeps count of it by channel. It
// may be used from any goroutine.
type tap struct {
	clock *clock

	mu       sync.Mutex
	channels []*tapped // in the order in which they were first heard of
	others   int       // messages of channels beyond those
}

// tapped is what came of one channel.
type tapped struct {
	name     string
	events   int
	cursor   string // the last one
	delays   lab.RoundTrips
	gaps     int // how often something may have been missed
	replaced int // events for which a later one stood
}

func newTap(c *clock) *tap { return &tap{clock: c} }

// read counts a message and finds what it tells of itself; nil if it is not one event.
// Of a batch, which tells of several, each counts.
func (t *tap) read(data []byte, at time.Time) *transcript.Event {
	m, err := shared.ParseMessage(data)
	if err != nil {
		return nil
	}
	if m.Kind != shared.KindBatch {
		return t.readOne(m, at)
	}
	texts, err := m.Batch()
	if err != nil {
		return nil
	}
	for _, text := range texts {
		if m, err := shared.ParseMessage(text); err == nil {
			t.readOne(m, at)
		}
	}
	return nil
}

func (t *tap) readOne(m shared.Message, at time.Time) *transcript.Event {
	if m.Kind == shared.KindGap {
		var gap shared.Gap
		if m.Into(&gap) == nil {
			t.count(gap.Channel, func(c *tapped) { c.gaps++ })
		}
		return nil
	}
	if m.Meta == nil {
		return nil
	}
	delay, timed := t.clock.delay(m.Meta.At, at)
	t.count(m.Kind, func(c *tapped) {
		c.events++
		c.cursor = m.Meta.Cursor
		if timed {
			c.delays.Add(delay)
		}
		if m.Meta.Replaces != nil {
			c.replaced += m.Meta.Replaces.Count
		}
	})
	return &transcript.Event{Channel: m.Kind, Cursor: m.Meta.Cursor, Delay: delay, Timed: timed}
}

func (t *tap) count(channel string, add func(*tapped)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.channels {
		if c.name == channel {
			add(c)
			return
		}
	}
	if len(t.channels) == maxTapped {
		t.others++
		return
	}
	c := &tapped{name: channel}
	add(c)
	t.channels = append(t.channels, c)
}

// tapRow is a line of what a tap shows.
type tapRow struct {
	name, cursor           string
	events, gaps, replaced int
	timed                  int
	p50, p95               time.Duration
}

// rows returns what was counted so far.
func (t *tap) rows() (rows []tapRow, others int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.channels {
		rows = append(rows, tapRow{
			name: c.name, cursor: c.cursor, events: c.events, gaps: c.gaps, replaced: c.replaced,
			timed: c.delays.Count(), p50: c.delays.Percentile(50), p95: c.delays.Percentile(95),
		})
	}
	return rows, t.others
}

package event

import (
	"sync/atomic"
	"time"

	"cartline/server/cart"
)

// arrivals counts what comes to a hub.
type arrivals struct{ logged, notified atomic.Uint64 }

// Arrived returns how many entries of the log the hub was told of, and how many bare
// notifications, whether or not anybody listened.
func (h *Hub) Arrived() (logged, notified uint64) { return h.in.logged.Load(), h.in.notified.Load() }

// IsEvent says whether it is an event, and not an answer or the like, and Replayed whether
// it was read for this subscriber alone.
func (d Delivery) IsEvent() bool  { return d.event != nil || d.alone }
func (d Delivery) Replayed() bool { return d.alone }

// Replaces counts the events for which it stands besides itself.
func (d Delivery) Replaces() int {
	if d.replaced == nil {
		return 0
	}
	return d.replaced.Count
}

// Committed tells when that was committed which it tells of, if it is of the log and comes
// as it happens.
func (d Delivery) Committed() (at time.Time, ok bool) {
	if d.event == nil || d.alone || d.event.Position == (cart.Position{}) {
		return time.Time{}, false
	}
	return d.event.message.Meta.At, true
}

// Position is where it stands in the log, if it does.
func (d Delivery) Position() cart.Position {
	if d.event == nil {
		return cart.Position{}
	}
	return d.event.Position
}

// drop counts what isn't taken any more. The caller holds the lock.
func (q *Queue) drop(d Delivery) {
	if d.IsEvent() {
		q.dropped++
	}
}

// Load is how a queue stands. Replaced counts the events for which a later one stands, and
// Dropped those that nobody took before it was closed; both since it was made.
type Load struct{ Bytes, Replaced, Dropped int }

// Load tells how the queue stands.
func (q *Queue) Load() Load {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Load{Bytes: q.taken + q.bytes, Replaced: q.replaced, Dropped: q.dropped}
}

// Hearing is how a subscriber's hearing of one topic stands.
type Hearing struct {
	Topic, Channel string
	// Live: it gets what is published. Otherwise it still catches up, unless nothing on
	// the channel has a position.
	Live bool
	// Position is that of the last event that was delivered, if it had one.
	Position cart.Position
}

// Heard lists what a subscriber hears, in no order.
func (h *Hub) Heard(subscriber Subscriber) []Hearing {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var all []Hearing
	look := func(topic string, t *topic) {
		if s, hears := t.subscriptions[subscriber]; hears {
			all = append(all, s.hearing(topic))
		}
	}
	for name, t := range h.topics {
		look(name, t)
	}
	for _, name := range h.joined[subscriber] {
		if t := h.own[name]; t != nil {
			look(name, t)
		}
	}
	return all
}

func (s *Subscription) hearing(topic string) Hearing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Hearing{Topic: topic, Channel: s.channel, Live: s.live, Position: s.position}
}

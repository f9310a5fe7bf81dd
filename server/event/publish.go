package event

import (
	"slices"

	"cartline/server/cart"
	"cartline/shared"
)

// place is how far the log has been published, and how often it was reset before.
type place struct {
	head   cart.Position
	resets int
}

// Head returns how far the log has been published.
func (h *Hub) Head() cart.Position { return h.place.Load().head }

// Advance says that what follows in Publish is at a position. So whoever begins to
// listen after it begins after that position, and whoever began before gets what is
// there. It is for the one goroutine that publishes the log.
func (h *Hub) Advance(position cart.Position) {
	h.in.logged.Add(1)
	h.place.Store(&place{head: position, resets: h.place.Load().resets})
}

// Publish delivers an event to everyone who listens to its topic. Events of one
// topic that are published one after the other arrive in that order. Those with a
// position are to be published by one goroutine, after Advance.
func (h *Hub) Publish(e *Event) {
	if e.Position == (cart.Position{}) && !slices.Contains(h.local, e.Topic) {
		h.in.notified.Add(1)
	}
	t := h.topicOf(e.Topic)
	if t == nil {
		return
	}
	members := h.membersOf(t)
	if len(members) > 1 && h.gatherer != nil {
		h.gatherer.Hold()
		defer h.gatherer.Release()
	}
	for _, s := range members {
		if e.Readers != nil && h.kept(s, e) {
			continue
		}
		s.take(e)
	}
}

// membersOf returns the list of who listens, making it if need be.
func (h *Hub) membersOf(t *topic) []*Subscription {
	if members := t.members.Load(); members != nil {
		return *members
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	members := make([]*Subscription, 0, len(t.subscriptions))
	for _, s := range t.subscriptions {
		members = append(members, s)
	}
	t.members.Store(&members)
	return members
}

// mayRead says whether a subscriber is among those who may read an event.
func mayRead(subscriber Subscriber, e *Event) bool {
	reader, ok := subscriber.(Reader)
	return ok && slices.Contains(e.Readers, reader.Name())
}

// kept tells whether an event is to be kept from a subscriber who may not read it. They
// are taken off its topic, unless it only comes late: it is from before their right was
// looked at.
func (h *Hub) kept(s *Subscription, e *Event) bool {
	if mayRead(s.subscriber, e) {
		return false
	}
	if e.Version != 0 && e.Version <= s.asOf() {
		return true
	}
	h.Part(s.subscriber, e.Topic)
	if reader, ok := s.subscriber.(Reader); ok {
		reader.Expelled(e.Topic)
	}
	return true
}

// Reset says that the log goes on at a position of another epoch, or that what came
// before the position is lost. Everyone who hears of the log is told that there is a
// gap, unless they catch up and find that there is none for them. It is for the
// goroutine that publishes the log.
func (h *Hub) Reset(head cart.Position) {
	// In one step: who knows of the reset knows the head.
	place := &place{head: head, resets: h.place.Load().resets + 1}
	h.place.Store(place)
	h.mu.RLock()
	var all []*Subscription
	for _, topics := range []map[string]*topic{h.topics, h.own} {
		for _, t := range topics {
			for _, s := range t.subscriptions {
				all = append(all, s)
			}
		}
	}
	h.mu.RUnlock()
	for _, s := range all {
		s.restart(place)
	}
}

// Gap tells everyone who hears bare notifications that some may have been lost.
func (h *Hub) Gap() {
	for channel, t := range h.topics {
		if slices.Contains(h.local, channel) {
			continue
		}
		for _, s := range h.membersOf(t) {
			s.gap(shared.LostNotifications)
		}
	}
}

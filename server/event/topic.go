package event

import "slices"

// Join lets a subscriber hear a topic that is no channel of its own, like one cart,
// and of which they are told as the channel. Whether they may is for the caller to
// know. It costs nothing to those who hear other topics, however many there are. It
// doesn't block; to join again is as in Listen.
func (h *Hub) Join(subscriber Subscriber, name, channel string, how Manner) (s *Subscription, fresh bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.own[name]
	if !ok {
		t = newTopic()
		h.own[name] = t
	}
	if _, hears := t.subscriptions[subscriber]; !hears {
		h.joined[subscriber] = append(h.joined[subscriber], name)
	}
	return h.add(t, subscriber, channel, how)
}

// Part is the reverse of Join. It is harmless if the subscriber doesn't hear the
// topic.
func (h *Hub) Part(subscriber Subscriber, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.part(subscriber, name)
	h.joined[subscriber] = slices.DeleteFunc(h.joined[subscriber], func(joined string) bool { return joined == name })
	if len(h.joined[subscriber]) == 0 {
		delete(h.joined, subscriber)
	}
}

// part takes a subscriber off a topic. The caller holds the lock.
func (h *Hub) part(subscriber Subscriber, name string) {
	t, ok := h.own[name]
	if !ok {
		return
	}
	t.remove(subscriber)
	if len(t.subscriptions) == 0 {
		delete(h.own, name)
	}
}

// topicOf finds a topic, of a channel or of its own, or returns nil.
func (h *Hub) topicOf(name string) *topic {
	if t, ok := h.topics[name]; ok {
		return t
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.own[name]
}

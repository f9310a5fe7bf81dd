package event

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"cartline/shared"
)

// Subscriber takes what is delivered. Deliver never blocks. It is called by several
// goroutines at once, but for one channel's log by one after the other.
type Subscriber interface {
	Deliver(Delivery)
}

// Reader is a subscriber whose right to an event is looked at when it is delivered.
// Who isn't among the event's readers doesn't get it, and hears its topic no more.
// Expelled tells them so; it doesn't block.
type Reader interface {
	Subscriber
	Name() string
	Expelled(topic string)
}

// Gatherer hears of each event that goes to several subscribers, so that it can begin to
// write for all of them at once. Each Hold is followed by one Release, after the last of
// them was delivered to. Neither blocks; several goroutines call them at once.
type Gatherer interface {
	Hold()
	Release()
}

// Source is where bare notifications come from. Listen returns once everything
// that is notified on the channel from then on will reach the hub, or with an
// error and nothing done; each success is followed by one Unlisten, which does
// not block.
type Source interface {
	Listen(ctx context.Context, channel string) error
	Unlisten(channel string)
}

// NoSource is the Source of a store that can't notify, like SQLite: what happens
// is told by this process alone.
type NoSource struct{}

// Listen does nothing.
func (NoSource) Listen(context.Context, string) error { return nil }

// Unlisten does nothing.
func (NoSource) Unlisten(string) {}

// Hub knows who listens to which channel. It is safe for concurrent use, and
// starts no goroutine.
type Hub struct {
	source Source
	logger *slog.Logger
	local  []string
	place  atomic.Pointer[place]
	turns  chan struct{} // holds one for each who catches up at the moment
	in     arrivals
	// gatherer may be nil.
	gatherer Gatherer

	mu     sync.RWMutex
	topics map[string]*topic // of channels; fixed after NewHub
	// own are the topics that exist while somebody hears them, like that of one
	// cart, and joined is who hears which.
	own    map[string]*topic
	joined map[Subscriber][]string
}

// topic is who listens to one channel. Members is the same as a list, made anew
// after a change when an event next needs it, and then never altered, so that events
// are delivered without a lock.
type topic struct {
	subscriptions map[Subscriber]*Subscription
	members       atomic.Pointer[[]*Subscription]
}

func newTopic() *topic { return &topic{subscriptions: make(map[Subscriber]*Subscription)} }

// NewHub makes a hub of the channels that may be listened to. The local ones are
// those that have no counterpart in the source.
func NewHub(channels, local []string, source Source, logger *slog.Logger) (*Hub, error) {
	h := &Hub{source: source, logger: logger, local: local, turns: make(chan struct{}, turns), topics: make(map[string]*topic), own: make(map[string]*topic), joined: make(map[Subscriber][]string)}
	h.place.Store(new(place))
	for _, channel := range slices.Concat(channels, local) {
		switch {
		case channel == "" || len(channel) > shared.MaxChannelName:
			return nil, fmt.Errorf("a channel's name has from 1 to %d bytes: %q", shared.MaxChannelName, channel)
		case shared.ReservedChannel(channel), isCart(channel):
			return nil, fmt.Errorf("a channel can't be called %q: that name is taken", channel)
		case h.topics[channel] != nil:
			return nil, fmt.Errorf("channel %q is named twice", channel)
		}
		h.topics[channel] = newTopic()
	}
	return h, nil
}

// Gather names who hears of each event that goes to several. It is to be called before
// anything is published.
func (h *Hub) Gather(g Gatherer) { h.gatherer = g }

// Listen lets a subscriber hear a channel; see Subscription for what they hear of the
// log. To listen again is harmless, and changes how: fresh tells whether the
// subscription is a new one. It blocks until the source is listening, and must not be
// called for a subscriber while another Listen, Unlisten or Leave is called for it.
// The error is a *shared.Problem.
func (h *Hub) Listen(ctx context.Context, subscriber Subscriber, channel string, how Manner) (s *Subscription, fresh bool, err error) {
	t, ok := h.topics[channel]
	if !ok {
		return nil, false, unknownChannel(channel)
	}
	if !h.hears(t, subscriber) && !slices.Contains(h.local, channel) {
		if err := h.source.Listen(ctx, channel); err != nil {
			h.logger.Warn("can't listen", "channel", channel, "error", err)
			return nil, false, &shared.Problem{Code: shared.CodeUnavailable, Detail: "The database can't be listened to at the moment. Try again."}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s, fresh = h.add(t, subscriber, channel, how)
	return s, fresh, nil
}

// add makes a subscription, or changes the one that there is. The caller holds the
// lock.
func (h *Hub) add(t *topic, subscriber Subscriber, channel string, how Manner) (s *Subscription, fresh bool) {
	s, hears := t.subscriptions[subscriber]
	if hears && !how.Anew {
		s.change(how)
		return s, false
	}
	if hears {
		s.end()
	}
	s = &Subscription{hub: h, subscriber: subscriber, channel: channel, how: how, resets: h.place.Load().resets}
	t.subscriptions[subscriber] = s
	t.members.Store(nil)
	return s, true
}

// Unlisten stops a subscriber from hearing a channel. It is harmless if it
// didn't. The error is a *shared.Problem.
func (h *Hub) Unlisten(subscriber Subscriber, channel string) error {
	t, ok := h.topics[channel]
	if !ok {
		return unknownChannel(channel)
	}
	h.leave(channel, t, subscriber)
	return nil
}

// Leave stops a subscriber from hearing anything.
func (h *Hub) Leave(subscriber Subscriber) {
	h.mu.Lock()
	for _, name := range h.joined[subscriber] {
		h.part(subscriber, name)
	}
	delete(h.joined, subscriber)
	h.mu.Unlock()
	for channel, t := range h.topics {
		h.leave(channel, t, subscriber)
	}
}

func (h *Hub) leave(channel string, t *topic, subscriber Subscriber) {
	h.mu.Lock()
	heard := t.remove(subscriber)
	h.mu.Unlock()
	if heard && !slices.Contains(h.local, channel) {
		h.source.Unlisten(channel)
	}
}

// remove takes a subscriber off a topic, and tells whether they were on it. The caller
// holds the hub's lock.
func (t *topic) remove(subscriber Subscriber) bool {
	s, heard := t.subscriptions[subscriber]
	if heard {
		s.end()
		delete(t.subscriptions, subscriber)
		t.members.Store(nil)
	}
	return heard
}

func (h *Hub) hears(t *topic, subscriber Subscriber) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, hears := t.subscriptions[subscriber]
	return hears
}

// Listeners counts who hears a topic.
func (h *Hub) Listeners(name string) int {
	t := h.topicOf(name)
	if t == nil {
		return 0
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(t.subscriptions)
}

// NotifiedListeners counts who hears a channel that the source has, and thus depends
// on its connection.
func (h *Hub) NotifiedListeners() (count int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for channel, t := range h.topics {
		if !slices.Contains(h.local, channel) {
			count += len(t.subscriptions)
		}
	}
	return count
}

func isCart(channel string) bool {
	_, ok := shared.CartOfChannel(channel)
	return ok
}

func unknownChannel(channel string) error {
	return &shared.Problem{
		Code:   shared.CodeUnknownChannel,
		Field:  "channel",
		Detail: fmt.Sprintf("There is no channel %q to listen to.", channel),
	}
}

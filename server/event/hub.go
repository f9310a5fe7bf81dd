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

// Subscriber takes the texts of events. Deliver never blocks and keeps the text
// without changing it. It is called by several goroutines at once, but for one
// channel by one after the other.
type Subscriber interface {
	Deliver(text []byte)
}

// Reader is a subscriber whose right to an event is looked at when it is delivered.
// Who isn't among the event's readers doesn't get it, and hears its topic no more.
// Expelled tells them so; it doesn't block.
type Reader interface {
	Subscriber
	Name() string
	Expelled(topic string)
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

	mu     sync.RWMutex
	topics map[string]*topic // of channels; fixed after NewHub
	// own are the topics that exist while somebody hears them, like that of one
	// cart, and joined is who hears which.
	own    map[string]*topic
	joined map[Subscriber][]string
}

// topic is who listens to one channel, and who of them wants payloads raw.
// Members is the same as a list, made anew after a change when an event next
// needs it, and then never altered, so that events are delivered without a lock.
type topic struct {
	raw     map[Subscriber]bool
	members atomic.Pointer[[]member]
}

type member struct {
	subscriber Subscriber
	raw        bool
}

// NewHub makes a hub of the channels that may be listened to. The local ones are
// those that have no counterpart in the source.
func NewHub(channels, local []string, source Source, logger *slog.Logger) (*Hub, error) {
	h := &Hub{source: source, logger: logger, local: local, topics: make(map[string]*topic), own: make(map[string]*topic), joined: make(map[Subscriber][]string)}
	for _, channel := range slices.Concat(channels, local) {
		switch {
		case channel == "" || len(channel) > shared.MaxChannelName:
			return nil, fmt.Errorf("a channel's name has from 1 to %d bytes: %q", shared.MaxChannelName, channel)
		case shared.ReservedChannel(channel), isCart(channel):
			return nil, fmt.Errorf("a channel can't be called %q: that name is taken", channel)
		case h.topics[channel] != nil:
			return nil, fmt.Errorf("channel %q is named twice", channel)
		}
		h.topics[channel] = &topic{raw: make(map[Subscriber]bool)}
	}
	return h, nil
}

// Listen lets a subscriber hear a channel. To listen again is harmless, and
// changes whether payloads come raw. It blocks until the source is listening, and
// must not be called for a subscriber while another Listen, Unlisten or Leave is
// called for it. The error is a *shared.Problem.
func (h *Hub) Listen(ctx context.Context, subscriber Subscriber, channel string, raw bool) error {
	t, ok := h.topics[channel]
	if !ok {
		return unknownChannel(channel)
	}
	if !h.hears(t, subscriber) && !slices.Contains(h.local, channel) {
		if err := h.source.Listen(ctx, channel); err != nil {
			h.logger.Warn("can't listen", "channel", channel, "error", err)
			return &shared.Problem{Code: shared.CodeUnavailable, Detail: "The database can't be listened to at the moment. Try again."}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t.raw[subscriber] = raw
	t.members.Store(nil)
	return nil
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

// Join lets a subscriber hear a topic that is no channel of its own, like one cart.
// Whether they may is for the caller to know. It costs nothing to those who hear
// other topics, however many there are. It doesn't block; to join again is harmless.
func (h *Hub) Join(subscriber Subscriber, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.own[name]
	if !ok {
		t = &topic{raw: make(map[Subscriber]bool)}
		h.own[name] = t
	}
	if _, hears := t.raw[subscriber]; !hears {
		t.raw[subscriber] = false
		t.members.Store(nil)
		h.joined[subscriber] = append(h.joined[subscriber], name)
	}
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
	delete(t.raw, subscriber)
	t.members.Store(nil)
	if len(t.raw) == 0 {
		delete(h.own, name)
	}
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
	_, heard := t.raw[subscriber]
	if heard {
		delete(t.raw, subscriber)
		t.members.Store(nil)
	}
	h.mu.Unlock()
	if heard && !slices.Contains(h.local, channel) {
		h.source.Unlisten(channel)
	}
}

func (h *Hub) hears(t *topic, subscriber Subscriber) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, hears := t.raw[subscriber]
	return hears
}

// membersOf returns the list of who listens, making it if need be.
func (h *Hub) membersOf(t *topic) []member {
	if members := t.members.Load(); members != nil {
		return *members
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	members := make([]member, 0, len(t.raw))
	for subscriber, raw := range t.raw {
		members = append(members, member{subscriber, raw})
	}
	t.members.Store(&members)
	return members
}

// Publish delivers an event to everyone who listens to its channel. Events of one
// channel that are published one after the other arrive in that order.
func (h *Hub) Publish(e *Event) {
	t := h.topicOf(e.Topic)
	if t == nil {
		return
	}
	for _, m := range h.membersOf(t) {
		if e.Readers != nil && h.expelled(m.subscriber, e) {
			continue
		}
		text := e.Text
		if m.raw {
			var err error
			if text, err = e.Raw(); err != nil {
				h.logger.Error("can't encode an event", "channel", e.Channel, "error", err)
				continue
			}
		}
		m.subscriber.Deliver(text)
	}
}

// expelled takes a subscriber off the event's topic if they may not read it.
func (h *Hub) expelled(subscriber Subscriber, e *Event) bool {
	reader, ok := subscriber.(Reader)
	if ok && slices.Contains(e.Readers, reader.Name()) {
		return false
	}
	h.Part(subscriber, e.Topic)
	if ok {
		reader.Expelled(e.Topic)
	}
	return true
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

// Listeners counts who hears a topic.
func (h *Hub) Listeners(name string) int {
	t := h.topicOf(name)
	if t == nil {
		return 0
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(t.raw)
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

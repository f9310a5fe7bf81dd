package event

import (
	"context"
	"sync"

	"cartline/server/cart"
	"cartline/shared"
)

// Manner is how a subscriber wants to be told.
type Manner struct {
	// Raw: payloads come as strings.
	Raw bool
	// Coalesce: while they are behind, the newest event of a cart stands for the
	// earlier ones.
	Coalesce bool
	// Batch: several events may come in one message.
	Batch bool
	// AsOf is the version of the cart as of which the subscriber may read its events.
	AsOf int64
	// Anew: a subscription that there is already is replaced by a new one.
	Anew bool
}

// Subscription is one subscriber's hearing of one topic. What has no position in the
// log is delivered from the beginning. What has one is not, until CatchUp has brought
// the subscription to the log's present: then it is live, and gets each of them once
// and in order.
//
// Before that it only notes that something was published, so that catching up needs
// no memory, however long it takes.
type Subscription struct {
	hub        *Hub
	subscriber Subscriber
	channel    string

	// mu is held while something is delivered, so that nothing is after the end.
	mu    sync.Mutex
	how   Manner
	ended bool
	onEnd func() // called at the end; may be nil
	live  bool
	// position is the last that was delivered, once the subscription is live, and
	// missed the last that was published before.
	position, missed cart.Position
	// resets is how many of the hub's resets are known here.
	resets int
}

// end has nothing more delivered from when it returns on.
func (s *Subscription) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.onEnd != nil {
		s.onEnd()
	}
}

// whenEnded has a function called when the subscription ends, or now if it has. It must
// not block.
func (s *Subscription) whenEnded(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEnd = do
	if s.ended {
		do()
	}
}

// change changes how the subscriber is told.
func (s *Subscription) change(how Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.how = how
}

// asOf is Manner.AsOf.
func (s *Subscription) asOf() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.how.AsOf
}

// take delivers an event, if it is new to the subscription.
func (s *Subscription) take(e *Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Position != (cart.Position{}) {
		if !s.live {
			s.missed = e.Position
			return
		}
		if !s.position.Before(e.Position) {
			return // catching up was ahead of the tail
		}
		s.position = e.Position
	}
	s.deliver(e, false)
}

// replay delivers an event that was made for this subscriber alone.
func (s *Subscription) replay(e *Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.position = e.Position // for whoever asks; goLive sets it anew
	s.deliver(e, true)
}

// Begin makes the subscription live if there is nothing to catch up on: a position is
// where the log stands.
func (s *Subscription) Begin(position cart.Position) bool {
	return position == s.hub.Head() && s.goLive(position)
}

// goLive makes the subscription live if it was given everything that was published so
// far: everything up to a position of the log that there is since the last reset that
// is known here.
func (s *Subscription) goLive(position cart.Position) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.resets != s.hub.place.Load().resets || position.Before(s.missed) {
		return false
	}
	s.position = position
	s.live = true
	return true
}

// noteResets tells whether there was a reset that isn't known here, which it is from
// then on.
func (s *Subscription) noteResets() (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	resets := s.hub.place.Load().resets
	news = resets != s.resets
	s.resets = resets
	return news
}

// restart has a live subscription go on where the log does after a reset. One that is
// still catching up finds out for itself what became of its position, and may be live
// by now, perhaps ahead of the tail.
func (s *Subscription) restart(place *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.live:
		s.missed = cart.Position{}
	case s.resets != place.resets:
		s.position, s.resets = place.head, place.resets
		s.tellGap(shared.LostActivities)
	}
}

// gap tells the subscriber that something may have been lost.
func (s *Subscription) gap(lost shared.Loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellGap(lost)
}

// tellGap is gap for who holds the lock.
func (s *Subscription) tellGap(lost shared.Loss) {
	message, err := shared.NewMessage(shared.KindGap, shared.Gap{Channel: s.channel, Lost: lost}, nil)
	var text []byte
	if err == nil {
		text, err = message.Text()
	}
	if err != nil {
		s.hub.logger.Error("can't encode a gap", "channel", s.channel, "error", err)
		return
	}
	if !s.ended {
		s.subscriber.Deliver(Plain(text))
	}
}

// deliver delivers an event, unless the subscription has ended. The caller holds the
// lock.
func (s *Subscription) deliver(e *Event, alone bool) {
	if s.ended {
		return
	}
	d := Delivery{text: e.Text, alone: alone, batch: s.how.Batch}
	if s.how.Raw {
		raw, err := e.Raw()
		if err != nil {
			s.hub.logger.Error("can't encode an event", "channel", e.Channel, "error", err)
			return
		}
		d.text = raw
	}
	d.each = s.how.Raw || !s.how.Coalesce
	// What nobody else holds isn't kept beside its text, where that is all that is needed.
	if !alone || !d.each {
		d.event = e
	}
	s.subscriber.Deliver(d)
}

// Ended says whether nothing more is delivered: the subscriber hears the topic no
// more, or with another subscription.
func (s *Subscription) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Roomer is a subscriber who can be waited for; see Queue.Room and Queue.Roomy.
type Roomer interface {
	Room(ctx context.Context) error
	Roomy() bool
}

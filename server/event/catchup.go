package event

import (
	"context"
	"errors"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Feed is what one audience is told of the log.
type Feed struct {
	// Channel is what they are told it is, Topic where it is published.
	Channel, Topic string
	// Scope is what of the log it concerns.
	Scope cart.Scope
	// Tell makes the event of an entry, or nil if this audience isn't told of it.
	Tell func(cart.Entry) (*Event, error)
}

// retryPause is how long catching up waits after the log could not be read.
const retryPause = time.Second

// CatchUp gives a subscription what came after a position, in order, and makes it
// live. It waits for the subscriber, so that this is never what makes its queue
// overflow, and for the log while that can't be read. It returns when the subscription
// is live or ended, or with the context's error.
//
// If not everything after the position can be read, the subscriber is told that there
// is a gap, and gets what comes after that.
func (h *Hub) CatchUp(ctx context.Context, log cart.Log, feed Feed, s *Subscription, from cart.Position) error {
	c := catchUp{hub: h, log: log, feed: feed, subscription: s, position: from, doubtful: true}
	for !s.Ended() {
		if s.noteResets() {
			c.doubtful = true
		}
		all, err := c.part(ctx)
		pause := time.Duration(0)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, cart.ErrGone):
			if !c.giveUp() {
				pause = lastLook // the tail hasn't noticed yet
			}
		case err != nil:
			h.logger.Warn("can't read the log for a listener; trying again", "channel", feed.Channel, "error", err)
			pause = retryPause
		case all && s.goLive(c.position):
			return nil
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

type catchUp struct {
	hub          *Hub
	log          cart.Log
	feed         Feed
	subscription *Subscription
	position     cart.Position
	// doubtful: the log may not contain the position any more, without being of
	// another epoch. A log that was put back to an older state goes on before it.
	doubtful bool
}

// part delivers the next entries, and tells whether these were all.
func (c *catchUp) part(ctx context.Context) (all bool, err error) {
	entries, err := c.after(ctx)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		if err := c.hand(ctx, entry); err != nil {
			return false, err
		}
		c.position = entry.Position
	}
	return len(entries) < batch, nil
}

func (c *catchUp) after(ctx context.Context) ([]cart.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if c.doubtful {
		switch contained, err := c.log.Contains(ctx, c.position); {
		case err != nil:
			return nil, err
		case !contained:
			return nil, cart.ErrGone
		}
		c.doubtful = false
	}
	return c.log.After(ctx, c.position, c.feed.Scope, batch)
}

// hand delivers one entry. Someone who may not read it goes without: it may be from
// before they might, and if it is from after, the hub takes them off.
func (c *catchUp) hand(ctx context.Context, entry cart.Entry) error {
	s := c.subscription
	if room, ok := s.subscriber.(Roomer); ok {
		if err := room.Room(ctx); err != nil {
			return err
		}
	}
	e, err := c.feed.Tell(entry)
	if err != nil {
		c.hub.logger.Error("an activity can't be told", "cart", entry.CartID, "channel", c.feed.Channel, "error", err)
		return nil // as when it is published
	}
	if e != nil && (e.Readers == nil || mayRead(s.subscriber, e)) {
		s.replay(e)
	}
	return nil
}

// giveUp goes on at the head of the log that there is now, if it isn't there, which it
// tells.
func (c *catchUp) giveUp() (moved bool) {
	head := c.hub.Head()
	if c.position == head {
		return false
	}
	c.position, c.doubtful = head, false
	c.subscription.gap(shared.LostActivities)
	return true
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

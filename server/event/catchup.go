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

const (
	// retryPause is how long catching up waits after the log could not be read.
	retryPause = time.Second
	// firstPart is how many activities are read at first. How many at a time after
	// that, up to batch, follows from how many the subscriber has room for.
	firstPart = 50
	// turns is how many may catch up at the same moment. All others, however many they
	// are, leave the database's connections to those who use the shop.
	turns = 2
)

// CatchUp gives a subscription what came after a position, in order, and makes it
// live. It waits for the subscriber, so that this is never what makes its queue
// overflow, and for the log while that can't be read. It returns when the subscription
// is live or ended, or with the context's error.
//
// It holds no activities while it waits: what there was no room for is read again.
//
// If not everything after the position can be read, the subscriber is told that there
// is a gap, and gets what comes after that.
func (h *Hub) CatchUp(ctx context.Context, log cart.Log, feed Feed, s *Subscription, from cart.Position) error {
	c := catchUp{hub: h, log: log, feed: feed, subscription: s, position: from, size: firstPart, doubtful: true}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	s.whenEnded(cancel)
	for !s.Ended() {
		if s.noteResets() {
			c.doubtful = true
		}
		all, err := c.part(within)
		pause := time.Duration(0)
		switch {
		case within.Err() != nil:
			return ctx.Err()
		case errors.Is(err, cart.ErrGone):
			if !c.giveUp() {
				pause = lastLook // the tail hasn't noticed yet
			}
		case err != nil:
			h.logger.Warn("can't read the log for a listener; trying again", "channel", feed.Channel, "error", err)
			c.size = max(fewest, c.size/2)
			pause = retryPause
		case all && s.goLive(c.position):
			return nil
		}
		if sleep(within, pause) != nil {
			return ctx.Err()
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
	size         int // how many activities are read next
	// doubtful: the log may not contain the position any more, without being of
	// another epoch. A log that was put back to an older state goes on before it.
	doubtful bool
}

// part waits until there is room, delivers the next entries for which there is, and
// tells whether these were all.
func (c *catchUp) part(ctx context.Context) (all bool, err error) {
	room, bounded := c.subscription.subscriber.(Roomer)
	if bounded {
		if err := room.Room(ctx); err != nil {
			return false, err
		}
	}
	if err := c.hub.takeTurn(ctx); err != nil {
		return false, err
	}
	defer c.hub.endTurn()
	entries, err := c.after(ctx)
	if err != nil {
		return false, err
	}
	for n, entry := range entries {
		if bounded && n > 0 && !room.Roomy() {
			c.size = n
			return false, nil
		}
		c.hand(entry)
		c.position = entry.Position
	}
	all = len(entries) < c.size
	c.size = min(2*c.size, batch)
	return all, nil
}

// takeTurn waits until few others catch up at this moment. The error is the context's.
func (h *Hub) takeTurn(ctx context.Context) error {
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hub) endTurn() { <-h.turns }

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
	return c.log.After(ctx, c.position, c.feed.Scope, c.size)
}

// hand delivers one entry. Someone who may not read it goes without: it may be from
// before they might, and if it is from after, the hub takes them off.
func (c *catchUp) hand(entry cart.Entry) {
	e, err := c.feed.Tell(entry)
	if err != nil {
		c.hub.logger.Error("an activity can't be told", "cart", entry.CartID, "channel", c.feed.Channel, "error", err)
		return // as when it is published
	}
	if s := c.subscription; e != nil && (e.Readers == nil || mayRead(s.subscriber, e)) {
		s.replay(e)
	}
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

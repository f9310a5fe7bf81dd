package event_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/shared"
)

// client is someone who listens, comes back after their last cursor when the connection
// has ended, and writes down all that they hear.
type client struct {
	world *world
	feed  event.Feed
	how   event.Manner
	limit int // of the queue, in bytes

	mu     sync.Mutex
	conn   *conn  // nil: none at the moment
	first  string // the cursor to begin after, or "": the present
	cursor string // the last
	record []heard
	// returned counts how often the client came back.
	returned int
	stall    chan struct{} // while it is open, nothing is read; nil: reading
	wrong    string        // what can't be
}

// heard is one thing that a client heard.
type heard struct {
	// fresh: what was before isn't known; it is loaded afresh now, when there were so
	// many commits.
	fresh   bool
	commits int

	position cart.Position
	replaced shared.Replaced
	notice   string // a bare notification's payload
}

// conn is one connection of a client.
type conn struct {
	client *client
	queue  *event.Queue
	ctx    context.Context
	end    context.CancelFunc
	full   chan struct{} // closed when the queue has overflowed

	mu       sync.Mutex
	catching bool
	others   bool // something else than the replay came meanwhile
}

// connect begins to listen, after the last cursor if there is one, as a session does.
func (c *client) connect() {
	w := c.world
	c.disconnect()
	s := &conn{client: c, queue: event.NewQueue(c.limit), full: make(chan struct{})}
	s.ctx, s.end = context.WithCancel(w.ctx)
	c.mu.Lock()
	c.conn = s
	cursor := c.cursor
	c.mu.Unlock()
	var after cart.Position
	recovered := false
	if cursor != "" {
		var err error
		if after, err = cart.ParseCursor(cursor); err != nil {
			c.complain(err.Error())
		}
		limited, cancel := context.WithTimeout(s.ctx, time.Second)
		recovered, err = w.Contains(limited, after)
		cancel()
		if err != nil {
			c.disconnect() // it comes back later
			return
		}
	}
	how := c.how
	how.Anew = recovered
	var subscription *event.Subscription
	if c.feed.Topic == shared.ChannelCartActivity {
		var err error
		if subscription, _, err = w.hub.Listen(s.ctx, s, c.feed.Topic, how); err != nil {
			c.complain(err.Error())
			return
		}
	} else {
		subscription, _ = w.hub.Join(s, c.feed.Topic, c.feed.Channel, how)
	}
	if !recovered {
		after = w.hub.Head()
	}
	message, err := shared.NewMessage(shared.KindListening, shared.Listening{Channel: c.feed.Channel, Recovered: &recovered, Cursor: after.Cursor()}, nil)
	if err != nil {
		c.complain(err.Error())
		return
	}
	text, err := message.Text()
	if err != nil {
		c.complain(err.Error())
	}
	s.Deliver(event.Plain(text))
	if subscription.Begin(after) {
		return
	}
	s.setCatching(true)
	w.tasks.Go(func() {
		// Its error is that of the context.
		_ = w.hub.CatchUp(s.ctx, w.book, c.feed, subscription, after)
		s.setCatching(false)
	})
}

// disconnect ends the connection. What is on its way is lost.
func (c *client) disconnect() {
	c.mu.Lock()
	s := c.conn
	c.conn = nil
	if s != nil {
		c.returned++
	}
	c.mu.Unlock()
	if s == nil {
		return
	}
	s.end()
	s.queue.Close()
	c.world.hub.Leave(s)
}

func (c *client) connected() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// setStalled says whether nothing is read.
func (c *client) setStalled(stalled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case stalled && c.stall == nil:
		c.stall = make(chan struct{})
	case !stalled && c.stall != nil:
		close(c.stall)
		c.stall = nil
	}
}

func (c *client) complain(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = what
}

// Name implements event.Reader.
func (s *conn) Name() string { return "ann" }

// Expelled implements event.Reader. Everyone here may read everything.
func (s *conn) Expelled(topic string) { s.client.complain("expelled from " + topic) }

// Room implements event.Roomer.
func (s *conn) Room(ctx context.Context) error { return s.queue.Room(ctx) }

// Roomy implements event.Roomer.
func (s *conn) Roomy() bool { return s.queue.Roomy() }

func (s *conn) setCatching(catching bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catching, s.others = catching, false
}

// isCatching says whether the connection still catches up.
func (s *conn) isCatching() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.catching
}

// replayed says whether this is of a replay that has all of the queue to itself: a
// notification may take the room that it waited for.
func (s *conn) replayed(d event.Delivery) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	replayed := event.Replayed(d)
	s.others = s.others || !replayed
	return replayed && !s.others
}

// Deliver implements event.Subscriber.
func (s *conn) Deliver(d event.Delivery) {
	replayed := s.replayed(d)
	switch s.queue.Push(d) {
	case event.Begin:
		s.client.world.tasks.Go(s.drain)
	case event.Overflow:
		if replayed {
			s.client.complain("the replay overflowed the queue")
		}
		close(s.full)
	case event.Queued, event.Closed:
	}
}

// overflowed says whether the queue was too small for a client so slow.
func (s *conn) overflowed() bool {
	select {
	case <-s.full:
		return true
	default:
		return false
	}
}

func (s *conn) drain() {
	var taken []event.Delivery
	for {
		taken = s.queue.Take(taken)
		for _, d := range taken {
			s.client.mu.Lock()
			stall := s.client.stall
			s.client.mu.Unlock()
			if stall != nil {
				select {
				case <-stall:
				case <-s.ctx.Done():
				}
			}
			text, err := d.Text()
			if err != nil {
				s.client.complain(err.Error())
			}
			s.client.hear(s, text)
		}
		if s.queue.Settle() != event.More {
			return
		}
	}
}

// hear notes a message.
func (c *client) hear(from *conn, text []byte) {
	c.world.mu.Lock()
	commits := c.world.commits
	c.world.mu.Unlock()
	message, err := shared.ParseMessage(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.wrong = err.Error()
		return
	}
	if c.conn != from {
		return // on its way when the connection ended
	}
	if err := c.note(message, commits); err != nil {
		c.wrong = fmt.Sprintf("%s: %v", text, err)
	}
}

func (c *client) note(message shared.Message, commits int) error {
	switch message.Kind {
	case shared.KindListening:
		var answer shared.Listening
		if err := message.Into(&answer); err != nil {
			return err
		}
		if !*answer.Recovered {
			c.record = append(c.record, heard{fresh: true, commits: commits})
		}
		c.cursor = answer.Cursor
		return nil
	case shared.KindGap:
		var gap shared.Gap
		if err := message.Into(&gap); err != nil {
			return err
		}
		if gap.Lost == shared.LostActivities {
			c.record = append(c.record, heard{fresh: true, commits: commits})
			c.cursor = ""
		}
		return nil
	case "news":
		c.record = append(c.record, heard{notice: string(message.Payload)})
		return nil
	}
	if message.Kind != c.feed.Channel {
		return fmt.Errorf("on another channel than %s", c.feed.Channel)
	}
	h := heard{}
	var err error
	if h.position, err = cart.ParseCursor(message.Meta.Cursor); err != nil {
		return err
	}
	if r := message.Meta.Replaces; r != nil {
		h.replaced = *r
	}
	c.cursor = message.Meta.Cursor
	c.record = append(c.record, h)
	return nil
}

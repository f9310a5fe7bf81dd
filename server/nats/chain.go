package nats

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	lib "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/cart"
	"cartline/server/event"
)

// How the log is published.
const (
	// window is how many messages are on their way at most, and ackTimeout how long each
	// may be.
	window     = 256
	ackTimeout = 2 * time.Second
	// readWithin is how long ago the log was read at most, if all is well: it is polled
	// each second.
	readWithin = 2500 * time.Millisecond
)

// chain publishes what it is told of the log, each behind the one before. It is an
// event.Follower.
type chain struct {
	relay  *Relay
	ctx    context.Context
	broken context.CancelCauseFunc
	read   *atomic.Pointer[time.Time] // when the log was last read; nil: not yet
	sent   chan sent                  // what is on its way
	// These are for the goroutine that publishes: what it published last, and under which
	// id; "" if that wasn't by this chain.
	after  cart.Position
	number uint64
	id     string

	mu           sync.Mutex
	acknowledged cart.Position
	waiting      time.Time // since when an acknowledgement is waited for, or zero
}

// sent is a message on its way.
type sent struct {
	ack      jetstream.PubAckFuture
	at       time.Time
	position cart.Position
	number   uint64
}

var _ event.Follower = (*chain)(nil)

// Reset implements event.Follower.
func (c *chain) Reset(head cart.Position) {
	c.send(event.Link{Entry: cart.Entry{Position: head}, Anew: true}, "anew "+rand.Text())
}

// Publish implements event.Follower.
func (c *chain) Publish(entry cart.Entry) {
	c.send(event.Link{After: c.after, Entry: entry}, entry.Position.Cursor())
}

// send publishes a message. Of those that are on their way after one that was refused, none
// may be stored, though the stream may have become as long by another's: so each names
// the id of the one before as well, and the first is waited for.
func (c *chain) send(link event.Link, id string) {
	if c.ctx.Err() != nil {
		return // it broke before
	}
	text, err := encodeLink(link, c.relay.conn.MaxPayload()-headerRoom)
	if err != nil {
		c.broken(err)
		return
	}
	message := &lib.Msg{Subject: c.relay.logged(), Data: text}
	options := []jetstream.PublishOpt{jetstream.WithExpectLastSequence(c.number), jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0)}
	before := c.id
	c.after, c.number, c.id = link.Entry.Position, c.number+1, id
	if before == "" {
		c.first(message, options)
		return
	}
	ack, err := c.relay.js.PublishMsgAsync(message, append(options, jetstream.WithExpectLastMsgID(before))...)
	if err != nil {
		c.broken(err)
		return
	}
	select {
	case c.sent <- sent{ack, time.Now(), c.after, c.number}:
	case <-c.ctx.Done():
	}
}

// first publishes the first message of the chain.
func (c *chain) first(message *lib.Msg, options []jetstream.PublishOpt) {
	ctx, cancel := context.WithTimeout(c.ctx, ackTimeout)
	defer cancel()
	c.note(cart.Position{}, time.Now())
	ack, err := c.relay.js.PublishMsg(ctx, message, options...)
	c.took(ack, err, c.number, c.after)
}

// took takes an acknowledgement, and tells whether it is of the message with a number.
func (c *chain) took(ack *jetstream.PubAck, err error, number uint64, position cart.Position) bool {
	if err == nil && (ack.Duplicate || ack.Sequence != number) {
		err = errElsewhere
	}
	if err != nil {
		c.broken(err)
		return false
	}
	c.note(position, time.Time{})
	return true
}

// headerRoom is what a message's headers take of the most that a message may have.
const headerRoom = 1024

// errElsewhere is that the stream doesn't grow by this chain alone.
var errElsewhere = errors.New("somebody else publishes in the stream")

// acknowledge takes the acknowledgements in the order of the messages. After one that
// doesn't come, none of those behind it will: the stream refuses them.
func (c *chain) acknowledge() {
	for {
		select {
		case s := <-c.sent:
			c.note(cart.Position{}, s.at)
			var ack *jetstream.PubAck
			var err error
			select {
			case ack = <-s.ack.Ok():
			case err = <-s.ack.Err():
			case <-c.ctx.Done():
				return
			}
			if !c.took(ack, err, s.number, s.position) {
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *chain) note(position cart.Position, waiting time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = waiting
	if position != (cart.Position{}) {
		c.acknowledged = position
	}
}

func (c *chain) state(now time.Time) (position cart.Position, sound bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	prompt := c.waiting.IsZero() || now.Sub(c.waiting) < ackTimeout/2
	read := c.read.Load()
	return c.acknowledged, prompt && read != nil && now.Sub(*read) < readWithin
}

// readLog notes when it was read.
type readLog struct {
	cart.Log
	at atomic.Pointer[time.Time] // setting the machine's clock changes nothing
}

// After implements cart.Log.
func (l *readLog) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	entries, err := l.Log.After(ctx, after, scope, limit)
	if err == nil {
		now := time.Now()
		l.at.Store(&now)
	}
	return entries, err
}

package console

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cartline/app/part"
	"cartline/shared/live"
)

const (
	// dialTimeout bounds how long an address that doesn't answer is waited
	// for. Browsers wait for minutes.
	dialTimeout = 20 * time.Second
	// outboxSize is how many messages may wait to be sent.
	outboxSize = 64
	// maxBuffered is how many bytes the browser may hold that it hasn't sent, before
	// the next message waits. Left alone, browsers take any number.
	maxBuffered = 1 << 20
	// lookEvery is how often the browser is asked whether it has sent some.
	lookEvery = 10 * time.Millisecond
	// goodbyePatience is how long the server's answer to our close frame is waited for.
	// Browsers wait a minute, in which nothing could be done.
	goodbyePatience = 3 * time.Second
)

// connection is what live.Dial gives.
type connection interface {
	Read(context.Context) (live.Message, error)
	WriteText(context.Context, string) error
	WriteBinary(context.Context, []byte) error
	Close(code int, reason string) error
	Subprotocol() string
	// Buffered is how many bytes wait to be sent.
	Buffered() int
}

// dialer opens a connection and offers sub-protocols for it.
type dialer func(ctx context.Context, url string, offered []string) (connection, error)

// hears is told what happens on a link, on goroutines of the link. All but sent come
// one at a time; exactly one of failed and ended is the last call.
type hears interface {
	opened(subprotocol string)
	sent(outgoing) // it is about to be
	received(live.Message)
	// failed: the connection was never open.
	failed(timeout bool)
	// ended: it was open, or leave was called before it was.
	ended(code int, reason string)
}

// link carries one connection: it dials, reads until the end, and writes what it
// is given. Its goroutines end with the connection.
type link struct {
	outbox chan outgoing
	leave  context.CancelCauseFunc // its cause is a *live.CloseError: how we close
	left   context.Context
	told   chan struct{} // closed once the end of an open connection was told
	done   chan struct{}
}

// outgoing is a message that is to be sent. Again says that a replay sends it.
type outgoing struct {
	live.Message
	again bool
}

// open starts a link to url.
func open(dial dialer, url string, offered []string, to hears) *link {
	l := &link{outbox: make(chan outgoing, outboxSize), told: make(chan struct{}), done: make(chan struct{})}
	l.left, l.leave = context.WithCancelCause(context.Background())
	go l.run(dial, url, offered, to)
	return l
}

// send queues a message, and reports false if too much waits already.
func (l *link) send(m live.Message) bool {
	select {
	case l.outbox <- outgoing{Message: m}:
		return true
	default:
		return false
	}
}

// errLinkOver is why a message can't be queued any more.
var errLinkOver = errors.New("the connection has ended")

// queue is send that waits for room, until the context ends or the link is left.
func (l *link) queue(ctx context.Context, m live.Message) error {
	return l.line(ctx, outgoing{Message: m})
}

// again is queue for what a replay sends.
func (l *link) again(ctx context.Context, m live.Message) error {
	return l.line(ctx, outgoing{m, true})
}

func (l *link) line(ctx context.Context, m outgoing) error {
	if l.left.Err() != nil {
		return errLinkOver
	}
	select {
	case l.outbox <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.left.Done():
		return errLinkOver
	}
}

// close asks for the end; it doesn't wait. It may be called again, without effect, and
// from any goroutine.
func (l *link) close(code int, reason string) {
	l.leave(&live.CloseError{Code: code, Reason: reason})
}

func (l *link) run(dial dialer, url string, offered []string, to hears) {
	defer close(l.done)
	defer l.close(closeNormal, "")
	defer part.Guard()
	limited, cancel := context.WithTimeout(l.left, dialTimeout)
	defer cancel()
	conn, err := dial(limited, url, offered)
	switch {
	case err != nil && l.left.Err() != nil:
		to.ended(closeNormal, "")
		return
	case err != nil:
		to.failed(errors.Is(limited.Err(), context.DeadlineExceeded))
		return
	}
	to.opened(conn.Subprotocol())

	// The end of the reading is the end of the link: whoever closes, and
	// whatever breaks, it shows there.
	ended := make(chan struct{})
	var once sync.Once
	tell := func(code int, reason string) {
		once.Do(func() {
			defer close(l.told)
			to.ended(code, reason)
		})
	}
	go l.hurry(ended, tell)
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		defer part.Guard()
		l.write(conn, to, ended)
	}()
	code, reason := read(conn, to)
	close(ended)
	l.close(closeNormal, "") // whoever waits to send
	<-wrote
	tell(code, reason)
}

// hurry tells of the end of a connection that we have left, if the server doesn't answer.
// What the browser still does with it is then nobody's concern: it delivers no message
// after our goodbye.
func (l *link) hurry(ended <-chan struct{}, tell func(code int, reason string)) {
	defer part.Guard()
	select {
	case <-l.left.Done():
	case <-ended:
		return
	}
	patience := time.NewTimer(goodbyePatience)
	defer patience.Stop()
	select {
	case <-patience.C:
		tell(closeAbnormal, "")
	case <-ended:
	}
}

// closeNormal is the code with which we close unless another is asked for (RFC 6455,
// section 7.4.1).
const closeNormal = 1000

// read delivers messages until the connection has ended, and tells how.
func read(conn connection, to hears) (code int, reason string) {
	for {
		message, err := conn.Read(context.Background())
		if err != nil {
			var closed *live.CloseError
			if errors.As(err, &closed) {
				return closed.Code, closed.Reason
			}
			return closeAbnormal, fmt.Sprint(err)
		}
		to.received(message)
	}
}

// closeAbnormal stands for an end without a closing handshake (RFC 6455,
// section 7.4.1).
const closeAbnormal = 1006

// write sends what comes until the connection has ended or we leave it. What was
// queued before leaving is still sent. An error needs no handling of its own:
// it ends the connection, so the reader learns of it.
func (l *link) write(conn connection, to hears, ended <-chan struct{}) {
	for {
		select {
		case m := <-l.outbox:
			if !l.room(conn, ended) || !put(conn, to, m) {
				return
			}
		case <-l.left.Done():
			for len(l.outbox) > 0 {
				if !put(conn, to, <-l.outbox) {
					return
				}
			}
			how := &live.CloseError{Code: closeNormal}
			errors.As(context.Cause(l.left), &how)
			// Its error tells how the connection ended, which the reader
			// knows better.
			_ = conn.Close(how.Code, how.Reason)
			return
		case <-ended:
			return
		}
	}
}

// room waits until the browser holds little enough, and reports false if the
// connection ends before.
func (l *link) room(conn connection, ended <-chan struct{}) bool {
	if conn.Buffered() < maxBuffered {
		return true
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for conn.Buffered() >= maxBuffered {
		select {
		case <-tick.C:
		case <-l.left.Done():
			return true // what was queued is still sent
		case <-ended:
			return false
		}
	}
	return true
}

func put(conn connection, to hears, m outgoing) bool {
	to.sent(m)
	if m.Binary {
		return conn.WriteBinary(context.Background(), m.Data) == nil
	}
	return conn.WriteText(context.Background(), string(m.Data)) == nil
}

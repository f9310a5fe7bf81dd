package console

import (
	"context"
	"errors"
	"fmt"
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
)

// connection is what live.Dial gives.
type connection interface {
	Read(context.Context) (live.Message, error)
	WriteText(context.Context, string) error
	Close(code int, reason string) error
}

// dialer opens a connection.
type dialer func(ctx context.Context, url string) (connection, error)

// hears is told what happens on a link, on goroutines of the link, one call at a
// time. Exactly one of failed and ended is the last call.
type hears interface {
	opened()
	received(live.Message)
	// failed: the connection was never open.
	failed(timeout bool)
	// ended: it was open, or leave was called before it was.
	ended(code int, reason string)
}

// link carries one connection: it dials, reads until the end, and writes what it
// is given. Its goroutines end with the connection.
type link struct {
	outbox chan string
	leave  context.CancelFunc
	left   context.Context
	done   chan struct{}
}

// open starts a link to url.
func open(dial dialer, url string, to hears) *link {
	l := &link{outbox: make(chan string, outboxSize), done: make(chan struct{})}
	l.left, l.leave = context.WithCancel(context.Background())
	go l.run(dial, url, to)
	return l
}

// send queues a text, and reports false if too much waits already.
func (l *link) send(text string) bool {
	select {
	case l.outbox <- text:
		return true
	default:
		return false
	}
}

// close asks for the end; it doesn't wait. It may be called again and from any
// goroutine.
func (l *link) close() { l.leave() }

func (l *link) run(dial dialer, url string, to hears) {
	defer close(l.done)
	defer l.leave()
	defer part.Guard()
	limited, cancel := context.WithTimeout(l.left, dialTimeout)
	defer cancel()
	conn, err := dial(limited, url)
	switch {
	case err != nil && l.left.Err() != nil:
		to.ended(closeNormal, "")
		return
	case err != nil:
		to.failed(errors.Is(limited.Err(), context.DeadlineExceeded))
		return
	}
	to.opened()

	// The end of the reading is the end of the link: whoever closes, and
	// whatever breaks, it shows there.
	ended := make(chan struct{})
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		defer part.Guard()
		l.write(conn, ended)
	}()
	code, reason := read(conn, to)
	close(ended)
	<-wrote
	to.ended(code, reason)
}

// closeNormal is the code with which we close (RFC 6455, section 7.4.1).
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
func (l *link) write(conn connection, ended <-chan struct{}) {
	for {
		select {
		case text := <-l.outbox:
			if conn.WriteText(context.Background(), text) != nil {
				return
			}
		case <-l.left.Done():
			for len(l.outbox) > 0 {
				if conn.WriteText(context.Background(), <-l.outbox) != nil {
					return
				}
			}
			// Its error tells how the connection ended, which the reader
			// knows better.
			_ = conn.Close(closeNormal, "")
			return
		case <-ended:
			return
		}
	}
}

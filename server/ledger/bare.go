package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"cartline/shared"
	"cartline/shared/live"
)

// runBare listens without our client: by the protocol alone, and without mercy for
// anything that comes twice.
func (l *listener) runBare(ctx context.Context) error {
	for {
		err := l.once(ctx)
		var closed *live.CloseError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &closed) && !shared.ShouldReconnect(closed.Code):
			return err
		case errors.Is(err, errUnexpected):
			return err
		}
		pause(ctx, minWait+rand.N(maxWait-minWait))
	}
}

// errUnexpected is what the protocol doesn't allow.
var errUnexpected = errors.New("the protocol doesn't allow this")

// once lives through one connection. It pings all the time, and gives up when nothing
// comes.
func (l *listener) once(ctx context.Context) error {
	dialing, cancel := context.WithTimeout(ctx, deadAfter)
	conn, err := live.Dial(dialing, l.url, live.Options{Header: l.header})
	cancel()
	if err != nil {
		return err
	}
	defer conn.Abandon()
	l.hearing.Connected()
	request := l.request
	if !l.forgets {
		request.After = l.hearing.Cursor()
	}
	if err := send(ctx, conn, request); err != nil {
		return err
	}
	pinging, stop := context.WithCancel(ctx)
	pinged := make(chan struct{})
	go func() {
		defer close(pinged)
		for pause(pinging, heartbeat); pinging.Err() == nil; pause(pinging, heartbeat) {
			if send(pinging, conn, shared.Request{Ping: "still there?"}) != nil {
				return // the reader learns of it too
			}
		}
	}()
	defer func() { stop(); <-pinged }()
	for {
		if err := l.receive(ctx, conn); err != nil {
			return err
		}
	}
}

// receive takes one message.
func (l *listener) receive(ctx context.Context, conn *live.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, deadAfter)
	received, err := conn.Read(waiting)
	cancel()
	if err != nil {
		return err
	}
	message, err := shared.ParseMessage(received.Data)
	if err != nil {
		// Of a connection that ends within a message, github.com/coder/websocket
		// v1.8.15 can return what had come as if it were all; then the end follows.
		if _, end := conn.Read(ctx); end != nil {
			return end
		}
	} else {
		err = l.take(ctx, message)
	}
	if err != nil && !passes(err) {
		return fmt.Errorf("%w: %s: %w", errUnexpected, received.Data, err)
	}
	return err
}

func send(ctx context.Context, conn *live.Conn, request shared.Request) error {
	text, err := request.Text()
	if err != nil {
		return err
	}
	return conn.WriteText(ctx, text)
}

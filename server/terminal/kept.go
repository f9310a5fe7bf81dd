package terminal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cartline/shared"
	"cartline/shared/live"
)

// kept carries messages over a client that comes back.
type kept struct {
	client *live.Client
	stop   context.CancelCauseFunc
}

func (k kept) send(ctx context.Context, m live.Message) error {
	return k.client.Send(ctx, string(m.Data))
}

// errNoPing is what comes of a ping where lines can't ask for one.
var errNoPing = errors.New("the client pings by itself")

func (k kept) ping(context.Context) (time.Duration, error) { return 0, errNoPing }

// hangUp closes with code 1000, the only one there is use for where lines can't ask for
// another.
func (k kept) hangUp(int, string) error { return k.client.Close() }

func (k kept) drop() { k.stop(nil) }

// keep runs a session over a client. The first connection must be made, and none may be
// refused for good; any other end is followed by another connection.
func (r *run) keep(ctx context.Context) error {
	// Not with ctx, which would cut the connection rather than close it.
	running, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	story := &story{run: r, ctx: running, stop: stop}
	client := live.NewClient(live.Config{
		URL: r.Address.String(), Options: r.Options, DialTimeout: r.Timeout, Listen: r.Listen,
		OnAsk:     story.asked,
		OnState:   story.state,
		OnMessage: story.message,
	})
	r.carrier = kept{client, stop}
	go func() {
		err := client.Run(running)
		if cause := context.Cause(running); cause != nil {
			err = cause
		}
		r.ended <- err
	}()
	return r.converse(ctx)
}

// story tells of a client what is told of one connection. Its methods are called by the
// client's Run, one at a time.
type story struct {
	*run
	ctx  context.Context
	stop context.CancelCauseFunc

	requests []string // of the connection that is being opened
	up, once bool     // there is a connection; there was one
}

func (s *story) asked(text string) { s.requests = append(s.requests, text) }

func (s *story) state(state live.State) {
	switch state.Phase {
	case live.Connecting:
		s.requests = nil
	case live.Live:
		s.up, s.once = true, true
		s.wrote(s.print.opened(s.Address.Redacted(), state.Subprotocol))
		for _, text := range s.requests {
			s.wrote(s.print.sent(live.Message{Data: []byte(text)}))
		}
		s.tell(true)
	case live.Waiting:
		if s.forGood(state.Err) {
			s.stop(s.notConnected(s.ctx, state.Err))
			return
		}
		s.tell(false)
		then := fmt.Sprintf("; connecting again in %v.", time.Until(state.Retry).Round(100*time.Millisecond))
		if s.up {
			s.wrote(s.print.closed(endOf(state.Err), then))
		} else {
			s.print.note("Not connected: %v%s", state.Err, then)
		}
		s.up = false
	}
}

// forGood says whether there is no use in connecting again: it has never worked, or the
// server has told that this is not for us.
func (s *story) forGood(err error) bool {
	var refused *live.RefusedError
	if errors.As(err, &refused) && refused.Status >= 400 && refused.Status < 500 {
		return !s.once || refused.Status != http.StatusTooManyRequests && refused.Status != http.StatusRequestTimeout
	}
	return !s.once
}

// endOf makes of whatever ended a connection how it ended.
func endOf(err error) *live.CloseError {
	var closed *live.CloseError
	if errors.As(err, &closed) {
		return closed
	}
	return &live.CloseError{Code: 1006, Reason: err.Error()}
}

// tell says whether there is something to send over, unless nobody asks any more.
func (s *story) tell(ready bool) {
	select {
	case s.ready <- ready:
	case <-s.ctx.Done():
	}
}

func (s *story) message(_ shared.Message, text string) {
	s.wrote(s.print.received(live.Message{Data: []byte(text)}))
}

// wrote ends all when the output takes nothing any more.
func (s *story) wrote(err error) {
	if err != nil {
		s.stop(outputError(err))
	}
}

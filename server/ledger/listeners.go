package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"cartline/shared"
	"cartline/shared/live"
)

// listener is somebody who listens to one channel for the whole run, over many
// connections.
type listener struct {
	url     string
	header  map[string][]string
	request shared.Request
	hearing *Hearing
	forgets bool // see Options.Forget
}

// take enters a message in the books, and takes a while over some. It returns an error
// for a message that nobody may be sent.
func (l *listener) take(ctx context.Context, message shared.Message) error {
	switch message.Kind {
	case l.request.Listen:
		if err := l.hear(message); err != nil {
			return err
		}
	case shared.KindListening:
		return l.began(message)
	case shared.KindGap:
		var gap shared.Gap
		if err := message.Into(&gap); err != nil {
			return err
		}
		if gap.Lost != shared.LostNotifications { // which nobody counts on
			l.hearing.ToldLost("there is a gap: " + string(gap.Lost))
		}
	case shared.KindError:
		var problem shared.Problem
		if err := message.Into(&problem); err != nil {
			return err
		}
		return &problem
	}
	l.dawdle(ctx)
	return nil
}

// began takes the answer to a request to listen.
func (l *listener) began(message shared.Message) error {
	var answer shared.Listening
	if err := message.Into(&answer); err != nil {
		return err
	}
	if answer.Recovered != nil && !*answer.Recovered {
		l.hearing.ToldLost("what came after the cursor can't be told")
	}
	if answer.Cursor == "" {
		return errors.New("the answer to listen has no cursor")
	}
	l.hearing.Begin(answer.Cursor)
	return nil
}

// hear takes an event: of an activity alone, or together with its cart.
func (l *listener) hear(message shared.Message) error {
	var event shared.CartEvent
	var into any = &event
	if l.request.Listen == shared.ChannelCartActivity {
		into = &event.Activity
	}
	if err := json.Unmarshal(message.Payload, into); err != nil {
		return err
	}
	if message.Meta == nil || message.Meta.Cursor == "" {
		return errors.New("an event without a cursor")
	}
	l.hearing.Hear(Heard{
		Cursor:   message.Meta.Cursor,
		CartID:   event.Activity.CartID,
		Version:  event.Activity.CartVersion,
		Replaces: message.Meta.Replaces,
	}, event.Activity.At)
	return nil
}

// dawdle has a listener not listen for a while, now and then.
func (l *listener) dawdle(ctx context.Context) {
	switch {
	case chance(0.03):
		pause(ctx, upTo(3*time.Second))
	case chance(0.3):
		pause(ctx, upTo(100*time.Millisecond))
	}
}

// How listeners find out that nobody is there, and come back: sooner than people's do,
// so that a run sees more of it.
const (
	minWait   = 10 * time.Millisecond
	maxWait   = 300 * time.Millisecond
	heartbeat = 300 * time.Millisecond
	deadAfter = 1500 * time.Millisecond
)

// runClient listens as our own client does. The error tells why it ended before the
// context did.
func (l *listener) runClient(ctx context.Context) error {
	failed := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	client := live.NewClient(live.Config{
		URL:     l.url,
		Options: live.Options{Header: l.header},
		Listen:  []shared.Request{l.request},
		MinWait: minWait, MaxWait: maxWait,
		Heartbeat: heartbeat, Patience: deadAfter,
		OnState: func(state live.State) {
			if state.Phase == live.Live {
				l.hearing.Connected()
			}
		},
		OnMessage: func(message shared.Message, _ string) {
			if err := l.take(running, message); err != nil && !passes(err) {
				select {
				case failed <- err:
				default:
				}
				stop()
			}
		},
	})
	err := client.Run(running)
	l.hearing.Dropped(client.Repeated())
	select {
	case err = <-failed:
	default:
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// passes says whether an error that the server tells is one to come back after.
func passes(err error) bool {
	var problem *shared.Problem
	return errors.As(err, &problem) && (problem.Code == shared.CodeUnavailable || problem.Code == shared.CodeInternal)
}

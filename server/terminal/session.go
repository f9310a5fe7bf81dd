package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"cartline/shared"
	"cartline/shared/live"
)

// Session is what connect is told.
type Session struct {
	Address *url.URL
	Options live.Options
	// Timeout bounds connecting.
	Timeout time.Duration
	// Listen asks for channels of the events endpoint. With one, a connection that is
	// lost comes back, and what was missed follows.
	Listen []shared.Request
	// Slash takes lines that begin with a slash for commands.
	Slash bool
	// Wait is how long to go on after the end of the input. If it is negative, until
	// the context ends.
	Wait time.Duration
	// JSON writes a recording in place of messages. Screen says that somebody looks at
	// Out.
	JSON, Screen bool

	In         io.Reader
	Out, Notes io.Writer
}

const (
	// pingPatience is how long a ping waits for its pong.
	pingPatience = 10 * time.Second
	// outPatience is how long an end that somebody asked for waits for an output that
	// doesn't take what is written.
	outPatience = time.Second
)

// endPatience is how long an end by the context may take in all: longer than the engine
// waits for the answer to a close frame. It is no constant for the sake of tests.
var endPatience = 12 * time.Second

// carrier is what carries messages.
type carrier interface {
	send(ctx context.Context, m live.Message) error
	ping(ctx context.Context) (time.Duration, error)
	// hangUp ends it in order, after which its end follows.
	hangUp(code int, reason string) error
	// drop ends it at once.
	drop()
}

// run is a session under way.
type run struct {
	Session
	print *printer
	carrier
	// ended gets one value: how the carrier ended, once nothing more is printed.
	ended chan error
	// ready tells whether there is something to send over. What is typed waits until
	// there is.
	ready chan bool

	up     bool // what ready told last, unless a line has shown otherwise
	unsent int
	input  error
}

// Run connects, sends each line of In as a text message, and writes what comes to Out,
// until the input has ended and the wait is over, the other side closes, or the context
// ends, which is an end in order. A connection that was refused, or that didn't end in
// order, is an error of one line.
//
// Nothing more is read while Out doesn't take what came. A read from In may be left
// behind, see readLines; nothing else is, unless the context ends while Out takes
// nothing.
func (s Session) Run(ctx context.Context) error {
	r := &run{
		Session: s,
		print:   &printer{out: s.Out, notes: s.Notes, json: s.JSON, screen: s.Screen},
		ended:   make(chan error, 1),
		ready:   make(chan bool, 1),
	}
	finished := make(chan error, 1)
	go func() {
		if len(s.Listen) > 0 {
			finished <- r.keep(ctx)
		} else {
			finished <- r.plain(ctx)
		}
	}()
	err := wait(ctx, finished)
	if err != nil {
		err = errors.New(visible(err.Error(), " ")) // it may have words of the server
	}
	return err
}

// wait returns what it waits for or, some time after the context has ended, nil.
func wait(ctx context.Context, finished <-chan error) error {
	select {
	case err := <-finished:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(endPatience)
	defer timer.Stop()
	select {
	case err := <-finished:
		return err
	case <-timer.C:
		return nil
	}
}

// converse does what the lines say until the carrier ends or is ended.
func (r *run) converse(ctx context.Context) error {
	done := make(chan struct{})
	defer close(done)
	lines := readLines(r.In, done)
	var over <-chan time.Time
	for {
		var open <-chan line // none while there is nothing to send over
		if r.up {
			open = lines
		}
		select {
		case <-ctx.Done():
			return r.leave(ctx, 1000, "")
		case err := <-r.ended:
			return r.result(err, false)
		case r.up = <-r.ready:
		case <-over:
			return r.leave(ctx, 1000, "")
		case l, more := <-open:
			if !more {
				lines = nil
				if r.Wait >= 0 {
					timer := time.NewTimer(r.Wait)
					defer timer.Stop()
					over = timer.C
				}
				continue
			}
			if l.err != nil {
				r.input = l.err
				continue
			}
			command, err := parseLine(l.text, r.Slash)
			if err != nil {
				r.notSent(err)
				continue
			}
			if command.close {
				return r.leave(ctx, command.code, command.reason)
			}
			if err := r.do(ctx, command); err != nil {
				r.abandon(ctx)
				return err
			}
		}
	}
}

// do sends what a line says. An error is that of the output.
func (r *run) do(ctx context.Context, c command) error {
	if c.ping {
		waiting, cancel := context.WithTimeout(ctx, pingPatience)
		defer cancel()
		switch took, err := r.ping(waiting); {
		case err == nil:
			r.print.note("Pong after %v.", took.Round(time.Microsecond))
		case errors.Is(err, context.DeadlineExceeded):
			r.print.note("No pong within %v.", pingPatience)
		}
		// Any other error comes from the end, which tells itself.
		return nil
	}
	if err := r.print.sent(c.message); err != nil {
		return outputError(err)
	}
	if err := r.send(ctx, c.message); err != nil && ctx.Err() == nil {
		r.notSent(err) // or perhaps it was, and the connection ended then
		r.up = false   // so the others wait for the next, or for the end
	}
	return nil
}

func (r *run) notSent(err error) {
	r.unsent++
	r.print.note("This line was not sent: %v", err)
}

// leave ends the carrier in order. Once the context has ended, it says no more than
// that: how the end goes is of no interest then.
func (r *run) leave(ctx context.Context, code int, reason string) error {
	select {
	case end := <-r.ended: // by itself, just before
		return r.result(end, false)
	default:
	}
	closing := r.hangUp(code, reason)
	end, known := r.abandon(ctx)
	var closed *live.CloseError
	if known && answered(closing) && (!errors.As(end, &closed) || closed.Code == 1006) {
		// The answer was taken by hangUp rather than by who reads.
		end = &live.CloseError{Code: code, Reason: reason}
	}
	switch {
	case !known:
		return nil // and the output takes nothing
	case ctx.Err() != nil:
		r.unsent, r.input = 0, nil
		if !answered(closing) {
			return nil
		}
	}
	return r.result(end, true)
}

// answered says whether the other side has answered a close frame.
func answered(closing error) bool {
	return closing == nil || websocket.CloseStatus(closing) != -1
}

// abandon ends the carrier at once, and waits until all is printed that came; but once
// the context has ended, for no more than a moment.
func (r *run) abandon(ctx context.Context) (end error, known bool) {
	r.drop()
	select {
	case end = <-r.ended:
		return end, true
	case <-ctx.Done():
	}
	timer := time.NewTimer(outPatience)
	defer timer.Stop()
	select {
	case end = <-r.ended:
		return end, true
	case <-timer.C:
		return nil, false
	}
}

// result tells how the carrier ended, and returns what is wrong with that. Whatever code
// the other side answers our close with, it was we who ended it.
func (r *run) result(end error, ours bool) error {
	var closed *live.CloseError
	switch {
	case errors.As(end, &closed):
		lost := ours && closed.Code == 1006
		if r.JSON || ours && !lost || inOrder(closed) {
			if err := r.print.closed(closed, "."); err != nil {
				return outputError(err)
			}
		}
		switch {
		case lost:
			return errors.New("the other side did not answer when the connection was closed")
		case !ours && !inOrder(closed):
			return closed
		}
	case end != nil && !errors.Is(end, context.Canceled):
		return end
	}
	switch {
	case r.input != nil:
		return r.input
	case r.unsent == 1:
		return errors.New("one line was not sent")
	case r.unsent > 1:
		return fmt.Errorf("%d lines were not sent", r.unsent)
	}
	return nil
}

func outputError(err error) error { return fmt.Errorf("standard output: %w", err) }

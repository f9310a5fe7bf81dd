package terminal

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"cartline/shared/live"
)

// bencher is one connection of a measurement.
type bencher struct {
	*bench
	ctx    context.Context
	giveUp context.CancelCauseFunc
	// since is when the message was sent whose echo is awaited; nil for none.
	since atomic.Pointer[time.Time]

	message, before []byte // that which is sent, and the one before
	sent            int
	echoed          bool // one was
}

func newBencher(w *bench, index int) *bencher {
	b := &bencher{bench: w}
	b.ctx, b.giveUp = context.WithCancelCause(w.living)
	b.message = make([]byte, w.Size)
	for i := range b.message {
		b.message[i] = "abcdefghijklmnopqrstuvwxyz"[i%26]
		if w.Binary {
			b.message[i] = byte(i * 31)
		}
	}
	// A message of another connection is not taken for the echo.
	stamp(b.message, stampDigits, index)
	b.before = bytes.Clone(b.message)
	return b
}

// stampDigits is how many characters each number in a message has.
const stampDigits = 6

// stamp writes a number into a message, the digit that changes most first, as far as
// there is room.
func stamp(message []byte, at, n int) {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	for i := at; i < at+stampDigits && i < len(message); i++ {
		message[i] = digits[n%len(digits)]
		n /= len(digits)
	}
}

// live is the whole life of the connection. ready is called once it is open, or won't
// be.
func (b *bencher) live(ctx context.Context, dialing chan struct{}, ready func()) {
	defer b.giveUp(nil)
	conn, err := b.open(ctx, dialing)
	if err != nil {
		if ctx.Err() == nil {
			b.failed(false, err)
		}
		ready()
		return
	}
	defer conn.Abandon()
	b.opened.Add(1)
	ready()
	select {
	case <-b.begin:
	case <-b.over: // before it began
	}
	if err := b.measure(conn); err != nil {
		b.failed(true, err)
		return
	}
	// A server that doesn't answer this is of no interest any more.
	_ = conn.Close(1000, "")
}

// open connects and takes the first echo, in its turn.
func (b *bencher) open(ctx context.Context, dialing chan struct{}) (*live.Conn, error) {
	select {
	case dialing <- struct{}{}:
		defer func() { <-dialing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	opening, cancel := context.WithTimeout(ctx, benchDial)
	conn, err := live.Dial(opening, b.Address.String(), b.Options)
	cancel()
	if err != nil {
		return nil, whyNot(err, b.Address, benchDial)
	}
	awaiting, cancel := context.WithTimeout(ctx, benchPatience)
	defer cancel()
	if err := b.echo(awaiting, conn); err != nil {
		conn.Abandon()
		if errors.Is(err, context.DeadlineExceeded) {
			err = errNoEcho
		}
		return nil, err
	}
	return conn, nil
}

// measure takes echoes until the measurement is over.
func (b *bencher) measure(conn *live.Conn) error {
	for {
		select {
		case <-b.over:
			return nil
		default:
		}
		began := time.Now()
		b.since.Store(&began)
		if err := b.echo(b.ctx, conn); err != nil {
			if cause := context.Cause(b.ctx); cause != nil {
				err = cause
			}
			return err
		}
		b.count(time.Since(began))
		b.since.Store(nil)
	}
}

// echo sends a message and waits for its echo.
func (b *bencher) echo(ctx context.Context, conn *live.Conn) error {
	copy(b.before, b.message)
	b.sent++
	stamp(b.message, 0, b.sent)
	if err := (connection{conn}).send(ctx, live.Message{Binary: b.Binary, Data: b.message}); err != nil {
		return err
	}
	for first := !b.echoed; ; first = false {
		got, err := conn.Read(ctx)
		switch {
		case err != nil:
			return err
		case got.Binary == b.Binary && bytes.Equal(got.Data, b.message):
			b.echoed = true
			return nil
		case !first && got.Binary == b.Binary && len(got.Data) == len(b.message) && !bytes.Equal(got.Data, b.before):
			return errWrongEcho
		}
		// A greeting, the same echo again, or something else that nobody asked for.
		b.others.Add(1)
	}
}

package nats

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
)

// Whoever was elected and goes on after a pause, when another has published meanwhile,
// can't put anything into the stream any more: neither what is new, nor what is there.
func TestPausedPublisher(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	r, err := New(Config{URL: server.URL(), Stream: "test", Subject: "test", MaxAge: time.Hour, MaxBytes: 16 << 20, Replicas: 1, Process: "one", Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = r.connect(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.disconnect()
	c := chains{Relay: r}
	stream, err := c.stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	begin := func(after cart.Position, number uint64) *chain {
		ctx, broken := context.WithCancelCause(t.Context())
		one := &chain{relay: r, ctx: ctx, broken: broken, after: after, number: number, sent: make(chan sent, window), read: new(atomic.Pointer[time.Time])}
		done := make(chan struct{})
		go func() { defer close(done); one.acknowledge() }()
		t.Cleanup(func() { broken(nil); <-done })
		return one
	}
	published := func(one *chain, want cart.Position) {
		t.Helper()
		testenv.Eventually(t, 90*time.Second, "an acknowledgement", func() bool {
			position, _ := one.state(time.Now())
			return position == want || one.ctx.Err() != nil
		})
		if one.ctx.Err() != nil {
			t.Fatalf("the chain broke before %v: %v", want, context.Cause(one.ctx))
		}
	}
	entry := func(seq int64) cart.Entry { return cart.Entry{Position: at(seq)} }
	first := begin(cart.Position{}, 0)
	first.Reset(at(1))
	first.Publish(entry(2))
	published(first, at(2))
	paused := begin(at(2), 2)
	paused.Publish(entry(3))
	published(paused, at(3))
	other, again, late := begin(at(3), 3), begin(at(3), 3), begin(at(3), 3)
	other.Publish(entry(4))
	published(other, at(4))
	paused.Publish(entry(9)) // as if it had read something else
	paused.Publish(entry(10))
	paused.Publish(entry(11))
	again.Publish(entry(4))
	late.Publish(entry(12))
	for _, one := range []*chain{paused, again, late} {
		<-one.ctx.Done()
	}
	if position, number, err := end(t.Context(), stream); position != at(4) || number != 4 || err != nil {
		t.Errorf("the stream ends at %v with message %d, %v; want %v and 4", position, number, err, at(4))
	}
	other.Publish(entry(5))
	published(other, at(5))
}

// It comes soon if the log is read, and what was read is taken.
func TestSound(t *testing.T) {
	long := 2 * readWithin
	for _, test := range []struct {
		name              string
		read              bool
		readAgo, waitsFor time.Duration
		want              bool
	}{
		{"not read yet", false, 0, 0, false},
		{"read", true, time.Second, 0, true},
		{"not read for long", true, long, 0, false},
		{"published just now", true, 0, 1, true},
		{"not taken for long", true, 0, long, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &chain{read: new(atomic.Pointer[time.Time])}
			if read := noon.Add(-test.readAgo); test.read {
				c.read.Store(&read)
			}
			if test.waitsFor > 0 {
				c.note(at(7), noon.Add(-test.waitsFor))
			}
			if _, got := c.state(noon); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

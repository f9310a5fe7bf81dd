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
		one := &chain{relay: r, ctx: ctx, broken: broken, after: after, number: number, sent: make(chan sent, window), read: new(atomic.Int64)}
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

package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/cart"
	"cartline/server/event"
)

// minRechain and maxRechain bound the pauses after a chain that broke.
const (
	minRechain = 50 * time.Millisecond
	maxRechain = 2 * time.Second
)

// chains publishes the log in one chain after the other, each of which begins where the
// stream ends.
type chains struct {
	*Relay
	present atomic.Pointer[chain]
}

// run publishes until the context ends.
func (c *chains) run(ctx context.Context) {
	errs := once{logger: c.config.Logger}
	wait := minRechain
	for {
		began := time.Now()
		err := c.publish(ctx)
		errs.log(ctx, "the log can't be published on NATS; trying again", err)
		if time.Since(began) > maxRechain {
			wait = minRechain
		}
		if !pause(ctx, wait) {
			return
		}
		wait = min(2*wait, maxRechain)
	}
}

// state returns how far the log is in the stream, and whether it comes there soon.
func (c *chains) state(now time.Time) (position cart.Position, sound bool) {
	chain := c.present.Load()
	if chain == nil {
		return cart.Position{}, false
	}
	return chain.state(now)
}

// publish publishes one chain, until it breaks.
func (c *chains) publish(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, 2*requestTime)
	defer cancel()
	stream, err := c.stream(limited)
	if err != nil {
		return err
	}
	after, number, err := end(limited, stream)
	if err != nil {
		return err
	}
	ctx, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	chain := &chain{
		relay: c.Relay, ctx: ctx, broken: broken, after: after, number: number,
		sent: make(chan sent, window), acknowledged: after,
	}
	log := &readLog{Log: c.config.Log}
	chain.read = &log.at
	tail := event.NewTail(log, chain, c.config.Logger)
	if after != (cart.Position{}) {
		tail.Begin(after)
	}
	var running sync.WaitGroup
	running.Go(func() { tail.Run(ctx) })
	running.Go(chain.acknowledge)
	c.tail.Store(tail)
	c.present.Store(chain)
	<-ctx.Done()
	c.present.Store(nil)
	c.tail.Store(nil)
	running.Wait()
	return context.Cause(ctx)
}

// stream returns the stream, which is made or changed to be as configured.
func (c *chains) stream(ctx context.Context) (jetstream.Stream, error) {
	want := jetstream.StreamConfig{
		Name: c.config.Stream, Description: "The log of carts' changes, for the processes that share a database.",
		Subjects: []string{c.logged()}, Storage: jetstream.FileStorage, Discard: jetstream.DiscardOld,
		MaxAge: c.config.MaxAge, MaxBytes: c.config.MaxBytes, Replicas: c.config.Replicas,
		Duplicates: min(duplicates, c.config.MaxAge),
	}
	stream, err := c.js.Stream(ctx, want.Name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return c.js.CreateStream(ctx, want)
	case err != nil:
		return nil, err
	}
	is := stream.CachedInfo().Config
	if len(is.Subjects) != 1 || is.Subjects[0] != want.Subjects[0] {
		return nil, fmt.Errorf("the stream %q is there already, and has the subjects %q rather than %q: name another with --nats-stream, or delete it", want.Name, is.Subjects, want.Subjects)
	}
	if is.MaxAge == want.MaxAge && is.MaxBytes == want.MaxBytes && is.Replicas == want.Replicas {
		return stream, nil
	}
	is.MaxAge, is.MaxBytes, is.Replicas, is.Duplicates = want.MaxAge, want.MaxBytes, want.Replicas, want.Duplicates
	return c.js.UpdateStream(ctx, is)
}

// duplicates is how long the stream knows the ids of messages, which are those of the
// activities. The chain keeps them apart in any case.
const duplicates = 2 * time.Minute

// end returns the position of the last message and its number. It returns only the number
// if that message isn't left, or isn't ours.
func end(ctx context.Context, stream jetstream.Stream) (cart.Position, uint64, error) {
	info, err := stream.Info(ctx)
	if err != nil {
		return cart.Position{}, 0, err
	}
	if info.State.Msgs == 0 {
		return cart.Position{}, info.State.LastSeq, nil
	}
	message, err := stream.GetMsg(ctx, info.State.LastSeq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return cart.Position{}, info.State.LastSeq, nil // it has just become too old
	}
	if err != nil {
		return cart.Position{}, 0, err
	}
	link, err := decodeLink(message.Data)
	if err != nil {
		// Somebody else's, whom the log that begins behind it doesn't depend on. Who follows
		// tells of it.
		return cart.Position{}, message.Sequence, nil
	}
	return link.Entry.Position, message.Sequence, nil
}

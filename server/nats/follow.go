package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// How the stream is consumed.
const (
	// ahead is how many messages may wait here.
	ahead     = 256
	pullTime  = 10 * time.Second
	heartbeat = time.Second
	// retryPause is how long it is waited after the stream could not be consumed.
	retryPause = 500 * time.Millisecond
)

// follow hands on what comes in the stream, from its present end until the context ends.
// When there is no stream, or the connection is lost, it goes on after what came last as
// soon as it can, if the stream is still the same.
func (r *Relay) follow(ctx context.Context) {
	f := follower{Relay: r}
	errs := once{logger: r.config.Logger}
	for {
		err := f.consume(ctx)
		if r.conn.IsConnected() && !errors.Is(err, jetstream.ErrStreamNotFound) {
			errs.log(ctx, "the stream can't be consumed; trying again", err)
		}
		if !pause(ctx, retryPause) {
			return
		}
	}
}

// follower is where this process is in the stream.
type follower struct {
	*Relay
	created time.Time // which stream it is; of another, numbers mean nothing
	last    uint64    // the number of the last message that came
}

// consume hands on what comes until something goes wrong.
func (f *follower) consume(ctx context.Context) error {
	consumer, err := f.consumer(ctx)
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(ahead), jetstream.PullExpiry(pullTime), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := message.Metadata()
		if err != nil {
			return err
		}
		f.last = meta.Sequence.Stream
		link, err := decodeLink(message.Data())
		if err != nil {
			return fmt.Errorf("message %d of the stream: %w", f.last, err)
		}
		select {
		case f.links <- link:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// consumer makes a consumer of what comes after what came last, or of the last message if
// that isn't known: whoever follows the log finds by it what they have to read.
func (f *follower) consumer(ctx context.Context) (jetstream.Consumer, error) {
	limited, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	stream, err := f.js.Stream(limited, f.config.Stream)
	if err != nil {
		return nil, err
	}
	info := stream.CachedInfo()
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverLastPolicy, MaxResetAttempts: 1, InactiveThreshold: time.Minute}
	if info.Created.Equal(f.created) && f.last > 0 && f.last <= info.State.LastSeq {
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, f.last+1
	}
	f.created = info.Created
	return f.js.OrderedConsumer(limited, f.config.Stream, config)
}

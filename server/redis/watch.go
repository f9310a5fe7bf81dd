package redis

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

// watchPause is the time between two attempts to hear what other processes say, and how
// long the connection over which they do may be silent before it is asked whether it
// stands.
const watchPause = 5 * time.Second

// Watch calls ended soon after a process has ended a session, until the context ends; and
// after each interruption, as what is said meanwhile is lost.
func (s *Shoppers) Watch(ctx context.Context, ended func(), logger *slog.Logger) {
	failing := false // so that a long failure is logged once
	for ctx.Err() == nil {
		err := s.watch(ctx, func() {
			if failing {
				logger.Info("ends of shoppers' sessions are heard of again")
			}
			failing = false
			ended()
		})
		if ctx.Err() != nil {
			return
		}
		if !failing {
			failing = true
			logger.Warn("ends of shoppers' sessions aren't heard of at once", "error", err)
		}
		timer := time.NewTimer(watchPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// watch lives through one connection.
func (s *Shoppers) watch(ctx context.Context, heard func()) error {
	subscription := s.client.Subscribe(ctx, endedNews)
	// Closing ends the wait; the second time it does nothing.
	defer context.AfterFunc(ctx, func() { _ = subscription.Close() })()
	defer subscription.Close()
	silent := false
	for {
		message, err := subscription.ReceiveTimeout(ctx, watchPause)
		switch {
		case err == nil:
			silent = false
			if _, pong := message.(*redis.Pong); !pong {
				heard() // of an end, or that the subscription stands
			}
		case !isTimeout(err), silent:
			return failed(err)
		default:
			silent = true
			if err := subscription.Ping(ctx); err != nil {
				return failed(err)
			}
		}
	}
}

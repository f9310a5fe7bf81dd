package main

import (
	"context"
	"errors"
	"log/slog"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/postgres"
	"cartline/server/socket"
	"cartline/shared"
)

// outboxFlag has a gateway read what an application keeps for it.
type outboxFlag struct {
	Outbox bool `env:"CARTLINE_OUTBOX" help:"With --serve gateway: follow the tables that docs/retrofit/outbox.sql adds to the application's database, so that whoever comes back gets what they missed on cart_activity. (${env})"`
}

func (f *outboxFlag) check(gateway bool) error {
	if f.Outbox && !gateway {
		return usagef("--outbox goes with --serve gateway: the other modes have a log of their own")
	}
	return nil
}

// followOutbox has the sockets told of the outbox, if that was asked for.
func (s *server) followOutbox(ctx context.Context, config *socket.EventsConfig) (err error) {
	if !s.command.Outbox {
		return nil
	}
	if s.outbox, err = openOutbox(ctx, s.command.NotifyDatabase, s.logger); err != nil {
		return err
	}
	s.tail = event.NewTail(s.outbox, &outboxFollower{hub: s.hub, logger: s.logger}, s.logger)
	config.Activities = s.outbox
	config.Feeds = outboxFeeds()
	return nil
}

// wakeTail has the tail look at once, if there is one.
func (s *server) wakeTail() {
	if s.tail != nil {
		s.tail.Wake()
	}
}

// openOutbox opens the outbox in a database. That there is none is an error, but not that
// the database is away.
func openOutbox(ctx context.Context, dsn string, logger *slog.Logger) (*postgres.Outbox, error) {
	outbox, err := postgres.OpenOutbox(ctx, dsn)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, revisionTimeout)
	defer cancel()
	switch _, err := outbox.Head(limited); {
	case postgres.Mistaken(err):
		return nil, errors.Join(usagef("--outbox needs the tables of docs/retrofit/outbox.sql, and the right to read them: %w", err), outbox.Close())
	case errors.Is(err, postgres.ErrRestored):
		return nil, errors.Join(usagef("--outbox: %w", err), outbox.Close())
	case err != nil:
		logger.Warn("the outbox can't be read; nobody is served until it can", "error", err)
	}
	return outbox, nil
}

// outboxFeed tells all who may listen what is in an outbox, as it is.
func outboxFeed() event.Feed {
	const channel = shared.ChannelCartActivity
	return event.Feed{Channel: channel, Topic: channel, Tell: func(entry cart.Entry) (*event.Event, error) {
		return event.FromLog(channel, entry, entry.Activity)
	}}
}

// outboxFeeds are those of an application that has no shoppers and attendants here.
func outboxFeeds() socket.Feeds {
	return socket.Feeds{Watchers: outboxFeed(), OfCart: feed.OfCart, OfShopper: feed.OfShopper}
}

// outboxFollower hands what comes in an outbox to everyone who listens. It is an
// event.Follower.
type outboxFollower struct {
	hub    *event.Hub
	logger *slog.Logger
}

// Reset implements event.Follower.
func (f *outboxFollower) Reset(head cart.Position) { f.hub.Reset(head) }

// Publish implements event.Follower.
func (f *outboxFollower) Publish(entry cart.Entry) {
	f.hub.Advance(entry.Position)
	e, err := outboxFeed().Tell(entry)
	if err != nil {
		f.logger.Error("what is in the outbox can't be told", "cart", entry.CartID, "error", err)
		return
	}
	f.hub.Publish(e)
}

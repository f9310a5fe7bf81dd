package socket

import (
	"context"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// Feeds are what the audiences of the log are told of it.
type Feeds struct {
	Watchers  event.Feed
	OfCart    func(cartID string) event.Feed
	OfShopper func(shopperID string) event.Feed
}

// listen begins to hear a channel, if the visitor may: shoppers their own cart, staff
// the carts that they attend, and every channel that the hub has.
func (s *session) listen(ctx context.Context, request shared.Request) error {
	if request.Raw && request.Coalesce {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "coalesce", Detail: "raw and coalesce don't go together."}
	}
	asOf, err := s.mayHear(ctx, request)
	if err != nil {
		return err
	}
	after, recovered, err := s.recover(ctx, request)
	if err != nil {
		return err
	}
	// Before it is so, as it may be taken back at once: see Expelled.
	had := s.setListening(request.Listen, true)
	subscription, fresh, err := s.subscribe(ctx, request, event.Manner{Raw: request.Raw, Coalesce: request.Coalesce, Batch: request.Batch, AsOf: asOf, Anew: request.After != ""})
	if err != nil {
		s.setListening(request.Listen, had)
		return err
	}
	answer := shared.Listening{Channel: request.Listen, Protocol: shared.ProtocolVersion}
	if request.After != "" {
		answer.Recovered = &recovered
	}
	feed, logged := s.feed(request.Listen)
	if !fresh || !logged {
		s.send(shared.KindListening, answer)
		return nil
	}
	if !recovered {
		// What is published from now on comes after this, or is noted as missed.
		after = s.events.config.Hub.Head()
	}
	answer.Cursor = after.Cursor()
	s.send(shared.KindListening, answer)
	if !subscription.Begin(after) {
		s.help(func() { s.catchUp(feed, subscription, after) })
	}
	return nil
}

// feed returns what is told on a channel of the log, if it is one.
func (s *session) feed(channel string) (feed event.Feed, logged bool) {
	if s.events.config.Activities == nil {
		return event.Feed{}, false
	}
	feeds := s.events.config.Feeds
	id, ofCart := shared.CartOfChannel(channel)
	switch {
	case channel == shared.ChannelCartActivity:
		return feeds.Watchers, true
	case channel == shared.ChannelMyCart:
		return feeds.OfShopper(s.who.Shopper.ID), true
	case ofCart:
		return feeds.OfCart(id), true
	}
	return event.Feed{}, false
}

// mayHear says why a visitor may not hear a channel, as a *shared.Problem. Where the
// right to it is a cart's to give, it tells which version of the cart gave it.
func (s *session) mayHear(ctx context.Context, request shared.Request) (asOf int64, err error) {
	id, ofCart := shared.CartOfChannel(request.Listen)
	ofShopper := request.Listen == shared.ChannelMyCart
	switch {
	case (ofShopper || ofCart) && s.events.config.Activities == nil:
		return 0, nil // the hub has no such channel, and says so
	case (ofShopper || ofCart) && request.Raw:
		return 0, &shared.Problem{Code: shared.CodeInvalid, Field: "raw", Detail: "This channel has no raw form."}
	case ofShopper && s.who.Unsure:
		const reason = "Whose cart is yours could not be found out when you connected. Come back."
		s.end(wire.TryAgainLater, reason)
		return 0, &shared.Problem{Code: shared.CodeUnavailable, Detail: reason}
	case ofShopper && !s.who.isShopper():
		return 0, &shared.Problem{Code: shared.CodeForbidden, Detail: "You have no cart here: this needs a shopper's session."}
	case !ofShopper && !s.who.isStaff():
		return 0, &shared.Problem{Code: shared.CodeForbidden, Detail: "Only staff may listen to this. Sign in first."}
	case ofCart:
		return s.attends(ctx, id)
	}
	return 0, nil
}

// attends says why one of the staff may not hear a cart. That the right to it may end
// at any time, each of the cart's events takes care of: see Expelled.
func (s *session) attends(ctx context.Context, id string) (asOf int64, err error) {
	attends, asOf, err := s.events.config.Attends(ctx, s.who.Staff.Username, id)
	if err != nil {
		s.log().Warn("events attendance can't be looked up", "error", err)
		return 0, &shared.Problem{Code: shared.CodeUnavailable, Detail: "Whether you attend this cart can't be found out at the moment. Try again."}
	}
	if !attends {
		return 0, &shared.Problem{Code: shared.CodeNotAttached, Field: "channel", Detail: "You don't attend this cart."}
	}
	return asOf, nil
}

// recover says whether everything after the client's cursor can still be told.
func (s *session) recover(ctx context.Context, request shared.Request) (after cart.Position, recovered bool, err error) {
	if _, logged := s.feed(request.Listen); request.After == "" || !logged {
		return cart.Position{}, false, nil
	}
	after, err = cart.ParseCursor(request.After)
	if err != nil {
		return cart.Position{}, false, &shared.Problem{Code: shared.CodeInvalid, Field: "after", Detail: "This is no cursor of ours."}
	}
	recovered, err = s.events.config.Activities.Contains(ctx, after)
	if err != nil {
		s.log().Warn("events cursor can't be looked up", "error", err)
		return cart.Position{}, false, &shared.Problem{Code: shared.CodeUnavailable, Detail: "The log can't be read at the moment. Try again."}
	}
	return after, recovered, nil
}

// subscribe has the hub tell the session of a channel.
func (s *session) subscribe(ctx context.Context, request shared.Request, how event.Manner) (subscription *event.Subscription, fresh bool, err error) {
	hub := s.events.config.Hub
	feed, logged := s.feed(request.Listen)
	if logged && feed.Topic != shared.ChannelCartActivity {
		subscription, fresh = hub.Join(s, feed.Topic, feed.Channel, how)
		return subscription, fresh, nil
	}
	return hub.Listen(ctx, s, request.Listen, how)
}

// catchUp tells the session what came after a position, until it is up to date.
func (s *session) catchUp(feed event.Feed, subscription *event.Subscription, after cart.Position) {
	config := s.events.config
	if err := config.Hub.CatchUp(s.lifetime(), config.Activities, feed, subscription, after); err != nil {
		s.log().Debug("events catching up was cut short", "error", err) // the session is at its end
	}
}

// unlisten stops hearing a channel.
func (s *session) unlisten(channel string) error {
	hub := s.events.config.Hub
	if feed, logged := s.feed(channel); logged && feed.Topic != shared.ChannelCartActivity {
		hub.Part(s, feed.Topic)
		return nil
	}
	return hub.Unlisten(s, channel)
}

// Name implements event.Reader.
func (s *session) Name() string { return s.who.Staff.Username }

// Room implements event.Roomer.
func (s *session) Room(ctx context.Context) error { return s.queue.Room(ctx) }

// Roomy implements event.Roomer.
func (s *session) Roomy() bool { return s.queue.Roomy() }

// Expelled implements event.Reader: the session hears a cart no more.
func (s *session) Expelled(topic string) {
	s.setListening(topic, false)
	s.send(shared.KindUnlistening, shared.Listening{Channel: topic})
}

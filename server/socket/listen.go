package socket

import (
	"context"

	"cartline/shared"
)

// TopicOfShopper names the topic on which a shopper's own cart is to be published.
func TopicOfShopper(id string) string { return shared.ChannelMyCart + "/" + id }

// listen begins to hear a channel, if the visitor may: shoppers their own cart, staff
// the carts that they attend, and every channel that the hub has.
func (s *session) listen(ctx context.Context, request shared.Request) error {
	hub := s.events.config.Hub
	id, ofCart := shared.CartOfChannel(request.Listen)
	ofShopper := request.Listen == shared.ChannelMyCart
	switch {
	case (ofShopper || ofCart) && request.Raw:
		return &shared.Problem{Code: shared.CodeInvalid, Field: "raw", Detail: "This channel has no raw form."}
	case ofShopper:
		if !s.who.isShopper() {
			return &shared.Problem{Code: shared.CodeForbidden, Detail: "You have no cart here: this needs a shopper's session."}
		}
		hub.Join(s, TopicOfShopper(s.who.Shopper.ID))
		return nil
	case !s.who.isStaff():
		return &shared.Problem{Code: shared.CodeForbidden, Detail: "Only staff may listen to this. Sign in first."}
	case ofCart:
		return s.attend(ctx, request.Listen, id)
	}
	return hub.Listen(ctx, s, request.Listen, request.Raw)
}

// attend begins to hear one cart. That the right to it may end at any time, each of
// the cart's events takes care of: see Expelled.
func (s *session) attend(ctx context.Context, channel, id string) error {
	attends, err := s.events.config.Attends(ctx, s.who.Staff.Username, id)
	if err != nil {
		s.log.Warn("events attendance can't be looked up", "error", err)
		return &shared.Problem{Code: shared.CodeUnavailable, Detail: "Whether you attend this cart can't be found out at the moment. Try again."}
	}
	if !attends {
		return &shared.Problem{Code: shared.CodeNotAttached, Field: "channel", Detail: "You don't attend this cart."}
	}
	s.events.config.Hub.Join(s, channel)
	return nil
}

// unlisten stops hearing a channel.
func (s *session) unlisten(channel string) error {
	hub := s.events.config.Hub
	if channel == shared.ChannelMyCart {
		hub.Part(s, TopicOfShopper(s.who.Shopper.ID))
		return nil
	}
	if _, ofCart := shared.CartOfChannel(channel); ofCart {
		hub.Part(s, channel)
		return nil
	}
	return hub.Unlisten(s, channel)
}

// Name implements event.Reader.
func (s *session) Name() string { return s.who.Staff.Username }

// Expelled implements event.Reader: the session hears a cart no more.
func (s *session) Expelled(topic string) {
	s.setListening(topic, false)
	s.send(shared.KindUnlistening, shared.Listening{Channel: topic})
}

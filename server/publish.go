package main

import (
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/socket"
	"cartline/shared"
)

// publish tells an entry of the log to everyone who may hear of it: encoded once for
// each audience, and only if it has listeners.
func (s *server) publish(entry cart.Entry) {
	ofCart := shared.ChannelOfCart(entry.CartID)
	for _, to := range []struct {
		audience       assist.Audience
		channel, topic string
	}{
		{assist.Watchers, shared.ChannelCartActivity, shared.ChannelCartActivity},
		{assist.Attendants, ofCart, ofCart},
		{assist.Shoppers, shared.ChannelMyCart, socket.TopicOfShopper(entry.Shopper)},
	} {
		if s.hub.Listeners(to.topic) == 0 {
			continue
		}
		if err := s.tell(entry, to.audience, to.channel, to.topic); err != nil {
			s.logger.Error("an activity can't be told", "cart", entry.CartID, "channel", to.channel, "error", err)
		}
	}
}

func (s *server) tell(entry cart.Entry, audience assist.Audience, channel, topic string) error {
	payload, told, err := assist.Payload(entry, audience)
	if err != nil || !told {
		return err
	}
	e, err := event.FromLog(channel, entry, payload)
	if err != nil {
		return err
	}
	e.Topic = topic
	if audience == assist.Attendants {
		// Whoever's access has ended by then doesn't get it.
		if e.Readers, err = assist.AttendantsOf(entry); err != nil {
			return err
		}
	}
	s.hub.Publish(e)
	return nil
}

// heard hands a bare notification to its listeners.
func (s *server) heard(channel, payload string) {
	e, err := event.FromNotification(channel, payload, time.Now().UTC())
	if err != nil {
		s.logger.Error("a notification can't be told", "channel", channel, "error", err)
		return
	}
	s.hub.Publish(e)
}

// Package feed is what each audience is told of the log: staff who watch, staff who
// attend a cart, and shoppers.
//
// It knows the audiences of package assist and the hub of package event, but no SQL,
// HTTP or sockets. Start with the three feeds; Publisher hands each activity to them.
package feed

import (
	"log/slog"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/shared"
)

// Watchers is what all staff who may watch are told.
func Watchers() event.Feed {
	const channel = shared.ChannelCartActivity
	scope := cart.Scope{Bare: true}
	return event.Feed{Channel: channel, Topic: channel, Scope: scope, Tell: func(entry cart.Entry) (*event.Event, error) {
		return tell(entry, assist.Watchers, channel)
	}}
}

// OfCart is what those are told who attend a cart.
func OfCart(id string) event.Feed {
	channel := shared.ChannelOfCart(id)
	return event.Feed{Channel: channel, Topic: channel, Scope: cart.Scope{CartID: id}, Tell: func(entry cart.Entry) (*event.Event, error) {
		e, err := tell(entry, assist.Attendants, channel)
		if e == nil || err != nil {
			return nil, err
		}
		// Whoever's access has ended by then doesn't get it.
		e.Readers, err = assist.AttendantsOf(entry)
		return e, err
	}}
}

// OfShopper is what a shopper is told of their own carts.
func OfShopper(id string) event.Feed {
	topic := shared.ChannelMyCart + "/" + id
	return event.Feed{Channel: shared.ChannelMyCart, Topic: topic, Scope: cart.Scope{Shopper: id}, Tell: func(entry cart.Entry) (*event.Event, error) {
		e, err := tell(entry, assist.Shoppers, shared.ChannelMyCart)
		if e != nil {
			e.Topic = topic
		}
		return e, err
	}}
}

// tell makes the event of an entry, or nil if the audience isn't told of it.
func tell(entry cart.Entry, audience assist.Audience, channel string) (*event.Event, error) {
	payload, told, err := assist.Payload(entry, audience)
	if err != nil || !told {
		return nil, err
	}
	return event.FromLog(channel, entry, payload)
}

// Publisher hands what comes in the log to everyone who hears of it. It is an
// event.Follower.
type Publisher struct {
	Hub *event.Hub
	Log *slog.Logger
}

// Reset implements event.Follower.
func (p *Publisher) Reset(head cart.Position) { p.Hub.Reset(head) }

// Publish implements event.Follower. An entry is encoded once for each audience, and
// only if that has listeners.
func (p *Publisher) Publish(entry cart.Entry) {
	p.Hub.Advance(entry.Position)
	for _, feed := range []event.Feed{Watchers(), OfCart(entry.CartID), OfShopper(entry.Shopper)} {
		if p.Hub.Listeners(feed.Topic) == 0 {
			continue
		}
		e, err := feed.Tell(entry)
		switch {
		case err != nil:
			p.Log.Error("an activity can't be told", "cart", entry.CartID, "channel", feed.Channel, "error", err)
		case e != nil:
			p.Hub.Publish(e)
		}
	}
}

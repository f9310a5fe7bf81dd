package event

import (
	"fmt"
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Event is something that happened, encoded once for everyone who hears of it.
type Event struct {
	// Channel is what subscribers are told, Topic where the event is published. They
	// differ where each subscriber hears their own.
	Channel string
	Topic   string
	// Readers names those who may read it, if that is not everyone who subscribed to
	// its topic; see Reader. Version is that of the cart that it tells of.
	Readers []string
	Version int64
	// Position is where the event stands in the log, if it does.
	Position cart.Position
	// Text is the message as most subscribers get it.
	Text []byte

	// cartID tells events of which a later one can stand for an earlier one.
	cartID  string
	message shared.Message
	payload func() string // as it was before it was encoded

	makeRaw sync.Once
	raw     []byte
	rawErr  error
}

// Raw returns the message with its payload as a string, encoded when it is first
// asked for.
func (e *Event) Raw() ([]byte, error) {
	e.makeRaw.Do(func() {
		message, err := shared.Notified(e.message.Kind, e.payload(), true, e.message.Meta)
		if err == nil {
			e.raw, err = message.Text()
		}
		e.rawErr = err
	})
	return e.raw, e.rawErr
}

// FromLog makes the event of an entry of the log, as the payload tells of it.
func FromLog(channel string, entry cart.Entry, payload []byte) (*Event, error) {
	meta := &shared.Meta{Cursor: entry.Position.Cursor(), At: entry.At}
	e, err := encode(shared.Stored(channel, payload, meta), func() string { return string(payload) })
	if err != nil {
		return nil, err
	}
	e.Position = entry.Position
	e.cartID = entry.CartID
	e.Version = entry.Version
	return e, nil
}

// FromNotification makes the event of a bare notification. It has no cursor,
// since it can't be read again.
func FromNotification(channel, payload string, at time.Time) (*Event, error) {
	message, err := shared.Notified(channel, payload, false, &shared.Meta{At: at})
	if err != nil {
		return nil, err
	}
	return encode(message, func() string { return payload })
}

// FromValue makes an event of something that this process knows itself.
func FromValue(channel string, value any, at time.Time) (*Event, error) {
	message, err := shared.NewMessage(channel, value, &shared.Meta{At: at})
	if err != nil {
		return nil, err
	}
	return encode(message, func() string { return string(message.Payload) })
}

// encode makes an event of a message, whose payload was this before.
func encode(message shared.Message, payload func() string) (*Event, error) {
	text, err := message.Text()
	if err != nil {
		return nil, fmt.Errorf("encode event on %s: %w", message.Kind, err)
	}
	return &Event{
		Channel: message.Kind,
		Topic:   message.Kind,
		Text:    text,
		message: message,
		payload: payload,
	}, nil
}

// standingFor returns the message of an event that stands for earlier ones.
func (e *Event) standingFor(replaced shared.Replaced) ([]byte, error) {
	meta := *e.message.Meta
	meta.Replaces = &replaced
	return shared.Message{Kind: e.message.Kind, Payload: e.message.Payload, Meta: &meta}.Text()
}

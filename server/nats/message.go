package nats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/shared"
)

// heading is the first line of a message of the stream, as JSON. What follows are the
// bytes of the activity and of the state, which are to arrive as they were stored.
type heading struct {
	After    string              `json:"after,omitempty"`
	Cursor   string              `json:"cursor"`
	CartID   string              `json:"cart,omitempty"`
	Version  int64               `json:"version,omitempty"`
	Kind     shared.ActivityKind `json:"kind,omitempty"`
	Shopper  string              `json:"shopper,omitempty"`
	At       time.Time           `json:"at,omitzero"`
	Activity int                 `json:"activity,omitempty"` // its length
	Bare     bool                `json:"bare,omitempty"`
	Anew     bool                `json:"anew,omitempty"`
}

// encodeLink makes a message of a link. It leaves out what would make it longer than most
// bytes, if there is a limit.
func encodeLink(link event.Link, most int64) ([]byte, error) {
	e := link.Entry
	h := heading{Cursor: e.Position.Cursor(), Bare: link.Bare, Anew: link.Anew}
	if !link.Anew {
		h.After = link.After.Cursor()
		h.CartID, h.Version, h.Kind, h.Shopper, h.At = e.CartID, e.Version, e.Kind, e.Shopper, e.At
		h.Activity = len(e.Activity)
	}
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode what follows %s: %w", h.After, err)
	}
	size := len(line) + 1 + len(e.Activity) + len(e.State)
	if most > 0 && int64(size) > most && !link.Bare {
		return encodeLink(event.Link{After: link.After, Entry: cart.Entry{Position: e.Position}, Bare: true}, most)
	}
	text := make([]byte, 0, size)
	text = append(append(text, line...), '\n')
	return append(append(text, e.Activity...), e.State...), nil
}

var errNoLink = errors.New("not a message of ours")

// decodeLink is the reverse of encodeLink.
func decodeLink(text []byte) (link event.Link, err error) {
	line, body, found := bytes.Cut(text, []byte{'\n'})
	var h heading
	if !found || json.Unmarshal(line, &h) != nil || h.Activity < 0 || h.Activity > len(body) {
		return event.Link{}, errNoLink
	}
	link = event.Link{Bare: h.Bare, Anew: h.Anew}
	link.Entry = cart.Entry{
		Activity: body[:h.Activity:h.Activity], State: body[h.Activity:],
		CartID: h.CartID, Version: h.Version, Kind: h.Kind, Shopper: h.Shopper, At: h.At.UTC(),
	}
	if link.Entry.Position, err = cart.ParseCursor(h.Cursor); err != nil {
		return event.Link{}, errNoLink
	}
	if h.Anew {
		return link, nil
	}
	if link.After, err = cart.ParseCursor(h.After); err != nil {
		return event.Link{}, errNoLink
	}
	return link, nil
}

// beat is what the elected one tells all others again and again.
type beat struct {
	// Term is greater the later it was elected.
	Term    int64  `json:"term"`
	Process string `json:"process"`
	// Cursor is how far the log is in the stream, and Sound whether it comes there soon
	// after each commit.
	Cursor string `json:"cursor,omitempty"`
	Sound  bool   `json:"sound"`
	// Listening is whether notifications are heard, on these channels, and Notified the
	// number of the last that was passed on.
	Listening bool     `json:"listening"`
	Channels  []string `json:"channels"`
	Notified  uint64   `json:"notified"`
	// Left: it is not the elected one any more.
	Left bool `json:"left,omitempty"`
}

// notice is a notification on its way. Of one term, their numbers are without gap unless
// something was lost.
type notice struct {
	Term    int64  `json:"term"`
	Number  uint64 `json:"number"`
	Channel string `json:"channel"`
	Payload string `json:"payload"`
}

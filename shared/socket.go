package shared

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// MaxRequest is the size in bytes of the largest message that a client of the
// events endpoint may send.
const MaxRequest = 4096

// MaxChannelName is the length in bytes of the longest channel name, which is
// that of a PostgreSQL identifier.
const MaxChannelName = 63

// MaxPing is the length in bytes of the longest text that a ping carries, and
// MaxCursor that of the longest cursor.
const (
	MaxPing   = 64
	MaxCursor = 128
)

// Request is what a client of the events endpoint sends: to begin listening to
// a channel, to stop, or to see whether the connection still stands. Exactly one
// of Listen, Unlisten and Ping is set.
type Request struct {
	Listen   string `json:"listen,omitempty"`
	Unlisten string `json:"unlisten,omitempty"`
	// Ping is answered with KindPong and the same text. Browsers keep a WebSocket's
	// own pings from pages.
	Ping string `json:"ping,omitempty"`
	// Raw asks for every payload as the string that was notified, as the second
	// article's gateway sent it, in place of decoded JSON. It goes with Listen.
	Raw bool `json:"raw,omitempty"`
	// After asks for what came after a cursor, before what comes from now on. It
	// goes with Listen.
	After string `json:"after,omitempty"`
	// Coalesce asks, in case this client falls behind, for the newest event of each
	// cart in place of all of them; see Meta.Replaces. It goes with Listen.
	Coalesce bool `json:"coalesce,omitempty"`
	// Batch allows that several events come in one message, of KindBatch, when more than
	// one is due. It goes with Listen.
	Batch bool `json:"batch,omitempty"`
}

// ParseRequest decodes a client's message. Fields that it doesn't know are
// refused rather than ignored, so that a client never believes that it was given
// something that this server doesn't offer.
func ParseRequest(message []byte) (Request, error) {
	return Decode[Request](message)
}

// Validate reports the first thing that is wrong with a request.
func (r Request) Validate() error {
	asked := 0
	for _, one := range []string{r.Listen, r.Unlisten, r.Ping} {
		if one != "" {
			asked++
		}
	}
	switch {
	case asked == 0:
		return invalid("listen", `Say which channel, like {"listen":"cart_activity"}.`)
	case asked > 1:
		return invalid("listen", "Listen, unlisten or ping, one at a time.")
	case len(r.Ping) > MaxPing:
		return invalid("ping", fmt.Sprintf("A ping has at most %d bytes.", MaxPing))
	case len(r.Listen) > MaxChannelName:
		return invalid("listen", fmt.Sprintf("A channel's name has at most %d bytes.", MaxChannelName))
	case len(r.Unlisten) > MaxChannelName:
		return invalid("unlisten", fmt.Sprintf("A channel's name has at most %d bytes.", MaxChannelName))
	case r.Raw && r.Listen == "":
		return invalid("raw", "raw goes with listen.")
	case r.After != "" && r.Listen == "":
		return invalid("after", "after goes with listen.")
	case len(r.After) > MaxCursor:
		return invalid("after", fmt.Sprintf("A cursor has at most %d bytes.", MaxCursor))
	case r.Coalesce && r.Listen == "":
		return invalid("coalesce", "coalesce goes with listen.")
	case r.Batch && r.Listen == "":
		return invalid("batch", "batch goes with listen.")
	}
	return nil
}

// The kinds of control messages, which stand where an event has its channel. No
// channel may bear one of these names.
const (
	KindListening   = "listening"
	KindUnlistening = "unlistening"
	KindError       = "error"
	KindPong        = "pong"
	KindGap         = "gap"
	KindBatch       = "batch" // its payload is an array of messages; see Message.Batch
)

// ReservedChannel says whether a name can't be a channel's because a kind of
// message, or a shopper's own cart, has it.
func ReservedChannel(name string) bool {
	switch name {
	case KindListening, KindUnlistening, KindError, KindPong, KindGap, KindBatch, ChannelMyCart:
		return true
	}
	return false
}

// ChannelGateway carries GatewayStatus whenever connections or subscriptions
// have changed. It is made by the gateway itself and has no PostgreSQL channel.
const ChannelGateway = "gateway"

// Listening is the payload of KindListening and KindUnlistening, the answer to
// a Request.
type Listening struct {
	Channel string `json:"channel"`
	// Recovered answers Request.After: true says that everything after the cursor
	// follows, false that it can't be told any more, so that the client must load
	// afresh what it knows. It is nil if nothing was asked.
	Recovered *bool `json:"recovered,omitempty"`
	// Cursor is where the log stands: everything after it will arrive. With
	// Recovered true it is the client's own. A channel that has none, or whose
	// events have none, can't be read again.
	Cursor string `json:"cursor,omitempty"`
	// Protocol is the server's ProtocolVersion, in every answer to listen.
	Protocol int `json:"protocol,omitempty"`
}

// ProtocolVersion numbers what docs/protocol.md tells. It grows when something that a
// client could rely on changes or goes, and not when something is added.
const ProtocolVersion = 1

// Loss says what may have been missed.
type Loss string

// What may have been missed.
const (
	// LostNotifications: bare notifications, while the gateway wasn't connected to
	// the database. What has a cursor is not concerned.
	LostNotifications Loss = "notifications"
	// LostActivities: the log itself was replaced or cut short. Load afresh.
	LostActivities Loss = "activities"
)

// Gap is the payload of KindGap: something may have happened on the channel of
// which this client won't hear.
type Gap struct {
	Channel string `json:"channel"`
	Lost    Loss   `json:"lost"`
}

// Message is what the server sends: an event, whose Kind is its channel, or a
// control message. On the wire it is the array [kind, payload] or
// [kind, payload, meta]. A client that looks at the first two elements only, as
// the second article's does, misses nothing that it needs.
type Message struct {
	Kind    string
	Payload json.RawMessage
	Meta    *Meta
	compact bool // the payload is believed to be JSON without needless space
}

// Meta tells where an event comes from.
type Meta struct {
	// Cursor is the event's position in the log, opaque to clients. An event
	// without it, a bare NOTIFY, can't be read again.
	Cursor string `json:"cursor,omitempty"`
	// At is when the change was committed, or when the notification arrived.
	At time.Time `json:"at"`
	// Replaces tells which earlier events of the same cart this one stands for, in a
	// channel that was listened to with Request.Coalesce.
	Replaces *Replaced `json:"replaces,omitempty"`
}

// Replaced is the events of one cart that a later one stands for: Count of them, the
// first of which had the cursor From.
type Replaced struct {
	From  string `json:"from"`
	Count int    `json:"count"`
}

// NewMessage makes a message with a payload that it encodes.
func NewMessage(kind string, payload any, meta *Meta) (Message, error) {
	encoded, err := plainJSON(payload)
	if err != nil {
		return Message{}, fmt.Errorf("encode %s: %w", kind, err)
	}
	return Message{Kind: kind, Payload: encoded, Meta: meta}, nil
}

// Stored makes a message of a payload that encoding/json made before, and that only this
// program can have written. One that looks like an object is taken at its word: to read
// all of it again takes longer than everything else that is done with it.
func Stored(kind string, payload []byte, meta *Meta) Message {
	compact := len(payload) >= 2 && payload[0] == '{' && payload[len(payload)-1] == '}'
	return Message{Kind: kind, Payload: payload, Meta: meta, compact: compact}
}

// plainJSON encodes without turning <, > and & into \u003c and the like, which
// encoding/json does for the sake of HTML, and which people read in logs.
func plainJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Notified makes a message of a bare notification: a payload that is a JSON
// object or array is passed as such, anything else as a string, as is everything
// if raw is set. Bytes that are not UTF-8 become U+FFFD, since a text message
// can't carry them (RFC 6455, section 5.6).
func Notified(channel string, payload string, raw bool, meta *Meta) (Message, error) {
	trimmed := bytes.TrimLeft([]byte(payload), " \t\r\n")
	structured := len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
	if !raw && structured && utf8.ValidString(payload) && json.Valid([]byte(payload)) {
		return Message{Kind: channel, Payload: json.RawMessage(payload), Meta: meta}, nil
	}
	return NewMessage(channel, payload, meta)
}

// Text encodes the message as its array. It is made by hand, as each event is encoded
// on its way, and reflection takes more than twice as long.
func (m Message) Text() ([]byte, error) {
	if m.Kind == "" || len(m.Payload) == 0 {
		return nil, errors.New("a message needs a kind and a payload")
	}
	const around = 160 // the longest cursor, a time, and what is between them
	text := bytes.NewBuffer(make([]byte, 0, len(m.Kind)+len(m.Payload)+around))
	text.WriteByte('[')
	if standsAsIs(m.Kind) {
		text.WriteByte('"')
		text.WriteString(m.Kind)
		text.WriteByte('"')
	} else {
		kind, err := plainJSON(m.Kind)
		if err != nil {
			return nil, err
		}
		text.Write(kind)
	}
	text.WriteByte(',')
	if m.compact {
		text.Write(m.Payload)
	} else if err := json.Compact(text, m.Payload); err != nil {
		return nil, fmt.Errorf("payload of %s: %w", m.Kind, err)
	}
	if m.Meta != nil {
		text.WriteByte(',')
		if err := m.Meta.write(text); err != nil {
			return nil, err
		}
	}
	text.WriteByte(']')
	return text.Bytes(), nil
}

// write encodes as encoding/json does.
func (m *Meta) write(text *bytes.Buffer) error {
	if m.Replaces != nil || !standsAsIs(m.Cursor) || m.At.Year() < 0 || m.At.Year() > 9999 {
		meta, err := plainJSON(m)
		text.Write(meta)
		return err
	}
	text.WriteByte('{')
	if m.Cursor != "" {
		text.WriteString(`"cursor":"`)
		text.WriteString(m.Cursor)
		text.WriteString(`",`)
	}
	text.WriteString(`"at":"`)
	text.Write(m.At.AppendFormat(text.AvailableBuffer(), time.RFC3339Nano))
	text.WriteString(`"}`)
	return nil
}

// standsAsIs says whether a string stands in JSON as it is.
func standsAsIs(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// ParseMessage decodes what the server sent. Elements after the third are
// ignored, as a later version may add some.
func ParseMessage(text []byte) (Message, error) {
	m, err := parseMessage(text)
	if err != nil {
		return Message{}, fmt.Errorf("not a message of this protocol: %w", err)
	}
	return m, nil
}

func parseMessage(text []byte) (m Message, err error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(text, &elements); err != nil {
		return Message{}, err
	}
	if len(elements) < 2 {
		return Message{}, fmt.Errorf("a message has two elements or more, not %d", len(elements))
	}
	if err := json.Unmarshal(elements[0], &m.Kind); err != nil || m.Kind == "" {
		return Message{}, errors.New("a message's first element is its kind, a string")
	}
	m.Payload = elements[1]
	if len(elements) > 2 {
		if err := json.Unmarshal(elements[2], &m.Meta); err != nil {
			return Message{}, fmt.Errorf("a message's third element: %w", err)
		}
	}
	return m, nil
}

// MaxBatch is how many bytes the messages of one batch have at most, unless one alone has
// more.
const MaxBatch = 64 << 10

// Batch returns the texts of the messages that one of KindBatch carries, in order. There
// is no batch within a batch.
func (m Message) Batch() ([]json.RawMessage, error) {
	var texts []json.RawMessage
	if err := m.Into(&texts); err != nil {
		return nil, err
	}
	return texts, nil
}

// Into decodes the payload.
func (m Message) Into(target any) error {
	if err := json.Unmarshal(m.Payload, target); err != nil {
		return fmt.Errorf("payload of %s: %w", m.Kind, err)
	}
	return nil
}

// Text encodes the request, after checking it.
func (r Request) Text() (string, error) {
	if err := r.Validate(); err != nil {
		return "", err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode request: %w", err)
	}
	return string(text), nil
}

package live

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/coder/websocket"

	"cartline/shared"
)

// DefaultReadLimit is the size in bytes of the largest message that Read takes
// unless Options say otherwise.
const DefaultReadLimit = 16 << 20

// Options are what Dial can be told. The zero value is ready to use.
type Options struct {
	// Subprotocols are offered to the server in this order. Default: none.
	Subprotocols []string
	// Header is sent with the handshake. Browsers allow no header but their
	// own, so it is ignored there. Default: none, which also means no Origin.
	Header map[string][]string
	// ReadLimit is the size in bytes of the largest message that Read takes;
	// a larger one ends the connection with code 1009. Default:
	// DefaultReadLimit. -1 takes any size, so the server decides how much
	// memory is used.
	ReadLimit int64
}

// Message is one data message.
type Message struct {
	Binary bool
	Data   []byte
}

// CloseError is how a connection ended. Code 1006 means that there was no
// closing handshake.
type CloseError struct {
	Code   int
	Reason string
}

// Error tells the code, its name, and the reason if one was given.
func (e *CloseError) Error() string {
	text := fmt.Sprintf("closed with code %d (%s)", e.Code, shared.CloseCodeName(e.Code))
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Conn is an open connection. Read is for one goroutine at a time; everything
// else is safe for use by several.
type Conn struct {
	ws *websocket.Conn
	// buffered counts what waits to be sent. It is nil where a write waits instead.
	buffered func() int
	// ended is how the connection ended, once that is known. The engine tells it
	// once and then no more, and in browsers not at all: see dial there.
	ended atomic.Pointer[CloseError]
}

// Dial opens a connection. The context bounds the opening only. In a browser the
// error does not tell why: browsers hide that from pages.
func Dial(ctx context.Context, url string, options Options) (*Conn, error) {
	conn, err := dial(ctx, url, options)
	if err != nil {
		return nil, err
	}
	limit := options.ReadLimit
	if limit == 0 {
		limit = DefaultReadLimit
	}
	conn.ws.SetReadLimit(limit)
	return conn, nil
}

// Subprotocol returns what the server chose, or "".
func (c *Conn) Subprotocol() string { return c.ws.Subprotocol() }

// Buffered returns how many bytes were written and wait in the browser to be sent.
// Elsewhere a write waits for the network, so it is 0.
func (c *Conn) Buffered() int {
	if c.buffered == nil {
		return 0
	}
	return c.buffered()
}

// Read waits for the next message. Its error is a *CloseError, except when the
// context ended, which also ends the connection.
func (c *Conn) Read(ctx context.Context) (Message, error) {
	kind, data, err := c.read(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return Message{}, ctx.Err()
		}
		return Message{}, c.closeError(err)
	}
	return Message{Binary: kind == websocket.MessageBinary, Data: data}, nil
}

// WriteText sends a text message. If the context ends while the message is being
// sent, so does the connection.
func (c *Conn) WriteText(ctx context.Context, text string) error {
	return c.write(ctx, websocket.MessageText, []byte(text))
}

// WriteBinary sends a binary message, under the same terms.
func (c *Conn) WriteBinary(ctx context.Context, data []byte) error {
	return c.write(ctx, websocket.MessageBinary, data)
}

func (c *Conn) write(ctx context.Context, kind websocket.MessageType, data []byte) error {
	if err := c.ws.Write(ctx, kind, data); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.closeError(err)
	}
	return nil
}

// closeError finds how the connection ended: in what the engine says, or in what
// was noted before.
func (c *Conn) closeError(err error) *CloseError {
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		c.ended.CompareAndSwap(nil, &CloseError{Code: int(closed.Code), Reason: closed.Reason})
	} else if errors.Is(err, websocket.ErrMessageTooBig) {
		c.ended.CompareAndSwap(nil, &CloseError{Code: int(websocket.StatusMessageTooBig), Reason: "the message is larger than we take"})
	}
	if known := c.ended.Load(); known != nil {
		return known
	}
	return &CloseError{Code: int(websocket.StatusAbnormalClosure)}
}

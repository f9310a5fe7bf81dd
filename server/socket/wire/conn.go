package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"
)

// Type tells text messages from binary ones (RFC 6455 section 5.6).
type Type byte

// The types of messages; the values are the opcodes.
const (
	Text   Type = opText
	Binary Type = opBinary
)

// Conn is an accepted WebSocket connection.
//
// One goroutine must always be reading ([Conn.Next] and [Conn.Append], or
// [Conn.Read]), for pings and close frames are answered while reading. All other
// methods may be called from any goroutine at any time.
//
// A Conn ends when reading returns an error, when [Conn.Write] fails in the
// network, or by [Conn.Close] and [Conn.CloseNow]. Once reading has returned an
// error the TCP connection is closed and nothing is left to release; otherwise
// the owner must call Close or CloseNow.
type Conn struct {
	ws         *websocket.Conn
	t          *transport
	maxMessage int

	body io.Reader // rest of the message that Next announced; reading goroutine only

	peerClose atomic.Pointer[websocket.CloseError] // close frame received by the engine
	cutFor    atomic.Pointer[string]               // why Cut was called
	finished  sync.Once
}

// Next waits for the next message and returns its type once its first frame
// header has arrived. No buffer is needed while nothing arrives: take one
// afterwards and call [Conn.Append], which must follow.
//
// On error the connection has ended, [Conn.End] tells how.
func (c *Conn) Next() (Type, error) {
	typ, body, err := c.ws.Reader(context.Background())
	if err != nil {
		return 0, c.fail(err)
	}
	c.body = body
	return Type(typ), nil
}

// Append reads the message that [Conn.Next] announced, appends it to buf and
// returns the extended buffer, also on error. It grows buf only as bytes arrive,
// never on the word of a frame header.
func (c *Conn) Append(buf []byte) ([]byte, error) {
	body := c.body
	if body == nil {
		return buf, errors.New("wire: Append without Next")
	}
	c.body = nil
	start := len(buf)
	for {
		if len(buf) == cap(buf) {
			// Doubling, but not past the limit; one byte more to find the end.
			got := len(buf) - start
			buf = slices.Grow(buf, min(max(readBufferSize, got), c.maxMessage+1-got))
		}
		n, err := body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, c.fail(err)
		}
	}
}

// Read waits for the next message and reads it into buf, which it overwrites and
// grows as needed.
//
// On error the connection has ended, [Conn.End] tells how.
func (c *Conn) Read(buf []byte) (Type, []byte, error) {
	typ, err := c.Next()
	if err != nil {
		return 0, buf[:0], err
	}
	buf, err = c.Append(buf[:0])
	return typ, buf, err
}

// Write sends one message in one frame. Text must be valid UTF-8; it is not
// checked. p is not kept.
//
// After an error nothing more can be sent: it wraps [net.ErrClosed] when the
// connection is closed or closing, and [os.ErrDeadlineExceeded] when the peer did
// not read in time; then the connection is beyond repair, and the reader is woken
// with an error.
func (c *Conn) Write(typ Type, p []byte) error {
	if err := c.t.writeFrame(byte(typ), p); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}

// Subprotocol returns the agreed sub-protocol, empty for none.
func (c *Conn) Subprotocol() string { return c.ws.Subprotocol() }

// RemoteAddr returns the network address of the other end of the TCP connection,
// which may be a proxy.
func (c *Conn) RemoteAddr() net.Addr { return c.t.RemoteAddr() }

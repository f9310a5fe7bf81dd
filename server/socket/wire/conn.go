package wire

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
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
	t        *transport
	protocol string

	// These belong to the reading goroutine.
	frames    decoder
	announced bool // Next has returned, and Append has not

	peerClose atomic.Pointer[closeInfo] // the peer's close frame
	cutFor    atomic.Pointer[string]    // why Cut was called
	finished  sync.Once
}

func newConn(conn net.Conn, early []byte, o Options) *Conn {
	// There are many connections, and each object on the heap costs something.
	both := new(struct {
		Conn
		transport
	})
	c := &both.Conn
	c.t = &both.transport
	c.t.init(conn, early, o)
	c.frames.limit, c.frames.anyText = int64(o.MaxMessage), o.anyText
	return c
}

// Next waits for the next message and returns its type once its first frame
// header has arrived. No buffer is needed while nothing arrives: take one
// afterwards and call [Conn.Append], which must follow, or [Conn.SendBack].
//
// On error the connection has ended, [Conn.End] tells how.
func (c *Conn) Next() (Type, error) {
	if c.announced {
		return 0, errors.New("wire: Next without Append")
	}
	if err := c.nextFrame(); err != nil {
		return 0, c.fail(err)
	}
	c.announced = true
	return Type(c.frames.kind), nil
}

// Append reads the message that [Conn.Next] announced, appends it to buf and
// returns the extended buffer, also on error. It grows buf only as bytes arrive,
// never on the word of a frame header.
func (c *Conn) Append(buf []byte) ([]byte, error) {
	if !c.announced {
		return buf, errors.New("wire: Append without Next")
	}
	c.announced = false
	buf, err := c.appendMessage(buf, len(buf))
	if err != nil {
		return buf, c.fail(err)
	}
	if c.t.next == c.t.end {
		c.t.release() // Others may need it while this message is answered.
	}
	return buf, nil
}

// appendMessage appends the rest of a message that begins at start.
func (c *Conn) appendMessage(buf []byte, start int) ([]byte, error) {
	for {
		part := c.t.input()
		n, f := c.frames.payload(part)
		c.t.next += n
		buf = append(buf, part[:n]...)
		if f != nil {
			return buf, f
		}
		var err error
		switch {
		case c.frames.whole():
			return buf, nil
		case c.frames.left == 0:
			err = c.nextFrame()
		case len(buf)-start >= inputSize/2:
			buf, err = c.appendDirectly(buf, start)
		default:
			err = c.t.fill()
		}
		if err != nil {
			return buf, err
		}
	}
}

// appendDirectly reads what has come of a long frame right into buf, which it has grow by
// no more than the message has already.
func (c *Conn) appendDirectly(buf []byte, start int) ([]byte, error) {
	if len(buf) == cap(buf) {
		buf = slices.Grow(buf, int(min(c.frames.left, int64(len(buf)-start))))
	}
	room := buf[len(buf):cap(buf)]
	n, err := c.t.read(room[:min(int64(len(room)), c.frames.left)])
	if err != nil {
		return buf, err
	}
	buf = buf[:len(buf)+n]
	if _, f := c.frames.payload(buf[len(buf)-n:]); f != nil {
		return buf, f
	}
	return buf, nil
}

// SendBack sends the message that [Conn.Next] announced back as it came, if all of it has
// come in one piece: then it needs no other buffer and no copy. Otherwise it does nothing
// and returns false, and [Conn.Append] must follow. Errors are those of Append and of
// [Conn.Write].
func (c *Conn) SendBack() (size int, done bool, err error) {
	t, message := c.t, c.t.input()
	size = int(min(c.frames.left, int64(len(message))))
	var header [maxHeader]byte
	n := putHeader(header[:], c.frames.opcode, size)
	// The peer's header is longer than ours by its masking key, so there is room for
	// ours in front; unless it came in pieces.
	if !c.announced || !c.frames.fin || int64(size) < c.frames.left || t.next < n {
		return 0, false, nil
	}
	c.announced = false
	if _, f := c.frames.payload(message); f != nil {
		return 0, false, c.fail(f)
	}
	frame := t.room[t.next-n : t.next+size]
	copy(frame, header[:n])
	t.next += size
	if err := t.writeFrames(frame); err != nil {
		return 0, false, fmt.Errorf("wire: write: %w", err)
	}
	return size, true, nil
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
func (c *Conn) Subprotocol() string { return c.protocol }

// RemoteAddr returns the network address of the other end of the TCP connection,
// which may be a proxy.
func (c *Conn) RemoteAddr() net.Addr { return c.t.RemoteAddr() }

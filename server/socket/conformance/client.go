package conformance

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"
)

// EndWithin is how soon after the closing handshake the server must have closed
// the TCP connection, on a busy machine.
const EndWithin = 10 * time.Second

// noStatus is reported for a close frame without a code (RFC 6455 section 7.1.5).
const noStatus = 1005

// Dialer says where the echo server is.
type Dialer struct {
	Address  string      // host:port
	Path     string      // "/echo" if empty
	Greeting string      // text message that the server begins with; empty for none
	Header   http.Header // additional headers of the handshake
	TLS      *tls.Config // for wss; nil for ws

	// Connect makes the connection, in place of one to Address.
	Connect func(context.Context) (net.Conn, error)
}

// Client is one WebSocket connection. The first thing that is not as it should be
// becomes [Client.Err], and all later calls do nothing; so a script of calls can
// be written without looking at errors in between. Not safe for concurrent use.
type Client struct {
	conn     net.Conn
	r        *bufio.Reader
	deadline time.Time // of the whole
	err      error
}

// Dial connects, does the opening handshake (RFC 6455 section 4.1) and takes the
// greeting. All later calls fail when ctx's deadline has passed. The caller must
// call [Client.Drop] in the end.
func (d Dialer) Dial(ctx context.Context) (*Client, error) {
	return d.DialWith(ctx, nil)
}

// DialWith is Dial, with early sent right behind the request, before the server
// has answered.
func (d Dialer) DialWith(ctx context.Context, early []byte) (*Client, error) {
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}
	if deadline, ok := ctx.Deadline(); ok {
		c.deadline = deadline
		c.check(conn.SetDeadline(deadline))
	}
	c.handshake(d, early)
	if d.Greeting != "" {
		c.Expect(Text, []byte(d.Greeting))
	}
	if c.err != nil {
		c.Drop()
		return nil, c.err
	}
	return c, nil
}

func (d Dialer) dial(ctx context.Context) (net.Conn, error) {
	if d.Connect != nil {
		return d.Connect(ctx)
	}
	if d.TLS != nil {
		return (&tls.Dialer{Config: d.TLS}).DialContext(ctx, "tcp", d.Address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", d.Address)
}

func (c *Client) handshake(d Dialer, early []byte) {
	nonce := make([]byte, 16)
	_, err := rand.Read(nonce)
	c.check(err)
	key := base64.StdEncoding.EncodeToString(nonce)
	path := d.Path
	if path == "" {
		path = "/echo"
	}
	request := bytes.NewBufferString("GET " + path + " HTTP/1.1\r\nHost: " + d.Address +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n")
	c.check(d.Header.Write(request))
	request.WriteString("\r\n")
	request.Write(early)
	c.Send(request.Bytes())
	if c.err != nil {
		return
	}
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.fail("handshake: %v", err)
		return
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if got, want := response.Header.Get("Sec-WebSocket-Accept"), base64.StdEncoding.EncodeToString(sum[:]); response.StatusCode != http.StatusSwitchingProtocols || got != want {
		c.fail("handshake: got status %d, Sec-WebSocket-Accept %q, want 101, %q", response.StatusCode, got, want)
	}
}

// Conn returns the connection, for a test that goes on by itself. What the server
// had sent beyond the greeting may be lost.
func (c *Client) Conn() net.Conn { return c.conn }

// Err returns what went wrong first.
func (c *Client) Err() error { return c.err }

// Drop closes the TCP connection without a closing handshake.
func (c *Client) Drop() {
	_ = c.conn.Close() // The connection is over in any case.
}

// Reset ends the TCP connection with a reset.
func (c *Client) Reset() {
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		c.check(tcp.SetLinger(0))
	}
	c.Drop()
}

func (c *Client) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *Client) check(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Send sends bytes in one write.
func (c *Client) Send(b []byte) {
	if c.err == nil {
		_, err := c.conn.Write(b)
		c.check(err)
	}
}

// SendChopped sends bytes in writes of n. TCP has no boundaries, but without
// delay on the sending side most of them reach the server one by one.
func (c *Client) SendChopped(n int, b []byte) {
	for chop := range slices.Chunk(b, n) {
		c.Send(chop)
	}
}

// SendFrames sends frames in one write.
func (c *Client) SendFrames(frames ...Frame) { c.Send(Join(frames...)) }

// SendEach sends frames in a write each.
func (c *Client) SendEach(frames ...Frame) {
	for _, f := range frames {
		c.Send(f.Bytes())
	}
}

// received is a frame from the server.
type received struct {
	opcode  byte
	fin     bool
	payload []byte
}

// frame reads the next frame and checks what no server may get wrong.
func (c *Client) frame() (f received) {
	if c.err != nil {
		return f
	}
	var head [10]byte
	if _, err := io.ReadFull(c.r, head[:2]); err != nil {
		c.fail("waiting for a frame: %w", err)
		return f
	}
	f.opcode, f.fin = head[0]&0x0F, head[0]&0x80 != 0
	length, least := uint64(head[1]&0x7F), uint64(0)
	var err error
	switch length {
	case 126:
		_, err = io.ReadFull(c.r, head[2:4])
		length, least = uint64(binary.BigEndian.Uint16(head[2:])), 126
	case 127:
		_, err = io.ReadFull(c.r, head[2:10])
		length, least = binary.BigEndian.Uint64(head[2:]), 0x10000
	}
	switch {
	case err != nil:
		c.fail("in a frame header: %w", err)
	case head[0]&0x70 != 0:
		c.fail("frame with reserved bits: % x", head[:2])
	case head[1]&0x80 != 0:
		c.fail("masked frame from the server: % x", head[:2])
	case length < least || length > 1<<30:
		c.fail("frame with a payload length of %d in the form for %d and more", length, least)
	case f.opcode >= Close && (!f.fin || length > 125):
		c.fail("control frame fragmented or too big: % x", head[:2])
	}
	if c.err != nil {
		return f
	}
	f.payload = make([]byte, length)
	if _, err := io.ReadFull(c.r, f.payload); err != nil {
		c.fail("in a frame payload: %w", err)
	}
	return f
}

// next reads the next message or control frame.
func (c *Client) next() received {
	m := c.frame()
	if m.opcode >= Close {
		return m
	}
	for c.err == nil && !m.fin {
		f := c.frame()
		if f.opcode != Continuation {
			c.fail("got frame with opcode %d within a fragmented message", f.opcode)
		}
		m.payload, m.fin = append(m.payload, f.payload...), f.fin
	}
	return m
}

// Next reads the next message or control frame.
func (c *Client) Next() (opcode byte, payload []byte) {
	m := c.next()
	return m.opcode, m.payload
}

// NextFrame reads the next frame, which may be part of a message.
func (c *Client) NextFrame() (opcode byte, fin bool, payload []byte) {
	f := c.frame()
	return f.opcode, f.fin, f.payload
}

// Expect reads the next message or control frame, which must be this one.
func (c *Client) Expect(opcode byte, payload []byte) {
	m := c.next()
	if c.err == nil && (m.opcode != opcode || !bytes.Equal(m.payload, payload)) {
		c.fail("got opcode %d with %s, want opcode %d with %s", m.opcode, show(m.payload), opcode, show(payload))
	}
}

// show abbreviates a payload for an error.
func show(b []byte) string {
	if len(b) > 64 {
		return fmt.Sprintf("%d bytes %q…", len(b), b[:64])
	}
	return fmt.Sprintf("%q", b)
}

// ExpectQuiet checks that nothing arrives for a moment. What is wrong but late
// goes unnoticed; where something legal can prove the same, prefer that.
func (c *Client) ExpectQuiet(moment time.Duration) {
	if c.err != nil {
		return
	}
	c.check(c.conn.SetReadDeadline(time.Now().Add(moment)))
	_, err := c.r.Peek(1)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.fail("want nothing yet, got a byte or error %v", err)
	}
	c.check(c.conn.SetReadDeadline(c.deadline))
}

// Finish does a closing handshake begun by the client: the server must answer
// with the same code, send nothing else, and end the TCP connection.
func (c *Client) Finish() { c.FinishWith(ClosePayload(1000, "")) }

// FinishWith is Finish with another payload of the close frame.
func (c *Client) FinishWith(payload []byte) {
	c.SendFrames(Frame{Opcode: Close, Payload: payload})
	c.ExpectClose(closeCode(payload))
}

// closeCode returns the code of a close frame.
func closeCode(payload []byte) int {
	if len(payload) < 2 {
		return noStatus
	}
	return int(binary.BigEndian.Uint16(payload))
}

// ExpectClose reads the server's close frame, which must be next and carry the
// code, and then the orderly end of the TCP connection: not a reset, and soon.
// 1005 stands for a close frame without a code.
func (c *Client) ExpectClose(code int) (reason string) {
	m := c.next()
	if c.err != nil {
		return ""
	}
	if m.opcode != Close {
		c.fail("got opcode %d with %s, want a close frame", m.opcode, show(m.payload))
		return ""
	}
	if got := closeCode(m.payload); got != code {
		c.fail("got close code %d, want %d", got, code)
	}
	if len(m.payload) > 2 {
		reason = string(m.payload[2:])
	}
	c.ExpectEnd()
	return reason
}

// ExpectEnd waits for the orderly end of the TCP connection, and then closes it on
// this side too.
func (c *Client) ExpectEnd() {
	c.ExpectHalfClose()
	if c.err == nil {
		c.Drop()
	}
}

// ExpectHalfClose waits for the orderly end of what the server sends.
func (c *Client) ExpectHalfClose() {
	if c.err != nil {
		return
	}
	c.check(c.conn.SetReadDeadline(time.Now().Add(EndWithin)))
	switch n, err := io.Copy(io.Discard, c.r); {
	case err != nil:
		c.fail("want the end of the TCP connection: %w", err)
	case n > 0:
		c.fail("got %d bytes after the close frame", n)
	}
}

// ExpectReset waits for a TCP reset, which a server sends that gives up on us.
func (c *Client) ExpectReset() {
	if c.err != nil {
		return
	}
	if _, err := c.r.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
		c.fail("got error %v, want a TCP reset", err)
	}
}

// ExpectFailure is ExpectClose for a connection that the server fails: it answers
// the close frame, as a decent client would (RFC 6455 section 5.5.1).
func (c *Client) ExpectFailure(code int) {
	m := c.next()
	if c.err != nil {
		return
	}
	if m.opcode != Close {
		c.fail("got opcode %d with %s, want a close frame", m.opcode, show(m.payload))
		return
	}
	if got := closeCode(m.payload); got != code {
		c.fail("got close code %d (%q), want %d", got, m.payload[min(2, len(m.payload)):], code)
	}
	// A server may have closed by now; that is seen below.
	_, _ = c.conn.Write(Frame{Opcode: Close, Payload: m.payload}.Bytes())
	c.ExpectEnd()
}

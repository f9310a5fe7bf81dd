package wire

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

const (
	// DefaultMaxMessage is the size limit of a received message, in bytes, when
	// [Options.MaxMessage] is zero.
	DefaultMaxMessage = 64 << 10

	// DefaultWriteTimeout is used when [Options.WriteTimeout] is zero.
	DefaultWriteTimeout = 10 * time.Second

	// DefaultSendBuffer is used when [Options.SendBuffer] is zero, in bytes.
	DefaultSendBuffer = 64 << 10
)

// Options configures [Accept]. The zero value is usable.
type Options struct {
	// MaxMessage is the largest message accepted, in bytes, summed over its
	// fragments. A larger one ends the connection with [MessageTooBig] as soon
	// as a frame header announces it.
	//
	// Default: [DefaultMaxMessage]. Danger: each peer can make the server hold
	// this much memory while it sends a message.
	MaxMessage int

	// WriteTimeout is how long the peer may take to accept a message, or each
	// 256 KiB of a larger one. After that the connection is cut.
	//
	// Default: [DefaultWriteTimeout]. Danger: too short cuts off slow but honest
	// readers; too long lets a dead one hold its writer for as long.
	WriteTimeout time.Duration

	// SendBuffer is how many bytes the kernel may hold that the peer has not taken
	// (SO_SNDBUF; Linux takes twice that). What is written beyond that waits, so it
	// decides how soon a peer that does not read is found to be slow. Left alone,
	// kernels hold some megabytes.
	//
	// Default: [DefaultSendBuffer]; negative: the kernel's. Danger: no more than
	// this is on its way at once, so too little slows honest readers far away; too
	// much is memory that any peer can claim, and hides that it has stalled.
	SendBuffer int

	// Subprotocols lists the sub-protocols spoken, preferred first (RFC 6455
	// section 1.9). What was agreed on is [Conn.Subprotocol].
	//
	// Default: none. Danger: a client that offers none of them is accepted all
	// the same; look at [Conn.Subprotocol].
	Subprotocols []string

	// anyText leaves text unchecked, for the test that shows what that is good for.
	anyText bool
}

func (o Options) withDefaults() Options {
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	if o.SendBuffer == 0 {
		o.SendBuffer = DefaultSendBuffer
	}
	return o
}

// Accept answers the opening handshake of r (RFC 6455 section 4.2) and takes the
// connection over. When it fails, the HTTP response has been written and the
// error says why.
//
// The handler should return after Accept, leaving the connection to a goroutine
// of its own: a handler that stays keeps the request and its buffers alive. r's
// context is meaningless from then on.
//
// Accept does not look at the Origin header. A browser lets any page connect to
// any server and sends its cookies along, so the caller must have checked it.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	h := &handover{ResponseWriter: w, options: o.withDefaults()}
	var engineWriter http.ResponseWriter = h
	if !canHijack(w) {
		engineWriter = w // The engine refuses it, in its own words, before it has answered 101.
	}
	ws, err := websocket.Accept(engineWriter, r, &websocket.AcceptOptions{
		Subprotocols: o.Subprotocols,
		// The engine's check compares Origin with Host only. Each endpoint has
		// its own policy and has applied it before it came here.
		InsecureSkipVerify: true,
		// Compression costs memory per connection and invites guessing secrets
		// by size (RFC 7692 section 7.2); what is sent here is small.
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, fmt.Errorf("wire: accept: %w", err)
	}
	h.conn.protocol = ws.Subprotocol()
	// It has done its work, and holds more memory than everything of ours. There is
	// nothing under it that could fail to close.
	_ = ws.CloseNow()
	return h.conn, nil
}

// handover is the ResponseWriter given to the engine. Who hijacks it gets a connection
// without a peer: the real one becomes ours.
type handover struct {
	http.ResponseWriter
	options Options
	conn    *Conn
}

func (h *handover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("hijack: %w", err)
	}
	// A client may send frames without waiting for the answer to its handshake;
	// net/http has read those already.
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		_ = conn.Close() // The error that matters is the one returned.
		return nil, nil, fmt.Errorf("hijack: %w", err)
	}
	if err := boundSendBuffer(conn, h.options.SendBuffer); err != nil {
		_ = conn.Close() // The error that matters is the one returned.
		return nil, nil, fmt.Errorf("send buffer: %w", err)
	}
	h.conn = newConn(conn, early, h.options)
	return nobody{}, bufio.NewReadWriter(
		bufio.NewReaderSize(nobody{}, 0), // which makes it the smallest
		bufio.NewWriterSize(nobody{}, 1),
	), nil
}

// nobody is a connection to nobody.
type nobody struct{ net.Conn }

func (nobody) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (nobody) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (nobody) Close() error              { return nil }

// boundSendBuffer sets the kernel's send buffer, where there is a TCP connection.
func boundSendBuffer(conn net.Conn, size int) error {
	if tcp := tcpUnder(conn); tcp != nil && size > 0 {
		return tcp.SetWriteBuffer(size)
	}
	return nil
}

// tcpUnder finds the TCP connection under whatever wraps it, as [tls.Conn] does, or
// returns nil.
func tcpUnder(conn net.Conn) *net.TCPConn {
	for {
		switch c := conn.(type) {
		case *net.TCPConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// canHijack reports whether w, or what it wraps, is an [http.Hijacker].
func canHijack(w http.ResponseWriter) bool {
	for {
		switch t := w.(type) {
		case http.Hijacker:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return false
		}
	}
}

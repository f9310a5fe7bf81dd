package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"
)

// Close codes (RFC 6455 section 7.4.1) used or reported here. Applications have
// 3000 to 4999 for themselves.
const (
	NormalClosure   = 1000 // the purpose is fulfilled
	GoingAway       = 1001 // the server shuts down, the page was left
	ProtocolError   = 1002
	NoStatus        = 1005 // reported only: the close frame had no code
	Abnormal        = 1006 // reported only: there was no close frame
	InvalidData     = 1007 // text that is not UTF-8
	PolicyViolation = 1008
	MessageTooBig   = 1009
	InternalError   = 1011
	TryAgainLater   = 1013
)

const (
	// closeWait bounds how long Close waits for a message under way to be
	// written and for room for the close frame.
	closeWait = time.Second

	// lingerWait and lingerBytes bound what is read and discarded after the
	// close frame. Closing a TCP connection with unread input makes the kernel
	// send a reset, which can destroy the close frame before the peer reads it.
	// The bytes are enough for a peer in the middle of a message far too big.
	lingerWait  = time.Second
	lingerBytes = 16 << 20

	// maxReason is what a control frame holds besides the code (section 5.5).
	maxReason = maxControlPayload - 2
)

// Side names one end of a connection.
type Side byte

// Who ended a connection.
const (
	Nobody Side = iota // the TCP connection broke, or was cut by CloseNow
	Peer
	Server
)

// String returns "nobody", "peer" or "server".
func (s Side) String() string {
	switch s {
	case Peer:
		return "peer"
	case Server:
		return "server"
	default:
		return "nobody"
	}
}

// End is how a connection ended.
type End struct {
	Code   int    // of the first close frame, [NoStatus] or [Abnormal]
	Reason string // of the same frame, or given to [Conn.Cut]
	By     Side   // who sent it, or cut the connection
}

// End tells how the connection ended. It is final once reading has returned an
// error, and [Abnormal] as long as no close frame was sent or received.
func (c *Conn) End() End {
	sent, received, cutFor := c.t.closeSent.Load(), c.peerClose.Load(), c.cutFor.Load()
	switch {
	case sent != nil && !sent.answer:
		return End{Code: sent.code, Reason: sent.reason, By: Server}
	case received != nil:
		// What was sent, if anything, was the answer.
		return End{Code: received.code, Reason: received.reason, By: Peer}
	case cutFor != nil:
		return End{Code: Abnormal, Reason: *cutFor, By: Server}
	default:
		return End{Code: Abnormal}
	}
}

// Close ends the connection in order: it sends a close frame unless one was sent
// before, half-closes the TCP connection so that the peer sees its end at once,
// discards what the peer still sends, up to a second or 16 MiB, and closes. A
// goroutine that reads meanwhile is woken with an error.
//
// Close returns within about two seconds even if the peer is silent, does not
// read or floods. It may be called repeatedly; later calls wait for the first.
// The error says that no close frame could be handed to the network.
//
// The reason is cut to 123 bytes and made valid UTF-8. A code that must not be
// sent (RFC 6455 section 7.4) is replaced by [InternalError].
func (c *Conn) Close(code int, reason string) error {
	_, err := c.t.sendClose(closeFrame(code, reason), false)
	c.finish()
	if err != nil {
		return fmt.Errorf("wire: close: %w", err)
	}
	return nil
}

// CloseWithoutCode is Close with a close frame that is empty, which the peer reports as
// [NoStatus].
func (c *Conn) CloseWithoutCode() error {
	_, err := c.t.sendClose([]byte{finBit | opClose, 0}, false)
	c.finish()
	if err != nil {
		return fmt.Errorf("wire: close: %w", err)
	}
	return nil
}

// BreakOff ends the connection without a close frame, as a server does that dies, but
// behind what was sent before, which still arrives. [Conn.End] tells the reason, with
// [Abnormal] and [Server], unless there was a close frame before. Like [Conn.Close] it
// takes no longer than about two seconds.
func (c *Conn) BreakOff(reason string) {
	c.cutFor.CompareAndSwap(nil, &reason)
	c.t.breakOff()
	c.finish()
}

// breakOff has nothing sent any more, neither frames nor a close frame. It waits for a
// frame under way, no longer than sendClose does.
func (t *transport) breakOff() {
	// If it fails, the connection is gone, and so is a writer that could be stuck.
	_ = t.beginClosing()
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if t.closeSent.Load() == nil && t.writeError == nil {
		t.writeError = net.ErrClosed
		t.brokenOff.Store(true)
	}
}

// Done returns a channel that is closed when the connection ends, or has ended, from
// whatever side that is noticed first. It is for a reading goroutine that waits for
// something else, and has to read on then, for reading settles the end.
func (c *Conn) Done() <-chan struct{} { return c.t.whenStopped() }

// CloseNow cuts the connection: no close frame, unsent data is dropped and the
// peer gets a TCP reset. It is for peers that no longer read, and also cuts short
// a [Conn.Close] under way. After an orderly end it does nothing.
func (c *Conn) CloseNow() {
	c.t.cut()
	c.finish()
}

// fail ends the connection after the reading goroutine got err: it sends the close frame
// that the fault calls for, if it is the peer's.
func (c *Conn) fail(err error) error {
	var f *fault
	if errors.As(err, &f) {
		// When it cannot be sent any more, End says so.
		_, _ = c.t.sendClose(closeFrame(f.code, f.reason), false)
	}
	c.announced = false
	c.t.release()
	c.finish()
	return fmt.Errorf("wire: read: %w", err)
}

// finish closes the TCP connection, once.
func (c *Conn) finish() {
	c.finished.Do(func() {
		c.t.stop()
		if c.t.closeSent.Load() != nil || c.t.brokenOff.Load() {
			c.t.linger()
		}
		c.t.hangUp()
	})
}

// closeFrame builds an unmasked close frame (RFC 6455 section 5.5.1).
func closeFrame(code int, reason string) []byte {
	if !sendable(code) {
		code = InternalError
	}
	reason = strings.ToValidUTF8(reason, "\uFFFD")
	if len(reason) > maxReason {
		cut := maxReason
		for !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	frame := []byte{finBit | opClose, byte(2 + len(reason))}
	frame = binary.BigEndian.AppendUint16(frame, uint16(code))
	return append(frame, reason...)
}

// sendable reports whether a code may stand in a close frame: registered with
// IANA for that purpose, or of the ranges for libraries and applications.
func sendable(code int) bool {
	switch code {
	case 1004, NoStatus, Abnormal:
		return false
	}
	return 1000 <= code && code <= 1014 || 3000 <= code && code <= 4999
}

// closeInfo is what a close frame says.
type closeInfo struct {
	code   int
	reason string
	answer bool // to the peer's
}

func parseCloseFrame(frame []byte, answer bool) *closeInfo {
	info := &closeInfo{code: NoStatus, answer: answer}
	if payload := frame[2:]; len(payload) >= 2 {
		info.code = int(binary.BigEndian.Uint16(payload))
		info.reason = string(payload[2:])
	}
	return info
}

// halfCloser is implemented by *net.TCPConn, *net.UnixConn and *tls.Conn.
type halfCloser interface{ CloseWrite() error }

var _ halfCloser = (*net.TCPConn)(nil)

package wire

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Opcodes and bits of the frame header (RFC 6455 section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	finBit  = 0x80
	maskBit = 0x80
	rsvBits = 0x70

	keySize           = 4
	maxHeader         = 2 + 8 + keySize
	maxControlPayload = 125 // section 5.5
)

// transport is the connection as a stream of bytes, and what is known of its end.
//
// The locks of inbound and outbound and stopMu are independent.
type transport struct {
	net.Conn
	inbound
	outbound

	stopMu  sync.Mutex
	stopped atomic.Bool   // set under stopMu
	done    chan struct{} // closed when stopped; made when it is asked for
	broken  atomic.Bool   // reading or writing failed; there is nobody to talk to

	closeSent atomic.Pointer[closeInfo] // set under writeMu
	brokenOff atomic.Bool               // set under writeMu: ended on purpose without a close frame
}

func newTransport(conn net.Conn, early []byte, o Options) *transport {
	t := new(transport)
	t.init(conn, early, o)
	return t
}

// init is newTransport for one that is part of something.
func (t *transport) init(conn net.Conn, early []byte, o Options) {
	t.Conn = conn
	t.raw, t.writeTimeout = rawOf(conn), o.WriteTimeout
	t.begin(early)
}

// stop makes the current and all later reads fail.
func (t *transport) stop() {
	t.stopMu.Lock()
	defer t.stopMu.Unlock()
	if t.stopped.Swap(true) {
		return
	}
	if t.done != nil {
		close(t.done)
	}
	// On a connection that is closed already there is nobody to wake.
	_ = t.Conn.SetReadDeadline(time.Unix(1, 0))
}

// whenStopped returns a channel that is closed when the transport has stopped. Few want
// one, so it is made for those.
func (t *transport) whenStopped() <-chan struct{} {
	t.stopMu.Lock()
	defer t.stopMu.Unlock()
	if t.done == nil {
		t.done = make(chan struct{})
		if t.stopped.Load() {
			close(t.done)
		}
	}
	return t.done
}

// ended reports whether the connection is closed, broken or stopped, as opposed
// to healthy.
func (t *transport) ended() bool { return t.broken.Load() || t.stopped.Load() }

// linger half-closes the connection and discards what the peer still sends until
// it closes too, within bounds. The transport must have stopped.
func (t *transport) linger() {
	if hc, ok := t.Conn.(halfCloser); ok && hc.CloseWrite() != nil {
		return // The connection is gone.
	}
	t.readMu.Lock()
	defer t.readMu.Unlock()
	if t.Conn.SetReadDeadline(time.Now().Add(lingerWait)) != nil {
		return
	}
	b := discarded.Get().(*[32 << 10]byte)
	defer discarded.Put(b)
	for total := 0; total < lingerBytes; {
		n, err := t.Conn.Read(b[:])
		if err != nil {
			return
		}
		total += n
	}
}

// discarded holds buffers for bytes that nobody will look at.
var discarded = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// hangUp closes the TCP connection.
func (t *transport) hangUp() {
	_ = t.Conn.Close() // It may be closed already, and there is nobody left to tell.
}

// cut closes the TCP connection with a reset, dropping unsent data, which the
// kernel would keep and retry for minutes otherwise.
func (t *transport) cut() {
	if tcp := tcpUnder(t.Conn); tcp != nil {
		_ = tcp.SetLinger(0) // It fails only on a closed connection.
	}
	t.hangUp()
	t.stop()
}

package wire

import (
	"errors"
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

// transport is the connection as the engine sees it. Every byte of the peer
// passes the guard here, every frame to the peer is written here, whole.
//
// readMu is independent of the locks of outbound.
type transport struct {
	net.Conn

	arrivals atomic.Uint32 // how often something was read

	readMu  sync.Mutex // held while reading from Conn
	early   []byte     // what net/http had read before the hijack
	guard   *guard     // nil: unchecked
	fault   *fault     // sticky verdict of the guard
	stopped atomic.Bool
	stopper sync.Once
	done    chan struct{} // closed when stopped
	broken  atomic.Bool   // reading or writing failed; there is nobody to talk to

	outbound

	closeSent atomic.Pointer[sentClose] // set under writeMu
	brokenOff atomic.Bool               // set under writeMu: ended on purpose without a close frame
}

func newTransport(conn net.Conn, early []byte, o Options) *transport {
	t := &transport{Conn: conn, early: early, done: make(chan struct{})}
	t.raw, t.writeTimeout = rawOf(conn), o.WriteTimeout
	if !o.unguarded {
		t.guard = &guard{limit: int64(o.MaxMessage)}
	}
	return t
}

// Read gives the engine the peer's bytes up to the first that breaks a rule, and
// then that fault as the error. So whatever came before is handled in order.
func (t *transport) Read(p []byte) (int, error) {
	t.readMu.Lock()
	defer t.readMu.Unlock()
	if t.stopped.Load() {
		return 0, net.ErrClosed
	}
	if t.fault != nil {
		return 0, t.fault
	}
	var n int
	var err error
	if len(t.early) > 0 {
		n = copy(p, t.early)
		if t.early = t.early[n:]; len(t.early) == 0 {
			t.early = nil
		}
	} else if n, err = t.Conn.Read(p); err != nil {
		t.broken.Store(true)
	}
	if n > 0 {
		t.arrivals.Add(1)
	}
	if t.guard == nil {
		return n, err
	}
	good, f := t.guard.check(p[:n])
	if f == nil {
		return n, err
	}
	t.fault = f
	if good == 0 {
		return 0, f
	}
	return good, nil
}

// Write takes a frame from the engine. As pongs and messages are written by
// writeFrame, that is a close frame: its answer to the peer's, or to a fault.
func (t *transport) Write(p []byte) (int, error) {
	if p[0]&0x0F != opClose {
		return 0, errors.New("wire: the engine wrote a frame that is not a close frame")
	}
	// That a close frame was sent before is no fault: two sides may close at once.
	if _, err := t.sendClose(p, true); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close is the engine's: it is done, or gives up on a peer that stalls within a
// control frame. The TCP connection is closed by Conn.finish.
func (t *transport) Close() error {
	t.stop()
	return nil
}

// stop makes the current and all later Reads fail.
func (t *transport) stop() {
	t.stopper.Do(func() {
		t.stopped.Store(true)
		close(t.done)
		// On a connection that is closed already there is nobody to wake.
		_ = t.Conn.SetReadDeadline(time.Unix(1, 0))
	})
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

package wire

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"
)

// pingWait is what a ping may wait for room in the send buffer.
const pingWait = 5 * time.Millisecond

// Arrivals counts how often something has come from the peer: a message or part of
// one, a ping, a pong. The owner looks now and then whether it has changed, to find
// peers that are gone without a word, which neither TCP nor proxies tell for hours.
func (c *Conn) Arrivals() uint32 { return c.t.arrivals.Load() }

// Heard counts as an arrival. It is for an owner that takes its time to read what has
// come: while it waits, the peer can't be heard.
func (c *Conn) Heard() { c.t.arrivals.Add(1) }

// Ping sends a ping, which a peer that is alive answers (RFC 6455 section 5.5.2);
// that answer shows in [Conn.Arrivals]. It returns within some milliseconds. While a
// message is being written it does nothing and returns false: the writer waits for
// the peer with a time-out of its own. Where there is no room for a ping, as the peer
// has not taken what was sent before, none is sent.
func (c *Conn) Ping() bool {
	if !c.t.writeMu.TryLock() {
		return false
	}
	defer c.t.writeMu.Unlock()
	if len(c.t.rest) > 0 {
		return false
	}
	c.t.ping()
	return true
}

// pingFrame has no payload.
var pingFrame = []byte{finBit | opPing, 0}

// ping sends a ping if there is room for it; the caller holds writeMu.
func (t *transport) ping() {
	if t.mayWrite() != nil {
		return
	}
	n, err := t.try(pingFrame)
	if n == 0 && err == nil && t.raw == nil {
		n, err = t.pingWithin(pingWait)
	}
	if n == 0 && err == nil {
		return // No part of the frame is out, so others may follow.
	}
	if err == nil && n < len(pingFrame) {
		t.rest = append(t.rest, pingFrame[n:]...)
		t.begun = len(t.rest)
		return
	}
	// What failed has woken the reader, who tells the owner.
	_ = t.wrote(err)
}

// pingWithin is for connections that can't be written to without waiting. It returns 0
// and no error if there was no room.
func (t *transport) pingWithin(wait time.Duration) (n int, err error) {
	if t.armFrame(wait) != nil {
		return 0, nil
	}
	defer t.disarm()
	n, err = t.Conn.Write(pingFrame)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && !isTLS(t.Conn) {
		return 0, nil
	}
	return n, err
}

// isTLS tells whether a write that timed out leaves the connection beyond repair.
func isTLS(conn net.Conn) bool {
	_, ok := conn.(*tls.Conn)
	return ok
}

// Cut is CloseNow for a peer of which nothing is heard any more, or that doesn't
// take what it is sent. It does not wait, and [Conn.End] tells the reason, with
// [Abnormal] and [Server].
func (c *Conn) Cut(reason string) {
	c.cutFor.CompareAndSwap(nil, &reason)
	c.t.cut()
}

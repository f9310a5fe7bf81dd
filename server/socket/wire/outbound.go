package wire

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// A frame with a payload up to smallPayload is copied together and written
	// at once, a larger one goes out without a copy.
	smallPayload = 4 << 10

	// chunkSize is what the peer has one write timeout to accept.
	chunkSize = 256 << 10
)

// outbound is the half of a transport that sends. What it is given goes to the kernel at
// once as long as there is room, which costs no timer; only then does anybody wait for
// the peer, with a deadline.
//
// Lock order: writeMu before deadlineMu.
type outbound struct {
	raw          syscall.RawConn // nil: what is written may wait
	writeTimeout time.Duration

	writeMu    sync.Mutex // held while a frame is written
	writeError error      // sticky: part of a frame may be out
	// rest is what the kernel had no room for, from the middle of a frame on. Nothing
	// may be written before it; see Conn.Offer. Its first bytes, so many as begun says, end
	// that frame.
	rest  []byte
	begun int

	closing    atomic.Bool // no new frames but a close frame; the write deadline is final
	deadlineMu sync.Mutex  // a leaf: nothing blocks under it
}

// writeFrame sends p as one unfragmented frame. It returns an error that wraps
// net.ErrClosed once the connection is closing.
func (t *transport) writeFrame(opcode byte, p []byte) error {
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if err := t.mayWrite(); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	if len(p) <= smallPayload {
		b := scratch.Get().(*[maxHeader + smallPayload]byte)
		defer scratch.Put(b)
		n := putHeader(b[:], opcode, len(p))
		n += copy(b[n:], p)
		return t.send(b[:n])
	}
	if err := t.armFrame(t.writeTimeout); err != nil {
		return err
	}
	defer t.disarm()
	var header [maxHeader]byte
	first := min(len(p), chunkSize)
	buffers := net.Buffers{header[:putHeader(header[:], opcode, len(p))], p[:first]}
	_, err := buffers.WriteTo(t.Conn)
	if err == nil {
		err = t.writeChunks(p[first:])
	}
	return t.wrote(err)
}

// mayWrite says why no frame may be written any more; the caller holds writeMu.
func (t *transport) mayWrite() error {
	if t.closing.Load() {
		return net.ErrClosed
	}
	return t.writeError
}

// writeChunks gives each part of p its time.
func (t *transport) writeChunks(p []byte) error {
	for len(p) > 0 {
		if err := t.armChunk(); err != nil {
			return err
		}
		next := min(len(p), chunkSize)
		if _, err := t.Conn.Write(p[:next]); err != nil {
			return err
		}
		p = p[next:]
	}
	return nil
}

// scratch holds buffers for small frames.
var scratch = sync.Pool{New: func() any { return new([maxHeader + smallPayload]byte) }}

// putHeader writes the header of an unmasked final frame and returns its length.
func putHeader(b []byte, opcode byte, size int) int {
	b[0] = finBit | opcode
	switch {
	case size <= 125:
		b[1] = byte(size)
		return 2
	case size <= 0xFFFF:
		b[1] = 126
		binary.BigEndian.PutUint16(b[2:], uint16(size))
		return 4
	default:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(size))
		return 10
	}
}

// armFrame gives a frame its time, or returns net.ErrClosed: once the connection is
// closing no frame may start any more.
func (t *transport) armFrame(timeout time.Duration) error {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if t.closing.Load() {
		return net.ErrClosed
	}
	return t.Conn.SetWriteDeadline(time.Now().Add(timeout))
}

// armChunk gives the next part of a frame its time. One that is under way when the
// connection begins to close has to make do with what Close left it.
func (t *transport) armChunk() error {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if t.closing.Load() {
		return nil
	}
	return t.Conn.SetWriteDeadline(time.Now().Add(t.writeTimeout))
}

// disarm takes the deadline back, as what doesn't wait needs none.
func (t *transport) disarm() {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if !t.closing.Load() {
		_ = t.Conn.SetWriteDeadline(time.Time{}) // A closed connection has none.
	}
}

// wrote records the outcome of a write; the caller holds writeMu. After a failure
// the peer cannot make sense of further frames, so the reader is sent home too.
func (t *transport) wrote(err error) error {
	if err != nil {
		t.writeError = err
		t.broken.Store(true)
		t.stop()
	}
	return err
}

// sendClose sends a close frame unless one was sent, and reports whether it did.
// From then on nothing else is sent (RFC 6455 section 5.5.1). It takes at most
// closeWait, for it cuts short a writer that is stuck.
func (t *transport) sendClose(frame []byte, answer bool) (bool, error) {
	if err := t.beginClosing(); err != nil {
		return false, err
	}
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if t.closeSent.Load() != nil {
		return false, nil
	}
	if t.writeError != nil {
		return false, t.writeError
	}
	if err := t.flush(); t.writeError != nil {
		return false, err // Otherwise only whole frames were left out.
	}
	_, err := t.Conn.Write(frame)
	if err == nil {
		t.closeSent.Store(parseCloseFrame(frame, answer))
	}
	return err == nil, t.wrote(err)
}

func (t *transport) beginClosing() error {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if t.closing.Swap(true) {
		return nil
	}
	return t.Conn.SetWriteDeadline(time.Now().Add(closeWait))
}

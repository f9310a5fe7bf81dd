package wire

import (
	"encoding/binary"
	"net"
	"sync"
	"time"
)

const (
	// A frame with a payload up to smallPayload is copied together and written
	// at once, a larger one goes out without a copy.
	smallPayload = 4 << 10

	// chunkSize is what the peer has one write timeout to accept.
	chunkSize = 256 << 10
)

// writeFrame sends p as one unfragmented frame. It returns an error that wraps
// net.ErrClosed once the connection is closing.
func (t *transport) writeFrame(opcode byte, p []byte) error {
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if err := t.armFrame(t.writeTimeout); err != nil {
		return err
	}
	if t.writeError != nil {
		return t.writeError
	}
	if len(p) <= smallPayload {
		b := scratch.Get().(*[maxHeader + smallPayload]byte)
		defer scratch.Put(b)
		n := putHeader(b[:], opcode, len(p))
		n += copy(b[n:], p)
		_, err := t.Conn.Write(b[:n])
		return t.wrote(err)
	}
	first := min(len(p), chunkSize)
	t.vectors = [2][]byte{t.header[:putHeader(t.header[:], opcode, len(p))], p[:first]}
	t.buffers = t.vectors[:]
	_, err := t.buffers.WriteTo(t.Conn)
	t.vectors = [2][]byte{} // p is not ours to keep
	for p = p[first:]; err == nil && len(p) > 0; {
		if err = t.armChunk(); err != nil {
			break
		}
		next := min(len(p), chunkSize)
		_, err = t.Conn.Write(p[:next])
		p = p[next:]
	}
	return t.wrote(err)
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
	if t.closing {
		return net.ErrClosed
	}
	return t.Conn.SetWriteDeadline(time.Now().Add(timeout))
}

// armChunk gives the next part of a frame its time. One that is under way when the
// connection begins to close has to make do with what Close left it.
func (t *transport) armChunk() error {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if t.closing {
		return nil
	}
	return t.Conn.SetWriteDeadline(time.Now().Add(t.writeTimeout))
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
func (t *transport) sendClose(frame []byte, byEngine bool) (bool, error) {
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
	_, err := t.Conn.Write(frame)
	if err == nil {
		t.closeSent.Store(parseCloseFrame(frame, byEngine))
	}
	return err == nil, t.wrote(err)
}

func (t *transport) beginClosing() error {
	t.deadlineMu.Lock()
	defer t.deadlineMu.Unlock()
	if t.closing {
		return nil
	}
	t.closing = true
	return t.Conn.SetWriteDeadline(time.Now().Add(closeWait))
}


package wire

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// maxFragments is how many frames a message is sent in at most.
const maxFragments = 1000

// WriteFrom sends one message of length bytes, which it reads from r while the peer
// takes them, so that a big message needs no buffer of its size. It goes out in frames
// of size bytes, or larger ones if they would be more than a thousand; a size of 0 is
// one frame for all (RFC 6455 section 5.4). No other frame comes in between.
//
// Errors are those of [Conn.Write], which also holds for Text. If the connection is
// closed meanwhile, the message ends with the frame under way. An r that fails, or ends
// too early, costs the connection.
func (c *Conn) WriteFrom(typ Type, r io.Reader, length, size int) error {
	if err := c.t.writeFrom(byte(typ), r, length, size); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}

// writeFrom holds writeMu over the whole message. Control frames might come between
// its frames, but nobody waits for one longer than for a message in one frame.
func (t *transport) writeFrom(opcode byte, r io.Reader, length, size int) error {
	if size <= 0 {
		size = max(length, 1)
	}
	size = max(size, (length+maxFragments-1)/maxFragments)
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if err := t.mayWrite(); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.armFrame(t.writeTimeout); err != nil {
		return err
	}
	defer t.disarm()
	buffer := gathering.Get().(*[gatherSize]byte)
	defer gathering.Put(buffer)
	g := gatherer{t: t, room: buffer[:]}
	for {
		n := min(size, length)
		length -= n
		if err := g.frame(opcode, r, n, length == 0); err != nil {
			return t.wrote(err)
		}
		if length == 0 || t.closing.Load() {
			break
		}
		opcode = opContinuation
	}
	if err := t.wrote(g.flush()); err != nil {
		return err
	}
	if length > 0 {
		return net.ErrClosed // the frames are whole, so a close frame may follow
	}
	return nil
}

// gatherSize is how much goes to the network at once: many small frames, or a part of
// a large one.
const gatherSize = 16 << 10

// gathering holds the buffers of gatherers.
var gathering = sync.Pool{New: func() any { return new([gatherSize]byte) }}

// gatherer puts frames together for few writes.
type gatherer struct {
	t      *transport
	room   []byte
	used   int // bytes of room that wait to be written
	passed int // bytes written since the deadline was set
}

// frame adds a frame with the next n bytes of r.
func (g *gatherer) frame(opcode byte, r io.Reader, n int, last bool) error {
	if len(g.room)-g.used < maxHeader {
		if err := g.flush(); err != nil {
			return err
		}
	}
	header := g.room[g.used:]
	g.used += putHeader(header, opcode, n)
	if !last {
		header[0] &^= finBit
	}
	for n > 0 {
		if g.used == len(g.room) {
			if err := g.flush(); err != nil {
				return err
			}
		}
		part := g.room[g.used:min(g.used+n, len(g.room))]
		if _, err := io.ReadFull(r, part); err != nil {
			return fmt.Errorf("the message to send: %w", err)
		}
		g.used += len(part)
		n -= len(part)
	}
	return nil
}

// flush writes what was gathered, for which the peer has the time of one chunk.
func (g *gatherer) flush() error {
	if g.passed >= chunkSize {
		if err := g.t.armChunk(); err != nil {
			return err
		}
		g.passed = 0
	}
	_, err := g.t.Conn.Write(g.room[:g.used])
	g.passed += g.used
	g.used = 0
	return err
}

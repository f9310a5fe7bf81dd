package wire

import (
	"encoding/binary"
	"fmt"
	"net"
)

// partSize is how much of many frames is written at once to a peer that has to be waited
// for, or one frame that is larger. A close frame waits for no more than that: a peer that
// is slow is to be told so, and couldn't take all that is queued for it in time.
const partSize = 16 << 10

// AppendFrame appends one unmasked, unfragmented frame to b, for [Conn.Offer].
func AppendFrame(b []byte, typ Type, p []byte) []byte {
	return append(AppendHeader(b, typ, len(p)), p...)
}

// AppendHeader appends the header of such a frame, whose payload of so many bytes is to
// follow.
func AppendHeader(b []byte, typ Type, size int) []byte {
	var header [maxHeader]byte
	return append(b, header[:putHeader(header[:], byte(typ), size)]...)
}

// Offer sends whole frames as far as the kernel takes them without waiting, so one
// goroutine can serve many peers. Done says that everything is on its way. Otherwise
// [Conn.WriteFrames] must follow with what is left, from a goroutine that may wait, and
// before the next Offer. Errors are those of [Conn.Write]. Frames are not kept, but left
// is a part of them.
func (c *Conn) Offer(frames []byte) (left []byte, done bool, err error) {
	left, done, err = c.t.offer(frames)
	if err != nil {
		return nil, false, fmt.Errorf("wire: write: %w", err)
	}
	return left, done, nil
}

func (t *transport) offer(frames []byte) (left []byte, done bool, err error) {
	if !t.writeMu.TryLock() {
		return frames, false, nil // Who writes may be waiting for the peer.
	}
	defer t.writeMu.Unlock()
	if err := t.mayWrite(); err != nil {
		return nil, false, err
	}
	if t.raw == nil || len(t.rest) > 0 {
		return frames, false, nil
	}
	n, err := t.try(frames)
	if err != nil {
		return nil, false, t.wrote(err)
	}
	if n == len(frames) {
		return nil, true, nil
	}
	// Pongs and a close frame come from elsewhere, and must not come in the middle.
	t.rest, t.begun = append(t.rest, frames[n:]...), frameEnd(frames, n)-n
	return nil, false, nil
}

// WriteFrames sends whole frames, after what an Offer has left. It may wait for the peer,
// as [Conn.Write] does, and has the same errors. If the connection is closed meanwhile,
// they end with the frame under way, or some that are small.
func (c *Conn) WriteFrames(frames []byte) error {
	if err := c.t.writeFrames(frames); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}

func (t *transport) writeFrames(frames []byte) error {
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	if err := t.mayWrite(); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	return t.send(frames)
}

// flush writes what an Offer has left; the caller holds writeMu.
func (t *transport) flush() error {
	if len(t.rest) == 0 {
		return nil
	}
	rest, begun := t.rest, t.begun
	t.rest, t.begun = nil, 0
	return t.sendPatiently(rest, begun)
}

// send writes whole frames, and waits for the peer only if there is no room for them. The
// caller holds writeMu.
func (t *transport) send(frames []byte) error {
	n, err := t.try(frames)
	if err != nil || n == len(frames) {
		return t.wrote(err)
	}
	return t.sendPatiently(frames[n:], frameEnd(frames, n)-n)
}

// sendPatiently writes the rest of frames, of which the first bytes end one that has
// begun, and waits for the peer. When the connection begins to close, it leaves out what
// comes after the frame under way, and returns net.ErrClosed. The caller holds writeMu.
func (t *transport) sendPatiently(rest []byte, begun int) error {
	defer t.disarm()
	for len(rest) > 0 {
		part := begun
		switch {
		case !t.closing.Load():
			part = wholeFrames(rest, begun)
		case begun == 0:
			return net.ErrClosed
		}
		if err := t.writeChunks(rest[:part]); err != nil {
			return t.wrote(err)
		}
		rest, begun = rest[part:], 0
	}
	return nil
}

// frameEnd tells where in frames the one ends that a position is in, or 0 for the start.
func frameEnd(frames []byte, at int) (end int) {
	for end < at {
		end += frameSize(frames[end:])
	}
	return end
}

// wholeFrames tells how many bytes of rest to write at once, so that they end with a frame.
func wholeFrames(rest []byte, begun int) (end int) {
	for end = begun; end < len(rest); {
		next := end + frameSize(rest[end:])
		if end > 0 && next > partSize {
			break
		}
		end = next
	}
	return end
}

// frameSize tells how long a frame of ours is that putHeader has begun.
func frameSize(frame []byte) int {
	switch size := int(frame[1]); size {
	case 126:
		return 4 + int(binary.BigEndian.Uint16(frame[2:]))
	case 127:
		return 10 + int(binary.BigEndian.Uint64(frame[2:]))
	default:
		return 2 + size
	}
}

package wire

import (
	"encoding/binary"
	"math"
)

// fault is a violation by the peer that the engine would miss, or would not tell
// the peer about. It is the error of transport.Read.
type fault struct {
	code   int
	reason string // goes into the close frame
}

func (f *fault) Error() string { return f.reason }

// The faults are values so that finding one costs no allocation.
var (
	faultUnmasked = &fault{ProtocolError, "frame is not masked"}
	faultLength   = &fault{ProtocolError, "payload length is not well formed"}
	faultTooBig   = &fault{MessageTooBig, "message is too big"}
	faultText     = &fault{InvalidData, "text is not valid UTF-8"}
	faultReason   = &fault{InvalidData, "close reason is not valid UTF-8"}
)

// guard follows the peer's frames byte by byte, as they are read, and finds
//
//   - text that is not UTF-8, at the first byte that cannot be right any more,
//     within a fragment and within a code point (RFC 6455 section 8.1);
//   - the same in the reason of a close frame (section 5.5.1);
//   - frames that are not masked (section 5.1), for which the engine drops the
//     connection without a word;
//   - payload lengths with the top bit set, likewise, or not in the shortest
//     form (section 5.2), which it lets pass;
//   - messages over the limit, as soon as a header announces them.
//
// Reserved bits, opcodes, the order of fragments and the size and codes of control
// frames are the engine's to judge. It does so on seeing the header, and the guard
// never holds back a byte of a header for what it finds in the payload, so the
// engine's verdict comes first.
//
// A guard does not allocate, and does not care how the stream is cut into reads.
// The zero value with a limit is ready at a frame boundary.
type guard struct {
	limit int64 // of a message, bytes

	// Header of the current frame, as far as it has arrived.
	head   [maxHeader]byte
	have   int8
	need   int8   // length of the whole header, known from its second byte on
	length uint64 // of the payload, known when all but the masking key has arrived

	// The rest of the current frame.
	opcode  byte
	fin     bool
	checked *utf8Checker // which checker the payload goes through; nil: none
	key     uint32       // masking key, rotated to the next payload byte
	skip    int64        // payload bytes left that are not checked: the close code
	left    int64        // payload bytes left

	// The current message. Control frames may come between its fragments.
	kind byte  // opcode of its first frame
	size int64 // announced so far
	text utf8Checker

	reason utf8Checker // of the close frame
	closed bool        // the close frame is complete; nobody reads what follows
}

// check follows the stream through p. It returns how many bytes are in order and
// what is wrong with the next, if anything. After a fault it must not be called
// again.
func (g *guard) check(p []byte) (int, *fault) {
	for i := 0; i < len(p); {
		if g.closed {
			return len(p), nil
		}
		if g.left == 0 {
			g.head[g.have] = p[i]
			g.have++
			if f := g.header(); f != nil {
				return i, f
			}
			i++
			continue
		}
		n := int(min(g.left, int64(len(p)-i)))
		if good, f := g.payload(p[i : i+n]); f != nil {
			return i + good, f
		}
		i += n
	}
	return len(p), nil
}

// header looks at what has arrived of the header.
func (g *guard) header() *fault {
	switch {
	case g.have < 2:
		return nil
	case g.have == 2:
		if g.head[1]&maskBit == 0 {
			return faultUnmasked
		}
		g.need = 2 + keySize
		switch g.head[1] &^ maskBit {
		case 126:
			g.need += 2
		case 127:
			g.need += 8
		}
	}
	if g.have == g.need-keySize && !g.parseLength() {
		return faultLength
	}
	if g.have < g.need {
		return nil
	}
	g.have = 0
	return g.frame()
}

// parseLength reads the payload length, which must be in its shortest form and
// not have the top bit set.
func (g *guard) parseLength() bool {
	switch g.length = uint64(g.head[1] &^ maskBit); g.length {
	case 126:
		g.length = uint64(binary.BigEndian.Uint16(g.head[2:]))
		return g.length >= 126
	case 127:
		g.length = binary.BigEndian.Uint64(g.head[2:])
		return g.length > math.MaxUint16 && g.length <= math.MaxInt64
	}
	return true
}

// frame starts a frame whose header is complete.
func (g *guard) frame() *fault {
	g.left = int64(g.length)
	g.key = binary.LittleEndian.Uint32(g.head[g.need-keySize:])
	g.opcode = g.head[0] & 0x0F
	g.fin = g.head[0]&finBit != 0
	g.checked = nil
	g.skip = 0

	switch g.opcode {
	case opText, opBinary:
		g.kind, g.size, g.text = g.opcode, 0, utf8Checker{}
		fallthrough
	case opContinuation:
		if g.left > g.limit-g.size {
			return faultTooBig
		}
		g.size += g.left
		if g.kind == opText {
			g.checked = &g.text
		}
	case opClose:
		g.skip = 2
		g.checked = &g.reason
	}
	if g.left == 0 {
		return g.endFrame()
	}
	return nil
}

// payload follows the bytes of p, which belong to the current frame.
func (g *guard) payload(p []byte) (int, *fault) {
	n := len(p)
	skipped := int(min(g.skip, int64(n)))
	g.skip -= int64(skipped)
	g.rotate(skipped)
	if g.checked != nil {
		good := g.checked.write(p[skipped:], g.key)
		if skipped+good < n {
			return skipped + good, g.invalid()
		}
	}
	g.rotate(n - skipped)
	if g.left -= int64(n); g.left > 0 {
		return n, nil
	}
	if f := g.endFrame(); f != nil {
		return n - 1, f
	}
	return n, nil
}

// rotate moves the masking key n payload bytes on.
func (g *guard) rotate(n int) {
	bits := uint(n&3) * 8
	g.key = g.key>>bits | g.key<<(32-bits)
}

// endFrame looks at the frame as a whole.
func (g *guard) endFrame() *fault {
	if g.checked != nil && g.fin && !g.checked.complete() {
		return g.invalid()
	}
	g.closed = g.opcode == opClose
	return nil
}

func (g *guard) invalid() *fault {
	if g.opcode == opClose {
		return faultReason
	}
	return faultText
}

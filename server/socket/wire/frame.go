package wire

import (
	"encoding/binary"
	"math"
)

// fault is a violation of the protocol by the peer, and the close frame that tells it so.
// As an error it ends reading.
type fault struct {
	code   int
	reason string // goes into the close frame
}

func (f *fault) Error() string { return f.reason }

// The faults are values so that finding one costs no allocation.
var (
	faultReserved     = &fault{ProtocolError, "reserved bits are set"}
	faultOpcode       = &fault{ProtocolError, "opcode is not known"}
	faultUnmasked     = &fault{ProtocolError, "frame is not masked"}
	faultLength       = &fault{ProtocolError, "payload length is not well formed"}
	faultControlParts = &fault{ProtocolError, "control frame is fragmented"}
	faultControlSize  = &fault{ProtocolError, "control frame is longer than 125 bytes"}
	faultContinuation = &fault{ProtocolError, "continuation without a message"}
	faultUnfinished   = &fault{ProtocolError, "message begins before the last one ended"}
	faultTooBig       = &fault{MessageTooBig, "message is too big"}
	faultText         = &fault{InvalidData, "text is not valid UTF-8"}
	faultCloseSize    = &fault{ProtocolError, "close frame has half a code"}
	faultCloseCode    = &fault{ProtocolError, "close code is not allowed"}
	faultReason       = &fault{InvalidData, "close reason is not valid UTF-8"}
)

// decoder follows the peer's frames as they come (RFC 6455 section 5), removes their
// masks and finds what is wrong with them as soon as that can be known: with a header in
// its first bytes, with a text at the first byte that cannot be right any more. What came
// before a fault is handed on in order.
//
// It takes the header of a frame by [decoder.header] and then all of its payload by
// [decoder.payload]. It does not allocate, and does not care how the stream is cut. The
// zero value with a limit is ready for the first frame.
type decoder struct {
	limit   int64 // of a message, bytes
	anyText bool  // leaves UTF-8 unchecked, for the test that shows what that is good for

	// Header of the next frame, where it comes in pieces.
	head [maxHeader]byte
	have int8

	// The current frame.
	opcode byte
	fin    bool
	key    uint32 // masking key, rotated to the next payload byte
	left   int64  // payload bytes that are still to come

	// The current message. Control frames may come between its fragments.
	kind byte  // opcode of its first frame; 0 between messages
	size int64 // announced so far
	text utf8Checker
}

// header takes from p the header of the next frame, and tells how many bytes that was and
// whether it is complete.
func (d *decoder) header(p []byte) (n int, whole bool, f *fault) {
	if d.have == 0 && len(p) >= 2 {
		// Most headers come in one piece, and need not be put together.
		if f := d.begin(p[0], p[1]); f != nil {
			return 0, false, f
		}
		if size := headerSize(p[1]); len(p) >= size {
			return size, true, d.end(p[:size])
		}
	}
	for n < len(p) {
		d.head[d.have] = p[n]
		d.have++
		n++
		switch {
		case d.have == 2:
			f = d.begin(d.head[0], d.head[1])
		case d.have > 2 && int(d.have) == headerSize(d.head[1]):
			head := d.head[:d.have]
			d.have = 0
			return n, true, d.end(head)
		}
		if f != nil {
			return n, false, f
		}
	}
	return n, false, nil
}

// headerSize is the length of a whole header, which its second byte tells.
func headerSize(second byte) int {
	switch second &^ maskBit {
	case 126:
		return 2 + 2 + keySize
	case 127:
		return 2 + 8 + keySize
	}
	return 2 + keySize
}

// begin judges the first two bytes of a header. It may be called again with them.
func (d *decoder) begin(first, second byte) *fault {
	d.opcode, d.fin = first&0x0F, first&finBit != 0
	switch {
	case first&rsvBits != 0: // no extension gives them a meaning
		return faultReserved
	case d.opcode > opBinary && d.opcode < opClose, d.opcode > opPong:
		return faultOpcode
	case second&maskBit == 0:
		return faultUnmasked
	case d.control() && !d.fin:
		return faultControlParts
	case d.control() && second&^maskBit > maxControlPayload:
		return faultControlSize
	case d.opcode == opContinuation && d.kind == 0:
		return faultContinuation
	case !d.control() && d.opcode != opContinuation && d.kind != 0:
		return faultUnfinished
	}
	return nil
}

// control reports whether the current frame is a control frame (section 5.5).
func (d *decoder) control() bool { return d.opcode >= opClose }

// end takes the rest of a header.
func (d *decoder) end(head []byte) *fault {
	length := uint64(head[1] &^ maskBit)
	switch length {
	case 126:
		if length = uint64(binary.BigEndian.Uint16(head[2:])); length < 126 {
			return faultLength
		}
	case 127:
		if length = binary.BigEndian.Uint64(head[2:]); length <= math.MaxUint16 || length > math.MaxInt64 {
			return faultLength
		}
	}
	d.key = binary.LittleEndian.Uint32(head[len(head)-keySize:])
	d.left = int64(length)
	if d.control() {
		return nil
	}
	if d.opcode != opContinuation {
		d.kind, d.size, d.text = d.opcode, 0, utf8Checker{}
	}
	if d.left > d.limit-d.size {
		return faultTooBig
	}
	d.size += d.left
	return nil
}

// payload takes what p holds of the current frame's payload, unmasks it there, and tells
// how much that was. It must be called at least once for each frame, also if that is empty.
func (d *decoder) payload(p []byte) (n int, f *fault) {
	n = int(min(d.left, int64(len(p))))
	d.key = unmask(p[:n], d.key)
	d.left -= int64(n)
	if d.control() {
		return n, nil
	}
	if d.kind == opText && !d.anyText {
		if d.text.write(p[:n]) < n || d.whole() && !d.text.complete() {
			return n, faultText
		}
	}
	if d.whole() {
		d.kind = 0
	}
	return n, nil
}

// whole reports whether all has been taken of a message, or of a control frame.
func (d *decoder) whole() bool { return d.left == 0 && d.fin }

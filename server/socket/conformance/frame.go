package conformance

import (
	"encoding/binary"
	"math/rand/v2"
)

// Opcodes (RFC 6455 section 5.2).
const (
	Continuation = 0x0
	Text         = 0x1
	Binary       = 0x2
	Close        = 0x8
	Ping         = 0x9
	Pong         = 0xA
)

// Frame is a frame as a client sends it. Nothing stops it from being wrong.
type Frame struct {
	Opcode   byte
	More     bool // FIN is not set
	Reserved byte // RSV1 to RSV3 as a number, RSV1 counting four
	Payload  []byte
	Unmasked bool // which no client may be
}

// Bytes returns the frame as it goes over the wire, its length in the shortest
// form, masked with a random key.
func (f Frame) Bytes() []byte {
	return f.append(make([]byte, 0, 14+len(f.Payload)))
}

func (f Frame) append(b []byte) []byte {
	first := f.Opcode | f.Reserved<<4
	if !f.More {
		first |= 0x80
	}
	second := byte(0x80)
	if f.Unmasked {
		second = 0
	}
	b = append(b, first)
	switch n := len(f.Payload); {
	case n <= 125:
		b = append(b, second|byte(n))
	case n <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, second|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, second|127), uint64(n))
	}
	if f.Unmasked {
		return append(b, f.Payload...)
	}
	var key [4]byte
	binary.LittleEndian.PutUint32(key[:], rand.Uint32())
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, f.Payload...)
	for i := range f.Payload {
		b[start+i] ^= key[i%4]
	}
	return b
}

// Join returns the bytes of several frames.
func Join(frames ...Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.append(b)
	}
	return b
}

// Fragment cuts a message into frames of size bytes; the last may be shorter.
func Fragment(opcode byte, payload []byte, size int) []Frame {
	var frames []Frame
	for len(payload) > size {
		frames = append(frames, Frame{Opcode: opcode, More: true, Payload: payload[:size]})
		payload, opcode = payload[size:], Continuation
	}
	return append(frames, Frame{Opcode: opcode, Payload: payload})
}

// ClosePayload is the payload of a close frame.
func ClosePayload(code int, reason string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

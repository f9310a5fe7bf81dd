package load

import "encoding/binary"

// The opcodes that a client of ours needs to know.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

// longestControl is how long a control frame of a server can be.
const longestControl = 2 + 125

// frames follows a server's frames, to see the control frames among them.
type frames struct {
	skip uint64 // of the present frame's payload
	part []byte // of a frame's head, or of a control frame
}

// feed takes the next bytes, and calls control with each control frame.
func (f *frames) feed(data []byte, control func(opcode byte, payload []byte)) {
	for len(data) > 0 {
		if f.skip > 0 {
			n := min(f.skip, uint64(len(data)))
			f.skip -= n
			data = data[n:]
			continue
		}
		frame, before := data, len(f.part)
		if before > 0 {
			f.part = append(f.part, data[:min(len(data), longestControl-before)]...)
			frame = f.part
		}
		head, payload, ok := parseHead(frame)
		isControl := ok && frame[0]&0x8 != 0
		used := head
		if isControl {
			used += int(payload)
			ok = len(frame) >= used
		}
		if !ok { // all of it has been looked at, as it is shorter than the longest
			if before == 0 {
				f.part = append(f.part, data...)
			}
			return
		}
		if isControl {
			control(frame[0]&0xF, frame[head:used])
		} else {
			f.skip = payload
		}
		f.part = f.part[:0]
		data = data[used-before:]
	}
}

// parseHead reads the lengths of an unmasked frame's head and of its payload. It returns
// false if the head isn't there as a whole.
func parseHead(frame []byte) (head int, payload uint64, ok bool) {
	if len(frame) < 2 {
		return 0, 0, false
	}
	switch short := frame[1] & 0x7F; {
	case short < 126:
		return 2, uint64(short), true
	case short == 126 && len(frame) >= 4:
		return 4, uint64(binary.BigEndian.Uint16(frame[2:])), true
	case short == 127 && len(frame) >= 10:
		return 10, binary.BigEndian.Uint64(frame[2:]), true
	}
	return 0, 0, false
}

// serverHead is how long the head of a server's frame is.
func serverHead(payload int) int {
	switch {
	case payload < 126:
		return 2
	case payload <= 0xFFFF:
		return 4
	}
	return 10
}

// mask is what we mask with. A server can't tell it from chance.
var mask = [4]byte{0x5A, 0xC3, 0x17, 0x8E}

// clientFrame makes a frame as a client sends it.
func clientFrame(opcode byte, payload []byte) []byte {
	frame := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xFFFF:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	frame = append(frame, mask[:]...)
	for i, c := range payload {
		frame = append(frame, c^mask[i%4])
	}
	return frame
}

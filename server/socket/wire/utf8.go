package wire

import "encoding/binary"

// utf8Checker validates UTF-8 (RFC 3629, the syntax of its section 4) in a
// stream that may be cut anywhere. The zero value is at the start of a text.
type utf8Checker struct {
	need   int8 // continuation bytes still due for the current code point
	lo, hi byte // range of the next of them
}

// complete reports whether the text so far does not end within a code point.
func (u *utf8Checker) complete() bool { return u.need == 0 }

// write checks p, and returns how many bytes it takes before the first that cannot belong
// to valid UTF-8.
func (u *utf8Checker) write(p []byte) int {
	for i := 0; i < len(p); {
		// Most text is ASCII: take it many bytes at a time.
		if u.need == 0 {
			for len(p)-i >= 32 {
				q := p[i : i+32]
				if (binary.LittleEndian.Uint64(q)|binary.LittleEndian.Uint64(q[8:])|
					binary.LittleEndian.Uint64(q[16:])|binary.LittleEndian.Uint64(q[24:]))&notASCII != 0 {
					break
				}
				i += 32
			}
			for len(p)-i >= 8 && binary.LittleEndian.Uint64(p[i:])&notASCII == 0 {
				i += 8
			}
			if i == len(p) {
				break
			}
		}
		if !u.next(p[i]) {
			return i
		}
		i++
	}
	return len(p)
}

// notASCII are the bits that are not set in eight bytes of ASCII.
const notASCII = 0x8080808080808080

// next takes one byte, and reports whether it can stand here.
func (u *utf8Checker) next(b byte) bool {
	if u.need > 0 {
		if b < u.lo || b > u.hi {
			return false
		}
		u.need--
		u.lo, u.hi = 0x80, 0xBF
		return true
	}
	u.lo, u.hi = 0x80, 0xBF
	switch {
	case b < 0x80:
	case b < 0xC2: // a stray continuation byte, or the lead of an overlong pair
		return false
	case b < 0xE0:
		u.need = 1
	case b < 0xF0:
		u.need = 2
		switch b {
		case 0xE0: // below is overlong
			u.lo = 0xA0
		case 0xED: // above is a surrogate
			u.hi = 0x9F
		}
	case b < 0xF5:
		u.need = 3
		switch b {
		case 0xF0: // below is overlong
			u.lo = 0x90
		case 0xF4: // above is beyond U+10FFFF
			u.hi = 0x8F
		}
	default:
		return false
	}
	return true
}

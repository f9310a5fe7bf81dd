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

// write checks p, masked with key, whose lowest byte is for p[0]. It returns how
// many bytes it takes before the first that cannot belong to valid UTF-8.
func (u *utf8Checker) write(p []byte, key uint32) int {
	wide := uint64(key)<<32 | uint64(key)
	for i := 0; i < len(p); {
		// Most text is ASCII: take it eight bytes at a time, which leaves the
		// key where it is.
		if u.need == 0 && len(p)-i >= 8 {
			k := rotate64(wide, i)
			for len(p)-i >= 8 && (binary.LittleEndian.Uint64(p[i:])^k)&0x8080808080808080 == 0 {
				i += 8
			}
			if i == len(p) {
				break
			}
		}
		if !u.next(p[i] ^ byte(key>>(uint(i&3)*8))) {
			return i
		}
		i++
	}
	return len(p)
}

// rotate64 turns a doubled masking key so that its lowest byte is for position i.
func rotate64(k uint64, i int) uint64 {
	bits := uint(i&3) * 8
	return k>>bits | k<<(64-bits)
}

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

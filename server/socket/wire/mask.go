package wire

import (
	"encoding/binary"
	"math/bits"
)

// unmask removes the mask from p (RFC 6455 section 5.3), or puts it on. The lowest byte
// of the key is for p[0]. It returns the key for what follows p.
func unmask(p []byte, key uint32) uint32 {
	if key == 0 {
		return 0 // which changes nothing
	}
	wide := uint64(key)<<32 | uint64(key)
	// Most of the time goes into long messages: four words at a time.
	for ; len(p) >= 32; p = p[32:] {
		q := p[:32]
		binary.LittleEndian.PutUint64(q, binary.LittleEndian.Uint64(q)^wide)
		binary.LittleEndian.PutUint64(q[8:], binary.LittleEndian.Uint64(q[8:])^wide)
		binary.LittleEndian.PutUint64(q[16:], binary.LittleEndian.Uint64(q[16:])^wide)
		binary.LittleEndian.PutUint64(q[24:], binary.LittleEndian.Uint64(q[24:])^wide)
	}
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^wide)
	}
	for i := range p {
		p[i] ^= byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return key
}

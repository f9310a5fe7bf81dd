package wire

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestUnmask compares with one octet after the other, for every length and place that the
// fast path could treat differently, in one go and in two.
func TestUnmask(t *testing.T) {
	for _, key := range []uint32{0x8A7F_01C3, 0} {
		testUnmask(t, key)
	}
}

func testUnmask(t *testing.T, key uint32) {
	t.Helper()
	var octet [4]byte
	binary.LittleEndian.PutUint32(octet[:], key)
	for size := range 140 {
		plain, masked := pattern(size), make([]byte, size)
		for i := range plain {
			masked[i] = plain[i] ^ octet[i%4]
		}
		for cut := range size + 1 {
			got := bytes.Clone(masked)
			unmask(got[cut:], unmask(got[:cut], key))
			if !bytes.Equal(got, plain) {
				t.Fatalf("%d octets, cut at %d: got % x, want % x", size, cut, got, plain)
			}
		}
	}
}

package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"cartline/server/socket/conformance"
)

// frame is short for a frame in the tables below.
func frame(opcode byte, more bool, payload string) conformance.Frame {
	return conformance.Frame{Opcode: opcode, More: more, Payload: []byte(payload)}
}

// rawHeader returns a masked header with the given length field.
func rawHeader(opcode, length byte, extended ...byte) []byte {
	b := append([]byte{finBit | opcode, maskBit | length}, extended...)
	return append(b, 1, 2, 3, 4)
}

func TestGuard(t *testing.T) {
	const limit = 1000
	type test struct {
		name   string
		stream []byte
		want   *fault
		at     int // index of the byte refused, from the end of the stream if negative
	}
	tests := []test{
		{"empty text", conformance.Join(frame(opText, false, "")), nil, 0},
		{"text", conformance.Join(frame(opText, false, "κόσμε")), nil, 0},
		{"text cut within a code point by a fragment", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, false, "\xba")), nil, 0},
		{"a ping that is not UTF-8 between", conformance.Join(
			frame(opText, true, "\xce"), frame(opPing, false, "\xff"), frame(opContinuation, false, "\xba")), nil, 0},
		{"binary that is not UTF-8", conformance.Join(frame(opBinary, false, "\xff\xfe")), nil, 0},
		{"binary in fragments that is not UTF-8", conformance.Join(
			frame(opBinary, true, "\xff"), frame(opContinuation, false, "\xfe")), nil, 0},
		{"text after binary is checked", conformance.Join(
			frame(opBinary, false, "\xff"), frame(opText, false, "ab\xff")), faultText, -1},
		{"text after text starts afresh", conformance.Join(
			frame(opText, false, "é"), frame(opText, false, "é")), nil, 0},
		{"text with a bad byte", conformance.Join(frame(opText, false, "abc\xffdef")), faultText, -4},
		{"text that ends too soon", conformance.Join(frame(opText, false, "abc\xce")), faultText, -1},
		{"fragment that ends too soon with an empty one", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, false, "")), faultText, -1},
		{"continuation with a bad byte", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, true, "\xbaé\x80")), faultText, -1},

		{"close", conformance.Join(frame(opClose, false, "\x03\xe8bye")), nil, 0},
		{"close without code", conformance.Join(frame(opClose, false, "")), nil, 0},
		{"close with a code that is no text", conformance.Join(frame(opClose, false, "\xff\xff")), nil, 0},
		{"close with a bad reason", conformance.Join(frame(opClose, false, "\x03\xe8by\xff")), faultReason, -1},
		{"close with a reason that ends too soon", conformance.Join(frame(opClose, false, "\x03\xe8by\xce")), faultReason, -1},
		{"close within a code point of a text", conformance.Join(
			frame(opText, true, "\xce"), frame(opClose, false, "\x03\xe8bye")), nil, 0},
		{"anything after close", append(conformance.Join(frame(opClose, false, "")), 0, 0, 0xFF, 0xFF), nil, 0},

		{"not masked", conformance.Frame{Opcode: opText, Payload: []byte("x"), Unmasked: true}.Bytes(), faultUnmasked, 1},
		{"ping not masked", conformance.Frame{Opcode: opPing, Unmasked: true}.Bytes(), faultUnmasked, 1},
		{"length 125 in 16 bits", rawHeader(opBinary, 126, 0, 125), faultLength, -1 - keySize},
		{"length 65535 in 64 bits", rawHeader(opBinary, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF), faultLength, -1 - keySize},
		{"length with the top bit", rawHeader(opBinary, 127, 0x80, 0, 0, 0, 0, 0, 0, 0), faultLength, -1 - keySize},

		{"as long as the limit", conformance.Join(frame(opText, false, strings.Repeat("x", limit))), nil, 0},
		{"over the limit", rawHeader(opText, 126, limit>>8, limit&0xFF+1), faultTooBig, -1},
		{"far over the limit", rawHeader(opText, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), faultTooBig, -1},
		{"over the limit by a fragment", conformance.Join(
			frame(opText, true, strings.Repeat("x", limit)), frame(opPing, false, "y"), frame(opContinuation, false, "x")), faultTooBig, -2},
		{"limit counts from the start of each message", conformance.Join(
			frame(opBinary, false, strings.Repeat("x", limit)), frame(opBinary, false, strings.Repeat("x", limit))), nil, 0},

		// What the engine judges passes.
		{"reserved bits", conformance.Frame{Opcode: opText, Reserved: 7, Payload: []byte("x")}.Bytes(), nil, 0},
		{"reserved opcode", conformance.Join(frame(0x3, false, "\xff")), nil, 0},
		{"big ping", conformance.Join(frame(opPing, false, strings.Repeat("\xff", 300))), nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantAt := test.at
			if test.want == nil {
				wantAt = len(test.stream)
			} else if wantAt < 0 {
				wantAt += len(test.stream)
			}
			// All at once, then octet by octet, then cut in two anywhere.
			for cut := range len(test.stream) + 1 {
				g := &guard{limit: limit}
				at, f := follow(g, test.stream[:cut], test.stream[cut:])
				if f != test.want || at != wantAt {
					t.Fatalf("cut at %d: got %v at %d, want %v at %d", cut, f, at, test.want, wantAt)
				}
			}
			g := &guard{limit: limit}
			at, f := follow(g, octets(test.stream)...)
			if f != test.want || at != wantAt {
				t.Fatalf("by octets: got %v at %d, want %v at %d", f, at, test.want, wantAt)
			}
		})
	}
}

// follow feeds the guard until it finds a fault. It returns how many bytes were
// in order.
func follow(g *guard, chunks ...[]byte) (int, *fault) {
	total := 0
	for _, chunk := range chunks {
		n, f := g.check(chunk)
		total += n
		if f != nil {
			return total, f
		}
	}
	return total, nil
}

func octets(b []byte) [][]byte {
	all := make([][]byte, len(b))
	for i := range b {
		all[i] = b[i : i+1]
	}
	return all
}

// FuzzGuardText cuts a text into fragments, with pings between, and the stream
// into reads, all as the input says, and compares the verdict with that on the
// whole text.
func FuzzGuardText(f *testing.F) {
	for _, text := range []string{"", "hello", "κόσμε", "κόσμ\xce", "a\xed\xa0\x80b", "\xf4\x90\x80\x80", "12345678\x80", "𤭢𤭢𤭢"} {
		f.Add([]byte(text), []byte{1, 2, 3}, uint64(7))
		f.Add([]byte(text), []byte{}, uint64(0))
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		// Fragments, and where the payload of each is in the stream.
		var stream []byte
		position := make([]int, 0, len(text)) // of each byte of the text
		opcode := byte(opText)
		for rest, last := text, false; !last; opcode = opContinuation {
			n := len(rest)
			if len(cuts) > 0 {
				n = min(n, int(cuts[0]))
				cuts = cuts[1:]
			} else {
				last = true
			}
			b := conformance.Frame{Opcode: opcode, More: !last, Payload: rest[:n]}.Bytes()
			for i := range n {
				position = append(position, len(stream)+len(b)-n+i)
			}
			stream = append(stream, b...)
			rest = rest[n:]
			if !last && random.IntN(3) == 0 {
				stream = append(stream, frame(opPing, false, "\xffping").Bytes()...)
			}
		}

		var want *fault
		at := len(stream)
		if bad := firstBad(text); bad < len(text) {
			want, at = faultText, position[bad]
		} else if !utf8.Valid(text) {
			want, at = faultText, len(stream)-1
		}

		var chunks [][]byte
		for rest := stream; len(rest) > 0; {
			n := 1 + random.IntN(min(len(rest), 20))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		for name, chunks := range map[string][][]byte{
			"whole": {stream}, "octets": octets(stream), "random": chunks,
		} {
			gotAt, got := follow(&guard{limit: int64(len(text))}, chunks...)
			if got != want || gotAt != at {
				t.Errorf("%s: got %v at %d, want %v at %d", name, got, gotAt, want, at)
			}
		}
	})
}

// FuzzGuard feeds any bytes. The verdict must not depend on how they are cut.
func FuzzGuard(f *testing.F) {
	f.Add(conformance.Join(frame(opText, true, "κ"), frame(opPing, false, "x"), frame(opContinuation, false, "όσμε")), uint64(1))
	f.Add(rawHeader(opText, 127, 0, 0, 0, 0, 0, 1, 0, 0), uint64(2))
	f.Add(conformance.Join(frame(opClose, false, "\x03\xe8\xce"), frame(opText, false, "x")), uint64(3))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		wantAt, want := follow(&guard{limit: 1 << 20}, stream)
		if want == nil && wantAt != len(stream) {
			t.Fatalf("took %d bytes of %d without a fault", wantAt, len(stream))
		}
		random := rand.New(rand.NewPCG(seed, 2))
		var chunks [][]byte
		for rest := stream; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		for name, chunks := range map[string][][]byte{"octets": octets(stream), "random": chunks} {
			if at, f := follow(&guard{limit: 1 << 20}, chunks...); f != want || at != wantAt {
				t.Errorf("%s: got %v at %d, want %v at %d", name, f, at, want, wantAt)
			}
		}
	})
}

func TestGuardDoesNotAllocate(t *testing.T) {
	stream := conformance.Join(
		frame(opText, true, "κόσμε"), frame(opPing, false, "x"), frame(opContinuation, false, "abcdefghijklmnop"),
		frame(opBinary, false, strings.Repeat("\xff", 300)))
	g := &guard{limit: 1 << 10}
	if got := testing.AllocsPerRun(100, func() {
		if _, f := g.check(stream); f != nil {
			t.Fatal(f)
		}
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func BenchmarkGuard(b *testing.B) {
	for _, size := range []int{32, 4096} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			stream := conformance.Frame{Opcode: opText, Payload: bytes.Repeat([]byte("x"), size)}.Bytes()
			g := &guard{limit: 1 << 20}
			b.SetBytes(int64(size))
			for b.Loop() {
				g.check(stream)
			}
		})
	}
}

// TestPutHeader reads back the lengths on the borders of the three forms.
func TestPutHeader(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 127, 65535, 65536, 32 << 20} {
		var b [10]byte
		n := putHeader(b[:], opBinary, size)
		got := uint64(b[1])
		switch b[1] {
		case 126:
			got = uint64(binary.BigEndian.Uint16(b[2:]))
		case 127:
			got = binary.BigEndian.Uint64(b[2:])
		}
		want := map[bool]int{true: 2, false: 4}[size <= 125]
		if size > 65535 {
			want = 10
		}
		if b[0] != finBit|opBinary || got != uint64(size) || n != want {
			t.Errorf("size %d: got % x of %d bytes", size, b, n)
		}
	}
}

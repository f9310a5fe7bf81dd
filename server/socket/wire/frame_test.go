package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
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

// decoded is what a decoder made of a stream: the payloads of its frames, each behind its
// opcode and fin bit, and what was wrong then.
type decoded struct {
	frames string
	fault  *fault
}

// decode feeds a decoder in chunks until it finds a fault or a close frame, behind which
// nobody looks.
func decode(limit int64, chunks ...[]byte) (result decoded) {
	d := &decoder{limit: limit}
	var payload []byte
	within := false
	for _, chunk := range chunks {
		p := bytes.Clone(chunk) // which is unmasked in place
		for first := true; first || len(p) > 0; first = false {
			if !within {
				n, whole, f := d.header(p)
				if p = p[n:]; f != nil {
					return decoded{result.frames, f}
				}
				if !whole {
					continue
				}
				within, payload = true, nil
			}
			n, f := d.payload(p)
			if f != nil {
				return decoded{result.frames, f}
			}
			payload, p = append(payload, p[:n]...), p[n:]
			if d.left > 0 {
				continue
			}
			within = false
			result.frames += fmt.Sprintf("%x %t %q\n", d.opcode, d.fin, payload)
			if d.opcode == opClose {
				return result
			}
		}
	}
	return result
}

func octets(b []byte) [][]byte {
	all := make([][]byte, len(b))
	for i := range b {
		all[i] = b[i : i+1]
	}
	return all
}

// pieces cuts b anywhere.
func pieces(b []byte, random *rand.Rand) (all [][]byte) {
	for len(b) > 0 {
		n := 1 + random.IntN(min(len(b), 20))
		all, b = append(all, b[:n]), b[n:]
	}
	return all
}

func TestDecoder(t *testing.T) {
	const limit = 1000
	unmasked := func(opcode byte, payload string) []byte {
		return conformance.Frame{Opcode: opcode, Payload: []byte(payload), Unmasked: true}.Bytes()
	}
	reserved := func(bits byte) []byte {
		return conformance.Frame{Opcode: opText, Reserved: bits, Payload: []byte("x")}.Bytes()
	}
	for _, test := range []struct {
		name   string
		stream []byte
		want   *fault
	}{
		{"empty text", conformance.Join(frame(opText, false, "")), nil},
		{"text", conformance.Join(frame(opText, false, "κόσμε")), nil},
		{"text cut within a code point by a fragment", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, false, "\xba")), nil},
		{"a ping that is not UTF-8 between", conformance.Join(
			frame(opText, true, "\xce"), frame(opPing, false, "\xff"), frame(opContinuation, false, "\xba")), nil},
		{"binary that is not UTF-8", conformance.Join(frame(opBinary, false, "\xff\xfe")), nil},
		{"binary in fragments that is not UTF-8", conformance.Join(
			frame(opBinary, true, "\xff"), frame(opContinuation, false, "\xfe")), nil},
		{"text after binary is checked", conformance.Join(
			frame(opBinary, false, "\xff"), frame(opText, false, "ab\xff")), faultText},
		{"text after text starts afresh", conformance.Join(
			frame(opText, false, "é"), frame(opText, false, "é")), nil},
		{"text with a bad byte", conformance.Join(frame(opText, false, "abc\xffdef")), faultText},
		{"text with a bad byte, unfinished", conformance.Join(frame(opText, false, "abc\xffdef"))[:10], faultText},
		{"text that ends too soon", conformance.Join(frame(opText, false, "abc\xce")), faultText},
		{"fragment that ends too soon with an empty one", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, false, "")), faultText},
		{"continuation with a bad byte", conformance.Join(
			frame(opText, true, "\xce"), frame(opContinuation, true, "\xbaé\x80")), faultText},

		{"close within a code point of a text", conformance.Join(
			frame(opText, true, "\xce"), frame(opClose, false, "\x03\xe8bye")), nil},
		{"anything after close", append(conformance.Join(frame(opClose, false, "")), 0, 0, 0xFF, 0xFF), nil},

		{"not masked", unmasked(opText, "x"), faultUnmasked},
		{"not masked and empty", unmasked(opBinary, ""), faultUnmasked},
		{"ping not masked", unmasked(opPing, ""), faultUnmasked},
		{"length 125 in 16 bits", rawHeader(opBinary, 126, 0, 125), faultLength},
		{"length 65535 in 64 bits", rawHeader(opBinary, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF), faultLength},
		{"length with the top bit", rawHeader(opBinary, 127, 0x80, 0, 0, 0, 0, 0, 0, 0), faultLength},

		{"as long as the limit", conformance.Join(frame(opText, false, strings.Repeat("x", limit))), nil},
		{"over the limit", rawHeader(opText, 126, limit>>8, limit&0xFF+1), faultTooBig},
		{"far over the limit", rawHeader(opText, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), faultTooBig},
		{"over the limit by a fragment", conformance.Join(
			frame(opText, true, strings.Repeat("x", limit)), frame(opPing, false, "y"), frame(opContinuation, false, "x")), faultTooBig},
		{"limit counts from the start of each message", conformance.Join(
			frame(opBinary, false, strings.Repeat("x", limit)), frame(opBinary, false, strings.Repeat("x", limit))), nil},

		{"RSV1", reserved(4), faultReserved},
		{"RSV2", reserved(2), faultReserved},
		{"RSV3, known from the first bytes", reserved(1)[:2], faultReserved},
		{"opcode 3", conformance.Join(frame(0x3, false, "")), faultOpcode},
		{"opcode 7", conformance.Join(frame(0x7, true, "x")), faultOpcode},
		{"opcode 11", conformance.Join(frame(0xB, false, "")), faultOpcode},
		{"opcode 15", conformance.Join(frame(0xF, false, "x")), faultOpcode},
		{"ping of 125 bytes", conformance.Join(frame(opPing, false, strings.Repeat("\xff", 125))), nil},
		{"ping of 126 bytes", rawHeader(opPing, 126, 0, 126), faultControlSize},
		{"fragmented ping", conformance.Join(frame(opPing, true, "")), faultControlParts},
		{"fragmented close", conformance.Join(frame(opClose, true, "")), faultControlParts},
		{"continuation of nothing", conformance.Join(frame(opContinuation, false, "x")), faultContinuation},
		{"continuation of a message that is whole", conformance.Join(
			frame(opText, false, ""), frame(opContinuation, true, "x")), faultContinuation},
		{"text within a text", conformance.Join(frame(opText, true, "x"), frame(opText, false, "y")), faultUnfinished},
		{"binary within a text, behind a pong", conformance.Join(
			frame(opText, true, ""), frame(opPong, false, "z"), frame(opBinary, false, "y")), faultUnfinished},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := naive(limit, test.stream)
			if want.fault != test.want {
				t.Fatalf("the model finds %v, want %v", want.fault, test.want)
			}
			// All at once, then cut in two anywhere, then octet by octet.
			for cut := range len(test.stream) + 1 {
				if got := decode(limit, test.stream[:cut], test.stream[cut:]); got != want {
					t.Fatalf("cut at %d: got %v, want %v", cut, got, want)
				}
			}
			if got := decode(limit, octets(test.stream)...); got != want {
				t.Fatalf("by octets: got %v, want %v", got, want)
			}
		})
	}
}

// naive is a decoder as one would write it who has the whole stream and all the time in
// the world: the model that the real one is compared with.
func naive(limit int64, stream []byte) (result decoded) {
	var message []byte // with its kind as the first byte; nil: none has begun
	fail := func(f *fault) decoded { return decoded{result.frames, f} }
	for len(stream) >= 2 {
		opcode, fin := stream[0]&15, stream[0] >= 128
		control := slices.Contains([]byte{8, 9, 10}, opcode)
		length, rest := uint64(stream[1]%128), stream[2:]
		switch {
		case stream[0]>>4&7 != 0:
			return fail(faultReserved)
		case !slices.Contains([]byte{0, 1, 2, 8, 9, 10}, opcode):
			return fail(faultOpcode)
		case stream[1] < 128:
			return fail(faultUnmasked)
		case control && !fin:
			return fail(faultControlParts)
		case control && length > 125:
			return fail(faultControlSize)
		case opcode == 0 && message == nil:
			return fail(faultContinuation)
		case !control && opcode != 0 && message != nil:
			return fail(faultUnfinished)
		}
		if extended := map[uint64]int{126: 2, 127: 8}[length]; extended > 0 {
			if len(rest) < extended+4 {
				return result
			}
			least := map[int]uint64{2: 126, 8: 65536}[extended]
			length = 0
			for _, b := range rest[:extended] {
				length = length<<8 | uint64(b)
			}
			if length < least || length >= 1<<63 {
				return fail(faultLength)
			}
			rest = rest[extended:]
		}
		if len(rest) < 4 {
			return result
		}
		key, rest := rest[:4], rest[4:]
		if !control && opcode != 0 {
			message = []byte{opcode}
		}
		if before := uint64(max(len(message), 1) - 1); !control && length > uint64(limit)-before {
			return fail(faultTooBig)
		}
		payload := bytes.Clone(rest[:min(length, uint64(len(rest)))])
		for i := range payload {
			payload[i] ^= key[i%4]
		}
		whole := uint64(len(payload)) == length
		if !control {
			message = append(message, payload...)
			text := message[1:]
			if message[0] == 1 && (firstBad(text) < len(text) || whole && fin && !utf8.Valid(text)) {
				return fail(faultText)
			}
		}
		if !whole {
			return result
		}
		result.frames += fmt.Sprintf("%x %t %q\n", opcode, fin, payload)
		if opcode == 8 {
			return result
		}
		if !control && fin {
			message = nil
		}
		stream = rest[length:]
	}
	return result
}

// FuzzDecoder feeds any bytes. Frames and verdict must be those of the model, however the
// stream is cut.
func FuzzDecoder(f *testing.F) {
	f.Add(conformance.Join(frame(opText, true, "κ"), frame(opPing, false, "x"), frame(opContinuation, false, "όσμε")), uint64(1))
	f.Add(rawHeader(opText, 127, 0, 0, 0, 0, 0, 1, 0, 0), uint64(2))
	f.Add(conformance.Join(frame(opClose, false, "\x03\xe8\xce"), frame(opText, false, "x")), uint64(3))
	f.Add(conformance.Join(frame(opBinary, true, strings.Repeat("\xff", 200)), frame(opContinuation, true, ""), frame(opContinuation, false, "y")), uint64(4))
	f.Add(conformance.Join(frame(opText, true, "x"), frame(opText, false, "y")), uint64(5))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		const limit = 300
		want := naive(limit, stream)
		random := rand.New(rand.NewPCG(seed, 2))
		for name, chunks := range map[string][][]byte{
			"whole": {stream}, "octets": octets(stream), "random": pieces(stream, random),
		} {
			if got := decode(limit, chunks...); got != want {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
	})
}

// FuzzDecoderText cuts a text into fragments, with pings between, and the stream into
// reads, all as the input says: any text, in frames that are right.
func FuzzDecoderText(f *testing.F) {
	for _, text := range []string{"", "hello", "κόσμε", "κόσμ\xce", "a\xed\xa0\x80b", "\xf4\x90\x80\x80", "12345678\x80", "𤭢𤭢𤭢"} {
		f.Add([]byte(text), []byte{1, 2, 3}, uint64(7))
		f.Add([]byte(text), []byte{}, uint64(0))
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		var stream []byte
		opcode := byte(opText)
		for rest, last := text, false; !last; opcode = opContinuation {
			n := len(rest)
			if len(cuts) > 0 {
				n = min(n, int(cuts[0]))
				cuts = cuts[1:]
			} else {
				last = true
			}
			stream = append(stream, conformance.Frame{Opcode: opcode, More: !last, Payload: rest[:n]}.Bytes()...)
			rest = rest[n:]
			if !last && random.IntN(3) == 0 {
				stream = append(stream, frame(opPing, false, "\xffping").Bytes()...)
			}
		}
		limit := int64(len(text))
		want := naive(limit, stream)
		if valid := want.fault == nil; valid != utf8.Valid(text) {
			t.Fatalf("the model finds %v in %q", want.fault, text)
		}
		for name, chunks := range map[string][][]byte{
			"whole": {stream}, "octets": octets(stream), "random": pieces(stream, random),
		} {
			if got := decode(limit, chunks...); got != want {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
	})
}

func TestDecoderDoesNotAllocate(t *testing.T) {
	stream := conformance.Join(
		frame(opText, true, "κόσμε"), frame(opPing, false, "x"), frame(opContinuation, false, "abcdefghijklmnop"),
		frame(opBinary, false, strings.Repeat("\xff", 300)))
	d := &decoder{limit: 1 << 10}
	p := make([]byte, len(stream))
	if got := testing.AllocsPerRun(100, func() {
		copy(p, stream)
		for rest := p; len(rest) > 0; {
			n, whole, f := d.header(rest)
			if f != nil || !whole {
				t.Fatal(whole, f)
			}
			rest = rest[n:]
			if n, f = d.payload(rest); f != nil {
				t.Fatal(f)
			}
			rest = rest[n:]
		}
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

// BenchmarkDecoder finds, unmasks and checks text messages.
func BenchmarkDecoder(b *testing.B) {
	for _, size := range []int{32, 4096} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			head := rawHeader(opText, 126, byte(size>>8), byte(size))
			if size < 126 {
				head = rawHeader(opText, byte(size))
			}
			payload := bytes.Repeat([]byte("x"), size)
			d := &decoder{limit: 1 << 20}
			b.SetBytes(int64(size))
			for b.Loop() {
				unmask(payload, 0x04030201) // masks it
				d.header(head)
				d.payload(payload)
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

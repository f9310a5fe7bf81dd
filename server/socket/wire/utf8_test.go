package wire

import (
	"testing"
	"unicode/utf8"
)

// firstBad returns the index of the first byte of p after which no continuation
// makes it valid UTF-8, len(p) if there is none. It is the oracle, made of the
// standard library's decoder.
func firstBad(p []byte) int {
	for i := 0; i < len(p); {
		r, size := utf8.DecodeRune(p[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		for k := i + 1; k <= len(p); k++ {
			if utf8.FullRune(p[i:k]) {
				return k - 1
			}
		}
		return len(p) // cut within a code point
	}
	return len(p)
}

// TestUTF8Sequences tries all sequences of up to three bytes, and those of four
// that begin with a lead byte of four and have interesting ends.
func TestUTF8Sequences(t *testing.T) {
	check := func(p []byte) {
		var u utf8Checker
		got, want := u.write(p), firstBad(p)
		if got != want {
			t.Fatalf("% x: got first bad byte at %d, want %d", p, got, want)
		}
		if got == len(p) && u.complete() != utf8.Valid(p) {
			t.Fatalf("% x: got complete %v, want %v", p, u.complete(), utf8.Valid(p))
		}
	}
	for a := range 256 {
		check([]byte{byte(a)})
		for b := range 256 {
			check([]byte{byte(a), byte(b)})
			for _, c := range []byte{0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xF0, 0xFF} {
				check([]byte{byte(a), byte(b), c})
				for _, d := range []byte{0, 0x7F, 0x80, 0xBF, 0xC0, 0xFF} {
					check([]byte{byte(a), byte(b), c, d})
				}
			}
		}
	}
}

// TestUTF8FastPath puts a bad byte, and a good code point, at every distance from
// the stretches that are checked many bytes at a time.
func TestUTF8FastPath(t *testing.T) {
	for size := range 80 {
		for at := range size {
			for _, insert := range []string{"\x80", "\xff", "é", "\xed\xa0\x80", "𤭢"} {
				p := make([]byte, size)
				for i := range p {
					p[i] = 'a' + byte(i%26)
				}
				p = append(p[:at:at], append([]byte(insert), p[at:]...)...)
				var u utf8Checker
				if got, want := u.write(p), firstBad(p); got != want {
					t.Fatalf("%q: got first bad byte at %d, want %d", p, got, want)
				}
			}
		}
	}
}

func BenchmarkUTF8(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"ASCII", "The quick brown fox jumps over it"},
		{"Greek", "κόσμε και άλλα "},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var p []byte
			for len(p) < 4096 {
				p = append(p, bench.text...)
			}
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				var u utf8Checker
				u.write(p)
			}
		})
	}
}

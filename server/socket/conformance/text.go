package conformance

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// kosme is a Greek word whose letters take two and three bytes.
	kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"

	// surrogate is U+D800, which UTF-8 has no place for; its second byte is wrong.
	surrogate = "\xed\xa0\x80"

	// beyond is U+110000, one too many; its second byte is wrong.
	beyond = "\xf4\x90\x80\x80"

	mixed = "Hello-µ@ßöäüàá-UTF-8!!"

	// quiet is how long the server must not react to a valid beginning.
	quiet = 50 * time.Millisecond
)

// utf8Handling is sections 6.1 to 6.4: texts that are empty, cut within code
// points, or wrong in the middle.
func utf8Handling() []Case {
	echoes := func(want string, frames ...Frame) func(*Client) {
		return func(c *Client) {
			c.SendFrames(frames...)
			c.Expect(Text, []byte(want))
			c.Finish()
		}
	}
	fails := func(frames ...Frame) func(*Client) {
		return func(c *Client) {
			c.SendFrames(frames...)
			c.ExpectFailure(1007)
		}
	}
	// A pong proves that the first fragment was accepted, where the original
	// waits a second. The third fragment is never sent: the second is enough.
	failsFast := func(first, second string) func(*Client) {
		return func(c *Client) {
			c.SendFrames(part(Text, true, first), part(Ping, false, "still there?"))
			c.Expect(Pong, []byte("still there?"))
			c.SendFrames(part(Continuation, true, second))
			c.ExpectFailure(1007)
		}
	}
	// Within a frame there is no room for a ping.
	failsFastInFrame := func(first, second, third string) func(*Client) {
		return func(c *Client) {
			frame := part(Text, false, first+second+third).Bytes()
			end := len(frame) - len(third)
			c.Send(frame[:end-len(second)])
			c.ExpectQuiet(quiet)
			c.Send(frame[end-len(second) : end])
			c.ExpectFailure(1007)
		}
	}
	wrong := kosme + surrogate + "edited"
	// The second byte of beyond is the thirteenth of the text.
	tooFar := kosme + beyond + "edited"
	return []Case{
		{Number: "6.1.1", Intent: "empty text", script: echoes("", part(Text, false, ""))},
		{Number: "6.1.2", Intent: "empty text in three empty fragments", script: echoes("",
			part(Text, true, ""), part(Continuation, true, ""), part(Continuation, false, ""))},
		{Number: "6.1.3", Intent: "text between two empty fragments", script: echoes("middle frame payload",
			part(Text, true, ""), part(Continuation, true, "middle frame payload"), part(Continuation, false, ""))},

		{Number: "6.2.1", Intent: "valid text", script: echoes(mixed, part(Text, false, mixed))},
		{Number: "6.2.2", Intent: "valid text in two fragments, cut between code points", script: echoes(mixed,
			part(Text, true, "Hello-µ@ßöä"), part(Continuation, false, "üàá-UTF-8!!"))},
		{Number: "6.2.3", Intent: "valid text in fragments of one octet", script: echoes(mixed, Fragment(Text, []byte(mixed), 1)...)},
		{Number: "6.2.4", Intent: "valid text, all beyond ASCII, in fragments of one octet", script: echoes(kosme, Fragment(Text, []byte(kosme), 1)...)},

		{Number: "6.3.1", NeedsUTF8: true, Intent: "text with a surrogate", script: fails(part(Text, false, wrong))},
		{Number: "6.3.2", NeedsUTF8: true, Intent: "text with a surrogate in fragments of one octet", script: fails(Fragment(Text, []byte(wrong), 1)...)},

		{Number: "6.4.1", NeedsUTF8: true, Intent: "fails at the fragment that is wrong", script: failsFast(kosme, beyond)},
		{Number: "6.4.2", NeedsUTF8: true, Intent: "fails at the octet that is wrong, the last of a fragment", script: failsFast(tooFar[:12], tooFar[12:13])},
		{Number: "6.4.3", NeedsUTF8: true, Intent: "fails within a frame at the chop that is wrong", script: failsFastInFrame(kosme, beyond, "edited")},
		{Number: "6.4.4", NeedsUTF8: true, Intent: "fails within a frame at the octet that is wrong", script: failsFastInFrame(tooFar[:12], tooFar[12:13], tooFar[13:])},
	}
}

// utf8Sequences is sections 6.5 to 6.23, after the stress test for decoders by
// Markus Kuhn: texts of one frame, good and bad.
func utf8Sequences() (cases []Case) {
	for i, group := range []struct {
		name      string
		sequences []string
	}{
		{"valid sequence", []string{"hello\x24world", "hello\xc2\xa2world", "hello\xe2\x82\xacworld", "hello\xf0\xa4\xad\xa2world", kosme}},
		{"prefix of a valid text", prefixes(kosme)},
		{"first sequence of its length", []string{"\x00", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}},
		{"first sequence of 5 and 6 bytes", []string{"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"}},
		{"last sequence of its length", []string{"\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}},
		{"last sequence of 4, 5 and 6 bytes", []string{"\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"}},
		{"other boundary", []string{"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf", "\xf4\x90\x80\x80"}},
		{"unexpected continuation bytes", append(
			[]string{"\x80", "\xbf"},
			"\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf", "\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf",
			byteRange(0x80, 0xbe, ""))},
		{"lonely start bytes", []string{
			byteRange(0xc0, 0xde, " "), byteRange(0xe0, 0xee, " "), byteRange(0xf0, 0xf6, " "),
			byteRange(0xf8, 0xfa, " "), byteRange(0xfc, 0xfc, " ")}},
		{"last continuation byte missing", incomplete},
		{"incomplete sequences in a row", []string{strings.Join(incomplete, "")}},
		{"impossible bytes", []string{"\xfe", "\xff", "\xfe\xfe\xff\xff"}},
		{"overlong slash", []string{"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"}},
		{"last overlong sequence of its length", []string{"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"}},
		{"overlong NUL", []string{"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"}},
		{"single surrogate", []string{"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"}},
		{"pair of surrogates", surrogatePairs()},
		{"non-character, which is valid", nonCharacters()},
		{"special, which is valid", []string{"\xef\xbf\xb9", "\xef\xbf\xba", "\xef\xbf\xbb", "\xef\xbf\xbc", "\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbf"}},
	} {
		for j, s := range group.sequences {
			valid := utf8.ValidString(s)
			cases = append(cases, Case{
				Number:    fmt.Sprintf("6.%d.%d", i+5, j+1),
				Intent:    fmt.Sprintf("%s: % x", group.name, s),
				NeedsUTF8: !valid,
				script: func(c *Client) {
					c.SendFrames(part(Text, false, s))
					if !valid {
						c.ExpectFailure(1007)
						return
					}
					c.Expect(Text, []byte(s))
					c.Finish()
				},
			})
		}
	}
	return cases
}

// incomplete are the first and the last sequence of each length from 2 to 6,
// without their last byte.
var incomplete = []string{
	"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80",
	"\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf",
}

func prefixes(s string) (all []string) {
	for i := range len(s) {
		all = append(all, s[:i+1])
	}
	return all
}

// byteRange returns the bytes from first to last, each followed by then.
func byteRange(first, last byte, then string) string {
	var b strings.Builder
	for c := int(first); c <= int(last); c++ {
		b.WriteByte(byte(c))
		b.WriteString(then)
	}
	return b.String()
}

// surrogatePairs are the corners of the range that UTF-16 encodes in pairs.
func surrogatePairs() (all []string) {
	for _, high := range []string{"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf"} {
		for _, low := range []string{"\xed\xb0\x80", "\xed\xbf\xbf"} {
			all = append(all, high+low)
		}
	}
	return all
}

// nonCharacters are the last two code points of each plane.
func nonCharacters() (all []string) {
	for plane := range rune(0x11) {
		all = append(all, string(plane<<16|0xFFFE), string(plane<<16|0xFFFF))
	}
	return all
}

package transcript

import (
	"strings"
	"testing"
	"time"

	"cartline/shared/lab"
)

func TestGapWords(t *testing.T) {
	tests := []struct {
		gap  time.Duration
		want string
	}{
		{-time.Second, "+0 ms"},
		{0, "+0 ms"},
		{300 * time.Microsecond, "+0.3 ms"},
		{12 * time.Millisecond, "+12 ms"},
		{999 * time.Millisecond, "+999 ms"},
		{1234 * time.Millisecond, "+1.234 s"},
		{65 * time.Second, "+1 min 5 s"},
	}
	for _, test := range tests {
		if got := gapWords(test.gap); got != test.want {
			t.Errorf("%v: got %q, want %q", test.gap, got, test.want)
		}
	}
}

// A row shows a piece of the text that has in it what is looked for.
func TestPiece(t *testing.T) {
	long := strings.Repeat("x", 500)
	tests := []struct {
		name          string
		entry         Entry
		query         string
		before, found string
		behind        string
	}{
		{"short", text(lab.Sent, "hello"), "", "hello", "", ""},
		{"found", text(lab.Sent, "say Hello!"), "hello", "say ", "Hello", "!"},
		{"long", text(lab.Sent, long), "", long[:maxRow] + "…", "", ""},
		{"far behind", text(lab.Sent, long+"Needle"+long), "needle", "…" + long[:beforeHit], "Needle", long[:maxRow-beforeHit-len("needle")] + "…"},
		{"characters of several bytes", text(lab.Sent, strings.Repeat("漢", 50)+"é!"), "É", "…" + strings.Repeat("漢", 14), "é", "!"},
		{"no character is broken", text(lab.Sent, "x"+strings.Repeat("漢", 200)), "", "x" + strings.Repeat("漢", 99) + "…", "", ""},
		{"binary", Entry{Entry: lab.Entry{Way: lab.Sent, Binary: true, Data: []byte("Hi\x00")}}, "69", "binary: 48 ", "69", " 00"},
		{"binary by its text", Entry{Entry: lab.Entry{Way: lab.Sent, Binary: true, Data: []byte("Hi\x00")}}, "hi", "binary: 48 69 00", "", ""},
		{"note", note("Connected"), "ed", "Connect", "ed", ""},
		{"what can't be seen", text(lab.Sent, "a\x00\x1b\x7f\u202eb\xff\tc"), "", "a␀␛␡⟨U+202E⟩b\uFFFD\tc", "", ""},
	}
	for _, test := range tests {
		before, found, behind := test.entry.piece(newSearch(test.query))
		if before != test.before || found != test.found || behind != test.behind {
			t.Errorf("%s: got %q, %q, %q, want %q, %q, %q", test.name, before, found, behind, test.before, test.found, test.behind)
		}
	}
}

func TestLines(t *testing.T) {
	l := logOf(
		note("Connected"),
		text(lab.Sent, "one\ntwo"),
		Entry{Entry: lab.Entry{At: noon, Way: lab.Received, Binary: true, Data: []byte("Hi")}},
		Entry{Entry: lab.Entry{At: noon, Way: lab.Received, Data: []byte("part"), Cut: 2048}},
		Entry{Entry: lab.Entry{At: noon, Way: lab.Closed, Code: 1011, Reason: "oops"}, Trouble: true},
	)
	at := noon.Local().Format("15:04:05.000")
	want := at + " note Connected\n" +
		at + ` sent one\ntwo` + "\n" +
		at + " received 48 69\n" +
		at + " received part … The other 2.0 KiB are not kept.\n" +
		at + " problem Disconnected (code 1011) oops\n"
	if got := l.lines(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	l.SetFilter(Filter{Direction: Sent})
	if got, want := l.lines(), at+` sent one\ntwo`+"\n"; got != want {
		t.Errorf("filtered, got\n%swant\n%s", got, want)
	}
}

func TestShortCursor(t *testing.T) {
	tests := map[string]string{"": "", "abc": "abc", "0123456789ab": "0123456789ab", "0123456789abcdef": "…56789abcdef", "12345é1234567890": "…1234567890"}
	for cursor, want := range tests {
		if got := shortCursor(cursor); got != want {
			t.Errorf("%q: got %q, want %q", cursor, got, want)
		}
	}
}

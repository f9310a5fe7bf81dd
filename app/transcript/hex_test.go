package transcript

import (
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHexDump(t *testing.T) {
	tests := []struct{ data, want string }{
		{"", ""},
		{"Hello\x00", "00000000  48 65 6c 6c 6f 00                                 Hello."},
		{
			"0123456789abcdef\x7f",
			"00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n" +
				"00000010  7f                                                .",
		},
	}
	for _, test := range tests {
		if got := hexDump([]byte(test.data)); got != test.want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.data, got, test.want)
		}
	}
}

// It is what hex.Dump writes, but for the bars around the text.
func TestHexDumpProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "data")
		var want []string
		for line := range strings.Lines(hex.Dump(data)) {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "|")
			if before, after, ok := strings.Cut(line, "  |"); ok {
				want = append(want, before+"  "+after)
			}
		}
		if got := hexDump(data); got != strings.Join(want, "\n") {
			t.Fatalf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	})
}

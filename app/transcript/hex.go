package transcript

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// hexLine is how many bytes are on a line.
const hexLine = 16

// hexDump writes data as people read it: where a line begins, its bytes, and those of
// them that are printable ASCII.
//
//	00000000  48 65 6c 6c 6f 00                                 Hello.
func hexDump(data []byte) string {
	var b strings.Builder
	b.Grow((len(data)/hexLine + 1) * 78)
	for start := 0; start < len(data); start += hexLine {
		line := data[start:min(len(data), start+hexLine)]
		if start > 0 {
			b.WriteByte('\n')
		}
		offset := strconv.FormatInt(int64(start), 16)
		b.WriteString(strings.Repeat("0", max(0, 8-len(offset))) + offset + " ")
		for i := range hexLine {
			if i%8 == 0 {
				b.WriteByte(' ')
			}
			if i < len(line) {
				b.WriteString(hex.EncodeToString(line[i:i+1]) + " ")
			} else {
				b.WriteString("   ")
			}
		}
		b.WriteByte(' ')
		for _, c := range line {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

package load

import (
	"bytes"
	"strconv"
	"time"
)

// A mark is a time in nanoseconds, put into a payload by whoever sends it: sent=, and 19
// digits. The clock is that of this process, at both ends.
const (
	markPrefix = "sent="
	markDigits = 19
	markLength = len(markPrefix) + markDigits
)

// Mark returns the mark of a moment.
func Mark(at time.Time) string {
	return markPrefix + strconv.FormatInt(at.UnixNano(), 10) // which has 19 digits until 2286
}

// marks finds the marks of one connection, however they are cut by reads.
type marks struct {
	rest   [markLength - 1]byte
	length int
}

// scan calls found with the time of each mark that is complete now.
func (m *marks) scan(data []byte, found func(sent int64)) {
	if m.length > 0 {
		// A mark that began in the rest ends within so many bytes.
		var seam [2 * (markLength - 1)]byte
		n := copy(seam[:], m.rest[:m.length])
		n += copy(seam[n:], data[:min(len(data), markLength-1)])
		find(seam[:n], found)
		if len(data) < markLength-1 {
			m.keep(seam[:n])
			return
		}
	}
	find(data, found)
	m.keep(data)
}

// keep notes the end of what was scanned, as far as it may be a mark's beginning.
func (m *marks) keep(data []byte) {
	m.length = copy(m.rest[:], data[max(0, len(data)-len(m.rest)):])
}

// find calls found for each mark that is complete in the data.
func find(data []byte, found func(sent int64)) {
	for {
		i := bytes.Index(data, []byte(markPrefix))
		if i < 0 || len(data)-i < markLength {
			return
		}
		sent, ok := digits(data[i+len(markPrefix) : i+markLength])
		if ok {
			found(sent)
		}
		data = data[i+len(markPrefix):]
	}
}

// digits reads a number, without making a string of it.
func digits(text []byte) (n int64, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

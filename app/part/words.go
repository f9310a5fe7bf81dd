package part

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Size writes a number of bytes: "14 B", "1.5 KiB".
func Size(n int) string {
	switch {
	case n < 1<<10:
		return strconv.Itoa(n) + " B"
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
}

// Count writes a number with its noun: "1 message", "12,345 messages".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Number writes a number with its thousands set apart: "12,345".
func Number(n int) string {
	digits := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Clip returns the first bytes of a text, at most limit of them and no broken
// character, and how many bytes were left off.
func Clip(text string, limit int) (head string, left int) {
	if len(text) <= limit {
		return text, 0
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	// The clone lets the rest of a large message go.
	return strings.Clone(text[:cut]), len(text) - cut
}

// Hex writes the first bytes of binary data, at most limit of them, in pairs:
// "48 65 6c 6c 6f …".
func Hex(data []byte, limit int) string {
	head := data[:min(len(data), limit)]
	var b strings.Builder
	for i, c := range head {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hex.EncodeToString([]byte{c}))
	}
	if len(head) < len(data) {
		b.WriteString(" …")
	}
	return b.String()
}

// Clock writes the time of day with milliseconds, where the visitor is.
func Clock(t time.Time) string { return t.Local().Format("15:04:05.000") }

// Duration writes a time that has passed, in its two largest units: "42 s",
// "3 min 5 s", "2 h 10 min", "4 d 2 h". Less than nothing, as clocks differ, is
// nothing.
func Duration(d time.Duration) string {
	s := int(max(0, d) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	default:
		return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
	}
}

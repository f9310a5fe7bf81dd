package testenv

import (
	"strings"
	"sync"
)

// Output collects what a process writes, or logs, and lets tests wait for a part of
// it. The zero value is ready; it may be used by several goroutines.
type Output struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps the output; it never fails.
func (b *Output) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns everything written so far.
func (b *Output) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// tail returns the last lines of text, for a failure message that stays
// readable.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if cut := len(all) - lines; cut > 0 {
		all = all[cut:]
	}
	return strings.Join(all, "\n")
}

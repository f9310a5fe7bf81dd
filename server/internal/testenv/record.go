package testenv

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

// Log keeps what code logs within the test's process, so that tests can look at
// it. It may be used by several goroutines.
type Log struct{ text Output }

// NewLog returns an empty Log.
func NewLog() *Log { return new(Log) }

// Logger returns a logger that writes to the Log, on every level.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(&l.text, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// String returns everything logged so far, one JSON object to a line.
func (l *Log) String() string { return l.text.String() }

// Records returns the records with a message, in order, as encoding/json decodes
// them: numbers are float64, durations are in nanoseconds.
func (l *Log) Records(message string) []map[string]any {
	var records []map[string]any
	for line := range strings.Lines(l.text.String()) {
		record := make(map[string]any)
		// What slog writes can be decoded.
		if json.Unmarshal([]byte(line), &record) == nil && record[slog.MessageKey] == message {
			records = append(records, record)
		}
	}
	return records
}

// Wait waits until there are n records with a message, and returns them.
func (l *Log) Wait(t testing.TB, message string, n int) []map[string]any {
	t.Helper()
	var records []map[string]any
	ok := poll(waitTimeout, func() bool {
		records = l.Records(message)
		return len(records) >= n
	})
	if !ok {
		t.Fatalf("timed out after %v waiting for %d records %q in the log:\n%s", waitTimeout, n, message, tail(l.String(), 60))
	}
	return records
}

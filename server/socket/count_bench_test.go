package socket

import (
	"testing"
	"time"
)

// BenchmarkWrote is what counting adds to each write to a client, of one event.
func BenchmarkWrote(b *testing.B) {
	s := &session{writer: new(writer)}
	l := load{events: 1, commits: []int64{time.Now().UnixNano()}}
	b.ReportAllocs()
	for b.Loop() {
		s.wrote(&l, s.writer.now())
	}
}

package socket

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"cartline/server/socket/conformance"
)

// pinger sends one frame over and over and reads its echo, without allocating, so
// that what is measured is the server.
type pinger struct {
	conn  net.Conn
	frame []byte
	reply []byte
}

func newPinger(t testing.TB, s *echoServer, size int) *pinger {
	t.Helper()
	conn := s.dial(t).Conn()
	if err := conn.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	header := 2
	if size > 125 {
		header = 4
	}
	return &pinger{
		conn:  conn,
		frame: conformance.Join(text(strings.Repeat("x", size))),
		reply: make([]byte, header+size),
	}
}

func (p *pinger) roundTrip() error {
	if _, err := p.conn.Write(p.frame); err != nil {
		return err
	}
	_, err := io.ReadFull(p.conn, p.reply)
	return err
}

// TestEchoAllocations holds that echoing allocates less than once per message:
// nothing at all but for what the pools lose, to the garbage collector or, one time
// in four, to the race detector.
func TestEchoAllocations(t *testing.T) {
	for _, size := range []int{32, 4096} {
		p := newPinger(t, startEcho(t, EchoConfig{}), size)
		if got := averageAllocations(t, 2000, p.roundTrip); got >= 1 {
			t.Errorf("%d bytes: got %.2f allocations per message, want less than 1", size, got)
		}
	}
}

// averageAllocations is testing.AllocsPerRun, but not rounded down.
func averageAllocations(t *testing.T, runs int, f func() error) float64 {
	t.Helper()
	for range 100 {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(runs)
}

// TestEchoKeepsNoBigBuffers echoes a big message on each of many connections that
// then stay idle. They must not hold on to its buffer.
func TestEchoKeepsNoBigBuffers(t *testing.T) {
	const connections, size, allowed = 20, 4 << 20, 64 << 10
	s := startEcho(t, EchoConfig{Limit: conformance.EchoLimit})
	frame := conformance.Join(binary(strings.Repeat("x", size)))
	var idle []net.Conn
	before := heap()
	for range connections {
		conn := s.dial(t).Conn()
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, conn, 10+size); err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	after := heap()
	if each := (after - before) / connections; each > allowed+clientBuffer {
		t.Errorf("got %d bytes of heap per idle connection, want at most %d", each, allowed+clientBuffer)
	}
	runtime.KeepAlive(idle)
}

// clientBuffer is what the test's own end of a connection holds.
const clientBuffer = 64 << 10

// heap returns the bytes in use, after emptying the pools, which takes two
// collections.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkEcho measures round trips over loopback, the client's part included.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{32, 4096} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			p := newPinger(b, startEcho(b, EchoConfig{}), size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := p.roundTrip(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIdle measures what an idle connection holds: heap and stacks, of which
// the client's end is a buffer of 64 KiB.
func BenchmarkIdle(b *testing.B) {
	const connections = 500
	stacks := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.StackInuse)
	}
	s := startEcho(b, EchoConfig{})
	before, stack := heap(), stacks()
	for range connections {
		s.dial(b)
	}
	heapEach := float64(heap()-before)/connections - clientBuffer
	stackEach := float64(stacks()-stack) / connections
	for b.Loop() { // which forgets what was reported before it
	}
	b.ReportMetric(heapEach, "heap-B/conn")
	b.ReportMetric(stackEach, "stack-B/conn")
	b.ReportMetric(0, "ns/op") // what it takes is not the question
}

package wire

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"cartline/server/socket/conformance"
)

// sendBack is echo without copies, where that goes. It counts how often it did.
func sendBack(straight *atomic.Int64) func(*Conn) {
	return func(c *Conn) {
		for {
			typ, err := c.Next()
			if err != nil {
				return
			}
			_, done, err := c.SendBack()
			if done {
				straight.Add(1)
			}
			if !done && err == nil {
				var message []byte
				if message, err = c.Append(nil); err == nil {
					err = c.Write(typ, message)
				}
			}
			if err != nil {
				return
			}
		}
	}
}

// TestSendBack sends messages in all ways in which they can come, and counts which of them
// needed no other buffer.
func TestSendBack(t *testing.T) {
	var straight atomic.Int64
	whole := func(payload string) [][]byte { return [][]byte{frame(opBinary, false, payload).Bytes()} }
	long := string(pattern(5 * inputSize / 2))
	cut := func(at int) [][]byte {
		b := frame(opBinary, false, "abc").Bytes()
		return [][]byte{b[:at], b[at:]}
	}
	for _, test := range []struct {
		name string
		send [][]byte // each in a write of its own, after the server has read the last
		want []string
		most int // of those that are sent straight back
	}{
		{"empty", whole(""), []string{""}, 1},
		{"short", whole("x"), []string{"x"}, 1},
		{"125 bytes", whole(long[:125]), []string{long[:125]}, 1},
		{"126 bytes", whole(long[:126]), []string{long[:126]}, 1},
		{"4 KiB", whole(long[:4096]), []string{long[:4096]}, 1},
		{"as much as is read at once", whole(long[:inputSize-8]), []string{long[:inputSize-8]}, 1},
		{"more", whole(long[:inputSize-7]), []string{long[:inputSize-7]}, 0},
		{"much more", whole(long), []string{long}, 0},
		{"three at once", [][]byte{conformance.Join(frame(opBinary, false, "a"), frame(opBinary, false, ""), frame(opBinary, false, long[:126]))},
			[]string{"a", "", long[:126]}, 3},
		{"in fragments", [][]byte{conformance.Join(frame(opBinary, true, "a"), frame(opContinuation, false, "b"))}, []string{"ab"}, 0},
		{"in fragments, a ping between", [][]byte{conformance.Join(frame(opBinary, true, "a"), frame(opPong, false, "y"), frame(opContinuation, false, ""))}, []string{"a"}, 0},
		{"the header alone", cut(6), []string{"abc"}, 0},
		{"half a header", cut(5), []string{"abc"}, 0},
		{"half the payload", cut(8), []string{"abc"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			conns := make(chan *Conn, 1)
			server := serve(t, Options{MaxMessage: 1 << 20}, func(c *Conn) { conns <- c; sendBack(&straight)(c) })
			c := server.dial(t)
			conn := receive(t, conns, "the connection")
			straight.Store(0)
			for i, piece := range test.send {
				before := conn.Arrivals()
				if c.Send(piece); i < len(test.send)-1 {
					arrives(t, conn, before)
				}
			}
			for _, want := range test.want {
				c.Expect(opBinary, []byte(want))
			}
			c.Finish()
			ok(t, c)
			// A long write may be read in pieces.
			if got := int(straight.Load()); got > test.most || test.most > 0 && got == 0 {
				t.Errorf("%d messages were sent straight back, want %d", got, test.most)
			}
		})
	}

	c := serve(t, Options{}, sendBack(&straight)).dial(t)
	c.SendFrames(frame(opText, false, "ok"), frame(opText, false, "\xff"))
	c.Expect(opText, []byte("ok"))
	c.ExpectFailure(InvalidData)
	ok(t, c)
}

// TestSendBackWithoutNext leaves everything as it is.
func TestSendBackWithoutNext(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		if _, done, err := c.SendBack(); done || err != nil {
			t.Errorf("got done %v and error %v, want neither", done, err)
		}
		echo(c)
	})
	c := server.dial(t)
	c.SendFrames(frame(opText, false, "hello"))
	c.Expect(opText, []byte("hello"))
	c.Finish()
	ok(t, c)
}

// TestReadingAllocates checks that neither messages nor pings cost anything to the garbage
// collector.
func TestReadingAllocates(t *testing.T) {
	var straight atomic.Int64
	server := serve(t, Options{}, sendBack(&straight))
	for _, test := range []struct {
		name string
		send conformance.Frame
	}{
		{"echo of 32 bytes", frame(opText, false, strings.Repeat("x", 32))},
		{"echo of 4 KiB", frame(opText, false, strings.Repeat("x", 4096))},
		{"ping", frame(opPing, false, "hello")},
	} {
		conn := server.dial(t).Conn()
		send := test.send.Bytes()
		answer := make([]byte, len(send)-keySize) // which is all that it has less
		got := testing.AllocsPerRun(500, func() {
			if _, err := conn.Write(send); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(conn, answer); err != nil {
				t.Fatal(err)
			}
		})
		if !bytes.HasSuffix(answer, test.send.Payload) {
			t.Errorf("%s: got % x", test.name, answer)
		}
		// There is none, but that the race detector has the pools forget one thing in four.
		if got > 1 {
			t.Errorf("%s: got %v allocations, want none", test.name, got)
		}
	}
}

// BenchmarkSendBack measures round trips over loopback, the client's part included.
func BenchmarkSendBack(b *testing.B) {
	for _, size := range []int{32, 4096} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var straight atomic.Int64
			conn := serve(b, Options{}, sendBack(&straight)).dial(b).Conn()
			send := frame(opText, false, strings.Repeat("x", size)).Bytes()
			answer := make([]byte, len(send)-keySize)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(send); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(conn, answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
)

func TestReadIntoBuffer(t *testing.T) {
	type got struct {
		typ      Type
		message  string
		capacity int
	}
	reads := make(chan got, 4)
	server := serve(t, Options{MaxMessage: 1 << 20}, func(c *Conn) {
		buf := make([]byte, 3, 64)
		for {
			typ, message, err := c.Read(buf)
			if err != nil {
				return
			}
			reads <- got{typ, string(message), cap(message)}
		}
	})
	c := server.dial(t)
	long := strings.Repeat("x", 1<<20)
	c.SendFrames(frame(opText, false, "short"), frame(opBinary, false, ""), frame(opBinary, false, long))
	c.Finish()
	ok(t, c)
	if g := receive(t, reads, "a message"); g.typ != Text || g.message != "short" || g.capacity != 64 {
		t.Errorf("got %v %q in a buffer of %d, want text in the buffer given", g.typ, g.message, g.capacity)
	}
	if g := receive(t, reads, "a message"); g.typ != Binary || g.message != "" {
		t.Errorf("got %v %q, want binary and nothing", g.typ, g.message)
	}
	if g := receive(t, reads, "a message"); g.typ != Binary || g.message != long || g.capacity > 2<<20 {
		t.Errorf("got %v of %d bytes in a buffer of %d, want %d bytes and not much more", g.typ, len(g.message), g.capacity, len(long))
	}
}

func TestAppendKeepsPrefix(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		if _, err := c.Append(nil); err == nil {
			t.Error("Append before Next: got no error")
		}
		typ, err := c.Next()
		if err != nil {
			t.Error(err)
			return
		}
		b, err := c.Append([]byte("you said "))
		if err != nil {
			t.Error(err)
		}
		if err := c.Write(typ, b); err != nil {
			t.Error(err)
		}
		echo(c)
	})
	c := server.dial(t)
	c.SendFrames(frame(opText, true, "he"), frame(opContinuation, false, "llo"))
	c.Expect(opText, []byte("you said hello"))
	c.Finish()
	ok(t, c)
}

// TestAppendGrowsWithTheBytes announces a message of 16 MiB and sends little of
// it; the buffer must not follow the announcement.
func TestAppendGrowsWithTheBytes(t *testing.T) {
	capacity := make(chan int, 1)
	server := serve(t, Options{MaxMessage: 32 << 20}, func(c *Conn) {
		if _, err := c.Next(); err != nil {
			t.Error(err)
			return
		}
		b, err := c.Append(nil)
		if err == nil {
			t.Error("Append: got no error")
		}
		capacity <- cap(b)
	})
	c := server.dial(t)
	c.Send(rawHeader(opBinary, 127, 0, 0, 0, 0, 1, 0, 0, 0))
	c.Send(make([]byte, 1000))
	c.Drop()
	if got := receive(t, capacity, "the connection to end"); got > 8<<10 {
		t.Errorf("got a buffer of %d bytes for 1000", got)
	}
}

// TestWriteSizes crosses the borders between the ways of writing.
func TestWriteSizes(t *testing.T) {
	sizes := []int{0, 1, 125, 126, smallPayload - 1, smallPayload, smallPayload + 1, 65535, 65536,
		chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 7}
	message := func(size int) []byte {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(i ^ i>>8)
		}
		return b
	}
	server := serve(t, Options{}, func(c *Conn) {
		for _, size := range sizes {
			if err := c.Write(Binary, message(size)); err != nil {
				t.Errorf("Write of %d bytes: %v", size, err)
			}
		}
		echo(c)
	})
	c := server.dial(t)
	for _, size := range sizes {
		c.Expect(opBinary, message(size))
	}
	c.Finish()
	ok(t, c)
}

// TestConcurrentWrites has several goroutines write while the peer's pings are
// answered: frames must not mix.
func TestConcurrentWrites(t *testing.T) {
	const writers, each = 4, 200
	server := serve(t, Options{}, func(c *Conn) {
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				message := bytes.Repeat([]byte{byte('a' + w)}, 3000*(w+1)) // up to and over smallPayload
				for range each {
					if err := c.Write(Text, message); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		echo(c)
		writing.Wait()
	})
	c := server.dial(t)
	const pings = 100
	for i := range pings {
		c.SendFrames(frame(opPing, false, fmt.Sprint(i)))
	}
	got, pongs := map[string]int{}, 0
	for range writers*each + pings {
		opcode, payload := c.Next()
		ok(t, c)
		switch opcode {
		case opPong:
			if want := fmt.Sprint(pongs); string(payload) != want {
				t.Fatalf("got pong %q, want %q", payload, want)
			}
			pongs++
		case opText:
			w := int(payload[0] - 'a')
			if want := bytes.Repeat(payload[:1], 3000*(w+1)); !bytes.Equal(payload, want) {
				t.Fatalf("got a mixed up message of %d bytes", len(payload))
			}
			got[string(payload[:1])]++
		default:
			t.Fatalf("got opcode %d", opcode)
		}
	}
	for w, n := range got {
		if n != each {
			t.Errorf("got %d messages of writer %s, want %d", n, w, each)
		}
	}
	c.Finish()
	ok(t, c)
}

// TestSlowReader checks that a peer that does not read is cut after the write
// timeout, and that its reader is told even if the writer is another goroutine.
func TestSlowReader(t *testing.T) {
	type result struct {
		write, again, read error
		end                End
	}
	results := make(chan result, 1)
	server := serve(t, Options{WriteTimeout: 100 * time.Millisecond}, func(c *Conn) {
		var r result
		written := make(chan struct{})
		go func() {
			defer close(written)
			message := make([]byte, 1<<20)
			for r.write == nil {
				r.write = c.Write(Binary, message)
			}
			r.again = c.Write(Binary, nil)
		}()
		_, r.read = c.Next()
		<-written
		r.end = c.End()
		results <- r
	})
	server.dial(t)
	r := receive(t, results, "the connection to end")
	if !errors.Is(r.write, os.ErrDeadlineExceeded) {
		t.Errorf("Write: got %v, want one that wraps os.ErrDeadlineExceeded", r.write)
	}
	if r.again == nil {
		t.Error("Write after a failed one: got no error")
	}
	if r.read == nil {
		t.Error("Next: got no error")
	}
	if want := (End{Code: Abnormal}); r.end != want {
		t.Errorf("got end %+v, want %+v", r.end, want)
	}
}

// deadlineConn counts writes and how often they were given time.
type deadlineConn struct {
	net.Conn
	set    int
	writes int
}

func (d *deadlineConn) Write(p []byte) (int, error) { d.writes++; return len(p), nil }
func (d *deadlineConn) SetWriteDeadline(t time.Time) error {
	if !t.IsZero() {
		d.set++
	}
	return nil
}

// TestWriteTimeoutIsPerChunk checks that a big message to a slow but steady
// reader has its time renewed as it proceeds, until the connection is closing.
func TestWriteTimeoutIsPerChunk(t *testing.T) {
	d := &deadlineConn{}
	tr := newTransport(d, nil, Options{}.withDefaults())
	if err := tr.writeFrame(opBinary, make([]byte, 4*chunkSize+1)); err != nil {
		t.Fatal(err)
	}
	if want := 5; d.set != want {
		t.Errorf("deadline set %d times, want %d", d.set, want)
	}
	if err := tr.beginClosing(); err != nil {
		t.Fatal(err)
	}
	d.set = 0
	if err := tr.armChunk(); err != nil || d.set != 0 {
		t.Errorf("within a frame, closing: got error %v, deadline set %d times, want neither", err, d.set)
	}
	if err := tr.armFrame(time.Second); !errors.Is(err, net.ErrClosed) {
		t.Errorf("new frame, closing: got error %v, want net.ErrClosed", err)
	}
}

// TestTLS runs a few cases over TLS, where half-closing and deadlines work
// differently.
func TestTLS(t *testing.T) {
	server := serveTLS(t, Options{MaxMessage: conformance.EchoLimit}, echo)
	for _, c := range conformance.Cases() {
		switch c.Number {
		case "1.1.7", "2.6", "3.2", "6.4.3", "7.1.6", "7.3.1", "7.5.1", "9.1.4":
			if err := c.Run(t.Context(), server.dialer); err != nil {
				t.Error(err)
			}
		}
	}
}

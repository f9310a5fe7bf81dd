package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
)

// pattern is a message in which every part differs from its neighbours.
func pattern(length int) []byte {
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// TestWriteFrom looks at each frame on the wire.
func TestWriteFrom(t *testing.T) {
	for _, test := range []struct {
		length, size int
		frames, each int // how many, and how large all but the last
	}{
		{0, 0, 1, 0},
		{0, 1, 1, 0},
		{1, 0, 1, 1},
		{1, 1, 1, 1},
		{5, 2, 3, 2},
		{5, 5, 1, 5},
		{5, 6, 1, 5},
		{6, 2, 3, 2},
		{300, 125, 3, 125},
		{300, 126, 3, 126},
		{1000, 1, 1000, 1},
		{1001, 1, 501, 2},
		{20_000, 1, 1000, 20},
		{gatherSize, 0, 1, gatherSize},
		{3*gatherSize + 1, gatherSize - 4, 4, gatherSize - 4},
		{200_000, 65_536, 4, 65_536},
		{3*chunkSize + 7, 0, 1, 3*chunkSize + 7},
		{3*chunkSize + 7, chunkSize + 3, 3, chunkSize + 3},
		{8 << 20, 1, 1000, 8389},
	} {
		server := serve(t, Options{}, func(c *Conn) {
			if err := c.WriteFrom(Binary, bytes.NewReader(pattern(test.length)), test.length, test.size); err != nil {
				t.Errorf("%d bytes by %d: %v", test.length, test.size, err)
			}
			echo(c)
		})
		c := server.dial(t)
		var got []byte
		frames := 0
		for fin := false; !fin && c.Err() == nil; frames++ {
			var opcode byte
			var payload []byte
			opcode, fin, payload = c.NextFrame()
			if want := map[bool]byte{true: opBinary, false: opContinuation}[frames == 0]; opcode != want {
				t.Errorf("%d bytes by %d, frame %d: got opcode %d, want %d", test.length, test.size, frames, opcode, want)
			}
			if !fin && len(payload) != test.each {
				t.Errorf("%d bytes by %d, frame %d: got %d bytes, want %d", test.length, test.size, frames, len(payload), test.each)
			}
			got = append(got, payload...)
		}
		if frames != test.frames || !bytes.Equal(got, pattern(test.length)) {
			t.Errorf("%d bytes by %d: got %d frames, the message: %t; want %d", test.length, test.size, frames, bytes.Equal(got, pattern(test.length)), test.frames)
		}
		c.Finish() // so nothing came behind
		ok(t, c)
	}
}

// TestWriteFromConcurrent has others write and ping meanwhile: no frame of theirs may
// come between those of a message, or conformance.Client objects.
func TestWriteFromConcurrent(t *testing.T) {
	const writers, each = 4, 100
	server := serve(t, Options{}, func(c *Conn) {
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				message := bytes.Repeat([]byte{byte('a' + w)}, 5000)
				for i := range each {
					err := c.Write(Text, message)
					if i%2 == w%2 {
						err = errors.Join(err, c.WriteFrom(Text, bytes.NewReader(message), len(message), 7+w))
					}
					if err != nil {
						t.Error(err)
						return
					}
					c.Ping()
				}
			})
		}
		writing.Go(func() { echo(c) })
		writing.Wait()
	})
	c := server.dial(t)
	c.SendFrames(frame(opPing, false, "hello"))
	for messages := 0; messages < writers*each*3/2; {
		opcode, payload := c.Next()
		ok(t, c)
		switch opcode {
		case opPing:
		case opPong:
			if string(payload) != "hello" {
				t.Errorf("got pong %q", payload)
			}
		default:
			messages++
			if len(payload) != 5000 || bytes.Count(payload, payload[:1]) != 5000 {
				t.Fatalf("got opcode %d and %d bytes, mixed: %t", opcode, len(payload), bytes.Count(payload, payload[:1]) != len(payload))
			}
		}
	}
}

// TestWriteFromTimeout has a peer that doesn't read: each chunk has its time, and no
// more.
func TestWriteFromTimeout(t *testing.T) {
	failed := make(chan error, 1)
	server := serve(t, Options{WriteTimeout: 50 * time.Millisecond}, func(c *Conn) {
		failed <- c.WriteFrom(Binary, bytes.NewReader(pattern(32<<20)), 32<<20, 40_000)
		if err := c.Write(Text, []byte("more")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write after that: got %v, want the first error again", err)
		}
		receive(t, c.Done(), "the end to be told")
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
	})
	server.dial(t)
	if err := receive(t, failed, "WriteFrom to fail"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want os.ErrDeadlineExceeded", err)
	}
}

// TestWriteFromTimeoutIsPerChunk gives a slow peer as much time for many frames as for a
// large one.
func TestWriteFromTimeoutIsPerChunk(t *testing.T) {
	for _, size := range []int{0, 5000, 100 << 10} {
		d := &deadlineConn{}
		tr := newTransport(d, nil, Options{}.withDefaults())
		if err := tr.writeFrom(opBinary, bytes.NewReader(make([]byte, 4*chunkSize)), 4*chunkSize, size); err != nil {
			t.Fatal(err)
		}
		// The headers may be a little more.
		if d.set < 4 || d.set > 5 {
			t.Errorf("frames of %d: deadline set %d times, want 4 or 5", size, d.set)
		}
	}
}

// readerFunc is a function that reads.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestWriteFromClosing closes the connection in the middle of a frame of a fragmented
// message: that frame is finished, and the close frame follows.
func TestWriteFromClosing(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		var closing sync.WaitGroup
		read := 0
		source := readerFunc(func(p []byte) (int, error) {
			p = p[:min(len(p), 100)]
			if read += len(p); read == 2500 {
				closing.Go(func() {
					if err := c.Close(4000, "enough"); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				for !c.t.closing.Load() {
					runtime.Gosched()
				}
			}
			return len(p), nil
		})
		if err := c.WriteFrom(Binary, source, 100_000, 1000); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want net.ErrClosed", err)
		}
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
		closing.Wait()
	})
	c := server.dial(t)
	for i := range 3 {
		if _, fin, payload := c.NextFrame(); fin || len(payload) != 1000 {
			t.Errorf("frame %d: got %d bytes, final: %t", i, len(payload), fin)
		}
	}
	c.ExpectFailure(4000)
	ok(t, c)
}

// TestWriteFromBadSource has a message that ends too early. What was promised in a
// frame's header can't be kept.
func TestWriteFromBadSource(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		if err := c.WriteFrom(Text, strings.NewReader("short"), 10, 3); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
		}
		if err := c.Write(Text, nil); err == nil {
			t.Error("Write after that: got no error")
		}
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
	})
	c := server.dial(t)
	if opcode, _, _ := c.NextFrame(); c.Err() == nil {
		t.Errorf("got a frame with opcode %d, want the end", opcode)
	}
}

// TestWriteFromAfterClose sends nothing on a connection that is closed.
func TestWriteFromAfterClose(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		if err := c.CloseWithoutCode(); err != nil {
			t.Errorf("CloseWithoutCode: %v", err)
		}
		if err := c.WriteFrom(Text, strings.NewReader("x"), 1, 0); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want net.ErrClosed", err)
		}
	})
	c := server.dial(t)
	c.ExpectFailure(NoStatus)
	ok(t, c)
}

// TestBreakOff has what was sent before arrive, and no close frame.
func TestBreakOff(t *testing.T) {
	ends := make(chan End, 1)
	server := serve(t, Options{}, func(c *Conn) {
		for range 10 {
			if err := c.Write(Text, []byte(strings.Repeat("x", 1000))); err != nil {
				t.Error(err)
			}
		}
		c.BreakOff("as was asked")
		if err := c.Close(NormalClosure, ""); err == nil {
			t.Error("Close after BreakOff: got no error")
		}
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
		ends <- c.End()
	})
	c := server.dial(t)
	c.SendFrames(frame(opText, false, strings.Repeat("y", 100))) // which nobody reads
	for range 10 {
		c.Expect(opText, []byte(strings.Repeat("x", 1000)))
	}
	c.ExpectEnd()
	ok(t, c)
	if got, want := receive(t, ends, "the end"), (End{Abnormal, "as was asked", Server}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestBreakOffSendsNothing has no close frame slip out that another goroutine wants to
// send meanwhile.
func TestBreakOffSendsNothing(t *testing.T) {
	d := &deadlineConn{}
	tr := newTransport(d, nil, Options{}.withDefaults())
	tr.breakOff()
	for _, answer := range []bool{false, true} {
		if sent, err := tr.sendClose(closeFrame(NormalClosure, ""), answer); sent || !errors.Is(err, net.ErrClosed) || d.writes != 0 {
			t.Errorf("an answer: %t: got sent: %t, %v, %d writes", answer, sent, err, d.writes)
		}
	}
}

// TestDone is told whatever ends a connection.
func TestDone(t *testing.T) {
	for _, test := range []struct {
		name   string
		server func(*Conn)
		client func(*conformance.Client)
	}{
		{"the peer closes", func(c *Conn) { _ = readAll(c) }, func(c *conformance.Client) { c.Finish() }},
		{"the peer is gone", func(c *Conn) { _ = readAll(c) }, (*conformance.Client).Reset},
		{"closed", func(c *Conn) { _ = c.Close(NormalClosure, "") }, nil},
		{"cut", func(c *Conn) { c.Cut("gone") }, nil},
		{"cut by its owner", (*Conn).CloseNow, nil},
		{"broken off", func(c *Conn) { c.BreakOff("gone") }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := make(chan struct{})
			server := serve(t, Options{}, func(c *Conn) {
				select {
				case <-c.Done():
					t.Error("told before the end")
				default:
				}
				test.server(c)
				receive(t, c.Done(), "the end to be told")
				if readAll(c) == nil {
					t.Error("reading: got no error")
				}
				close(told)
			})
			c := server.dial(t)
			if test.client != nil {
				test.client(c)
			}
			receive(t, told, "the end to be told")
		})
	}
}

package wire

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// TestSendBuffer has a peer stop reading, and counts what the server could write
// before it noticed: a little more than the send buffer, and not the megabytes that
// the kernel would take.
func TestSendBuffer(t *testing.T) {
	const receives = 16 << 10 // what the peer's kernel takes, about
	for name, serve := range map[string]func(testing.TB, Options, func(*Conn)) *testServer{"TCP": serve, "TLS": serveTLS} {
		t.Run(name, func(t *testing.T) {
			written := func(size int) (total int) {
				counted := make(chan int, 1)
				server := serve(t, Options{SendBuffer: size, WriteTimeout: 300 * time.Millisecond}, func(c *Conn) {
					if _, _, err := c.Read(nil); err != nil {
						t.Error(err)
					}
					n, err := fill(c)
					if !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Errorf("got %v, want that the peer doesn't read in time", err)
					}
					counted <- n
				})
				c := server.dial(t)
				shrink(t, c.Conn(), receives)
				c.SendFrames(frame(opText, false, "begin"))
				ok(t, c)
				return receive(t, counted, "the writer to notice")
			}
			kernels, ours := written(-1), written(0)
			t.Logf("written to a peer that doesn't read: %d bytes with the kernel's buffer, %d with ours", kernels, ours)
			// Linux doubles what it is told, and the receiver takes some.
			if most := 2*DefaultSendBuffer + 4*receives; ours > most || ours < DefaultSendBuffer/2 {
				t.Errorf("got %d bytes written, want from %d to %d", ours, DefaultSendBuffer/2, most)
			}
			if kernels < 4*ours {
				t.Errorf("got %d bytes written with the kernel's buffer, so setting it makes little difference", kernels)
			}
		})
	}
}

// fill writes small messages until one fails, and returns how many bytes went out.
func fill(c *Conn) (total int, _ error) {
	message := make([]byte, 1000)
	for {
		if err := c.Write(Binary, message); err != nil {
			return total, err
		}
		total += len(message)
	}
}

// shrink bounds what the kernel takes for a client that doesn't read.
func shrink(t *testing.T, conn net.Conn, size int) {
	t.Helper()
	if err := tcpUnder(conn).SetReadBuffer(size); err != nil {
		t.Fatal(err)
	}
}

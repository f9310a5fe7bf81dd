package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// dialEngine connects as a client that is not ours.
func dialEngine(t *testing.T, s *testServer) *websocket.Conn {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), "ws://"+s.dialer.Address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	ws.SetReadLimit(-1)
	return ws
}

// offered is what one goroutine does that must not wait: it offers, and has the rest
// written by somebody who may.
func offered(c *Conn, frames []byte) error {
	left, done, err := c.Offer(frames)
	if err != nil || done {
		return err
	}
	written := make(chan error, 1)
	go func() { written <- c.WriteFrames(bytes.Clone(left)) }()
	return <-written
}

// TestOffer sends messages of all sizes in frames that were put together, to a peer that
// is slower than they come, between pings and other messages. All arrive whole and in
// order.
func TestOffer(t *testing.T) {
	const rounds = 60
	results := make(chan error, 1)
	server := serve(t, Options{SendBuffer: 4 << 10}, func(c *Conn) {
		go func() { _ = readAll(c) }()
		results <- offerRounds(c, rounds)
	})
	ws := dialEngine(t, server)
	for round := range rounds {
		for n := range 4 {
			_, text, err := ws.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			head := fmt.Sprintf("%d.%d ", round, n)
			if !bytes.HasPrefix(text, []byte(head)) || len(bytes.Trim(text[len(head):], "x")) > 0 {
				t.Fatalf("got a message that begins with %.20q, want %q", text, head)
			}
		}
	}
	if err := receive(t, results, "everything to be sent"); err != nil {
		t.Error(err)
	}
	if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != NormalClosure {
		t.Errorf("got %v at the end, want a close frame behind everything", err)
	}
}

func offerRounds(c *Conn, rounds int) error {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		var frames []byte
		for n := range 3 {
			text := fmt.Appendf(nil, "%d.%d ", round, n)
			text = append(text, bytes.Repeat([]byte("x"), random.IntN(8<<10))...)
			frames = AppendFrame(frames, Text, text)
		}
		if err := offered(c, frames); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		c.Ping()
		if err := c.Write(Text, fmt.Appendf(nil, "%d.3 ", round)); err != nil {
			return err
		}
	}
	return c.Close(NormalClosure, "")
}

// stall has a connection whose peer doesn't read, offered as much as it takes.
func stall(t *testing.T, c *Conn, frame []byte) {
	t.Helper()
	for range 1000 {
		switch left, done, err := c.Offer(frame); {
		case err != nil:
			t.Errorf("Offer: %v", err)
			return
		case !done && len(left) > 0 && len(left) < len(frame):
			t.Errorf("%d of %d bytes are left to the caller, who can't know where to go on", len(left), len(frame))
			return
		case !done:
			return
		}
	}
	t.Error("the peer takes everything, though it doesn't read")
}

// TestOfferNeverWaits offers to a peer that doesn't read. That returns at once, also while
// somebody waits for that peer; nothing else comes in the middle of what was begun; and
// what waits ends with the time-out.
func TestOfferNeverWaits(t *testing.T) {
	done := make(chan struct{})
	server := serve(t, Options{SendBuffer: 4 << 10, WriteTimeout: 300 * time.Millisecond}, func(c *Conn) {
		defer close(done)
		frame := AppendFrame(nil, Binary, make([]byte, 32<<10))
		stall(t, c, frame)
		if left, done, err := c.Offer(frame); len(left) != len(frame) || done || err != nil {
			t.Errorf("Offer with something left before: got %d bytes left, done %v, error %v", len(left), done, err)
		}
		if c.Ping() {
			t.Error("a ping counts as sent in the middle of a frame")
		}
		waiting := make(chan error, 1)
		go func() {
			for { // the kernel may have a little more room after all
				if err := c.WriteFrames(frame); err != nil {
					waiting <- err
					return
				}
			}
		}()
		busy := 0
		for {
			_, done, err := c.Offer(frame)
			if err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("Offer: got %v, want os.ErrDeadlineExceeded", err)
				}
				break
			}
			if !done {
				busy++
			}
		}
		if busy == 0 {
			t.Error("Offer has waited until the time was over")
		}
		if err := receive(t, waiting, "WriteFrames to give up"); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("WriteFrames: got %v, want os.ErrDeadlineExceeded", err)
		}
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
	})
	server.dial(t)
	receive(t, done, "the server's side to end")
}

// TestOfferAfterPatience has a peer that read slowly once, so that a frame had a deadline.
// That is long past when the next is offered.
func TestOfferAfterPatience(t *testing.T) {
	const timeout = 100 * time.Millisecond
	done := make(chan struct{})
	waited := make(chan struct{})
	server := serve(t, Options{SendBuffer: 4 << 10, WriteTimeout: timeout}, func(c *Conn) {
		defer close(done)
		defer c.CloseNow()
		go func() { _ = readAll(c) }()
		if err := c.Write(Binary, make([]byte, 256<<10)); err != nil {
			t.Errorf("Write: %v", err)
		}
		<-waited
		if _, finished, err := c.Offer(AppendFrame(nil, Text, []byte("late"))); !finished || err != nil {
			t.Errorf("Offer: got done %v and error %v, want everything sent", finished, err)
		}
		if err := c.Write(Text, []byte("later")); err != nil {
			t.Errorf("Write: %v", err)
		}
	})
	ws := dialEngine(t, server)
	if _, _, err := ws.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-time.After(2 * timeout) // it is the deadline itself that passes
	close(waited)
	for _, want := range []string{"late", "later"} {
		if _, text, err := ws.Read(t.Context()); err != nil || string(text) != want {
			t.Fatalf("got %q (error: %v), want %q", text, err, want)
		}
	}
	receive(t, done, "the server's side to end")
}

// TestCloseBehindOffer closes a connection with something left of an offer. It arrives
// whole, and the close frame behind it.
func TestCloseBehindOffer(t *testing.T) {
	stalled, reading := make(chan struct{}), make(chan struct{})
	closed := make(chan error, 1)
	server := serve(t, Options{SendBuffer: 4 << 10}, func(c *Conn) {
		go func() { _ = readAll(c) }()
		stall(t, c, AppendFrame(nil, Binary, make([]byte, 32<<10)))
		close(stalled)
		<-reading
		closed <- c.Close(GoingAway, "bye")
	})
	ws := dialEngine(t, server)
	receive(t, stalled, "the peer to be full")
	close(reading)
	for {
		_, message, err := ws.Read(t.Context())
		if err != nil {
			if websocket.CloseStatus(err) != GoingAway {
				t.Errorf("got %v, want a close frame behind whole messages", err)
			}
			break
		}
		if len(message) != 32<<10 {
			t.Fatalf("got a message of %d bytes", len(message))
		}
	}
	if err := receive(t, closed, "Close"); err != nil {
		t.Error(err)
	}
}

// TestOfferWithoutRaw is for connections that can't be written to without waiting, as
// under TLS: everything is left to who may wait.
func TestOfferWithoutRaw(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	c := &Conn{t: newTransport(near, nil, Options{}.withDefaults())}
	frame := AppendFrame(nil, Text, []byte("hello"))
	left, done, err := c.Offer(frame)
	if len(left) != len(frame) || done || err != nil {
		t.Fatalf("got %d bytes left, done %v, error %v", len(left), done, err)
	}
	written := make(chan error, 1)
	go func() { written <- c.WriteFrames(left) }()
	got := make([]byte, len(frame))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("got %x (error: %v), want %x", got, err, frame)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestOfferAllocates checks that nothing is allocated for what is sent at once.
func TestOfferAllocates(t *testing.T) {
	result := make(chan float64, 1)
	server := serve(t, Options{}, func(c *Conn) {
		frame := AppendFrame(nil, Text, []byte("hello"))
		result <- testing.AllocsPerRun(1000, func() {
			if _, done, err := c.Offer(frame); err != nil || !done {
				t.Errorf("Offer: got done %v, error %v", done, err)
			}
		})
		c.CloseNow()
	})
	client := server.dial(t).Conn()
	for b := make([]byte, 4<<10); ; { // which allocates nothing either
		if _, err := client.Read(b); err != nil {
			break
		}
	}
	// The race detector has the pool forget some.
	if got := receive(t, result, "the offers"); got >= 1 {
		t.Errorf("got %v allocations for each, want less than one", got)
	}
}

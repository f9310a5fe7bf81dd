package wire

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/socket/conformance"
)

// TestArrivals tells what counts as a sign of life.
func TestArrivals(t *testing.T) {
	ping := frame(opPing, false, "?").Bytes()
	for _, test := range []struct {
		name   string
		client func(*conformance.Client)
	}{
		{"a message", func(c *conformance.Client) { c.SendFrames(frame(opText, false, "hello")) }},
		{"part of a header", func(c *conformance.Client) { c.Send(ping[:1]) }},
		{"a ping", func(c *conformance.Client) { c.Send(ping) }},
		{"a pong", func(c *conformance.Client) { c.SendFrames(frame(opPong, false, "")) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			conns := make(chan *Conn, 1)
			server := serve(t, Options{}, func(c *Conn) { conns <- c; echo(c) })
			c := server.dial(t)
			conn := receive(t, conns, "the connection")
			for range uint32(3) {
				before := conn.Arrivals()
				test.client(c)
				ok(t, c)
				arrives(t, conn, before)
			}
		})
	}
}

// arrives waits until something has come, besides what had before.
func arrives(t *testing.T, conn *Conn, before uint32) {
	t.Helper()
	testenv.Eventually(t, patience, "what the peer sent to count", func() bool { return conn.Arrivals() != before })
}

// TestPing is answered by a peer that lives, also over TLS, and the answer counts.
func TestPing(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, Options, func(*Conn)) *testServer{"TCP": serve, "TLS": serveTLS} {
		t.Run(name, func(t *testing.T) {
			conns := make(chan *Conn, 1)
			server := serve(t, Options{}, func(c *Conn) { conns <- c; echo(c) })
			c := server.dial(t)
			conn := receive(t, conns, "the connection")
			for range 3 {
				before := conn.Arrivals()
				if !conn.Ping() {
					t.Error("no ping was sent")
				}
				c.Expect(opPing, nil)
				if conn.Arrivals() != before {
					t.Error("something arrived before the answer")
				}
				c.SendFrames(frame(opPong, false, ""))
				ok(t, c)
				arrives(t, conn, before)
			}
			c.Finish()
			ok(t, c)
			conn.Ping() // is harmless
		})
	}
}

// TestPingBehindStuckWriter returns while a message still waits for the peer.
func TestPingBehindStuckWriter(t *testing.T) {
	pinged := make(chan bool, 1)
	server := serve(t, Options{WriteTimeout: patience}, func(c *Conn) {
		written := make(chan error, 1)
		go func() { written <- c.Write(Binary, make([]byte, 16<<20)) }()
		for c.t.writeMu.TryLock() { // until the writer has begun
			c.t.writeMu.Unlock()
		}
		pinged <- !c.Ping() && len(written) == 0
		c.CloseNow()
		<-written
	})
	server.dial(t)
	if !receive(t, pinged, "the ping") {
		t.Error("the ping was sent, or waited until the message was written")
	}
}

// roomless is a connection that takes so many bytes, and then no more.
type roomless struct {
	net.Conn
	room  int
	wrote []byte
}

func (r *roomless) Write(p []byte) (int, error) {
	n := min(r.room, len(p))
	r.room -= n
	r.wrote = append(r.wrote, p[:n]...)
	if n < len(p) {
		return n, os.ErrDeadlineExceeded
	}
	return n, nil
}

func (r *roomless) Read([]byte) (int, error)         { return 0, os.ErrDeadlineExceeded }
func (r *roomless) SetWriteDeadline(time.Time) error { return nil }
func (r *roomless) SetReadDeadline(time.Time) error  { return nil }

// TestPingWithoutRoom leaves a connection alone on which no part of a ping could be
// sent, and gives up one whose frames can't be told apart any more.
func TestPingWithoutRoom(t *testing.T) {
	for room, broken := range []bool{false, true, false} {
		r := &roomless{room: room}
		c := &Conn{t: newTransport(r, nil, Options{}.withDefaults())}
		c.Ping()
		if got := c.t.writeError != nil; got != broken || c.t.ended() != broken {
			t.Errorf("room for %d bytes: broken %v, ended %v, want %v", room, got, c.t.ended(), broken)
		}
		r.room = 100
		if err := c.t.writeFrame(opText, []byte("hello")); (err != nil) != broken {
			t.Errorf("room for %d bytes: writing a message next: got %v", room, err)
		}
		if got, want := string(r.wrote), "hello"; strings.HasSuffix(got, want) == broken {
			t.Errorf("room for %d bytes: the peer got % x", room, got)
		}
	}
	// TLS can't go on after a write that timed out, whatever was written.
	c := &Conn{t: newTransport(tls.Server(&roomless{}, &tls.Config{}), nil, Options{}.withDefaults())}
	if c.t.ping(); c.t.writeError == nil {
		t.Error("TLS without room: got no error, so a later message would fail in the middle")
	}
}

// TestPingWhileClosing sends nothing behind a close frame, or in front of it.
func TestPingWhileClosing(t *testing.T) {
	r := &roomless{room: 100}
	c := &Conn{t: newTransport(r, nil, Options{}.withDefaults())}
	if err := c.t.beginClosing(); err != nil {
		t.Fatal(err)
	}
	if c.Ping(); len(r.wrote) != 0 {
		t.Errorf("got % x sent, want nothing", r.wrote)
	}
}

// TestCut ends a connection at once, whatever goes on, and says why.
func TestCut(t *testing.T) {
	for _, test := range []struct {
		name  string
		serve func(testing.TB, Options, func(*Conn)) *testServer
		stuck bool
	}{
		{"idle", serve, false},
		{"idle, TLS", serveTLS, false},
		{"writer stuck", serve, true},
		{"writer stuck, TLS", serveTLS, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			ends := make(chan End, 1)
			server := test.serve(t, Options{WriteTimeout: time.Hour}, func(c *Conn) {
				written := make(chan error, 1)
				if test.stuck {
					go func() { written <- c.Write(Binary, make([]byte, 16<<20)) }()
				} else {
					written <- net.ErrClosed
				}
				go c.Cut("no sign of life")
				if readAll(c) == nil {
					t.Error("reading: got no error")
				}
				if err := <-written; !errors.Is(err, net.ErrClosed) {
					t.Errorf("writing: got %v, want net.ErrClosed", err)
				}
				c.Cut("again") // is harmless
				ends <- c.End()
			})
			server.dial(t)
			if got, want := receive(t, ends, "the end"), (End{Abnormal, "no sign of life", Server}); got != want {
				t.Errorf("got end %+v, want %+v", got, want)
			}
		})
	}
}

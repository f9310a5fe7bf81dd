package testenv_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

const patience = 90 * time.Second

// echoing is a server that sends back what it gets, through a link.
func echoing(t *testing.T) *testenv.Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				_, _ = io.Copy(conn, conn) // an error ends the connection, which is what tests look at
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(running.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	return testenv.NewLink(t, listener.Addr().String())
}

// end is one end of a connection through a link.
type end struct {
	t *testing.T
	net.Conn
	lines *bufio.Reader
}

func connectThrough(t *testing.T, link *testenv.Link) *end {
	t.Helper()
	conn, err := net.Dial("tcp", link.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &end{t: t, Conn: conn, lines: bufio.NewReader(conn)}
}

// sendsAway checks that who connects is sent away, perhaps before they know that they had
// got through.
func sendsAway(t *testing.T, link *testenv.Link) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", link.Address(), patience)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want an end", err)
	}
}

func (e *end) say(text string) {
	e.t.Helper()
	if _, err := e.Write([]byte(text + "\n")); err != nil {
		e.t.Fatal(err)
	}
}

// hears waits for a line.
func (e *end) hears(want string) {
	e.t.Helper()
	_ = e.SetReadDeadline(time.Now().Add(patience))
	if got, err := e.lines.ReadString('\n'); err != nil || got != want+"\n" {
		e.t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

// hearsNothing waits for a time that nothing needs if it comes at all.
func (e *end) hearsNothing() {
	e.t.Helper()
	_ = e.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if got, err := e.lines.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		e.t.Fatalf("got %q, %v; want nothing", got, err)
	}
}

func (e *end) works() {
	e.t.Helper()
	e.say("hello")
	e.hears("hello")
}

// isReset waits for the end.
func (e *end) isReset() {
	e.t.Helper()
	_ = e.SetReadDeadline(time.Now().Add(patience))
	if got, err := e.lines.ReadString('\n'); !errors.Is(err, syscall.ECONNRESET) {
		e.t.Fatalf("got %q, %v; want a reset", got, err)
	}
}

func TestLinkCuts(t *testing.T) {
	link := echoing(t)
	one, other := connectThrough(t, link), connectThrough(t, link)
	one.works()
	other.works()
	link.Cut()
	one.isReset()
	other.isReset()
	sendsAway(t, link)
	link.Mend()
	connectThrough(t, link).works()
}

func TestLinkCutsOne(t *testing.T) {
	link := echoing(t)
	link.CutOne() // there is none
	ends := []*end{connectThrough(t, link), connectThrough(t, link)}
	for _, e := range ends {
		e.works()
	}
	link.CutOne()
	working := func() (n int) {
		for _, e := range ends {
			_ = e.SetReadDeadline(time.Now().Add(patience))
			if _, err := e.Write([]byte("still\n")); err != nil {
				continue
			}
			if _, err := e.lines.ReadString('\n'); err == nil {
				n++
			}
		}
		return n
	}
	if got := working(); got != 1 {
		t.Errorf("%d of two connections stand, want one", got)
	}
}

func TestLinkStalls(t *testing.T) {
	link := echoing(t)
	e := connectThrough(t, link)
	e.works()
	link.Stall()
	link.Stall() // once more is the same
	e.say("one")
	e.say("two")
	e.hearsNothing()
	link.Mend()
	e.hears("one")
	e.hears("two")
	e.works()

	link.Stall()
	link.Cut()
	e.isReset()
}

// What passes takes its time, of which all connections share one.
func TestLinkSlows(t *testing.T) {
	link := echoing(t)
	one, other := connectThrough(t, link), connectThrough(t, link)
	link.Slow(100_000)
	began := time.Now()
	for range 10 { // 20,000 bytes with what comes back
		one.say(strings.Repeat("x", 499))
		other.say(strings.Repeat("y", 499))
	}
	for range 10 {
		one.hears(strings.Repeat("x", 499))
		other.hears(strings.Repeat("y", 499))
	}
	if took := time.Since(began); took < 190*time.Millisecond {
		t.Errorf("20,000 bytes took %v at 100,000 a second", took)
	}
	link.Slow(0)
	one.works()
}

func TestLinkDies(t *testing.T) {
	link := echoing(t)
	dead := connectThrough(t, link)
	dead.works()
	link.Die()
	link.Die() // once more is the same
	dead.say("anybody?")
	dead.hearsNothing()
	// However much is sent, it goes somewhere.
	_ = dead.SetWriteDeadline(time.Now().Add(patience))
	if _, err := dead.Write(make([]byte, 16<<20)); err != nil {
		t.Fatal(err)
	}
	link.Cut() // the dead don't even learn of that
	dead.hearsNothing()
	link.Mend()
	connectThrough(t, link).works()
	link.Bury()
	dead.isReset()
}

// What was sent before an end arrives before it.
func TestLinkPassesEndsOn(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	e := connectThrough(t, testenv.NewLink(t, listener.Addr().String()))
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Write([]byte("goodbye\n")); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	e.hears("goodbye")
	if _, err := e.lines.ReadString('\n'); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
}

// A target that isn't there is a connection that ends at once; a later one works.
func TestLinkWithoutTarget(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	link := testenv.NewLink(t, address)
	sendsAway(t, link)
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connectThrough(t, link).say("hello")
	testenv.Eventually(t, patience, "the connection to arrive", func() bool {
		conn, err := listener.Accept()
		return err == nil && conn.Close() == nil
	})
}

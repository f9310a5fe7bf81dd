package socket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared/live"
)

// hole is a TCP proxy that can begin to swallow everything, in both directions, while
// its connections stay: to each end the other looks like a machine whose cable was
// pulled.
type hole struct {
	net.Listener
	target    string
	swallowed atomic.Bool
	running   sync.WaitGroup
	mu        sync.Mutex
	conns     []net.Conn
}

func startHole(t *testing.T, target string) *hole {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hole{Listener: listener, target: target}
	h.running.Go(h.serve)
	t.Cleanup(func() {
		listener.Close()
		h.mu.Lock()
		for _, conn := range h.conns {
			conn.Close()
		}
		h.mu.Unlock()
		h.running.Wait()
	})
	return h
}

func (h *hole) serve() {
	for {
		client, err := h.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", h.target)
		if err != nil {
			client.Close()
			continue
		}
		h.mu.Lock()
		h.conns = append(h.conns, client, server)
		h.mu.Unlock()
		h.running.Go(func() { h.carry(client, server) })
		h.running.Go(func() { h.carry(server, client) })
	}
}

// carry carries bytes, and in the end the end, until they are swallowed.
func (h *hole) carry(from, to net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		switch {
		case h.swallowed.Load():
			if err != nil {
				return
			}
		case err != nil:
			to.Close()
			return
		default:
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}

// TestHalfOpenEvents pulls the cable of a client that listens. Two sweeps that hear
// nothing may pass; with the third it is gone from everywhere. Who answers pings stays,
// for as long as it does nothing else.
func TestHalfOpenEvents(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	lost := g.connectThrough(t, startHole(t, g.server.Listener.Addr().String()), "ann")
	lives := g.connect(t, "bob")
	lost.listen("news")
	lives.listen("news")
	var reading sync.WaitGroup
	reading.Go(func() { lives.wantClose(wire.GoingAway) }) // and so answers pings
	t.Cleanup(reading.Wait)
	t.Cleanup(func() { g.shutdown(t) }) // before it

	lost.hole.swallowed.Store(true)
	g.conns.sweep() // which hears what came before
	for range pings {
		g.sweepWith(t, "bob-1")
		if count, _ := g.Sessions(); count != 2 {
			t.Fatalf("got %d sessions, want both", count)
		}
	}
	g.sweepWith(t, "bob-1")
	ended := g.log.Wait(t, "events disconnected", 1)[0]
	if ended["session"] != "ann-1" || ended["code"] != float64(wire.Abnormal) || ended["by"] != "server" || ended["reason"] != noAnswer {
		t.Errorf("got %v logged, want ann-1, and %q", ended, noAnswer)
	}
	await(t, "the lost one to be gone from everywhere", func() bool {
		count, _ := g.Sessions()
		g.config.Gate.mu.Lock()
		defer g.config.Gate.mu.Unlock()
		return count == 1 && g.Count() == 1 && g.hub.Listeners("news") == 1 && g.config.Gate.open == 1 && g.config.Gate.users["staff/ann"] == 0
	})
	for range 20 {
		g.sweepWith(t, "bob-1")
	}
	if count, _ := g.Sessions(); count != 1 {
		t.Errorf("got %d sessions, want the one that answers pings", count)
	}
}

type throughHole struct {
	*client
	hole *hole
}

func (g *gateway) connectThrough(t *testing.T, h *hole, user string) throughHole {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	header := g.header(user)
	header.Set("Origin", "http://"+h.Addr().String())
	conn, err := live.Dial(ctx, "http://"+h.Addr().String(), live.Options{Header: header})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Abandon)
	return throughHole{&client{conn, t, ctx}, h}
}

// sweepWith sweeps, and waits for the answer of a session if it was pinged.
func (g *gateway) sweepWith(t *testing.T, session string) {
	t.Helper()
	var its *member
	for _, s := range g.Events.all() {
		for _, m := range g.conns.all() {
			if s.name == session && m.conn == s.conn {
				its = m
			}
		}
	}
	if its == nil {
		t.Fatalf("there is no session %s", session)
	}
	before := its.conn.Arrivals()
	g.conns.sweep()
	// Something that came since the sweep before saves a session the ping.
	if its.silent > 0 {
		await(t, "the answer to a ping", func() bool { return its.conn.Arrivals() != before })
	}
}

// TestHeartbeatInTime holds to the minute that is promised: the last sign of life may
// have come right after a sweep, and the next one still counts it.
func TestHeartbeatInTime(t *testing.T) {
	if worst := DefaultHeartbeat * (1 + pings + 1); worst > time.Minute {
		t.Errorf("a client that is gone is found after %v, want a minute at most", worst)
	}
}

// TestHalfOpenEcho is the same for the echo, where a client that reads nothing is as
// good as lost.
func TestHalfOpenEcho(t *testing.T) {
	ends := make(chan wire.End, 1)
	s := startEcho(t, EchoConfig{Hooks: EchoHooks{Closed: func(e wire.End) { ends <- e }}})
	s.dial(t)
	await(t, "the client to be there", func() bool { return len(s.conns.all()) == 1 })
	its := s.conns.all()[0]
	await(t, "it to be silent for two pings", func() bool {
		if its.silent < pings { // a sweep may meet the greeting on its way, and send none
			s.conns.sweep()
		}
		return its.silent == pings
	})
	if got := s.Count(); got != 1 {
		t.Fatalf("got %d connections after %d silent sweeps, want 1", got, pings)
	}
	s.conns.sweep()
	if got, want := receive(t, ends, "the end"), (wire.End{Code: wire.Abnormal, Reason: noAnswer, By: wire.Server}); got != want {
		t.Errorf("got end %+v, want %+v", got, want)
	}
	await(t, "it to be gone", func() bool { return s.Count() == 0 })
	s.config.Gate.wantEmpty(t)
}

// TestPingsAreEnough keeps a client that sends nothing but pongs, and cuts it once it
// sends no more.
func TestPingsAreEnough(t *testing.T) {
	s := startEcho(t, EchoConfig{})
	c := s.dial(t)
	await(t, "the client to be counted", func() bool { return s.Count() == 1 })
	member := s.conns.all()[0]
	for range 30 {
		before := member.conn.Arrivals()
		for member.silent = 0; member.silent == 0; {
			s.conns.sweep()
		}
		c.Expect(conformance.Ping, nil)
		c.SendFrames(conformance.Frame{Opcode: conformance.Pong})
		ok(t, c)
		await(t, "the pong", func() bool { return member.conn.Arrivals() != before })
	}
	for range 1 + pings { // the first of which knows of the last pong
		s.conns.sweep()
	}
	if got := s.Count(); got != 1 {
		t.Fatalf("got %d connections after %d silent sweeps, want 1", got, pings)
	}
	s.conns.sweep()
	await(t, "it to be cut", func() bool { return s.Count() == 0 })
}

// TestSweepWaitsForNobody has many clients that take nothing while they are written to.
// A sweep passes them by, as long as their writers' time-out runs, and pings the rest.
func TestSweepWaitsForNobody(t *testing.T) {
	const stalled = 30
	s := startEcho(t, EchoConfig{WriteTimeout: patience})
	for range stalled {
		c := s.dial(t)
		var sending sync.WaitGroup
		message := conformance.Join(binary(strings.Repeat("x", DefaultEchoLimit)))
		sending.Go(func() {
			for c.Err() == nil {
				c.Send(message)
			}
		})
		t.Cleanup(func() { c.Drop(); sending.Wait() })
	}
	// They are stuck when nothing comes from them any more: the server has stopped
	// reading, as it can't write.
	await(t, "all to be stuck", func() bool {
		stuck := 0
		for _, m := range s.conns.all() {
			if !m.conn.Ping() {
				stuck++
			}
		}
		return stuck == stalled
	})
	quick := s.dial(t)
	await(t, "all to be counted", func() bool { return s.Count() == stalled+1 })
	// Its greeting has come, but who wrote it may not have let go yet.
	await(t, "one that takes a ping", func() bool {
		return slices.ContainsFunc(s.conns.all(), func(m *member) bool { return m.conn.Ping() })
	})
	began := time.Now()
	for range 2 + pings {
		s.conns.sweep()
	}
	if took := time.Since(began); took > patience/4 { // the writers have patience
		t.Errorf("four sweeps took %v", took)
	}
	quick.Expect(conformance.Ping, nil)
	ok(t, quick)
	await(t, "the quick one, who answers nothing, to be cut", func() bool { return s.Count() == stalled })
}

// TestHeartbeatsTakeNoGoroutines looks after a thousand idle connections.
func TestHeartbeatsTakeNoGoroutines(t *testing.T) {
	const connections = 1000
	s := startEcho(t, EchoConfig{Heartbeat: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	conns := make([]net.Conn, connections)
	for i := range conns {
		conns[i] = dialEcho(t, s)
	}
	await(t, "all to be counted", func() bool { return s.Count() == connections })
	// Handshakes leave goroutines that are about to end.
	await(t, "the handshakes to be over", func() bool { return runtime.NumGoroutine() < connections+100 })
	before := runtime.NumGoroutine()
	running, stop := context.WithCancel(t.Context())
	var sweeping sync.WaitGroup
	sweeping.Go(func() { s.RunHeartbeat(running) })
	// Each gets both its pings: the greeting's 2+14 bytes before, then twice two. But a
	// ping has only milliseconds to be sent; on a busy machine some are left out.
	most, fewer := 0, 0
	for _, conn := range conns {
		_, err := io.ReadFull(conn, make([]byte, 2+len(EchoGreeting)+2*pings))
		switch {
		case errors.Is(err, syscall.ECONNRESET): // cut without them
			fewer++
		case err != nil:
			t.Fatal(err)
		}
		most = max(most, runtime.NumGoroutine())
	}
	if fewer > connections/20 {
		t.Errorf("%d of %d didn't get their pings", fewer, connections)
	}
	stop()
	sweeping.Wait()
	// Those that were cut meanwhile are fewer, and nobody's are more but the sweeper.
	if most > before+1 {
		t.Errorf("got up to %d goroutines with heartbeats, %d without, for %d connections", most, before, connections)
	}
}

// dialEcho connects without a client's buffers, and leaves everything unread that
// comes after the answer to the handshake.
func dialEcho(t *testing.T, s *echoServer) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.dialer.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	request := "GET /echo HTTP/1.1\r\nHost: x\r\n"
	for name, values := range upgrade() {
		request += name + ": " + values[0] + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		t.Fatal(err)
	}
	var answer strings.Builder
	for b := make([]byte, 1); !strings.HasSuffix(answer.String(), "\r\n\r\n"); answer.Write(b) {
		if _, err := io.ReadFull(conn, b); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.HasPrefix(answer.String(), "HTTP/1.1 101 ") {
		t.Fatalf("got %q, want status %d", answer.String(), http.StatusSwitchingProtocols)
	}
	return conn
}

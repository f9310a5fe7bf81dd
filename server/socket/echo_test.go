package socket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// echoServer is an Echo that listens.
type echoServer struct {
	*Echo
	url    string
	dialer conformance.Dialer
}

// startEcho starts a server that is shut down with the test.
func startEcho(t testing.TB, c EchoConfig) *echoServer {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	e := NewEcho(c)
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		server.Close()
	})
	return &echoServer{e, server.URL, conformance.Dialer{
		Address:  server.Listener.Addr().String(),
		Greeting: EchoGreeting,
	}}
}

// dial connects a client that is dropped when the test ends.
func (s *echoServer) dial(t testing.TB) *conformance.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c, err := s.dialer.Dial(ctx)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(c.Drop)
	return c
}

// ok fails the test when the client met something unexpected.
func ok(t testing.TB, c *conformance.Client) {
	t.Helper()
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
}

// await waits until a condition holds.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// receive waits for a value.
func receive[T any](t testing.TB, ch <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}

func text(s string) conformance.Frame {
	return conformance.Frame{Opcode: conformance.Text, Payload: []byte(s)}
}

func binary(s string) conformance.Frame {
	return conformance.Frame{Opcode: conformance.Binary, Payload: []byte(s)}
}

func TestEcho(t *testing.T) {
	s := startEcho(t, EchoConfig{})
	c := s.dial(t) // takes the greeting
	for _, f := range []conformance.Frame{
		text("hello"), binary("hello"), text(""), binary(""), binary("\xff\x00"), text("κόσμε"),
		text(strings.Repeat("x", 10000)), binary(strings.Repeat("\xff", DefaultEchoLimit)),
	} {
		c.SendFrames(f)
		c.Expect(f.Opcode, f.Payload)
	}
	c.Finish()
	ok(t, c)
}

func TestEchoLimit(t *testing.T) {
	for _, limit := range []int{1, 100, 70000, 3 << 20} {
		s := startEcho(t, EchoConfig{Limit: limit})
		c := s.dial(t)
		c.SendFrames(binary(strings.Repeat("x", limit)))
		c.Expect(conformance.Binary, bytes.Repeat([]byte("x"), limit))
		c.SendFrames(binary(strings.Repeat("x", limit+1)))
		c.ExpectFailure(wire.MessageTooBig)
		ok(t, c)
	}
}

// TestEchoOversizeReachesSender sends 8 MiB against a limit of 1 MiB and reads
// only then: the close frame must have survived.
func TestEchoOversizeReachesSender(t *testing.T) {
	s := startEcho(t, EchoConfig{})
	c := s.dial(t)
	c.SendFrames(binary(strings.Repeat("x", 8<<20)))
	c.ExpectClose(wire.MessageTooBig)
	ok(t, c)
}

// TestEchoHandshake sends requests that are not answered with 101.
func TestEchoHandshake(t *testing.T) {
	good := http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
	s := startEcho(t, EchoConfig{CheckOrigin: func(r *http.Request) error {
		if o := r.Header.Get("Origin"); o != "" && o != "https://shop.example" {
			return fmt.Errorf("The origin %s may not connect here", o)
		}
		return nil
	}})
	for _, test := range []struct {
		name, method string
		change       http.Header // an empty list deletes
		status       int
		body         string // exact, unless empty
	}{
		{"no upgrade", "GET", http.Header{"Upgrade": {}, "Connection": {}}, 400, "Expected websocket"},
		{"upgrade to something else", "GET", http.Header{"Upgrade": {"h2c"}}, 400, "Expected websocket"},
		{"upgrade to something similar", "GET", http.Header{"Upgrade": {"websocket2"}}, 400, "Expected websocket"},
		{"no upgrade, foreign origin", "GET", http.Header{"Upgrade": {}, "Origin": {"https://evil.example"}}, 400, "Expected websocket"},
		{"foreign origin", "GET", http.Header{"Origin": {"https://evil.example"}}, 403, "The origin https://evil.example may not connect here"},
		{"no connection header", "GET", http.Header{"Connection": {}}, 426, ""},
		{"old version", "GET", http.Header{"Sec-Websocket-Version": {"8"}}, 400, ""},
		{"no key", "GET", http.Header{"Sec-Websocket-Key": {}}, 400, ""},
		{"short key", "GET", http.Header{"Sec-Websocket-Key": {"AAAA"}}, 400, ""},
		{"POST", "POST", nil, 405, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), test.method, s.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = good.Clone()
			for name, values := range test.change {
				if len(values) == 0 {
					r.Header.Del(name)
				} else {
					r.Header[name] = values
				}
			}
			transport := &http.Transport{DisableKeepAlives: true}
			resp, err := transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode == http.StatusSwitchingProtocols {
				t.Fatal("accepted") // and its body never ends
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != test.status || test.body != "" && string(body) != test.body {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, body, test.status, test.body)
			}
			if got, want := resp.Header.Get("Content-Type"), "text/plain; charset=utf-8"; got != want {
				t.Errorf("got Content-Type %q, want %q", got, want)
			}
		})
	}
	if got := s.Count(); got != 0 {
		t.Errorf("got %d connections, want 0", got)
	}
}

// TestEchoAccepts covers what is let in: tokens compare without regard to case
// and may be several, programs send no Origin.
func TestEchoAccepts(t *testing.T) {
	s := startEcho(t, EchoConfig{CheckOrigin: func(r *http.Request) error {
		if o := r.Header.Get("Origin"); o != "" && o != "https://shop.example" {
			return errors.New("no")
		}
		return nil
	}})
	for _, header := range []http.Header{
		nil,
		{"Origin": {"https://shop.example"}},
	} {
		s.dialer.Header = header
		c := s.dial(t)
		c.Finish()
		ok(t, c)
	}
	for _, test := range []struct {
		upgrade []string
		want    bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"websocket"}, true},
		{[]string{"WebSocket"}, true},
		{[]string{"h2c, \tWEBSOCKET "}, true},
		{[]string{"h2c", "websocket"}, true},
		{[]string{"web socket"}, false},
		{[]string{"websocket/13"}, false},
	} {
		r := &http.Request{Header: http.Header{"Upgrade": test.upgrade}}
		if got := wantsWebSocket(r); got != test.want {
			t.Errorf("Upgrade %q: got %v, want %v", test.upgrade, got, test.want)
		}
	}
}

// TestEchoConcurrent has many clients talk at once; each must get its own.
func TestEchoConcurrent(t *testing.T) {
	const clients, messages = 50, 40
	s := startEcho(t, EchoConfig{})
	var running sync.WaitGroup
	for i := range clients {
		c := s.dial(t)
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for m := range messages {
				f := text(strings.Repeat(fmt.Sprintf("client %d, message %d. ", i, m), random.IntN(200)))
				c.SendFrames(f)
				c.Expect(f.Opcode, f.Payload)
			}
			c.Finish()
			if err := c.Err(); err != nil {
				t.Errorf("client %d: %v", i, err)
			}
		})
	}
	running.Wait()
}

// TestEchoSlowReader has a client send without reading. Another must not notice.
func TestEchoSlowReader(t *testing.T) {
	s := startEcho(t, EchoConfig{WriteTimeout: 2 * patience})
	slow, quick := s.dial(t), s.dial(t)
	sent, sending := sendOnly(slow)
	// As it can't write, the server reads no more.
	last, since := int64(0), time.Now()
	await(t, "what is for the slow client to be stuck", func() bool {
		if now := sent.Load(); now != last {
			last, since = now, time.Now()
		}
		return last > 0 && time.Since(since) > 200*time.Millisecond
	})
	for range 10 {
		quick.SendFrames(text("quick"))
		quick.Expect(conformance.Text, []byte("quick"))
		ok(t, quick)
	}
	slow.Drop()
	sending.Wait()
	quick.Finish()
	ok(t, quick)
}

// TestEchoDropsSlowReader drops such a client when a write has taken its time.
func TestEchoDropsSlowReader(t *testing.T) {
	ends := make(chan wire.End, 1)
	s := startEcho(t, EchoConfig{
		WriteTimeout: time.Second,
		Hooks:        EchoHooks{Closed: func(e wire.End) { ends <- e }},
	})
	_, sending := sendOnly(s.dial(t))
	if got, want := receive(t, ends, "the end"), (wire.End{Code: wire.Abnormal}); got != want {
		t.Errorf("got end %+v, want %+v", got, want)
	}
	sending.Wait()
}

// sendOnly has a client send until it can't any more, and read nothing. It counts what
// was sent.
func sendOnly(c *conformance.Client) (sent *atomic.Int64, sending *sync.WaitGroup) {
	sent, sending = new(atomic.Int64), new(sync.WaitGroup)
	sending.Go(func() {
		message := conformance.Join(binary(strings.Repeat("x", DefaultEchoLimit)))
		for c.Err() == nil {
			c.Send(message)
			sent.Add(1)
		}
	})
	return sent, sending
}

// TestEchoReset has the client's machine reset the connection.
func TestEchoReset(t *testing.T) {
	ends := make(chan wire.End, 1)
	s := startEcho(t, EchoConfig{Hooks: EchoHooks{Closed: func(e wire.End) { ends <- e }}})
	s.dial(t).Reset()
	if got, want := receive(t, ends, "the end"), (wire.End{Code: wire.Abnormal}); got != want {
		t.Errorf("got end %+v, want %+v", got, want)
	}
}

// TestEchoChurn opens and ends a thousand connections in all ways. Nothing may be
// left: no connection, no goroutine.
func TestEchoChurn(t *testing.T) {
	const connections, atOnce = 1000, 20
	var opened, closed, echoed counter
	s := startEcho(t, EchoConfig{Hooks: EchoHooks{
		Opened: func() { opened.add(1) },
		Echoed: func(bytes int) { echoed.add(bytes) },
		Closed: func(wire.End) { closed.add(1) },
	}})
	s.dial(t).Finish() // so that what is made once has been made
	await(t, "the first connection to end", func() bool { return s.Count() == 0 && closed.get() == 1 })
	before := runtime.NumGoroutine()

	var running sync.WaitGroup
	limit := make(chan struct{}, atOnce)
	for i := range connections {
		limit <- struct{}{}
		running.Go(func() {
			defer func() { <-limit }()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			c, err := s.dialer.Dial(ctx)
			if err != nil {
				t.Errorf("dial: %v", err)
				return
			}
			defer c.Drop()
			c.SendFrames(text("hello"))
			c.Expect(conformance.Text, []byte("hello"))
			switch i % 4 {
			case 0:
				c.Finish()
			case 1:
				c.SendFrames(text("\xff"))
				c.ExpectFailure(wire.InvalidData)
			case 2:
				c.Reset()
			case 3: // just leave
			}
			if err := c.Err(); err != nil {
				t.Errorf("connection %d: %v", i, err)
			}
		})
	}
	running.Wait()
	await(t, "all connections to end", func() bool { return s.Count() == 0 && closed.get() == connections+1 })
	await(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	s.config.Gate.wantEmpty(t)
	if got := opened.get(); got != connections+1 {
		t.Errorf("got %d connections opened, want %d", got, connections+1)
	}
	if got, want := echoed.get(), connections*len("hello"); got != want {
		t.Errorf("got %d bytes echoed, want %d", got, want)
	}
}

// counter counts from many goroutines.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += n
}

func (c *counter) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestEchoShutdown(t *testing.T) {
	const clients = 10
	s := startEcho(t, EchoConfig{})
	var all []*conformance.Client
	for range clients {
		all = append(all, s.dial(t))
	}
	await(t, "all to be counted", func() bool { return s.Count() == clients })

	var leaving sync.WaitGroup
	for _, c := range all {
		leaving.Go(func() { c.ExpectFailure(wire.GoingAway) })
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	leaving.Wait()
	for _, c := range all {
		if err := c.Err(); err != nil {
			t.Error(err)
		}
	}
	if got := s.Count(); got != 0 {
		t.Errorf("got %d connections, want 0", got)
	}

	if _, err := s.dialer.Dial(ctx); err == nil || !strings.Contains(err.Error(), "status 503") {
		t.Errorf("dial after Shutdown: got %v, want status 503", err)
	}
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("second Shutdown: %v", err)
	}
}

// TestEchoShutdownCut gives clients that do not hang up no time, not even the second for
// which closing waits for them. On a busy machine it may take as long, but not each time.
func TestEchoShutdownCut(t *testing.T) {
	var took []time.Duration
	for range 10 {
		s := startEcho(t, EchoConfig{})
		for range 10 {
			s.dial(t)
		}
		await(t, "all to be counted", func() bool { return s.Count() == 10 })
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		began := time.Now()
		if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown: got %v, want context.Canceled", err)
		}
		took = append(took, time.Since(began))
		if got := s.Count(); got != 0 {
			t.Errorf("got %d connections, want 0", got)
		}
		if took[len(took)-1] < time.Second {
			return
		}
	}
	t.Errorf("Shutdown took %v", took)
}

// TestRegistryLateComer adds a connection that was being accepted when shutdown
// began.
func TestRegistryLateComer(t *testing.T) {
	var r registry
	if !r.reserve() {
		t.Fatal("reserve: got false, want true")
	}
	r.stop()
	if r.reserve() {
		t.Error("reserve after stop: got true, want false")
	}
	ends := make(chan wire.End, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c, err := wire.Accept(w, req, wire.Options{})
		if err != nil {
			t.Errorf("Accept: %v", err)
			return
		}
		go func() {
			defer r.release()
			r.add(c, func() { goAway(c) })
			r.remove(c)
			ends <- c.End()
		}()
	}))
	defer server.Close()
	s := &echoServer{dialer: conformance.Dialer{Address: server.Listener.Addr().String()}}
	c := s.dial(t)
	c.ExpectFailure(wire.GoingAway)
	ok(t, c)
	if got := receive(t, ends, "the end"); got.Code != wire.GoingAway || got.By != wire.Server {
		t.Errorf("got end %+v, want %d by the server", got, wire.GoingAway)
	}
	if err := r.wait(t.Context()); err != nil {
		t.Errorf("wait: %v", err)
	}
}

func TestEchoLog(t *testing.T) {
	var log syncBuffer
	s := startEcho(t, EchoConfig{Log: slog.New(slog.NewTextHandler(&log, nil))})
	c := s.dial(t)
	for range 3 {
		c.SendFrames(text("hello"))
		c.Expect(conformance.Text, []byte("hello"))
	}
	c.FinishWith(conformance.ClosePayload(4000, "enough"))
	ok(t, c)
	s.dial(t).Reset()

	s.dialer.Header = http.Header{"Sec-WebSocket-Key": {"a second one"}}
	if _, err := s.dialer.Dial(t.Context()); err == nil {
		t.Error("dial with two keys: got no error")
	}
	for _, want := range []string{
		`level=INFO msg="echo connected" remote=127.0.0.1`,
		`level=INFO msg="echo disconnected" remote=127.0.0.1`,
		`code=4000 by=peer reason=enough messages=3`,
		`code=1006 by=nobody reason="" messages=0`,
		`level=INFO msg="echo refused" remote=127.0.0.1`,
		`duration=`,
	} {
		await(t, "log line "+want, func() bool { return strings.Contains(log.String(), want) })
	}
	for line := range strings.Lines(log.String()) {
		if got, want := strings.Contains(line, "error="), strings.Contains(line, "code=1006") || strings.Contains(line, "refused"); got != want {
			t.Errorf("error logged %v, want %v: %s", got, want, line)
		}
	}
}

// syncBuffer is a buffer for a log that is written and read at the same time.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

package wire

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cartline/server/socket/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// testServer accepts WebSockets and runs a function on each, in a goroutine that
// outlives the handler.
type testServer struct {
	dialer   conformance.Dialer
	returned chan struct{} // gets a value when a handler has returned
}

// serve starts a server that ends with the test, after checking that every
// connection has ended.
func serve(t testing.TB, o Options, run func(*Conn)) *testServer {
	t.Helper()
	return start(t, o, run, (*httptest.Server).Start)
}

// serveTLS is serve for wss.
func serveTLS(t testing.TB, o Options, run func(*Conn)) *testServer {
	t.Helper()
	return start(t, o, run, (*httptest.Server).StartTLS)
}

func start(t testing.TB, o Options, run func(*Conn), start func(*httptest.Server)) *testServer {
	t.Helper()
	// A connection counts from the moment it is made, for one that was hijacked is
	// no concern of Server.Close.
	var running sync.WaitGroup
	s := &testServer{returned: make(chan struct{}, 4096)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { s.returned <- struct{}{} }()
		c, err := Accept(w, r, o)
		if err != nil {
			t.Errorf("Accept: %v", err)
			return
		}
		go func() {
			defer running.Done()
			defer c.CloseNow()
			run(c)
		}()
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			running.Add(1)
		case http.StateClosed:
			running.Done()
		}
	}
	start(server)
	t.Cleanup(func() {
		server.Close()
		running.Wait()
	})
	s.dialer = conformance.Dialer{Address: server.Listener.Addr().String()}
	if server.TLS != nil {
		s.dialer.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig
	}
	return s
}

// dial connects a client that is dropped when the test ends.
func (s *testServer) dial(t testing.TB) *conformance.Client {
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

// echo sends messages back until the connection ends.
func echo(c *Conn) {
	var buf []byte
	for {
		typ, message, err := c.Read(buf)
		if err != nil {
			return
		}
		if c.Write(typ, message) != nil {
			return
		}
		buf = message
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

package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
)

func TestMain(m *testing.M) {
	code := m.Run()
	// A refused handshake is plain HTTP, whose connection is kept for reuse.
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// serve starts a server that hands each connection to a function, and returns its
// address. The test ends when every function has returned.
func serve(t *testing.T, handle func(ctx context.Context, conn *websocket.Conn)) (url string) {
	t.Helper()
	return serveHTTP(t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"one", "two"}, InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer func() { _ = conn.CloseNow() }() // an error: it is closed already
		conn.SetReadLimit(-1)
		handle(ctx, conn)
	})
}

// serveHTTP is serve before any handshake.
func serveHTTP(t *testing.T, handle func(context.Context, http.ResponseWriter, *http.Request)) (url string) {
	t.Helper()
	var handlers sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		handle(ctx, w, r)
	}))
	t.Cleanup(func() {
		cancel()
		server.Close()
		handlers.Wait()
	})
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// echo greets and sends every message back.
func echo(ctx context.Context, conn *websocket.Conn) {
	if conn.Write(ctx, websocket.MessageText, []byte("Echo Initiated")) != nil {
		return
	}
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil || conn.Write(ctx, kind, data) != nil {
			return
		}
	}
}

// output is what a session writes. It may be read meanwhile.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) waitFor(t *testing.T, part string) {
	t.Helper()
	testenv.Eventually(t, patience, part, func() bool { return strings.Contains(o.String(), part) })
}

// sitting is a session under way, at which the test types.
type sitting struct {
	keys       *io.PipeWriter
	out, notes output
	stop       context.CancelFunc
	done       chan error
}

// sit begins a session. What isn't set is chosen so that the session goes on until the
// test ends it.
func sit(t *testing.T, url string, change func(*terminal.Session)) *sitting {
	t.Helper()
	address, err := terminal.Address(url)
	if err != nil {
		t.Fatal(err)
	}
	in, keys := io.Pipe()
	s := &sitting{keys: keys, done: make(chan error, 1)}
	session := terminal.Session{Address: address, Timeout: patience, Wait: -1, In: in, Out: &s.out, Notes: &s.notes}
	if change != nil {
		change(&session)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.done <- session.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		_ = keys.Close() // never fails
		receive(t, "the session's end", ended)
		if t.Failed() {
			t.Logf("out:\n%s\nnotes:\n%s", s.out.String(), s.notes.String())
		}
	})
	return s
}

// types types lines.
func (s *sitting) types(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(s.keys, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
}

// wants waits for the end, with an error that says this, or with none for "".
func (s *sitting) wants(t *testing.T, says string) {
	t.Helper()
	err := receive(t, "the end", s.done)
	if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n")) {
		t.Errorf("got %v, want %q", err, says)
	}
}

func (s *sitting) wantsOutput(t *testing.T, out, notes string) {
	t.Helper()
	if got := s.out.String(); got != out {
		t.Errorf("got the output %q, want %q", got, out)
	}
	if got := s.notes.String(); got != notes {
		t.Errorf("got the notes %q, want %q", got, notes)
	}
}

// receive waits for a value.
func receive[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("timed out waiting for %s", what)
		panic("not reached")
	}
}

// ends is a server that reads until the end, which it hands on.
func ends(t *testing.T) (url string, ended chan error) {
	ended = make(chan error, 10)
	return serve(t, func(ctx context.Context, conn *websocket.Conn) {
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				ended <- err
				return
			}
		}
	}), ended
}

// wantsClose looks at how a client has closed.
func wantsClose(t *testing.T, ended <-chan error, code int, reason string) {
	t.Helper()
	err := receive(t, "the close frame", ended)
	var closed websocket.CloseError
	errors.As(err, &closed)
	if int(closed.Code) != code || closed.Reason != reason {
		t.Errorf("the server got %v, want code %d, reason %q", err, code, reason)
	}
}

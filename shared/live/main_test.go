//go:build !js

package live_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
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

// serve starts a server that hands each connection to a function, and returns
// its address. The test ends when every function has returned.
func serve(t *testing.T, handle func(ctx context.Context, conn *websocket.Conn)) (url string) {
	t.Helper()
	var handlers sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"one", "two"}})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer func() { _ = conn.CloseNow() }() // an error: it is closed already
		handle(ctx, conn)
	}))
	t.Cleanup(func() {
		cancel()
		server.Close()
		handlers.Wait()
	})
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// echo sends every message back.
func echo(ctx context.Context, conn *websocket.Conn) {
	conn.SetReadLimit(-1)
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil || conn.Write(ctx, kind, data) != nil {
			return
		}
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

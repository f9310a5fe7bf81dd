//go:build !js

package live_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/shared/live"
)

// What the server says of its refusal is told, if a person can read it.
func TestRefusalTellsTheServersSentence(t *testing.T) {
	longest := strings.Repeat("x", 1024)
	for _, test := range []struct {
		name, kind, body string
		chunked          bool
		want             string
	}{
		{name: "a sentence", kind: "text/plain; charset=utf-8", body: "Can't monitor events", want: "Can't monitor events"},
		{name: "on several lines", kind: "text/plain", body: "No.\r\n\tNot  you.\n", want: "No. Not you."},
		{name: "other letters", kind: "text/plain", body: "Zu spät", want: "Zu spät"},
		{name: "nothing", kind: "text/plain"},
		{name: "a page", kind: "text/html", body: "<h1>No</h1>"},
		{name: "of no kind", kind: "no kind", body: "No"},
		{name: "as long as can be", kind: "text/plain", body: longest, want: longest},
		{name: "longer", kind: "text/plain", body: longest + "x"},
		{name: "of a length that isn't told", kind: "text/plain", body: "No", chunked: true, want: "No"},
		{name: "perhaps longer", kind: "text/plain", body: longest, chunked: true},
		{name: "not UTF-8", kind: "text/plain", body: "No\xff"},
		{name: "something for terminals", kind: "text/plain", body: "\x1b[2JNo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(http.StatusForbidden)
				if test.chunked {
					w.(http.Flusher).Flush()
				}
				if _, err := w.Write([]byte(test.body)); err != nil {
					t.Errorf("write: %v", err)
				}
			}))
			defer server.Close()
			_, err := live.Dial(t.Context(), server.URL, live.Options{})
			var refused *live.RefusedError
			if !errors.As(err, &refused) || refused.Detail != test.want {
				t.Fatalf("got %v, want the detail %q", err, test.want)
			}
			want := "refused with 403 Forbidden"
			if test.want != "" {
				want += ": " + test.want
			}
			if got := err.Error(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A server that sends a handshake elsewhere is not obeyed: the headers are for nobody
// else.
func TestRedirectIsARefusal(t *testing.T) {
	asked := make(chan http.Header, 100)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Header }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, address := range []string{elsewhere.URL, strings.Replace(elsewhere.URL, "http", "ws", 1), "/again"} {
			visits := make(chan string, 100)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				visits <- r.URL.Path
				http.Redirect(w, r, address, status)
			}))
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, err := live.Dial(ctx, server.URL+"/echo", live.Options{Header: http.Header{"X-Api-Key": {"secret"}}})
			cancel()
			server.CloseClientConnections()
			server.Close()
			var refused *live.RefusedError
			if !errors.As(err, &refused) || refused.Status != status {
				t.Errorf("%d to %s: got %v, want it refused", status, address, err)
			}
			if len(visits) != 1 {
				t.Errorf("%d to %s: the server was asked %d times, want once", status, address, len(visits))
			}
		}
	}
	if len(asked) > 0 {
		t.Errorf("another server was asked, and told %v", <-asked)
	}
}

func TestPing(t *testing.T) {
	conn := dial(t, serve(t, echo), live.Options{})
	read := make(chan error, 1)
	go func() {
		_, err := conn.Read(context.Background())
		read <- err
	}()
	for range 3 {
		if took, err := conn.Ping(t.Context()); err != nil || took <= 0 || took > patience {
			t.Errorf("got %v, %v; want a round trip", took, err)
		}
	}
	if got := conn.Buffered(); got != 0 {
		t.Errorf("got %d bytes that wait, want none", got)
	}
	if err := conn.Close(1000, ""); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := receive(t, "the end", read); err == nil {
		t.Error("got a message, want the end")
	}
	var closed *live.CloseError
	if _, err := conn.Ping(t.Context()); !errors.As(err, &closed) {
		t.Errorf("got %v, want how it ended", err)
	}
}

// Nobody reads, so the pong isn't seen.
func TestPingEndsWithItsContext(t *testing.T) {
	conn := dial(t, serve(t, echo), live.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := conn.Ping(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// A client that is closed says so to the server, and its Run returns.
func TestClientCloses(t *testing.T) {
	ended := make(chan error, 1)
	url := serve(t, func(ctx context.Context, c *websocket.Conn) {
		for {
			if _, _, err := c.Read(ctx); err != nil {
				ended <- err
				return
			}
		}
	})
	states, asked := make(chan live.State, 100), make(chan string, 100)
	client := live.NewClient(live.Config{
		URL: url, Listen: requests("a", "b"), Options: live.Options{Subprotocols: []string{"two"}}, Single: true,
		OnState: func(s live.State) { states <- s },
		OnAsk:   func(text string) { asked <- text },
	})
	if err := client.Close(); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("got %v, want ErrNotConnected", err)
	}
	done := make(chan error, 1)
	go func() { done <- client.Run(t.Context()) }()
	receive(t, "connecting", states)
	if state := receive(t, "the connection", states); state.Phase != live.Live || state.Subprotocol != "two" {
		t.Errorf("got %+v, want it live with the subprotocol two", state)
	}
	for _, want := range []string{`{"listen":"a"}`, `{"listen":"b"}`} {
		// It was asked before the connection was live.
		if len(asked) == 0 {
			t.Fatalf("nothing was asked, want %s", want)
		}
		if got := <-asked; got != want {
			t.Errorf("got asked %s, want %s", got, want)
		}
	}
	if err := client.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := receive(t, "the end", ended); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the server got %v, want code 1000", err)
	}
	var closed *live.CloseError
	if err := receive(t, "Run", done); !errors.As(err, &closed) || closed.Code != 1000 {
		t.Errorf("got %v, want code 1000", err)
	}
}

// An attempt to connect takes no longer than it may.
func TestClientDialTimeout(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	states := make(chan live.State, 100)
	began := time.Now()
	run(t, live.NewClient(live.Config{URL: server.URL, DialTimeout: time.Millisecond, OnState: func(s live.State) { states <- s }}))
	receive(t, "connecting", states)
	if state := receive(t, "the end of the attempt", states); state.Phase != live.Waiting || !errors.Is(state.Err, context.DeadlineExceeded) {
		t.Errorf("got %+v, want that it took too long", state)
	}
	if took := time.Since(began); took >= 10*time.Second {
		t.Errorf("the attempt took %v, want a millisecond and not the default", took)
	}
}

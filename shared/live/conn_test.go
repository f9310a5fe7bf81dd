//go:build !js

package live_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cartline/shared/live"
)

func dial(t *testing.T, url string, options live.Options) *live.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel() // the context is for the opening only
	conn, err := live.Dial(ctx, url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Abandon)
	return conn
}

func TestReadAndWrite(t *testing.T) {
	conn := dial(t, serve(t, echo), live.Options{})
	tests := []struct {
		name   string
		binary bool
		data   []byte
	}{
		{"text", false, []byte("Grüße")},
		{"binary", true, []byte{0, 255, 1}},
		{"empty text", false, []byte{}},
		{"empty binary", true, []byte{}},
		{"more than the engine's own limit", true, bytes.Repeat([]byte("x"), 1<<20)},
	}
	for _, test := range tests {
		var err error
		if test.binary {
			err = conn.WriteBinary(t.Context(), test.data)
		} else {
			err = conn.WriteText(t.Context(), string(test.data))
		}
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got, err := conn.Read(t.Context())
		if err != nil || got.Binary != test.binary || !bytes.Equal(got.Data, test.data) {
			t.Errorf("%s: got binary %v, %d bytes, %v; want %v, %d bytes", test.name, got.Binary, len(got.Data), err, test.binary, len(test.data))
		}
	}
}

func TestDialOptions(t *testing.T) {
	url := serve(t, echo)
	if got := dial(t, url, live.Options{}).Subprotocol(); got != "" {
		t.Errorf("got the subprotocol %q, want none", got)
	}
	if got := dial(t, url, live.Options{Subprotocols: []string{"zero", "two"}}).Subprotocol(); got != "two" {
		t.Errorf("got the subprotocol %q, want two", got)
	}
	headers := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { headers <- r.Header }))
	t.Cleanup(server.Close)
	if _, err := live.Dial(t.Context(), server.URL, live.Options{Header: http.Header{"Cookie": {"a=b"}}}); err == nil {
		t.Error("an answer that is no upgrade was accepted")
	}
	if header := receive(t, "the request", headers); header.Get("Cookie") != "a=b" || header.Get("Origin") != "" {
		t.Errorf("got the header %v, want the cookie and no Origin", header)
	}
}

func TestHowTheServerCloses(t *testing.T) {
	longest := strings.Repeat("x", 123) // RFC 6455, section 5.5: 125 bytes with the code
	tests := []struct {
		name   string
		close  func(*websocket.Conn) error
		code   int
		reason string
	}{
		{"normal", func(c *websocket.Conn) error { return c.Close(1000, "") }, 1000, ""},
		{"going away", func(c *websocket.Conn) error { return c.Close(1001, "later") }, 1001, "later"},
		{"service restart", func(c *websocket.Conn) error { return c.Close(1012, longest) }, 1012, longest},
		{"our own", func(c *websocket.Conn) error { return c.Close(3008, "too slow; come back") }, 3008, "too slow; come back"},
		{"the last", func(c *websocket.Conn) error { return c.Close(4999, "ä") }, 4999, "ä"},
		{"without a code", func(c *websocket.Conn) error { return c.Close(websocket.StatusNoStatusRcvd, "") }, 1005, ""},
		{"without a closing handshake", (*websocket.Conn).CloseNow, 1006, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := dial(t, serve(t, func(_ context.Context, c *websocket.Conn) {
				// Without a code there is none to find in the client's answer.
				if err := test.close(c); err != nil && test.code != 1005 {
					t.Errorf("close: %v", err)
				}
			}), live.Options{})
			check := func(what string, err error) {
				t.Helper()
				var closed *live.CloseError
				if !errors.As(err, &closed) || closed.Code != test.code || closed.Reason != test.reason {
					t.Errorf("%s: got %v, want code %d, reason %q", what, err, test.code, test.reason)
				}
			}
			_, err := conn.Read(t.Context())
			check("read", err)
			_, err = conn.Read(t.Context())
			check("read again", err)
			conn.Abandon()
			check("write", conn.WriteText(t.Context(), "x"))
		})
	}
}

func TestHowWeClose(t *testing.T) {
	tests := []struct {
		name   string
		close  func(*live.Conn) error
		code   websocket.StatusCode
		reason string
	}{
		{"normal", func(c *live.Conn) error { return c.Close(1000, "bye") }, 1000, "bye"},
		{"our own", func(c *live.Conn) error { return c.Close(3000, "") }, 3000, ""},
		{"abandoned", func(c *live.Conn) error { c.Abandon(); return nil }, -1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ended := make(chan error, 1)
			conn := dial(t, serve(t, func(ctx context.Context, c *websocket.Conn) {
				_, _, err := c.Read(ctx)
				ended <- err
			}), live.Options{})
			if err := test.close(conn); err != nil {
				t.Errorf("close: %v", err)
			}
			err := receive(t, "the end", ended)
			var closed websocket.CloseError
			errors.As(err, &closed)
			if got := websocket.CloseStatus(err); got != test.code || closed.Reason != test.reason {
				t.Errorf("the server got %v, want code %d, reason %q", err, test.code, test.reason)
			}
			conn.Abandon() // still harmless
		})
	}
}

func TestRefusedHandshake(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }))
		conn, err := live.Dial(t.Context(), server.URL, live.Options{})
		var refused *live.RefusedError
		if conn != nil || !errors.As(err, &refused) || refused.Status != status || errors.Unwrap(refused) == nil {
			t.Errorf("%d: got %v, %v; want a *RefusedError with the status", status, conn, err)
		} else if want := fmt.Sprintf("refused with %d %s: no", status, http.StatusText(status)); err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
		server.Close()
		if _, err := live.Dial(t.Context(), server.URL, live.Options{}); err == nil || errors.As(err, &refused) {
			t.Errorf("nobody there: got %v, want an error that is no refusal", err)
		}
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := live.Dial(ctx, server.URL, live.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestReadLimit(t *testing.T) {
	tests := []struct {
		name        string
		limit, size int64
		fits        bool
	}{
		{"just so large", 10, 10, true},
		{"one byte larger", 10, 11, false},
		{"by default", 0, 1 << 20, true},
		{"larger than the default", 0, live.DefaultReadLimit + 1, false},
		{"without a limit", -1, live.DefaultReadLimit + 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ended := make(chan error, 1)
			conn := dial(t, serve(t, func(ctx context.Context, c *websocket.Conn) {
				if err := c.Write(ctx, websocket.MessageBinary, make([]byte, test.size)); err != nil && test.fits {
					t.Errorf("write: %v", err)
				}
				_, _, err := c.Read(ctx)
				ended <- err
			}), live.Options{ReadLimit: test.limit})
			got, err := conn.Read(t.Context())
			if test.fits {
				if err != nil || int64(len(got.Data)) != test.size {
					t.Errorf("got %d bytes, %v; want %d", len(got.Data), err, test.size)
				}
				return
			}
			var closed *live.CloseError
			if !errors.As(err, &closed) || closed.Code != 1009 {
				t.Errorf("got %v, want code 1009", err)
			}
			if err := receive(t, "the end", ended); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
				t.Errorf("the server got %v, want code 1009", err)
			}
		})
	}
}

// A context that ends while a message is awaited ends the connection as well.
func TestReadEndsWithItsContext(t *testing.T) {
	conn := dial(t, serve(t, echo), live.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	read := make(chan error, 1)
	go func() {
		_, err := conn.Read(ctx)
		read <- err
	}()
	cancel()
	if err := receive(t, "Read", read); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestCloseErrorText(t *testing.T) {
	tests := []struct {
		err  live.CloseError
		want string
	}{
		{live.CloseError{Code: 1006}, "closed with code 1006 (abnormal closure)"},
		{live.CloseError{Code: 3008, Reason: "come back"}, "closed with code 3008 (too slow): come back"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

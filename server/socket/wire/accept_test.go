package wire

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartline/server/socket/conformance"
)

// TestHandlerReturns checks that a connection outlives its HTTP handler.
func TestHandlerReturns(t *testing.T) {
	server := serve(t, Options{}, echo)
	c := server.dial(t)
	receive(t, server.returned, "the handler to return")
	c.SendFrames(frame(opText, false, "still here"))
	c.Expect(opText, []byte("still here"))
	c.Finish()
	ok(t, c)
}

// TestEarlyFrames sends frames together with the handshake, so that net/http has
// read them before the connection is taken over. They pass the guard like others.
func TestEarlyFrames(t *testing.T) {
	for _, test := range []struct {
		name   string
		early  []byte
		expect func(*conformance.Client)
	}{
		{"one", conformance.Join(frame(opText, false, "early")), func(c *conformance.Client) {
			c.Expect(opText, []byte("early"))
			c.Finish()
		}},
		{"more than is read at once", conformance.Join(
			frame(opText, false, strings.Repeat("x", inputSize)), frame(opPing, false, "y")), func(c *conformance.Client) {
			c.Expect(opText, []byte(strings.Repeat("x", inputSize)))
			c.Expect(opPong, []byte("y"))
			c.Finish()
		}},
		{"not UTF-8", conformance.Join(frame(opText, false, "ok"), frame(opText, false, "\xff")), func(c *conformance.Client) {
			c.Expect(opText, []byte("ok"))
			c.ExpectFailure(InvalidData)
		}},
		{"part of a frame", conformance.Join(frame(opText, false, "early"))[:5], func(c *conformance.Client) {
			c.Drop()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, Options{}, echo)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			c, err := server.dialer.DialWith(ctx, test.early)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Drop()
			test.expect(c)
			ok(t, c)
		})
	}
}

func TestSubprotocol(t *testing.T) {
	for _, test := range []struct{ offered, want string }{
		{"", ""},
		{"other", ""},
		{"other, cartline.v1", "cartline.v1"},
		{"cartline.v1, cartline.v2", "cartline.v2"}, // the server's preference
	} {
		server := serve(t, Options{Subprotocols: []string{"cartline.v2", "cartline.v1"}}, func(c *Conn) {
			if err := c.Write(Text, []byte(c.Subprotocol())); err != nil {
				t.Error(err)
			}
			echo(c)
		})
		if test.offered != "" {
			server.dialer.Header = http.Header{"Sec-WebSocket-Protocol": {test.offered}}
		}
		c := server.dial(t)
		c.Expect(opText, []byte(test.want))
		c.Finish()
		ok(t, c)
	}
}

func TestRemoteAddr(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		if err := c.Write(Text, []byte(c.RemoteAddr().Network())); err != nil {
			t.Error(err)
		}
		echo(c)
	})
	c := server.dial(t)
	c.Expect(opText, []byte("tcp"))
	c.Finish()
	ok(t, c)
}

// handshakeRequest is a good one.
func handshakeRequest() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	return r
}

// brokenHijacker can be hijacked, in theory.
type brokenHijacker struct {
	http.ResponseWriter
	err error
}

func (b brokenHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, b.err }

// unwrapper is a middleware's ResponseWriter.
type unwrapper struct{ http.ResponseWriter }

func (u unwrapper) Unwrap() http.ResponseWriter { return u.ResponseWriter }

func TestAcceptFails(t *testing.T) {
	t.Run("bad handshake", func(t *testing.T) {
		w, r := httptest.NewRecorder(), handshakeRequest()
		r.Header.Del("Sec-WebSocket-Key")
		if _, err := Accept(brokenHijacker{ResponseWriter: w}, r, Options{}); err == nil || w.Code != http.StatusBadRequest {
			t.Errorf("got status %d, error %v, want 400 and an error", w.Code, err)
		}
	})
	t.Run("no hijacker", func(t *testing.T) {
		w := httptest.NewRecorder()
		if _, err := Accept(unwrapper{w}, handshakeRequest(), Options{}); err == nil || w.Code != http.StatusNotImplemented {
			t.Errorf("got status %d, error %v, want 501 and an error", w.Code, err)
		}
	})
	t.Run("hijack fails", func(t *testing.T) {
		broken := errors.New("connection is somebody else's")
		w := unwrapper{brokenHijacker{httptest.NewRecorder(), broken}}
		if _, err := Accept(w, handshakeRequest(), Options{}); !errors.Is(err, broken) {
			t.Errorf("got error %v, want one that wraps %q", err, broken)
		}
	})
}

// TestAcceptUnwraps takes over a connection through a middleware's ResponseWriter.
func TestAcceptUnwraps(t *testing.T) {
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(unwrapper{w}, r, Options{})
		if err != nil {
			t.Errorf("Accept: %v", err)
			return
		}
		go func() {
			defer close(ended)
			echo(c)
		}()
	}))
	defer server.Close()
	c := (&testServer{dialer: conformance.Dialer{Address: server.Listener.Addr().String()}}).dial(t)
	c.SendFrames(frame(opBinary, false, "x"))
	c.Expect(opBinary, []byte("x"))
	c.Finish()
	ok(t, c)
	receive(t, ended, "the connection to end")
}

package socket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
)

// pipe is one end of a connection in memory, for tests on a clock of their own: what is
// written waits until it is read, and nothing else takes time.
type pipe struct {
	in, out net.Conn
}

func newPipe() (client, server *pipe) {
	toServer, fromClient := net.Pipe()
	toClient, fromServer := net.Pipe()
	return &pipe{toClient, toServer}, &pipe{fromClient, fromServer}
}

func (p *pipe) Read(b []byte) (int, error)  { return p.in.Read(b) }
func (p *pipe) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p *pipe) CloseWrite() error           { return p.out.Close() }
func (p *pipe) Close() error                { return errors.Join(p.in.Close(), p.out.Close()) }
func (p *pipe) LocalAddr() net.Addr         { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9} }
func (p *pipe) RemoteAddr() net.Addr        { return p.LocalAddr() }

// On a connection that the other end has closed, a deadline is no mistake.
func (p *pipe) SetReadDeadline(at time.Time) error  { return mend(p.in.SetReadDeadline(at)) }
func (p *pipe) SetWriteDeadline(at time.Time) error { return mend(p.out.SetWriteDeadline(at)) }
func (p *pipe) SetDeadline(at time.Time) error {
	return errors.Join(p.SetReadDeadline(at), p.SetWriteDeadline(at))
}

func mend(err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return err
}

// pipes is where a server listens for pipes.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return (&pipe{}).LocalAddr() }

func (p *pipes) connect(context.Context) (net.Conn, error) {
	client, server := newPipe()
	p.made <- server
	return client, nil
}

// bubbleEcho is an Echo within a bubble of synctest.
type bubbleEcho struct {
	*Echo
	dialer conformance.Dialer
	ends   chan wire.End
}

// echoInBubble starts an Echo that is shut down before the bubble ends, which then must
// have no goroutine left.
func echoInBubble(t *testing.T, c EchoConfig) *bubbleEcho {
	t.Helper()
	c.Log = slog.New(slog.DiscardHandler)
	ends := make(chan wire.End, 10)
	c.Hooks.Closed = func(end wire.End) { ends <- end }
	e := NewEcho(c)
	listener := &pipes{made: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: e}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		e.config.Gate.wantEmpty(t)
	})
	return &bubbleEcho{e, conformance.Dialer{Address: "shop.example", Greeting: EchoGreeting, Connect: listener.connect}, ends}
}

// dial connects with a query, and takes the greeting. Nothing is bounded by time, which
// passes only when everybody waits.
func (b *bubbleEcho) dial(t *testing.T, query string) *conformance.Client {
	t.Helper()
	b.dialer.Path = "/echo?" + query
	c, err := b.dialer.Dial(context.Background())
	if err != nil {
		t.Fatalf("dial %s: %v", query, err)
	}
	t.Cleanup(c.Drop)
	return c
}

// ask asks an endpoint for an upgrade as handshake does, at another address.
func ask(endpoint http.Handler, target string, header http.Header) *http.Response {
	r := httptest.NewRequest("GET", target, nil)
	r.Header = upgrade()
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, r)
	return w.Result()
}

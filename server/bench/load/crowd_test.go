//go:build linux

package load_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/bench/load"
	"cartline/server/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// serve runs a WebSocket server, and returns how to connect to it.
func serve(t *testing.T, handle func(ctx context.Context, conn *websocket.Conn) error) load.Target {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		_ = handle(r.Context(), conn) // an error is that the client has gone
	}))
	t.Cleanup(server.Close)
	return load.Target{Address: strings.TrimPrefix(server.URL, "http://"), Path: "/"}
}

const patience = 90 * time.Second

// A crowd says what it is told to, waits for the answer, counts what comes from then on,
// and answers pings.
func TestCrowd(t *testing.T) {
	told := make(chan struct{})
	ponged := make(chan error, 2)
	target := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		if _, message, err := conn.Read(ctx); err != nil || string(message) != "listen" {
			t.Errorf("the client says %q, %v", message, err)
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte("listening")); err != nil {
			return err
		}
		ctx = conn.CloseRead(ctx)
		<-told
		for range 3 {
			if err := conn.Write(ctx, websocket.MessageText, []byte(strings.Repeat("x", 300)+load.Mark(time.Now()))); err != nil {
				return err
			}
		}
		ponged <- conn.Ping(ctx)
		<-ctx.Done()
		return nil
	})
	target.Say, target.Await = "listen", "listening"
	crowd, err := load.Open(t.Context(), 2, func(int) load.Target { return target })
	if err != nil {
		t.Fatal(err)
	}
	close(told)
	for range 2 {
		if err := <-ponged; err != nil {
			t.Errorf("no pong: %v", err)
		}
	}
	testenv.Eventually(t, patience, "all marks", func() bool { return crowd.Count().Messages == 6 })
	if count := crowd.Count(); count.Gone != 0 || count.Latency.Total() != 6 {
		t.Errorf("got %d gone, %d latencies, want 0 and 6", count.Gone, count.Latency.Total())
	}
	crowd.Reset()
	if count := crowd.Count(); count.Messages != 0 {
		t.Errorf("after Reset: %d messages", count.Messages)
	}
	crowd.Close()
}

// Whom a server closes has gone, and the others stay.
func TestCrowdGone(t *testing.T) {
	all := make(chan struct{}) // are connected
	target := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		<-all
		return conn.Close(3008, "too slow")
	})
	staying := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		_, _, err := conn.Read(ctx)
		return err
	})
	crowd, err := load.Open(t.Context(), 2, func(i int) load.Target { return []load.Target{target, staying}[i] })
	if err != nil {
		t.Fatal(err)
	}
	defer crowd.Close()
	close(all)
	testenv.Eventually(t, patience, "the end", func() bool { return crowd.Count().Gone == 1 })
	if why := crowd.Count().Why; !strings.Contains(why, "too slow") {
		t.Errorf("it is told as %q, want the reason", why)
	}
}

// A crowd whose server refuses, or isn't there, doesn't come about.
func TestOpenFails(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		target load.Target
		want   string
	}{
		{load.Target{Address: refusing.Listener.Addr().String(), Path: "/"}, "404"},
		{load.Target{Address: nobody.Addr().String()}, "refused"},
	} {
		_, err := load.Open(t.Context(), 3, func(int) load.Target { return tt.target })
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestEcho(t *testing.T) {
	honest := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		conn.SetReadLimit(-1)
		for {
			kind, message, err := conn.Read(ctx)
			if err != nil {
				return err
			}
			if err := conn.Write(ctx, kind, message); err != nil {
				return err
			}
		}
	})
	for _, size := range []int{0, 32, 126, 4096, 70000} {
		crowd, err := load.Echo(t.Context(), 3, size, honest)
		if err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "some echoes", func() bool { return crowd.Count().Messages >= 30 })
		if count := crowd.Count(); count.Gone != 0 {
			t.Errorf("%d bytes: %d have gone: %s", size, count.Gone, count.Why)
		}
		crowd.Close()
	}
	wrong := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		kind, message, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		message[0]++
		if err := conn.Write(ctx, kind, message); err != nil {
			return err
		}
		for err == nil {
			_, _, err = conn.Read(ctx)
		}
		return err
	})
	crowd, err := load.Echo(t.Context(), 1, 32, wrong)
	if err != nil {
		t.Fatal(err)
	}
	defer crowd.Close()
	testenv.Eventually(t, patience, "the client to notice", func() bool { return crowd.Count().Gone == 1 })
	if why := crowd.Count().Why; !strings.Contains(why, "not what had been sent") {
		t.Errorf("it is told as %q", why)
	}
}

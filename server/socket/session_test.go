package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"cartline/server/event"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

// publish publishes a notification.
func publish(t testing.TB, hub *event.Hub, channel, payload string) {
	t.Helper()
	e, err := event.FromNotification(channel, payload, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	hub.Publish(e)
}

const meta = `{"at":"2026-11-21T12:00:00Z"}`

func TestListening(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c, other := g.connect(t, "ann"), g.connect(t, "bob")
	publish(t, g.hub, "news", `"before"`) // for nobody
	c.listen("news")
	other.listen(shared.ChannelCartActivity)
	publish(t, g.hub, "news", `{"a":1}`)
	c.want(`["news",{"a":1},` + meta + `]`)
	publish(t, g.hub, "news", `hello`)
	c.want(`["news","hello",` + meta + `]`)

	c.listen("news") // again, which is harmless: each event still comes once
	publish(t, g.hub, "news", `[1]`)
	c.want(`["news",[1],` + meta + `]`)

	c.send(`{"listen":"news","raw":true}`)
	c.want(`["listening",{"channel":"news","protocol":1}]`)
	publish(t, g.hub, "news", `{"a":1}`)
	c.want(`["news","{\"a\":1}",` + meta + `]`)

	c.listen(shared.ChannelCartActivity)
	publish(t, g.hub, shared.ChannelCartActivity, `{"cart_id":"x"}`)
	c.want(`["cart_activity",{"cart_id":"x"},` + meta + `]`)
	other.want(`["cart_activity",{"cart_id":"x"},` + meta + `]`)

	for range 2 { // the second time is harmless
		c.send(`{"unlisten":"news"}`)
		c.want(`["unlistening",{"channel":"news"}]`)
	}
	publish(t, g.hub, "news", `"for nobody"`)
	publish(t, g.hub, shared.ChannelCartActivity, `{"cart_id":"y"}`)
	c.want(`["cart_activity",{"cart_id":"y"},` + meta + `]`)
	if _, listed := g.Sessions(); len(listed) != 2 || fmt.Sprint(listed[0].Listening, listed[1].Listening) != "[cart_activity] [cart_activity]" {
		t.Errorf("got %+v, want both listening to cart_activity", listed)
	}
}

// TestRefusedMessages keeps the connection, whatever the client says.
func TestRefusedMessages(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c := g.connect(t, "ann")
	for _, test := range []struct {
		text string
		code shared.Code
	}{
		{`{"listen":`, shared.CodeInvalid},
		{``, shared.CodeInvalid},
		{`listen`, shared.CodeInvalid},
		{`null`, shared.CodeInvalid},
		{`{}`, shared.CodeInvalid},
		{`["listen","news"]`, shared.CodeInvalid},
		{`{"listen":"news"}{"listen":"news"}`, shared.CodeInvalid},
		{`{"listen":"news","unlisten":"news"}`, shared.CodeInvalid},
		{`{"listen":"cart_activity","after":"x"}`, shared.CodeInvalid},
		{`{"unlisten":"news","raw":true}`, shared.CodeInvalid},
		{`{"listen":5}`, shared.CodeInvalid},
		{`{"listen":"` + strings.Repeat("x", 64) + `"}`, shared.CodeInvalid},
		{`{"listen":"elsewhere"}`, shared.CodeUnknownChannel},
		{`{"unlisten":"elsewhere"}`, shared.CodeUnknownChannel},
		{`{"listen":"NEWS"}`, shared.CodeUnknownChannel},
		{`{"listen":"error"}`, shared.CodeUnknownChannel},
	} {
		c.send(test.text)
		c.wantError(test.code)
	}
	if err := c.WriteBinary(c.ctx, []byte(`{"listen":"news"}`)); err != nil {
		t.Fatal(err)
	}
	c.wantError(shared.CodeInvalid)
	c.listen("news")

	c.send(strings.Repeat(" ", shared.MaxRequest-len(`{"unlisten":"news"}`)) + `{"unlisten":"news"}`)
	c.want(`["unlistening",{"channel":"news"}]`)
	c.send(strings.Repeat(" ", shared.MaxRequest+1))
	c.wantClose(1009)
	// The log has the first refusal, and how many there were.
	ended := g.log.Wait(t, "events disconnected", 1)[0]
	if got := len(g.log.Records("events message refused")); got != 1 || ended["messages_refused"] != 17.0 {
		t.Errorf("got %d refusals logged, and in the end %v, want one, and 17", got, ended)
	}
	if got := g.config.Gate.Refused()[shared.LimitSize]; got != 1 {
		t.Errorf("got %d messages counted as too big, want 1", got)
	}
}

// panicking is a Source that fails as only a mistake in the program can.
type panicking struct{ listen, unlisten bool }

func (p panicking) Listen(context.Context, string) error {
	if p.listen {
		panic("some mistake in Listen")
	}
	return nil
}

func (p panicking) Unlisten(string) {
	if p.unlisten {
		panic("some mistake in Unlisten")
	}
}

// TestPanics costs whoever caused the panic an answer, and nobody else anything.
func TestPanics(t *testing.T) {
	t.Run("while listening", func(t *testing.T) {
		g := startEvents(t, gatewayOptions{source: panicking{listen: true}})
		c := g.connect(t, "ann")
		c.send(`{"listen":"news"}`)
		c.wantError(shared.CodeInternal)
		c.listen(shared.ChannelGateway) // which has no source
		wantException(t, g, "some mistake in Listen")
	})
	t.Run("while unlistening", func(t *testing.T) {
		g := startEvents(t, gatewayOptions{source: panicking{unlisten: true}})
		c := g.connect(t, "ann")
		c.listen("news")
		c.send(`{"unlisten":"news"}`)
		c.wantError(shared.CodeInternal)
		c.listen(shared.ChannelGateway)
		wantException(t, g, "some mistake in Unlisten")
	})
	t.Run("at the end", func(t *testing.T) {
		g := startEvents(t, gatewayOptions{source: panicking{unlisten: true}})
		c, other := g.connect(t, "ann"), g.connect(t, "bob")
		c.listen("news")
		if err := c.Close(1000, ""); err != nil {
			t.Fatal(err)
		}
		wantException(t, g, "some mistake in Unlisten")
		other.listen(shared.ChannelGateway)
	})
}

func wantException(t *testing.T, g *gateway, cause string) {
	t.Helper()
	record := g.log.Wait(t, "events exception", 1)[0]
	if stack, _ := record["stack"].(string); record["session"] != "ann-1" || record["cause"] != cause || !strings.Contains(stack, "session_test.go") {
		t.Errorf("got %v, want session ann-1, cause %q and the stack", record, cause)
	}
}

// failing is a Source that can't listen at the moment.
type failing struct{ event.NoSource }

func (failing) Listen(context.Context, string) error { return errDatabase }

func TestSourceFails(t *testing.T) {
	g := startEvents(t, gatewayOptions{source: failing{}})
	c := g.connect(t, "ann")
	c.send(`{"listen":"news"}`)
	c.wantError(shared.CodeUnavailable)
	if _, listed := g.Sessions(); len(listed[0].Listening) != 0 {
		t.Errorf("got %v, want nothing listened to", listed[0].Listening)
	}
}

// stalling is a Source that doesn't answer before the context ends.
type stalling struct {
	event.NoSource
	asked chan struct{}
	ended chan error
}

func (s stalling) Listen(ctx context.Context, _ string) error {
	s.asked <- struct{}{}
	<-ctx.Done()
	s.ended <- ctx.Err()
	return ctx.Err()
}

// TestShutdownWhileListening doesn't wait for the source.
func TestShutdownWhileListening(t *testing.T) {
	asked, ended := make(chan struct{}, 1), make(chan error, 1)
	g := startEvents(t, gatewayOptions{source: stalling{asked: asked, ended: ended}})
	c := g.connect(t, "ann")
	c.send(`{"listen":"news"}`)
	receive(t, asked, "the source to be asked")
	g.shutdown(t)
	if err := receive(t, ended, "the source to be told"); !errors.Is(err, context.Canceled) {
		t.Errorf("the source was told %v, want that it is no longer asked", err)
	}
	c.wantClose(1001)
}

// smallBuffers makes connections that hold little between the two ends.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = errors.Join(err, tcp.SetWriteBuffer(4096))
	}
	return conn, err
}

// dialSmall connects a client whose kernel takes little that it doesn't read.
func (g *gateway) dialSmall(t *testing.T, user string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	dialer := &net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
		}), err)
	}}
	conn, _, err := websocket.Dial(ctx, g.server.URL, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}},
		HTTPHeader: g.header(user),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// TestSlowClient stops reading. It is told so as soon as its queue is full, and
// meanwhile nobody else misses anything.
func TestSlowClient(t *testing.T) {
	g := startEvents(t, gatewayOptions{queueLimit: 64 << 10, listener: func(l net.Listener) net.Listener { return smallBuffers{l} }})
	quick := g.connect(t, "ann")
	quick.listen("news")
	slow := g.dialSmall(t, "bob")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := slow.Write(ctx, websocket.MessageText, []byte(`{"listen":"news"}`)); err != nil {
		t.Fatal(err)
	}
	await(t, "both to listen", func() bool { return g.hub.Listeners("news") == 2 })

	filler := strings.Repeat("x", 8<<10)
	sent := 0
	for ; sent < 1000 && len(g.log.Records("events client is too slow")) == 0; sent++ {
		publish(t, g.hub, "news", fmt.Sprint(sent, filler))
		if got, want := string(quick.next().Payload), fmt.Sprintf("%q", fmt.Sprint(sent, filler)); got != want {
			t.Fatalf("the quick client got %.20s…, want %.20s…", got, want)
		}
	}
	// The slow one takes notice in time for its close frame.
	var err error
	got := -1 // the answer to listen comes first
	for ; err == nil; got++ {
		_, _, err = slow.Read(ctx)
	}
	if code := websocket.CloseStatus(err); code != shared.CloseSlow {
		t.Errorf("got %v, want close code %d", err, shared.CloseSlow)
	}
	if got >= sent {
		t.Errorf("the slow client got all of %d events", sent)
	}
	if ended := g.log.Wait(t, "events disconnected", 1)[0]; ended["session"] != "bob-1" || ended["code"] != float64(shared.CloseSlow) || ended["by"] != "server" {
		t.Errorf("got %v, want bob-1 with code %d by the server", ended, shared.CloseSlow)
	}
	if got := g.config.Gate.Refused()[shared.LimitQueue]; got != 1 {
		t.Errorf("got %d clients counted as too slow, want 1", got)
	}
	publish(t, g.hub, "news", "after")
	quick.want(`["news","after",` + meta + `]`)
}

// counting is a Source that counts who listens.
type counting struct {
	mu        sync.Mutex
	listeners map[string]int
}

func (c *counting) add(channel string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil {
		c.listeners = make(map[string]int)
	}
	c.listeners[channel] += n
}

func (c *counting) count(channel string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listeners[channel]
}

func (c *counting) Listen(_ context.Context, channel string) error {
	c.add(channel, 1)
	return nil
}

func (c *counting) Unlisten(channel string) { c.add(channel, -1) }

// TestPostgresSource has clients listen to the real thing: one connection, one
// LISTEN for all of them, and none once they are gone.
func TestPostgresSource(t *testing.T) {
	dsn := testenv.Postgres(t)
	var hub *event.Hub
	listener, err := postgres.NewListener(dsn, func(channel, payload string) {
		publish(t, hub, channel, payload)
	}, func() {}, testenv.NewLog().Logger())
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(t.Context())
	var tasks sync.WaitGroup
	tasks.Go(func() { listener.Run(running) })
	t.Cleanup(func() { stop(); tasks.Wait() })

	g := startEvents(t, gatewayOptions{source: listener})
	hub = g.hub // before anything is listened to
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	psql, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer psql.Close(ctx)
	var clients []*client
	for range 5 {
		c := g.connect(t, "ann")
		c.listen("news")
		clients = append(clients, c)
	}
	if got := listener.Channels(); len(got) != 1 || got[0] != "news" {
		t.Errorf("got LISTEN in effect for %v, want news", got)
	}
	for _, notify := range []struct{ payload, want string }{
		{`{"hello":1}`, `{"hello":1}`}, {`[1,2]`, `[1,2]`}, {`plain`, `"plain"`}, {`17`, `"17"`},
	} {
		if _, err := psql.Exec(ctx, `SELECT pg_notify('news', $1)`, notify.payload); err != nil {
			t.Fatal(err)
		}
		for _, c := range clients {
			c.want(`["news",` + notify.want + `,` + meta + `]`)
		}
	}
	var connections int
	err = psql.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&connections)
	if err != nil || connections != 1 {
		t.Errorf("got %d connections, %v, want one for all clients", connections, err)
	}
	for _, c := range clients {
		c.Abandon()
	}
	await(t, "UNLISTEN", func() bool { return len(listener.Channels()) == 0 })
}

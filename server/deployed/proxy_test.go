package deployed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// pair is the two processes behind a proxy, one for pages and API and one for the sockets.
type pair struct {
	public      string // where the proxy is
	app, events *testenv.Server
	args        []string // of both
}

// The times of the tests: a proxy closes what is quiet for idle, in which the server asks
// each client several times whether it is there. Both leave seconds to a busy machine: a
// client that doesn't answer for three heartbeats is cut off.
const (
	idle      = "4s"
	heartbeat = "800ms"
	pings     = 5 // every other heartbeat: together twice as long as idle
)

// startPair starts the two, to be reached at an address by way of a proxy.
func startPair(t *testing.T, public string) *pair {
	t.Helper()
	p := &pair{public: public, args: []string{
		"--database", testenv.Postgres(t), "--public-url", public, "--trusted-proxy", "127.0.0.1", "--heartbeat", heartbeat, "--drain", "100ms",
	}}
	p.app = p.start(t, "--serve", "app", "--demo", "--demo-shoppers", "0", "--listen", testenv.FreeAddress(t))
	p.events = p.start(t, "--serve", "events", "--listen", testenv.FreeAddress(t))
	return p
}

func (p *pair) start(t *testing.T, args ...string) *testenv.Server {
	t.Helper()
	return testenv.StartServer(t, testenv.ServerOptions{Args: append(slices.Clone(p.args), args...)})
}

// hosts returns where the two listen.
func (p *pair) hosts() (app, events string) {
	return strings.TrimPrefix(p.app.BaseURL, "http://"), strings.TrimPrefix(p.events.BaseURL, "http://")
}

// behind holds a proxy, which is up, to all that one must do.
func (p *pair) behind(t *testing.T) {
	answers(t, p.public)
	staff := newVisitor(t, p.public)
	staff.signIn(t, p.app.Output())
	t.Run("led", func(t *testing.T) { p.led(t, staff) })
	t.Run("seen", p.seen)
	t.Run("quiet", p.quiet)
	t.Run("upgrade", func(t *testing.T) { p.upgrade(t, staff) })
}

// led looks at which process answers what.
func (p *pair) led(t *testing.T, staff *visitor) {
	var gateway shared.GatewayStatus
	staff.must(t, "GET", "/api/gateway", "", &gateway)
	if gateway.Mode != "events" {
		t.Errorf("/api/gateway is answered by a process that serves %s", gateway.Mode)
	}
	for _, path := range []string{"/shop", "/desk", "/", "/events", "/app.js", "/api/cart", "/api/staff/session"} {
		if status, answer, err := staff.ask("GET", path, ""); status != http.StatusOK {
			t.Errorf("%s: got %d %.200s, %v", path, status, answer, err)
		}
	}
}

// seen looks at what the servers see of a client, which lies.
func (p *pair) seen(t *testing.T) {
	v := newVisitor(t, p.public)
	const id = "0123456789abcdef0123456789abcdef"
	header := v.header(t)
	header.Add("Cookie", shared.CookieHandshake+"="+id)
	conn, response, err := websocket.Dial(within(t), p.public+"/echo", &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		t.Fatalf("%v %v", err, response)
	}
	defer func() { _ = conn.CloseNow() }() // an error means that it is closed
	var record shared.HandshakeRecord
	v.must(t, "GET", "/api/handshake/"+id, "", &record)
	public, err := url.Parse(p.public)
	if err != nil {
		t.Fatal(err)
	}
	if record.Remote != clientAddress || !record.TLS || record.Host != public.Host || !record.OriginAllowed {
		t.Errorf("the events see %s, TLS %v, host %s, origin %s; want %s over TLS at %s", record.Remote, record.TLS, record.Host, record.OriginVerdict, clientAddress, public.Host)
	}
	// The cookies are those for TLS, and the log has the address.
	v.must(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	cookies := v.client.Jar.Cookies(public)
	if !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == "__Host-cartline_shopper" }) {
		t.Errorf("got cookies %v", cookies)
	}
	testenv.Eventually(t, patience, "the client's address in both logs", func() bool {
		return strings.Contains(p.app.Log(), "path=/api/cart/lines/MUG-BLUE status=200") && strings.Contains(p.app.Log(), "remote="+clientAddress) &&
			strings.Contains(p.events.Log(), `msg="echo connected" remote=`+clientAddress)
	})
	for _, log := range []string{p.app.Log(), p.events.Log()} {
		if strings.Contains(log, "198.51.100.1") {
			t.Errorf("a client's word is believed:\n%s", log)
		}
	}
}

// quiet keeps a socket open for longer than the proxy's time-out, on which nothing is said
// but the server's pings.
func (p *pair) quiet(t *testing.T) {
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	heard, enough := atomic.Int64{}, make(chan struct{})
	conn, _, err := websocket.Dial(ctx, p.public+"/echo", &websocket.DialOptions{
		HTTPHeader: newVisitor(t, p.public).header(t),
		OnPingReceived: func(context.Context, []byte) bool {
			if heard.Add(1) == pings {
				close(enough)
			}
			return true
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }() // an error means that it is closed
	if _, greeting, err := conn.Read(ctx); err != nil || string(greeting) != "Echo Initiated" {
		t.Fatalf("got %q, %v", greeting, err)
	}
	answer := make(chan string, 1)
	go func() {
		_, text, err := conn.Read(ctx)
		answer <- fmt.Sprint(string(text), " ", err)
	}()
	select {
	case <-enough:
	case early := <-answer:
		t.Fatalf("the quiet socket ended after %d pings: %s", heard.Load(), early)
	case <-ctx.Done():
		t.Fatalf("got %d pings", heard.Load())
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "still here <nil>" {
		t.Errorf("got %q", got)
	}
}

// upgrade replaces both processes, one after the other, while a cart changes, and looks
// whether a client hears every change, once and in order.
func (p *pair) upgrade(t *testing.T, staff *visitor) {
	shopper := newVisitor(t, p.public)
	var cart shared.Cart
	shopper.must(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, &cart)
	id, first := cart.ID, cart.Version // a change that may be told before the client listens, or after

	ctx, cancel := context.WithCancel(within(t))
	var mu sync.Mutex
	var versions []int64
	var fresh []int
	listening, connected := make(chan struct{}), 0
	client := live.NewClient(live.Config{
		URL:     p.public + "/events/io",
		Listen:  []shared.Request{{Listen: shared.ChannelCartActivity}},
		Options: live.Options{Header: staff.header(t)},
		OnMessage: func(message shared.Message, _ string) {
			var activity shared.Activity
			if message.Kind == shared.ChannelCartActivity && json.Unmarshal(message.Payload, &activity) == nil && activity.CartID == id && activity.CartVersion > first {
				mu.Lock()
				versions = append(versions, activity.CartVersion)
				mu.Unlock()
			}
		},
		OnFresh: func(string) {
			mu.Lock()
			defer mu.Unlock()
			if fresh = append(fresh, len(versions)); len(fresh) == 1 {
				close(listening)
			}
		},
		OnState: func(s live.State) {
			mu.Lock()
			defer mu.Unlock()
			if s.Phase == live.Live {
				connected++
			}
		},
		MaxWait: 1e9,
	})
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx) }()
	defer func() {
		cancel()
		<-ended
	}()
	select {
	case <-listening:
	case err := <-ended:
		t.Fatal(err)
	case <-ctx.Done():
		t.Fatal("the client doesn't listen")
	}

	appHost, eventsHost := p.hosts()
	for step := range 6 {
		switch step {
		case 1:
			p.events.Stop(t)
		case 3:
			p.events = p.start(t, "--serve", "events", "--listen", eventsHost)
		case 4:
			p.app.Stop(t)
			if status, _, err := shopper.ask("GET", "/api/cart", ""); err == nil && status < 500 {
				t.Errorf("while the app is away: got %d", status)
			}
			p.app = p.start(t, "--serve", "app", "--listen", appHost)
		}
		p.change(t, shopper, &cart)
	}
	want := make([]int64, 0, cart.Version-first)
	for version := first + 1; version <= cart.Version; version++ {
		want = append(want, version)
	}
	heard := func() []int64 {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(versions)
	}
	testenv.Eventually(t, patience, "every change to be heard", func() bool { return len(heard()) >= len(want) })
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(versions, want) || len(fresh) != 1 || connected < 2 {
		t.Errorf("heard %v, want %v; listened afresh at %v, want once; connected %d times, want more than once", versions, want, fresh, connected)
	}
}

// change changes the cart, as soon as the proxy has found a server that came back.
func (p *pair) change(t *testing.T, shopper *visitor, cart *shared.Cart) {
	t.Helper()
	line, ok := cart.Line("MUG-BLUE")
	if !ok {
		t.Fatalf("got cart %+v", cart)
	}
	body := fmt.Sprintf(`{"quantity":%d,"version":%d}`, line.Quantity%5+1, line.Version)
	last := ""
	testenv.Eventually(t, patience, "a change to be made", func() bool {
		status, answer, err := shopper.ask("PUT", "/api/cart/lines/MUG-BLUE", body)
		last = fmt.Sprint(status, " ", string(answer), " ", err)
		if err == nil && status == http.StatusOK {
			return json.Unmarshal(answer, cart) == nil
		}
		if err == nil && status < 500 {
			t.Fatalf("got %s", last)
		}
		return false
	})
}

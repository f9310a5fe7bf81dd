package socket

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/shared"
)

// handshake asks an endpoint for an upgrade without a connection under it, so that it
// may come from any address. Status 501 means that it would have been upgraded.
func handshake(endpoint http.Handler, remoteAddr string, header http.Header) *http.Response {
	r := httptest.NewRequest("GET", "http://shop.example/", nil)
	r.RemoteAddr = remoteAddr
	r.Header = upgrade()
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, r)
	return w.Result()
}

func (g *Gate) inside() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// exhaust has no handshake answered from now on, if their rate is limited, however
// long the test takes.
func (g *Gate) exhaust() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.handshakes.level, g.handshakes.last = 0, time.Now().Add(time.Hour)
}

// wantRefusal checks the answer to a handshake for which there is no room.
func wantRefusal(t *testing.T, answer *http.Response, status int) {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.StatusCode != status || err != nil || wait < 1 || len(body) < 20 || body[len(body)-1] != '.' {
		t.Errorf("got %d, Retry-After %q, %q, want %d, some seconds and a sentence", answer.StatusCode, answer.Header.Get("Retry-After"), body, status)
	}
}

// TestEventsLimits has handshakes refused before anybody is looked up, but for the
// limit by user, and the same told to a page that asks why.
func TestEventsLimits(t *testing.T) {
	for _, test := range []struct {
		name   string
		limits Limits
		status int
		limit  shared.Limit
		code   shared.Code
		lookUp bool
	}{
		{"in all", Limits{Connections: 2}, 503, shared.LimitConnections, shared.CodeTooManyConnections, false},
		{"address", Limits{PerAddress: 2}, 429, shared.LimitAddress, shared.CodeTooManyConnections, false},
		{"handshakes", Limits{Handshakes: 1}, 503, shared.LimitHandshakes, shared.CodeTooFast, false},
		{"user", Limits{PerUser: 2}, 429, shared.LimitUser, shared.CodeTooManyConnections, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := startEvents(t, gatewayOptions{limits: test.limits})
			asked := new(counter)
			g.onAuthed = func(*http.Request) { asked.add(1) }
			for range 2 {
				g.connect(t, "ann").listen("news")
			}
			g.config.Gate.exhaust()
			header := g.header("ann")
			header.Set("Origin", "https://shop.example")
			answer := handshake(g.Events, "127.0.0.1:9", header)
			wantRefusal(t, answer, test.status)
			if got := asked.get(); (got > 2) != test.lookUp {
				t.Errorf("got %d users looked up, two of them for those who are in", got)
			}
			if got := g.config.Gate.Refused()[test.limit]; got != 1 {
				t.Errorf("got %d refusals counted, want 1", got)
			}
			r := httptest.NewRequest("GET", "http://shop.example/api/handshake", nil)
			r.RemoteAddr, r.Header = "127.0.0.1:9", header
			var problem *shared.Problem
			if err := g.MayEnter(r); !errors.As(err, &problem) || problem.Code != test.code || problem.RetryAfter == 0 {
				t.Errorf("a page asks: got %+v, want a problem with code %s", problem, test.code)
			}
			if got := g.config.Gate.Refused()[test.limit]; got != 1 {
				t.Errorf("got %d refusals counted after a page asked, want 1", got)
			}
			// What is refused for another reason takes no room.
			for range 5 {
				handshake(g.Events, "192.0.2.1:9", http.Header{"Origin": {"https://evil.example"}})
				handshake(g.Events, "192.0.2.1:9", http.Header{"Origin": {"https://shop.example"}, "X-User": {"carl"}})
			}
			if got := g.config.Gate.inside(); got != 2 {
				t.Errorf("got room taken for %d, want 2", got)
			}
		})
	}
}

// TestEventsLimitAfterPanic gives the room back when looking someone up panics.
func TestEventsLimitAfterPanic(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	g.onAuthed = func(*http.Request) { panic("some mistake") }
	func() {
		defer func() { _ = recover() }() // as net/http does
		handshake(g.Events, "192.0.2.1:9", http.Header{"Origin": {"https://shop.example"}, "X-User": {"ann"}})
		t.Error("did not panic")
	}()
	g.config.Gate.wantEmpty(t)
}

// TestShopperLimit counts shoppers by who they are, too, and apart from staff.
func TestShopperLimit(t *testing.T) {
	g := startEvents(t, gatewayOptions{limits: Limits{PerUser: 1}})
	g.shoppers["ann"] = identity.Shopper{Hash: []byte("cookie of ann"), ID: "ann", ExpiresAt: time.Now().Add(time.Hour)}
	g.connect(t, "ann")
	g.shop(t, "ann", "") // another ann
	g.shop(t, "sue", "")
	wantRefusal(t, handshake(g.Events, "192.0.2.1:9", http.Header{"Origin": {"https://shop.example"}, "X-Shopper": {"sue"}}), 429)
	g.shop(t, "tom", "")
}

// TestEchoLimits shares the gate with the other endpoint.
func TestEchoLimits(t *testing.T) {
	for _, test := range []struct {
		name   string
		limits Limits
		status int
		code   shared.Code
	}{
		{"in all", Limits{Connections: 2}, 503, shared.CodeTooManyConnections},
		{"address", Limits{PerAddress: 2}, 429, shared.CodeTooManyConnections},
		{"handshakes", Limits{Handshakes: 1}, 503, shared.CodeTooFast},
	} {
		t.Run(test.name, func(t *testing.T) {
			gate := quietGate(test.limits)
			s := startEcho(t, EchoConfig{Gate: gate})
			if _, refused := gate.enter("127.0.0.1", time.Now()); refused != nil { // by the other
				t.Fatal(refused.limit)
			}
			c := s.dial(t)
			gate.exhaust()
			wantRefusal(t, handshake(s.Echo, "127.0.0.1:9", nil), test.status)
			r := httptest.NewRequest("GET", "http://shop.example/api/handshake", nil)
			r.RemoteAddr = "127.0.0.1:9"
			var problem *shared.Problem
			if err := s.MayEnter(r); !errors.As(err, &problem) || problem.Code != test.code {
				t.Errorf("a page asks: got %+v, want a problem with code %s", problem, test.code)
			}
			c.Finish()
			ok(t, c)
		})
	}
	s := startEcho(t, EchoConfig{Log: slog.New(slog.DiscardHandler)})
	if got := handshake(s.Echo, "127.0.0.1:9", nil).StatusCode; got != http.StatusNotImplemented {
		t.Errorf("got %d, want a handshake that was let in as far as the engine", got)
	}
	s.config.Gate.wantEmpty(t)
}

// TestMessageRate refuses what comes too fast, without doing it, and ends a client that
// doesn't stop.
func TestMessageRate(t *testing.T) {
	g := startEvents(t, gatewayOptions{limits: Limits{Messages: 1}})
	c := g.connect(t, "ann")
	for _, text := range []string{`{"ping":"1"}`, `{"ping":"2"}`, `{"listen":"news"}`} {
		c.send(text)
	}
	c.want(`["pong","1"]`)
	c.want(`["pong","2"]`)
	// That channel isn't listened to, which its listener has to know.
	c.want(`["error",{"code":"too_fast","detail":"This was not done, as you send more than 1 messages a second. Slow down.","channel":"news","retry_after":1}]`)
	if got := g.hub.Listeners("news"); got != 0 {
		t.Errorf("got %d listeners: the message was refused, and followed", got)
	}
	for range 3 * maxExcess {
		if err := c.WriteText(c.ctx, `{"ping":"again"}`); err != nil {
			break // it is over
		}
	}
	c.wantClose(shared.CloseFlood)
	ended := g.log.Wait(t, "events disconnected", 1)[0]
	refused := g.config.Gate.Refused()[shared.LimitMessages]
	if refused < maxExcess || ended["messages_refused"] != float64(refused) || ended["code"] != float64(shared.CloseFlood) {
		t.Errorf("got %d refusals counted, and logged %v", refused, ended)
	}
	if got := len(g.log.Records("events message refused")); got != 1 {
		t.Errorf("got %d refusals logged one by one, want the first", got)
	}
}

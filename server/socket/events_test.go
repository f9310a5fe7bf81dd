package socket

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// upgrade is a handshake that lacks nothing but who it is from.
func upgrade() http.Header {
	return http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
}

func TestEventsHandshake(t *testing.T) {
	strict, lenient := startEvents(t, gatewayOptions{}), startEvents(t, gatewayOptions{allowNoOrigin: true})
	const own, none = "own", "none"
	for _, test := range []struct {
		name    string
		gateway *gateway
		user    string
		origin  string
		change  http.Header // an empty list deletes
		broken  bool
		status  int
		body    string // exact, unless empty
		logged  string
	}{
		{name: "allowed", user: "ann", origin: own, status: 101},
		{name: "allowed from elsewhere", user: "ann", origin: "https://shop.example", status: 101},
		{name: "no upgrade", user: "ann", origin: own, change: http.Header{"Upgrade": {}}, status: 400, body: "Expected websocket"},
		{name: "no upgrade, and nobody", origin: "https://evil.example", change: http.Header{"Upgrade": {}}, status: 400, body: "Expected websocket"},
		{name: "nobody", origin: own, status: 403, body: "Can't monitor events", logged: "unauthorized"},
		{name: "no role", user: "carl", origin: own, status: 403, body: "Can't monitor events", logged: "forbidden"},
		{name: "foreign origin", user: "ann", origin: "https://evil.example", status: 403, body: "Pages of https://evil.example may not connect. The server's operator can allow it with --allow-origin.", logged: "cross_origin"},
		{name: "null origin", user: "ann", origin: "null", status: 403, logged: "cross_origin"},
		{name: "no origin", user: "ann", origin: none, status: 403, logged: "cross_origin"},
		{name: "no origin where that is allowed", gateway: lenient, user: "ann", origin: none, status: 101},
		{name: "foreign origin where none is allowed", gateway: lenient, user: "ann", origin: "https://evil.example", status: 403, logged: "cross_origin"},
		{name: "nobody, and no origin", gateway: lenient, origin: none, status: 403, body: "Can't monitor events", logged: "unauthorized"},
		{name: "the database is away", user: "ann", origin: own, broken: true, status: 503, body: "Who you are can't be found out at the moment", logged: "internal"},
		{name: "old version", user: "bob", origin: own, change: http.Header{"Sec-Websocket-Version": {"8"}}, status: 400, logged: "session bob-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := test.gateway
			if g == nil {
				g = strict
			}
			before := len(g.log.Records("events rejected"))
			if test.broken {
				g.with(func() { g.lookUp = errDatabase })
				defer g.with(func() { g.lookUp = nil })
			}
			r, err := http.NewRequest("GET", g.server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = upgrade()
			for name, values := range test.change {
				if len(values) == 0 {
					r.Header.Del(name)
				} else {
					r.Header[name] = values
				}
			}
			if test.user != "" {
				r.Header.Set("X-User", test.user)
			}
			switch test.origin {
			case own:
				r.Header.Set("Origin", g.server.URL)
			case none:
			default:
				r.Header.Set("Origin", test.origin)
			}
			response, err := g.server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != test.status {
				t.Fatalf("got status %d, want %d", response.StatusCode, test.status)
			}
			if test.status == http.StatusSwitchingProtocols {
				return
			}
			body, err := io.ReadAll(response.Body)
			if err != nil || test.body != "" && string(body) != test.body {
				t.Errorf("got body %q, %v, want %q", body, err, test.body)
			}
			if strings.Contains(string(body), "database") {
				t.Errorf("the answer tells the cause: %q", body)
			}
			records := g.log.Records("events rejected")[before:]
			switch session, named := strings.CutPrefix(test.logged, "session "); {
			case test.logged == "":
				if len(records) != 0 {
					t.Errorf("got %v logged, want nothing", records)
				}
			case len(records) != 1 || records[0]["remote"] != "127.0.0.1":
				t.Errorf("got %v logged, want one rejection with its address", records)
			case named && records[0]["session"] != session:
				t.Errorf("got %v logged, want session %s", records[0], session)
			case !named && records[0]["code"] != test.logged:
				t.Errorf("got %v logged, want code %s", records[0], test.logged)
			case test.logged == "forbidden" && records[0]["user"] != "carl":
				t.Errorf("got %v logged, want the user's name", records[0])
			}
		})
	}
}

// TestEventsNames counts each user's sessions, and follows one through the log.
func TestEventsNames(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	first := g.connect(t, "ann")
	first.listen("news")
	g.connect(t, "bob").listen("news")
	if err := first.Close(1000, "done"); err != nil {
		t.Fatal(err)
	}
	g.log.Wait(t, "events disconnected", 1)
	second := g.connect(t, "ann") // a number is not used again
	second.send("nonsense")
	second.wantError(shared.CodeInvalid)

	var names []string
	for _, record := range g.log.Wait(t, "events connected", 3) {
		names = append(names, record["session"].(string))
		if remote, _ := record["remote"].(string); remote != "127.0.0.1" {
			t.Errorf("got %v, want the address", record)
		}
	}
	if want := []string{"ann-1", "bob-1", "ann-2"}; !slices.Equal(names, want) {
		t.Errorf("got names %v, want %v", names, want)
	}
	refused := g.log.Wait(t, "events message refused", 1)[0]
	if refused["session"] != "ann-2" || refused["code"] != "invalid" || refused["bytes"] != 8.0 || strings.Contains(g.log.String(), "nonsense") {
		t.Errorf("got %v, want the name, the code and the size, and not what was said", refused)
	}
	ended := g.log.Records("events disconnected")[0]
	if d, _ := ended["duration"].(float64); ended["session"] != "ann-1" || ended["code"] != 1000.0 || ended["by"] != "peer" || ended["reason"] != "done" || d <= 0 {
		t.Errorf("got %v, want ann-1 with code 1000 by the peer, and how long it was", ended)
	}
	count, listed := g.Sessions()
	if count != 2 || listed[0].Name != "bob-1" || listed[1].Name != "ann-2" || !slices.Equal(listed[0].Listening, []string{"news"}) || listed[1].Listening == nil || listed[0].Since.IsZero() {
		t.Errorf("got %d sessions, %+v, want bob-1, who listens to news, and ann-2, who listens to nothing", count, listed)
	}
}

// TestSessionsListed bounds what Sessions lists, but not what it counts.
func TestSessionsListed(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	const open = shared.MaxListedSessions + 3
	for range open {
		g.connect(t, "ann")
	}
	await(t, "all sessions to be open", func() bool { n, _ := g.Sessions(); return n == open })
	count, listed := g.Sessions()
	if count != open || len(listed) != shared.MaxListedSessions {
		t.Errorf("got %d, %d listed, want %d, %d", count, len(listed), open, shared.MaxListedSessions)
	}
	if !slices.IsSortedFunc(listed, func(a, b shared.SocketSession) int { return a.Since.Compare(b.Since) }) {
		t.Errorf("got %v, want the oldest first", listed)
	}
}

func TestRecheck(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	ann, bob, other := g.connect(t, "ann"), g.connect(t, "bob"), g.connect(t, "bob")
	for _, c := range []*client{ann, bob, other} {
		c.listen("news")
	}
	if err := g.Recheck(t.Context()); err != nil {
		t.Errorf("got %v, want nothing", err)
	}
	g.with(func() { g.lookUp = errDatabase; delete(g.users, "ann") })
	if err := g.Recheck(t.Context()); err != errDatabase {
		t.Errorf("got %v, want %v", err, errDatabase)
	}
	ann.listen("news") // still there: nothing is known
	g.with(func() { g.lookUp = nil })
	if err := g.Recheck(t.Context()); err != nil {
		t.Error(err)
	}
	ann.wantClose(shared.CloseSessionEnded)
	bob.listen("news")
	g.with(func() {
		who := g.users["bob"]
		who.Roles = []string{shared.RoleAdmin}
		g.users["bob"] = who
	})
	if err := g.Recheck(t.Context()); err != nil {
		t.Error(err)
	}
	bob.wantClose(shared.CloseForbidden)
	other.wantClose(shared.CloseForbidden)
}

// TestRecheckMissesNobody takes a right away between the look at it and the
// session's begin, when there is no session yet that Recheck could end.
func TestRecheckMissesNobody(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(*gateway)
		code int // 0: the session stays
	}{
		{"nothing lost", func(*gateway) {}, 0},
		{"signed out", func(g *gateway) { delete(g.users, "ann") }, shared.CloseSessionEnded},
		{"role lost", func(g *gateway) { g.users["ann"] = g.users["carl"] }, shared.CloseForbidden},
		{"nobody knows", func(g *gateway) { g.lookUp = errDatabase }, wire.TryAgainLater},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := startEvents(t, gatewayOptions{})
			g.onAuthed = func(r *http.Request) {
				g.with(func() { test.lose(g) })
				if err := g.Recheck(r.Context()); err != nil {
					t.Error(err) // there is no session
				}
			}
			c := g.connect(t, "ann")
			if test.code == 0 {
				c.listen("news")
				return
			}
			c.wantClose(test.code)
		})
	}
	// Otherwise nobody is looked up twice.
	g := startEvents(t, gatewayOptions{})
	g.connect(t, "ann").listen("news")
	g.with(func() {
		if g.lookups != 0 {
			t.Errorf("got %d look-ups, want none", g.lookups)
		}
	})
}

func TestEndExpired(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	now := time.Now()
	g.with(func() {
		g.users["ann"] = identity.Session{Hash: []byte("ann"), Username: "ann", Roles: []string{shared.RoleEventListener}, ExpiresAt: now.Add(time.Minute)}
	})
	ann, bob := g.connect(t, "ann"), g.connect(t, "bob")
	ann.listen("news")
	bob.listen("news")
	g.EndExpired(now.Add(time.Minute - 1))
	ann.listen("news")
	g.EndExpired(now.Add(time.Minute))
	ann.wantClose(shared.CloseSessionEnded)
	bob.listen("news")
	// Whose time is up is looked for when the next one's may be, whoever came when.
	g.EndExpired(now.Add(2 * time.Minute))
	bob.listen("news")
	g.EndExpired(now.Add(2 * time.Hour))
	bob.wantClose(shared.CloseSessionEnded)
	sue := g.shop(t, "sue", "")
	sue.listen(shared.ChannelMyCart)
	g.EndExpired(now.Add(2 * time.Hour))
	sue.wantClose(shared.CloseSessionEnded)
}

func TestEventsShutdown(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	var clients []*client
	for range 20 {
		c := g.connect(t, "ann")
		c.listen("news")
		clients = append(clients, c)
	}
	var waiting sync.WaitGroup
	for _, c := range clients {
		waiting.Go(func() { c.wantClose(wire.GoingAway) })
	}
	g.shutdown(t)
	g.wantNothing(t)
	waiting.Wait()
	if _, err := g.dial(t, "ann"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("connecting after the end: got %v, want 503", err)
	}
}

// TestEventsShutdownCut has a client that answers no close frame, and a Shutdown
// without time.
func TestEventsShutdownCut(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	g.connect(t, "ann").listen("news") // reads nothing from here on
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Shutdown(ctx); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	g.wantNothing(t)
}

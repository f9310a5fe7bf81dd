package terminal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
	"cartline/shared"
	"cartline/shared/lab"
)

// script is a server that answers handshakes, and says what a test tells it to.
type script struct {
	url     string
	answers chan int // statuses, 101 for a connection
	conns   chan *scripted
}

// scripted is one connection to a script.
type scripted struct {
	*websocket.Conn
	ctx   context.Context
	asked chan string
	ended chan error
}

func newScript(t *testing.T) *script {
	t.Helper()
	s := &script{answers: make(chan int, 10), conns: make(chan *scripted)}
	s.url = serveHTTP(t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) {
		var status int
		select {
		case status = <-s.answers:
		case <-ctx.Done():
			return
		}
		if status != http.StatusSwitchingProtocols {
			http.Error(w, "Not now", status)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer func() { _ = conn.CloseNow() }() // it may be closed
		c := &scripted{Conn: conn, ctx: ctx, asked: make(chan string, 100), ended: make(chan error, 1)}
		select {
		case s.conns <- c:
		case <-ctx.Done():
			return
		}
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				c.ended <- err
				return
			}
			c.asked <- string(data)
		}
	})
	return s
}

// next lets a client in, who must ask for this.
func (s *script) next(t *testing.T, want ...string) *scripted {
	t.Helper()
	s.answers <- http.StatusSwitchingProtocols
	c := receive(t, "a connection", s.conns)
	c.wants(t, want...)
	return c
}

func (c *scripted) wants(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := receive(t, w, c.asked); got != w {
			t.Fatalf("got asked %s, want %s", got, w)
		}
	}
}

func (c *scripted) say(t *testing.T, text string) {
	t.Helper()
	if err := c.Write(c.ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func listening(channels ...string) func(*terminal.Session) {
	return func(s *terminal.Session) {
		for _, channel := range channels {
			s.Listen = append(s.Listen, shared.Request{Listen: channel})
		}
	}
}

// A connection that is lost comes back, and asks for what was missed. What is typed
// meanwhile waits.
func TestListenComesBack(t *testing.T) {
	server := newScript(t)
	s := sit(t, server.url, listening("a", "b"))
	c := server.next(t, `{"listen":"a","batch":true}`, `{"listen":"b","batch":true}`)
	c.say(t, `["listening",{"channel":"a","cursor":"c0"}]`)
	c.say(t, `["a",1,{"cursor":"c1","at":"2026-11-21T12:00:00Z"}]`)
	s.types(t, `{"ping":"me"}`)
	c.wants(t, `{"ping":"me"}`)
	s.out.waitFor(t, `"c1"`)
	_ = c.Close(1001, "restart") // what the client answers is none of this test's business

	s.notes.waitFor(t, "Closed with code 1001 (going away): restart; connecting again in ")
	server.answers <- http.StatusServiceUnavailable
	s.notes.waitFor(t, "Not connected: refused with 503 Service Unavailable: Not now; connecting again in ")
	typed := make(chan struct{})
	go func() {
		defer close(typed)
		s.types(t, `{"ping":"again"}`)
	}()
	c = server.next(t, `{"listen":"a","after":"c1","batch":true}`, `{"listen":"b","batch":true}`, `{"ping":"again"}`)
	receive(t, "the line", typed)
	c.say(t, `["listening",{"channel":"a","recovered":true,"cursor":"c1"}]`)
	// Several events in one message are a line each.
	c.say(t, `["batch",[["a",2,{"cursor":"c2","at":"2026-11-21T12:00:00Z"}],["b",3,{"cursor":"c3","at":"2026-11-21T12:00:00Z"}]]]`)
	s.out.waitFor(t, `"c3"`)

	s.stop()
	wantsClose(t, c.ended, 1000, "")
	s.wants(t, "")
	want := `["listening",{"channel":"a","cursor":"c0"}]
["a",1,{"cursor":"c1","at":"2026-11-21T12:00:00Z"}]
["listening",{"channel":"a","recovered":true,"cursor":"c1"}]
["a",2,{"cursor":"c2","at":"2026-11-21T12:00:00Z"}]
["b",3,{"cursor":"c3","at":"2026-11-21T12:00:00Z"}]
`
	if got := s.out.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := s.notes.String(); !strings.HasPrefix(got, "Connected.\n") || strings.Count(got, "Connected.\n") != 2 || !strings.HasSuffix(got, "Connected.\nClosed with code 1000 (normal closure).\n") {
		t.Errorf("got the notes %s", got)
	}
}

// A recording has each connection, what was asked of it, and its end.
func TestListenIsRecorded(t *testing.T) {
	server := newScript(t)
	s := sit(t, server.url, func(s *terminal.Session) { listening("a")(s); s.JSON = true })
	c := server.next(t, `{"listen":"a","batch":true}`)
	c.say(t, `["listening",{"channel":"a","cursor":"c0"}]`)
	s.out.waitFor(t, "c0")
	_ = c.CloseNow() // it is open
	c = server.next(t, `{"listen":"a","after":"c0","batch":true}`)
	c.say(t, `["listening",{"channel":"a","recovered":true,"cursor":"c0"}]`)
	s.out.waitFor(t, "recovered")
	s.stop()
	s.wants(t, "")
	entries, err := lab.DecodeRecording([]byte(s.out.String()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		text := string(e.Way)
		switch e.Way {
		case lab.Sent:
			text += " " + string(e.Data)
		case lab.Closed:
			text += " " + e.Reason
			if e.Code != 1000 && e.Code != 1006 {
				t.Errorf("got the code %d", e.Code)
			}
		}
		got = append(got, strings.TrimSpace(text))
	}
	want := `opened, sent {"listen":"a","batch":true}, received, closed, opened, sent {"listen":"a","after":"c0","batch":true}, received, closed`
	if strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
	if entries[3].Code != 1006 || entries[7].Code != 1000 {
		t.Errorf("got the codes %d and %d, want 1006 and 1000", entries[3].Code, entries[7].Code)
	}
}

// What says that there is no use in coming back ends it.
func TestListenEnds(t *testing.T) {
	for _, test := range []struct {
		name  string
		do    func(*testing.T, *script, *scripted)
		error string
	}{
		{"refused later", func(t *testing.T, server *script, c *scripted) {
			server.answers <- http.StatusForbidden
			_ = c.CloseNow()
		}, "refused with 403 Forbidden: Not now"},
		{"signed out", func(t *testing.T, _ *script, c *scripted) { _ = c.Close(3501, "gone") }, "closed with code 3501 (session ended): gone"},
		{"at its end", func(t *testing.T, _ *script, c *scripted) { _ = c.Close(1000, "") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newScript(t)
			s := sit(t, server.url, listening("a"))
			c := server.next(t, `{"listen":"a","batch":true}`)
			test.do(t, server, c)
			s.wants(t, test.error)
		})
	}
}

// Ctrl-C while there is no connection is an end like any other; so is the end of the
// input's time.
func TestListenEndsWithoutAConnection(t *testing.T) {
	server := newScript(t)
	s := sit(t, server.url, listening("a"))
	c := server.next(t, `{"listen":"a","batch":true}`)
	_ = c.CloseNow() // it is open
	s.notes.waitFor(t, "connecting again")
	s.stop()
	s.wants(t, "")

	s = sit(t, server.url, func(s *terminal.Session) {
		listening("a")(s)
		s.In, s.Wait = strings.NewReader(""), 0
	})
	c = server.next(t)
	s.wants(t, "")
	wantsClose(t, c.ended, 1000, "")
	testenv.Eventually(t, patience, "the end", func() bool { return strings.HasSuffix(s.notes.String(), "(normal closure).\n") })
}

//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/shared"
	"cartline/shared/live"
)

// script is a server that says what a test tells it to, and notes what it is asked.
type script struct {
	url   string
	conns chan *scripted
}

// scripted is one connection to a script. Its functions are for the test's goroutine.
type scripted struct {
	t     *testing.T
	conn  *websocket.Conn
	ctx   context.Context
	asked chan string
	over  chan struct{}
}

func newScript(t *testing.T) *script {
	t.Helper()
	s := &script{conns: make(chan *scripted, 100)}
	s.url = serve(t, func(ctx context.Context, conn *websocket.Conn) {
		c := &scripted{t: t, conn: conn, ctx: ctx, asked: make(chan string, 1000), over: make(chan struct{})}
		defer close(c.over)
		s.conns <- c
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			c.asked <- string(data)
		}
	})
	return s
}

// next waits for the client to connect, and to ask for this.
func (s *script) next(t *testing.T, want ...string) *scripted {
	t.Helper()
	c := receive(t, "a connection", s.conns)
	for _, w := range want {
		c.wants(w)
	}
	return c
}

func (c *scripted) wants(text string) {
	c.t.Helper()
	if got := receive(c.t, text, c.asked); got != text {
		c.t.Fatalf("got asked %s, want %s", got, text)
	}
}

func (c *scripted) say(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		if err := c.conn.Write(c.ctx, websocket.MessageText, []byte(text)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// answer tells that a channel is listened to, after whichever cursor it was asked for.
func (c *scripted) answer(channel string) {
	c.t.Helper()
	c.say(`["listening",{"channel":"` + channel + `","recovered":true}]`)
}

func (c *scripted) cut() {
	_ = c.conn.CloseNow() // it may be gone already
	<-c.over
}

// event is the text of one with a cursor.
func event(channel, cursor string) string {
	return fmt.Sprintf(`["%s",1,{"cursor":"%s","at":"2026-11-21T12:00:00Z"}]`, channel, cursor)
}

// diary is what a client has told, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) add(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

// wants waits until so much has been told, and no more.
func (d *diary) wants(t *testing.T, want ...string) {
	t.Helper()
	deadline := time.After(patience)
	for len(d.read()) < len(want) {
		select {
		case <-deadline:
			t.Fatalf("got %q, want %q", d.read(), want)
		case <-time.After(time.Millisecond):
		}
	}
	if got := d.read(); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = nil
}

// keep starts a client of a script that keeps a diary: of events their cursors, of
// other messages their kinds.
func (s *script) keep(t *testing.T, listen ...shared.Request) (*live.Client, *diary) {
	d := new(diary)
	client := live.NewClient(live.Config{
		URL: s.url, Listen: listen, MinWait: time.Millisecond, MaxWait: time.Hour, Single: true,
		OnMessage: func(m shared.Message, _ string) {
			if m.Meta != nil && m.Meta.Cursor != "" {
				d.add(m.Meta.Cursor)
				return
			}
			d.add(m.Kind)
		},
		OnFresh: func(channel string) { d.add("fresh " + channel) },
	})
	run(t, client)
	return client, d
}

// A client remembers how far it has heard, and goes on there with each connection. It
// loads afresh at first, and when what it missed can't be told, and only then.
func TestClientResumes(t *testing.T) {
	s := newScript(t)
	_, d := s.keep(t, shared.Request{Listen: "a", Coalesce: true}, shared.Request{Listen: "news"})

	c := s.next(t, `{"listen":"a","coalesce":true}`, `{"listen":"news"}`)
	c.say(`["listening",{"channel":"a","cursor":"c0"}]`, `["listening",{"channel":"news"}]`)
	d.wants(t, "listening", "fresh a", "listening", "fresh news")
	c.cut()

	// Nothing came: it goes on where it began.
	c = s.next(t, `{"listen":"a","after":"c0","coalesce":true}`, `{"listen":"news"}`)
	c.say(`["listening",{"channel":"a","recovered":true,"cursor":"c0"}]`, event("a", "c1"), event("a", "c2"), event("other", "x"))
	d.wants(t, "listening", "c1", "c2", "x")
	c.cut()

	c = s.next(t, `{"listen":"a","after":"c2","coalesce":true}`, `{"listen":"news"}`)
	c.say(`["listening",{"channel":"a","recovered":false,"cursor":"d7"}]`)
	d.wants(t, "listening", "fresh a")
	c.cut()

	c = s.next(t, `{"listen":"a","after":"d7","coalesce":true}`, `{"listen":"news"}`)
	c.say(`["listening",{"channel":"a","recovered":true,"cursor":"d7"}]`, event("a", "d8"), `["gap",{"channel":"a","lost":"notifications"}]`, `["gap",{"channel":"a","lost":"activities"}]`, `["gap",{"channel":"other","lost":"activities"}]`)
	d.wants(t, "listening", "d8", "gap", "gap", "fresh a", "gap")
	c.cut()

	// The cursor is that of a log that is no more.
	c = s.next(t, `{"listen":"a","coalesce":true}`, `{"listen":"news"}`)
	c.say(`["listening",{"channel":"a"}]`, event("a", "e1"), `["gap",{"channel":"a","lost":"notifications"}]`)
	d.wants(t, "listening", "fresh a", "e1", "gap")
	c.cut()
	s.next(t, `{"listen":"a","after":"e1","coalesce":true}`, `{"listen":"news"}`)
}

// What one begins with may be known from elsewhere; then nothing is loaded afresh.
func TestClientBeginsAfterACursor(t *testing.T) {
	s := newScript(t)
	client, d := s.keep(t, shared.Request{Listen: "a", After: "c5"})
	c := s.next(t, `{"listen":"a","after":"c5"}`)
	c.say(`["listening",{"channel":"a","recovered":true,"cursor":"c5"}]`)
	d.wants(t, "listening")
	c.cut()
	c = s.next(t, `{"listen":"a","after":"c5"}`)
	c.answer("a")
	c.say(event("a", "c6"))
	d.wants(t, "listening", "c6")

	// To stop and begin again is to begin anew.
	if err := client.Unlisten(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := client.Listen(t.Context(), shared.Request{Listen: "a", After: "c2"}); err != nil {
		t.Fatal(err)
	}
	c.wants(`{"unlisten":"a"}`)
	c.wants(`{"listen":"a","after":"c2"}`)
	// What was on its way says nothing of how far the new one has come.
	c.say(event("a", "c7"), `["unlistening",{"channel":"a"}]`, `["listening",{"channel":"a","recovered":true,"cursor":"c2"}]`)
	d.wants(t, "c7", "unlistening", "listening")
	c.cut()
	c = s.next(t, `{"listen":"a","after":"c2"}`)
	c.answer("a")
	c.say(event("a", "c7"))
	d.wants(t, "listening", "c7")
}

// What has been there before is dropped and counted, also over another connection.
func TestClientDropsRepeats(t *testing.T) {
	s := newScript(t)
	client, d := s.keep(t, shared.Request{Listen: "a"}, shared.Request{Listen: "b"})
	c := s.next(t, `{"listen":"a"}`, `{"listen":"b"}`)
	c.answer("a")
	c.answer("b")
	c.say(event("a", "c1"), event("a", "c1"), event("b", "c1"), event("a", "c2"), event("a", "c1"), `["a",1]`, `["a",1]`)
	d.wants(t, "listening", "listening", "c1", "c1", "c2", "a", "a")
	c.cut()
	c = s.next(t, `{"listen":"a","after":"c2"}`, `{"listen":"b","after":"c1"}`)
	c.answer("a")
	c.say(event("a", "c2"), event("a", "c3"))
	d.wants(t, "listening", "c3")
	if got := client.Repeated(); got != 3 {
		t.Errorf("got %d repeats, want 3", got)
	}
	// A repeat doesn't take it back.
	c.cut()
	s.next(t, `{"listen":"a","after":"c3"}`, `{"listen":"b","after":"c1"}`)
}

// It remembers a good many, and not all.
func TestRepeatsAreRememberedForAWhile(t *testing.T) {
	s := newScript(t)
	client, d := s.keep(t, shared.Request{Listen: "a"})
	c := s.next(t, `{"listen":"a"}`)
	c.answer("a")
	want := []string{"listening"}
	for i := range 200 {
		c.say(event("a", fmt.Sprint(i)), event("a", fmt.Sprint(max(0, i-50))))
		want = append(want, fmt.Sprint(i))
	}
	c.say(`["end",1]`) // behind the last repeat
	d.wants(t, append(want, "end")...)
	if got := client.Repeated(); got != 200 {
		t.Errorf("got %d repeats, want 200", got)
	}
}

// What can't be listened to now may be later: the client comes back for it, and waits
// longer each time. What it may not listen to it leaves at that.
func TestClientComesBackForAChannel(t *testing.T) {
	for code, again := range map[shared.Code]bool{
		shared.CodeUnavailable: true, shared.CodeInternal: true, shared.CodeTooFast: true,
		shared.CodeForbidden: false, shared.CodeNotAttached: false, shared.CodeUnknownChannel: false,
	} {
		t.Run(string(code), func(t *testing.T) {
			s := newScript(t)
			states := make(chan live.State, 100)
			d := new(diary)
			client := live.NewClient(live.Config{
				URL: s.url, Listen: requests("a", "b"), MinWait: 4 * time.Hour, MaxWait: 100 * time.Hour, Single: true,
				OnState:   func(s live.State) { states <- s },
				OnMessage: func(m shared.Message, _ string) { d.add(m.Kind) },
			})
			run(t, client)
			waits := func(longest time.Duration) {
				t.Helper()
				var problem *shared.Problem
				for {
					state := receive(t, "the wait", states)
					if state.Phase != live.Waiting {
						continue
					}
					if left := time.Until(state.Retry); !errors.As(state.Err, &problem) || problem.Code != code || left > longest || left < longest/2-time.Minute {
						t.Errorf("got %v and a wait of %v, want code %s and %v", state.Err, left, code, longest)
					}
					return
				}
			}
			for i := range 2 {
				c := s.next(t, `{"listen":"a"}`, `{"listen":"b"}`)
				// One that isn't wanted, or that names none, is somebody else's.
				c.say(`["listening",{"channel":"a"}]`, `["error",{"code":"`+string(code)+`","channel":"c"}]`, `["error",{"code":"`+string(code)+`"}]`)
				c.say(`["error",{"code":"` + string(code) + `","channel":"b"}]`)
				if !again {
					c.say(`["still there",1]`)
					d.wants(t, "listening", "error", "error", "error", "still there")
					return
				}
				waits(4 * time.Hour << i)
				client.Hurry()
			}
		})
	}
}

// A cursor that the server doesn't understand is of another one, or of another version:
// the client begins afresh rather than ask the same for ever.
func TestClientForgetsACursorThatIsRefused(t *testing.T) {
	s := newScript(t)
	_, d := s.keep(t, shared.Request{Listen: "a", After: "old"})
	c := s.next(t, `{"listen":"a","after":"old"}`)
	c.say(`["error",{"code":"invalid","field":"after","channel":"a"}]`)
	c = s.next(t, `{"listen":"a"}`)
	c.say(`["listening",{"channel":"a","cursor":"new"}]`)
	d.wants(t, "error", "listening", "fresh a")
}

// A ping that a person sends is answered before their eyes, the client's own isn't.
func TestOnlyOthersPongsAreShown(t *testing.T) {
	s := newScript(t)
	client, d := s.keep(t)
	c := s.next(t)
	for client.Send(t.Context(), `{"ping":"mine"}`) != nil {
		time.Sleep(time.Millisecond) // until it is connected
	}
	c.wants(`{"ping":"mine"}`)
	client.Hurry()
	c.wants(`{"ping":"beat"}`)
	c.say(`["pong","beat"]`, `["pong","mine"]`, `["pong",{"beat":1}]`)
	d.wants(t, "pong", "pong")
}

// A server that says nothing but pongs stays; one that says nothing is given up, and
// the client comes back.
func TestHeartbeat(t *testing.T) {
	s := newScript(t)
	states := make(chan live.State, 100)
	client := live.NewClient(live.Config{
		URL: s.url, Heartbeat: 20 * time.Millisecond, Patience: 200 * time.Millisecond, MinWait: time.Millisecond,
		OnState: func(s live.State) { states <- s },
	})
	run(t, client)
	c := s.next(t)
	for range 5 {
		c.wants(`{"ping":"beat"}`)
		c.say(`["pong","beat"]`)
	}
	c.wants(`{"ping":"beat"}`) // and is not answered
	for {
		state := receive(t, "the end", states)
		if state.Phase == live.Waiting {
			if !errors.Is(state.Err, live.ErrSilent) {
				t.Errorf("got %v, want ErrSilent", state.Err)
			}
			break
		}
	}
	s.next(t) // it is back
}

// deaf is a server whose TCP connection stays, but from which nothing comes once it is
// told so, and which reads nothing.
func deaf(t *testing.T, target string) (url string, fall func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	var tasks sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	silent := false
	keep := func(c net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		open = append(open, c)
	}
	pass := func(to, from net.Conn) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			mu.Lock()
			swallow := silent
			mu.Unlock()
			if !swallow {
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	tasks.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(target, "ws://"))
			if err != nil {
				_ = in.Close()
				return
			}
			keep(in)
			keep(out)
			tasks.Go(func() { pass(out, in) })
			tasks.Go(func() { pass(in, out) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		tasks.Wait()
	})
	return "ws://" + listener.Addr().String(), func() {
		mu.Lock()
		defer mu.Unlock()
		silent = true
	}
}

// The network is gone, and nothing says so. Whoever hurries notices soon, however long
// the heartbeat would have waited, and the client comes back once it can.
func TestHurryNoticesADeadConnection(t *testing.T) {
	s := newScript(t)
	url, fall := deaf(t, s.url)
	states := make(chan live.State, 100)
	client := live.NewClient(live.Config{
		URL: url, Heartbeat: time.Hour, Patience: 300 * time.Millisecond, MinWait: time.Hour,
		OnState: func(s live.State) { states <- s },
	})
	run(t, client)
	s.next(t)
	receive(t, "connecting", states)
	receive(t, "the connection", states)
	fall()
	client.Hurry()
	if state := receive(t, "the end", states); state.Phase != live.Waiting || !errors.Is(state.Err, live.ErrSilent) {
		t.Errorf("got %v, %v; want ErrSilent", state.Phase, state.Err)
	}
}

// A hurry over a connection that stands changes nothing.
func TestHurryOverASoundConnection(t *testing.T) {
	s := newScript(t)
	states := make(chan live.State, 100)
	client := live.NewClient(live.Config{URL: s.url, Heartbeat: time.Hour, Patience: 300 * time.Millisecond, OnState: func(s live.State) { states <- s }})
	run(t, client)
	c := s.next(t)
	receive(t, "connecting", states)
	receive(t, "the connection", states)
	for range 3 {
		client.Hurry()
		c.wants(`{"ping":"beat"}`)
		c.say(`["pong","beat"]`)
	}
	if len(states) != 0 {
		t.Errorf("got %+v, want it to stay", <-states)
	}
}

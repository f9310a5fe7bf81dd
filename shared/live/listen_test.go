//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/shared"
	"cartline/shared/live"
)

// listening is a server that tells what it is asked for, in order, and can be told
// to cut the present connection.
func listening(t *testing.T) (url string, asked chan string, cut chan struct{}) {
	t.Helper()
	asked, cut = make(chan string, 100), make(chan struct{})
	url = serve(t, func(ctx context.Context, conn *websocket.Conn) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-cut:
				_ = conn.CloseNow() // it may be gone already
			case <-ctx.Done():
			}
		}()
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			asked <- string(data)
			if conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `["listening",%s]`, data)) != nil {
				return
			}
		}
	})
	return url, asked, cut
}

// take receives n requests, in any order.
func take(t *testing.T, asked chan string, n int) []string {
	t.Helper()
	var got []string
	for range n {
		got = append(got, receive(t, "a request", asked))
	}
	slices.Sort(got)
	return got
}

// A server that speaks another version of the protocol isn't guessed at, nor tried again;
// one that doesn't say which is taken to speak ours.
func TestAnotherProtocol(t *testing.T) {
	s := newScript(t)
	ended := make(chan error, 1)
	fresh := make(chan string, 10)
	client := live.NewClient(live.Config{URL: s.url, Listen: requests("a", "b", "c"), Single: true, MinWait: time.Millisecond, OnFresh: func(channel string) { fresh <- channel }})
	go func() { ended <- client.Run(t.Context()) }()
	c := s.next(t, `{"listen":"a"}`, `{"listen":"b"}`, `{"listen":"c"}`)
	c.say(`["listening",{"channel":"a"}]`)
	c.say(fmt.Sprintf(`["listening",{"channel":"b","protocol":%d}]`, shared.ProtocolVersion))
	c.say(fmt.Sprintf(`["listening",{"channel":"c","protocol":%d}]`, shared.ProtocolVersion+1))
	var other *live.ProtocolError
	if err := receive(t, "the end", ended); !errors.As(err, &other) || other.Server != shared.ProtocolVersion+1 {
		t.Errorf("got %v, want that the protocol is another", err)
	}
	if got := take(t, fresh, 2); !slices.Equal(got, []string{"a", "b"}) || len(fresh) > 0 {
		t.Errorf("fresh are %q and %d more, want a and b", got, len(fresh))
	}
}

// What is listened to is asked for with each connection, and what no longer is, is
// not.
func TestListenIsRemembered(t *testing.T) {
	url, asked, cut := listening(t)
	connected := make(chan struct{}, 10)
	client := live.NewClient(live.Config{
		URL: url, Listen: requests("first"), MinWait: time.Millisecond, Single: true,
		OnState: func(s live.State) {
			if s.Phase == live.Live {
				connected <- struct{}{}
			}
		},
	})
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, want ...string) {
		t.Helper()
		slices.Sort(want)
		if got := take(t, asked, len(want)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	do(client.Listen(t.Context(), shared.Request{Listen: "early"}))
	do(client.Listen(t.Context(), shared.Request{Listen: "undone"}))
	do(client.Unlisten(t.Context(), "undone"))
	run(t, client)
	receive(t, "the connection", connected)
	check("at the start", `{"listen":"first"}`, `{"listen":"early"}`)

	do(client.Listen(t.Context(), shared.Request{Listen: "cart/1"}))
	do(client.Listen(t.Context(), shared.Request{Listen: "cart/1"}))
	do(client.Listen(t.Context(), shared.Request{Listen: "cart/2"}))
	do(client.Unlisten(t.Context(), "cart/2"))
	do(client.Unlisten(t.Context(), "never"))
	do(client.Unlisten(t.Context(), "early"))
	// Each is asked for once; the last shows that nothing was left out.
	check("while connected", `{"listen":"cart/1"}`, `{"listen":"cart/2"}`, `{"unlisten":"cart/2"}`, `{"unlisten":"early"}`)

	receiveNothing(t, asked)
	cut <- struct{}{}
	receive(t, "the next connection", connected)
	check("after a reconnection", `{"listen":"cart/1"}`, `{"listen":"first"}`)
	receiveNothing(t, asked)
}

func receiveNothing(t *testing.T, asked chan string) {
	t.Helper()
	select {
	case text := <-asked:
		t.Errorf("%s was asked for as well", text)
	default:
	}
}

func TestListenRefusesWhatIsNoChannel(t *testing.T) {
	client := live.NewClient(live.Config{URL: nowhere})
	for _, channel := range []string{"", strings.Repeat("a", shared.MaxChannelName+1)} {
		if err := client.Listen(t.Context(), shared.Request{Listen: channel}); shared.ProblemOf(err).Code != shared.CodeInvalid {
			t.Errorf("%.9q: got %v, want code %s", channel, err, shared.CodeInvalid)
		}
	}
}

// However calls and reconnections fall together, what the server was told last on a
// connection is what the client was.
func TestListenWhileReconnecting(t *testing.T) {
	last := make(chan bool, 1)
	cut := make(chan struct{})
	url := serve(t, func(ctx context.Context, conn *websocket.Conn) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-cut:
				_ = conn.CloseNow() // it may be gone already
			case <-ctx.Done():
			}
		}()
		if conn.Write(ctx, websocket.MessageText, []byte(`["hello",1]`)) != nil {
			return
		}
		for open := false; ; {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			switch string(data) {
			case `{"listen":"cart/x"}`:
				open = true
			case `{"unlisten":"cart/x"}`:
				open = false
			case `{"listen":"last"}`:
				last <- open
			}
		}
	})
	connected := make(chan struct{}, 1000)
	client := live.NewClient(live.Config{
		URL: url, MinWait: time.Microsecond, MaxWait: time.Millisecond, Single: true,
		OnMessage: func(shared.Message, string) { connected <- struct{}{} },
	})
	run(t, client)
	const times = 20
	for i := range times {
		receive(t, "a connection", connected)
		done := make(chan struct{})
		go func() {
			defer close(done)
			// A connection that breaks meanwhile fails the request, which the next
			// one makes up for.
			_ = client.Listen(t.Context(), shared.Request{Listen: "cart/x"})
			_ = client.Unlisten(t.Context(), "cart/x")
		}()
		if i < times-1 {
			cut <- struct{}{}
		}
		receive(t, "the calls", done)
	}
	if err := client.Listen(t.Context(), shared.Request{Listen: "last"}); err != nil {
		t.Fatal(err)
	}
	if receive(t, "the last request", last) {
		t.Error("the server was left listening to what is no longer wanted")
	}
}

// requests asks for channels, each in the plainest way.
func requests(channels ...string) (all []shared.Request) {
	for _, channel := range channels {
		all = append(all, shared.Request{Listen: channel})
	}
	return all
}

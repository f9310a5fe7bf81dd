//go:build !js

package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"cartline/shared"
	"cartline/shared/live"
)

// run runs a client until the test ends, and returns how to stop it and what Run
// returned.
func run(t *testing.T, client *live.Client) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx) }()
	var result error
	stopped := false
	stop = func() error {
		cancel()
		if !stopped {
			result, stopped = receive(t, "the end of Run", ended), true
		}
		return result
	}
	t.Cleanup(func() { _ = stop() }) // a test that wants the error has asked for it
	return stop
}

// answering confirms what is listened to, and then does something.
func answering(requests int, then func(ctx context.Context, conn *websocket.Conn)) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, conn *websocket.Conn) {
		for range requests {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `["listening",%s]`, data)); err != nil {
				return
			}
		}
		then(ctx, conn)
	}
}

func TestClientListensAndDelivers(t *testing.T) {
	const events = 200
	url := serve(t, answering(2, func(ctx context.Context, conn *websocket.Conn) {
		for i := range events {
			if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `["a",%d]`, i)); err != nil {
				t.Errorf("write: %v", err)
				return
			}
		}
		for _, text := range []string{"no message", ""} {
			if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
				t.Errorf("write: %v", err)
			}
		}
		echo(ctx, conn)
	}))
	var want, got []string
	want = append(want, `listening ["listening",{"listen":"a"}]`, `listening ["listening",{"listen":"b"}]`)
	for i := range events {
		want = append(want, fmt.Sprintf(`a ["a",%d]`, i))
	}
	want = append(want, " no message", " ", `x ["x",1]`)
	connected, done := make(chan struct{}), make(chan struct{})
	client := live.NewClient(live.Config{
		URL: url, Listen: requests("a", "b"), Single: true,
		OnMessage: func(m shared.Message, text string) {
			if got = append(got, m.Kind+" "+text); len(got) == len(want) {
				close(done)
			}
		},
		OnState: func(s live.State) {
			if s.Phase == live.Live {
				close(connected)
			}
		},
	})
	if err := client.Send(t.Context(), "x"); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("send before the connection: got %v, want ErrNotConnected", err)
	}
	stop := run(t, client)
	receive(t, "the connection", connected)
	if err := client.Send(t.Context(), `["x",1]`); err != nil {
		t.Errorf("send: %v", err)
	}
	receive(t, "the messages", done)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := client.Send(t.Context(), "x"); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("send after the end: got %v, want ErrNotConnected", err)
	}
}

// A client comes back when the server closes with a code that says so, or without
// any, asks for its channels again, and tells each of its states.
func TestClientComesBack(t *testing.T) {
	ends := []struct {
		name string
		end  func(*websocket.Conn) error
		code int
	}{
		{"service restart", func(c *websocket.Conn) error { return c.Close(1012, "back soon") }, 1012},
		{"too slow", func(c *websocket.Conn) error { return c.Close(shared.CloseSlow, "") }, shared.CloseSlow},
		{"abnormal", (*websocket.Conn).CloseNow, 1006},
		{"going away", func(c *websocket.Conn) error { return c.Close(1001, "") }, 1001},
	}
	var connections atomic.Int32
	url := serve(t, answering(1, func(ctx context.Context, conn *websocket.Conn) {
		if i := int(connections.Add(1)) - 1; i < len(ends) {
			if err := ends[i].end(conn); err != nil {
				t.Errorf("%s: %v", ends[i].name, err)
			}
			return
		}
		echo(ctx, conn)
	}))
	var states, want []string
	heard := 0
	done := make(chan struct{})
	client := live.NewClient(live.Config{
		URL: url, Listen: requests("a"), MinWait: time.Millisecond, MaxWait: time.Hour, Single: true,
		OnMessage: func(m shared.Message, text string) {
			if want := `["listening",{"listen":"a"}]`; text != want {
				t.Errorf("got %s, want %s", text, want)
			}
			if heard++; heard == len(ends)+1 {
				close(done)
			}
		},
		OnState: func(s live.State) {
			var closed *live.CloseError
			switch {
			case errors.As(s.Err, &closed):
				states = append(states, fmt.Sprint(s.Phase, " ", closed.Code))
			case s.Err != nil:
				states = append(states, fmt.Sprint(s.Phase, " ", s.Err))
			default:
				states = append(states, s.Phase.String())
			}
			// It heard something each time, so that it never waits longer.
			if wait := time.Until(s.Retry); s.Phase == live.Waiting && wait > time.Millisecond {
				t.Errorf("waits %v, want 1 ms at most", wait)
			}
		},
	})
	stop := run(t, client)
	receive(t, "the last connection", done)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	for _, end := range ends {
		want = append(want, "connecting", "live", fmt.Sprint("waiting ", end.code))
	}
	want = append(want, "connecting", "live", "ended context canceled")
	if !slices.Equal(states, want) {
		t.Errorf("got %q, want %q", states, want)
	}
}

func TestClientStaysAway(t *testing.T) {
	for _, code := range []int{1000, 1008, shared.CloseSessionEnded, shared.CloseForbidden} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			var connections atomic.Int32
			url := serve(t, func(_ context.Context, conn *websocket.Conn) {
				connections.Add(1)
				if err := conn.Close(websocket.StatusCode(code), "why"); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			var last live.State
			ended := make(chan error, 1)
			client := live.NewClient(live.Config{URL: url, MinWait: time.Microsecond, OnState: func(s live.State) { last = s }})
			go func() { ended <- client.Run(context.Background()) }()
			err := receive(t, "the end of Run", ended)
			var closed *live.CloseError
			if !errors.As(err, &closed) || closed.Code != code || closed.Reason != "why" {
				t.Errorf("got %v, want code %d", err, code)
			}
			if last.Phase != live.Ended || last.Err != err || connections.Load() != 1 {
				t.Errorf("got the state %+v after %d connections, want ended after 1", last, connections.Load())
			}
		})
	}
}

// A connection that the server closes before it has said anything is no success:
// the waits grow, as they do after attempts that fail.
func TestClientBacksOffFromASilentServer(t *testing.T) {
	url := serve(t, func(_ context.Context, conn *websocket.Conn) {
		_ = conn.Close(1013, "") // the client may be gone already
	})
	const attempts = 12
	var waits []time.Duration
	var client *live.Client
	done := make(chan struct{})
	client = live.NewClient(live.Config{
		URL: url, MinWait: time.Millisecond, MaxWait: time.Hour,
		OnState: func(s live.State) {
			if s.Phase != live.Waiting {
				return
			}
			if waits = append(waits, time.Until(s.Retry)); len(waits) == attempts {
				close(done)
			}
			if len(waits) < attempts {
				client.Hurry()
			}
		},
	})
	stop := run(t, client)
	receive(t, "the attempts", done)
	_ = stop() // the context's error, which others look at
	// 2^11 ms, less half of it at most, less what has passed since.
	if last := waits[attempts-1]; last < 500*time.Millisecond {
		t.Errorf("waited %v, want the last to be a second or two", waits)
	}
}

// nowhere is an address that can't be dialled, so that attempts fail without a
// network and in no time.
const nowhere = "ftp://nowhere"

func TestClientBackOff(t *testing.T) {
	tests := []struct {
		name     string
		min, max time.Duration
		want     []time.Duration // the longest that each wait may be
	}{
		{"by default", 0, 0, []time.Duration{
			500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second,
			30 * time.Second, 30 * time.Second, 30 * time.Second}},
		{"as configured", time.Second, 3 * time.Second, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}},
		{"always the same", time.Minute, time.Minute, []time.Duration{time.Minute, time.Minute, time.Minute}},
		{"more than the default's most", time.Hour, 0, []time.Duration{time.Hour, time.Hour}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var all []time.Duration
			for range 10 {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var waits []time.Duration
					var waiting time.Time
					client := live.NewClient(live.Config{URL: nowhere, MinWait: test.min, MaxWait: test.max, OnState: func(s live.State) {
						switch s.Phase {
						case live.Connecting:
							if !s.Retry.IsZero() || !waiting.IsZero() && !time.Now().Equal(waiting) {
								t.Errorf("connects at %v, want %v", time.Now(), waiting)
							}
						case live.Waiting:
							waiting = s.Retry
							if waits = append(waits, time.Until(s.Retry)); len(waits) == len(test.want) {
								cancel()
							}
							if s.Err == nil {
								t.Error("waits without telling why")
							}
						case live.Live:
							t.Error("live, without a connection")
						}
					}})
					if err := client.Run(ctx); !errors.Is(err, context.Canceled) {
						t.Errorf("got %v, want the context's error", err)
					}
					for i, wait := range waits {
						if wait > test.want[i] || wait < test.want[i]/2 {
							t.Errorf("wait %d: got %v, want from %v to %v", i, wait, test.want[i]/2, test.want[i])
						}
					}
					all = append(all, waits...)
				})
			}
			slices.Sort(all)
			if got := len(slices.Compact(all)); got < len(all)/2 {
				t.Errorf("got %d different waits of %d, want them to differ", got, len(all))
			}
		})
	}
}

// Hurry ends the present wait, and none that comes later.
func TestHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wait = time.Hour
		states := make(chan live.State)
		client := live.NewClient(live.Config{URL: nowhere, MinWait: wait, MaxWait: wait, OnState: func(s live.State) { states <- s }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- client.Run(ctx) }()
		next := func(phase live.Phase) {
			t.Helper()
			if s := <-states; s.Phase != phase {
				t.Fatalf("got %v, want %v", s.Phase, phase)
			}
		}
		began := time.Now()
		next(live.Connecting)
		next(live.Waiting)
		synctest.Wait()
		client.Hurry()
		client.Hurry() // twice is once
		next(live.Connecting)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v, want no time", waited)
		}
		next(live.Waiting)
		next(live.Connecting)
		if waited := time.Since(began); waited < wait/2 {
			t.Errorf("waited %v, though nobody was in a hurry", waited)
		}
		next(live.Waiting)
		cancel()
		next(live.Ended)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

// A hurry during a connection is over when that ends.
func TestHurryWhileLive(t *testing.T) {
	closeNow := make(chan struct{})
	url := serve(t, func(_ context.Context, conn *websocket.Conn) {
		<-closeNow
		_ = conn.Close(1012, "") // the client answers, or has gone
	})
	states := make(chan live.State, 10)
	client := live.NewClient(live.Config{URL: url, MinWait: time.Hour, OnState: func(s live.State) { states <- s }})
	stop := run(t, client)
	for _, phase := range []live.Phase{live.Connecting, live.Live} {
		if s := receive(t, "the connection", states); s.Phase != phase {
			t.Fatalf("got %v, want %v", s.Phase, phase)
		}
	}
	client.Hurry()
	close(closeNow)
	if s := receive(t, "the wait", states); s.Phase != live.Waiting {
		t.Fatalf("got %v, want %v", s.Phase, live.Waiting)
	}
	_ = stop() // the context's error, which others look at
	if s := receive(t, "the end", states); s.Phase != live.Ended {
		t.Errorf("got %v after the wait, want %v", s.Phase, live.Ended)
	}
}

func TestClientTellsOfARefusal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }))
	t.Cleanup(server.Close)
	states := make(chan live.State, 10)
	client := live.NewClient(live.Config{URL: server.URL, MinWait: time.Hour, OnState: func(s live.State) { states <- s }})
	run(t, client)
	receive(t, "the attempt", states)
	s := receive(t, "the wait", states)
	var refused *live.RefusedError
	if s.Phase != live.Waiting || !errors.As(s.Err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("got %v, %v; want to wait because of status 403", s.Phase, s.Err)
	}
}

// A channel that can't be asked for is a mistake that no further attempt mends.
func TestClientRefusesBadChannels(t *testing.T) {
	for _, channel := range []string{"", strings.Repeat("a", shared.MaxChannelName+1)} {
		var states []live.State
		client := live.NewClient(live.Config{URL: nowhere, Listen: requests("a", channel), OnState: func(s live.State) { states = append(states, s) }})
		err := client.Run(t.Context())
		if shared.ProblemOf(err).Code != shared.CodeInvalid || len(states) != 1 || states[0].Phase != live.Ended {
			t.Errorf("%.9q: got %v after %+v, want code %s at once", channel, err, states, shared.CodeInvalid)
		}
	}
}

func TestRunWithAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := live.NewClient(live.Config{URL: serve(t, echo)}).Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// The state after a connection tells when something was last heard.
func TestStateTellsWhenSomethingWasHeard(t *testing.T) {
	url := serve(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(`["a",1]`)) // the client fails if it doesn't arrive
		_ = conn.CloseNow()
	})
	waiting := make(chan live.State, 100)
	var arrived atomic.Int64
	client := live.NewClient(live.Config{
		URL:       url,
		OnMessage: func(shared.Message, string) { arrived.CompareAndSwap(0, time.Now().UnixNano()) },
		OnState: func(s live.State) {
			if s.Phase == live.Waiting {
				waiting <- s
			}
		},
	})
	began := time.Now()
	run(t, client)
	if s := receive(t, "the wait", waiting); s.Heard.Before(began) || s.Heard.UnixNano() > arrived.Load() {
		t.Errorf("got %v, want it between %v and %v", s.Heard, began, time.Unix(0, arrived.Load()))
	}
}

package socket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared"
	"cartline/shared/live"
)

// TestDrainSpread looks, on a clock of the test's own, at when whom is told.
func TestDrainSpread(t *testing.T) {
	for _, test := range []struct {
		members int
		over    time.Duration
		apart   time.Duration
	}{
		{1000, 5 * time.Second, 5 * time.Millisecond},
		{20_000, 5 * time.Second, 250 * time.Microsecond},
		{10, 5 * time.Second, goAwayPause}, // a small server stops at once
		{1, 5 * time.Second, 0},
		{0, 5 * time.Second, 0},
		{1000, 0, 0},
	} {
		t.Run(fmt.Sprintf("%d over %v", test.members, test.over), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r registry
				told := make(chan time.Duration, test.members)
				began := time.Now()
				for range test.members {
					r.add(new(wire.Conn), func() { told <- time.Since(began) })
				}
				r.drain(t.Context(), test.over)
				if err := r.wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if r.reserve() {
					t.Error("somebody was let in")
				}
				for i := range test.members {
					if got, want := <-told, time.Duration(i)*test.apart; got != want {
						t.Fatalf("number %d was told after %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

// TestDrainImpatient stops telling when the time is up.
func TestDrainImpatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r registry
		told := make(chan struct{}, 1000)
		for range 1000 {
			r.add(new(wire.Conn), func() { told <- struct{}{} })
		}
		ctx, cancel := context.WithTimeout(t.Context(), 995*time.Millisecond)
		defer cancel()
		r.drain(ctx, 10*time.Second)
		r.tellers.Wait()
		if got := len(told); got != 100 {
			t.Errorf("got %d told within 995 ms, want 100, 10 ms apart", got)
		}
	})
}

// TestShutdownSpread stops a server of many clients. When the first is told to go,
// others still hear what happens, and nobody comes in any more.
func TestShutdownSpread(t *testing.T) {
	const clients = 100 // 10 ms each
	g := startEvents(t, gatewayOptions{drain: time.Hour})
	var gone sync.WaitGroup
	first, heard := make(chan struct{}, clients), make(chan bool, clients)
	for range clients {
		c := g.connect(t, "ann")
		c.listen("news")
		gone.Go(func() {
			event := false
			for {
				_, err := c.Read(c.ctx)
				if err == nil {
					event = true
					continue
				}
				var closed *live.CloseError
				if !errors.As(err, &closed) || closed.Code != wire.GoingAway {
					t.Errorf("got %v, want close code %d", err, wire.GoingAway)
				}
				first <- struct{}{}
				heard <- event
				return
			}
		})
	}
	gone.Go(func() { g.shutdown(t) })
	receive(t, first, "the first to be told")
	publish(t, g.hub, "news", "still here")
	answer := handshake(g.Events, "192.0.2.1:9", http.Header{"Origin": {"https://shop.example"}, "X-User": {"ann"}})
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q, want %d and some seconds", answer.StatusCode, answer.Header.Get("Retry-After"), http.StatusServiceUnavailable)
	}
	r := httptest.NewRequest("GET", "http://shop.example/api/handshake", nil)
	r.Header = g.header("ann")
	var problem *shared.Problem
	if err := g.MayEnter(r); !errors.As(err, &problem) || problem.Code != shared.CodeUnavailable || problem.RetryAfter == 0 {
		t.Errorf("a page asks: got %+v, want a problem with code %s", problem, shared.CodeUnavailable)
	}
	gone.Wait()
	events := 0
	for range clients {
		if <-heard {
			events++
		}
	}
	if events == 0 || events == clients {
		t.Errorf("%d of %d clients heard an event that came after the first was told to go, want some", events, clients)
	}
	g.wantNothing(t)
}

// TestEchoShutdownBusy stops an echo to which clients send without a pause. All are told.
func TestEchoShutdownBusy(t *testing.T) {
	const clients, rounds = 4, 5
	for range rounds {
		s := startEcho(t, EchoConfig{})
		busy := make(chan struct{}, clients)
		var all sync.WaitGroup
		for range clients {
			c := s.dial(t)
			all.Go(func() {
				var sending sync.WaitGroup
				defer sending.Wait()
				defer c.Drop() // which ends sending
				sending.Go(func() {
					messages := bytes.Repeat(text("hello").Bytes(), 100)
					for {
						if _, err := c.Conn().Write(messages); err != nil {
							return
						}
					}
				})
				c.Expect(conformance.Text, []byte("hello"))
				busy <- struct{}{}
				for {
					opcode, payload := c.Next()
					if err := c.Err(); err != nil {
						t.Errorf("got no close frame: %v", err)
						return
					}
					if opcode == conformance.Close {
						if want := conformance.ClosePayload(wire.GoingAway, goAwayReason); !bytes.Equal(payload, want) {
							t.Errorf("got a close frame with %q, want %q", payload, want)
						}
						return
					}
				}
			})
		}
		for range clients {
			receive(t, busy, "a client to be busy")
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		cancel()
		all.Wait()
	}
}

// TestShutdownDeliversWhatIsQueued has a client read again only after the server has
// begun to stop. Everything that waited arrives, and then the 1001.
func TestShutdownDeliversWhatIsQueued(t *testing.T) {
	g := startEvents(t, gatewayOptions{queueLimit: 4 << 20})
	slow := g.dialSmall(t, "bob")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := slow.Write(ctx, websocket.MessageText, []byte(`{"listen":"news"}`)); err != nil {
		t.Fatal(err)
	}
	await(t, "it to listen", func() bool { return g.hub.Listeners("news") == 1 })
	const events = 200
	filler := strings.Repeat("x", 8<<10)
	for i := range events {
		publish(t, g.hub, "news", fmt.Sprint(i, filler))
	}
	session := g.Events.all()[0]
	if session.queue.Bytes() < 1<<20 {
		t.Fatalf("got %d bytes queued, so nothing is shown here", session.queue.Bytes())
	}
	var stopping sync.WaitGroup
	stopping.Go(func() { g.shutdown(t) })
	await(t, "the session to be told", func() bool {
		session.mu.Lock()
		defer session.mu.Unlock()
		return session.farewell != nil
	})
	if _, _, err := slow.Read(ctx); err != nil { // the answer to listen
		t.Fatal(err)
	}
	slow.SetReadLimit(1 << 20)
	for i := range events {
		_, text, err := slow.Read(ctx)
		if err != nil || !strings.HasPrefix(string(text), fmt.Sprintf(`["news","%dx`, i)) {
			t.Fatalf("event %d: got %.30s, %v", i, text, err)
		}
	}
	if _, _, err := slow.Read(ctx); websocket.CloseStatus(err) != wire.GoingAway {
		t.Errorf("got %v, want close code %d", err, wire.GoingAway)
	}
	stopping.Wait()
}

// TestShutdownLeavesStalledClient gives a client that never reads its time, and no
// more.
func TestShutdownLeavesStalledClient(t *testing.T) {
	g := startEvents(t, gatewayOptions{queueLimit: 4 << 20})
	stalled := g.dialSmall(t, "bob")
	if err := stalled.Write(t.Context(), websocket.MessageText, []byte(`{"listen":"news"}`)); err != nil {
		t.Fatal(err)
	}
	await(t, "it to listen", func() bool { return g.hub.Listeners("news") == 1 })
	for range 200 {
		publish(t, g.hub, "news", strings.Repeat("x", 8<<10))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := g.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(began); took >= wire.DefaultWriteTimeout {
		t.Errorf("took %v, which is rather the writer's time-out", took)
	}
	g.wantNothing(t)
	if ended := g.log.Wait(t, "events disconnected", 1)[0]; ended["code"] != float64(wire.Abnormal) {
		t.Errorf("got %v, want that it was cut", ended)
	}
}

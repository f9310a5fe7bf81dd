package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// moment is a part of a wave.
type moment int

const (
	atOnce   moment = iota
	told            // when the server has ended sessions
	thatsAll        // when the wave is gone
)

// ending is how a connection of TestChurn ends, or doesn't begin.
type ending struct {
	name          string
	user, shopper string
	// end is what the client does after it has heard something.
	end func(*conformance.Client) error
	// when, in the course of a wave.
	when moment
	// as is how the server logs the end: code, side, and whether the heartbeat found
	// it.
	as string
}

var endings = []ending{
	{"close frame", "ann", "", func(c *conformance.Client) error {
		c.SendFrames(conformance.Frame{Opcode: conformance.Close, Payload: conformance.ClosePayload(wire.NormalClosure, "")})
		return untilClosed(c, wire.NormalClosure)
	}, atOnce, "1000 peer false"},
	{"end of TCP", "bob", "", func(c *conformance.Client) error { c.Drop(); return nil }, atOnce, "1006 nobody false"},
	{"reset", "ann", "", func(c *conformance.Client) error { c.Reset(); return nil }, atOnce, "1006 nobody false"},
	{"not UTF-8", "ann", "", func(c *conformance.Client) error {
		c.SendFrames(text("\xff"))
		return untilClosed(c, wire.InvalidData)
	}, atOnce, "1007 server false"},
	{"too big", "bob", "", func(c *conformance.Client) error {
		c.SendFrames(text(strings.Repeat("x", shared.MaxRequest+1)))
		return untilClosed(c, wire.MessageTooBig)
	}, atOnce, "1009 server false"},
	{"flood", "ann", "", func(c *conformance.Client) error {
		for range 3 * maxExcess {
			c.SendFrames(text(`{"ping":"x"}`))
		}
		return untilClosed(c, shared.CloseFlood)
	}, atOnce, "3009 server false"},
	{"session ended", "", "sue", func(c *conformance.Client) error { return untilClosed(c, shared.CloseSessionEnded) }, told, "3501 server false"},
	{"gone without a word", "ann", "", func(*conformance.Client) error { return nil }, thatsAll, "1006 server true"},
	{"refused for who it is", "carl", "", nil, atOnce, ""},
}

// errNoCode is the end of a connection without the close frame that was due. A server
// waits a second for who is still sending; a busy machine may take longer.
var errNoCode = errors.New("no close frame")

// untilClosed reads until the server's close frame.
func untilClosed(c *conformance.Client, code int) error {
	for c.Err() == nil {
		if opcode, payload := c.Next(); opcode == conformance.Close {
			if got := conformance.ClosePayload(code, ""); !strings.HasPrefix(string(payload), string(got)) {
				return fmt.Errorf("got close frame % x, want code %d", payload, code)
			}
			return nil
		}
	}
	if errors.Is(c.Err(), io.EOF) || errors.Is(c.Err(), syscall.ECONNRESET) || errors.Is(c.Err(), syscall.EPIPE) {
		return errNoCode
	}
	return c.Err()
}

// TestChurn opens ten thousand connections, in waves, and ends them in every way,
// while events are published. In each wave are more than there is room for. After it
// nothing may be left: in no list, no count, no queue; and in the end no goroutine.
func TestChurn(t *testing.T) {
	const waves, wave, room = 50, 200, 150
	source := new(counting)
	// One message a second is what nobody but a flood exceeds, and a flood does however
	// long a busy machine takes over it.
	g := startEvents(t, gatewayOptions{source: source, limits: Limits{Connections: room, Messages: 1}})
	before := runtime.NumGoroutine()
	opened, full, mute := new(counter), new(counter), new(counter)
	for range waves {
		g.churn(t, wave, opened, full, mute)
		for _, channel := range []string{"news", shared.ChannelCartActivity} {
			if got := source.count(channel); got != 0 {
				t.Fatalf("%s: got %d who listen at the source, want none", channel, got)
			}
		}
	}
	await(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	if got := g.config.Gate.Refused()[shared.LimitConnections]; got != int64(full.get()) || got == 0 {
		t.Errorf("got %d refusals counted, want %d, and more than none", got, full.get())
	}
	ended := map[string]int{}
	for _, record := range g.log.Records("events disconnected") {
		ended[fmt.Sprint(record["code"], " ", record["by"], " ", record["reason"] == noAnswer)]++
	}
	t.Logf("%d sessions, %d refused as it was full; ends by code, side and heartbeat: %v", opened.get(), full.get(), ended)
	if few := opened.get() / 50; mute.get() > few {
		t.Errorf("%d were not told the code, want at most %d", mute.get(), few)
	}
	total := 0
	for _, count := range ended {
		total += count
	}
	if total != opened.get() {
		t.Errorf("got %d ends logged, want %d", total, opened.get())
	}
	for _, ending := range endings {
		if ending.as != "" && ended[ending.as] == 0 {
			t.Errorf("%s: no session ended like that", ending.name)
		}
	}
}

// churn opens and ends one wave of connections.
func (g *gateway) churn(t *testing.T, size int, opened, full, mute *counter) {
	t.Helper()
	w := wave{gateway: g, opened: opened, full: full, mute: mute, comes: map[moment]chan struct{}{atOnce: make(chan struct{}), told: make(chan struct{}), thatsAll: make(chan struct{})}}
	close(w.comes[atOnce])
	var clients sync.WaitGroup
	for i := range size {
		w.heard.Add(1)
		w.ended.Add(1)
		clients.Go(func() { w.client(t, endings[i%len(endings)], i%20 == 0) })
	}
	w.heard.Wait()
	sessions := g.Events.all()
	g.EndShopper(g.shoppers["sue"].Hash)
	close(w.comes[told])
	w.ended.Wait()
	await(t, "the wave to be gone", func() bool {
		g.conns.sweep() // for those who are gone without a word
		n, _ := g.Sessions()
		return n+g.Count() == 0
	})
	close(w.comes[thatsAll])
	clients.Wait()
	g.wantNothing(t)
	for _, s := range sessions {
		if got := s.queue.Bytes(); got != 0 {
			t.Errorf("%s: got %d bytes queued after its end", s.name, got)
		}
	}
}

// wave is the clients that come at the same time.
type wave struct {
	gateway *gateway
	comes   map[moment]chan struct{}
	heard   sync.WaitGroup // who has not heard anything yet
	ended   sync.WaitGroup // who has not ended yet, and won't wait for the others

	opened, full, mute *counter
}

// client connects, hears something, and ends. Some publish an event in between.
func (w *wave) client(t *testing.T, ending ending, publishes bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := w.gateway.hear(ctx, ending.user, ending.shopper)
	if c != nil {
		defer c.Drop()
	}
	switch {
	case err == nil:
		w.opened.add(1)
	case strings.Contains(err.Error(), "status 503"):
		w.full.add(1)
	case ending.end != nil || !strings.Contains(err.Error(), "status 403"):
		t.Errorf("%s: %v", ending.name, err)
	}
	if publishes {
		publish(t, w.gateway.hub, "news", "hello")
	}
	w.heard.Done()
	if ending.when == thatsAll {
		w.ended.Done()
	} else {
		defer w.ended.Done()
	}
	<-w.comes[ending.when]
	if err == nil && ending.end != nil {
		if err := ending.end(c); errors.Is(err, errNoCode) {
			w.mute.add(1)
		} else if err != nil {
			t.Errorf("%s: %v", ending.name, err)
		}
	}
}

// hear connects and waits until it hears something.
func (g *gateway) hear(ctx context.Context, user, shopper string) (*conformance.Client, error) {
	header := g.header(user)
	if shopper != "" {
		header.Set("X-Shopper", shopper)
	}
	c, err := conformance.Dialer{Address: g.server.Listener.Addr().String(), Header: header}.Dial(ctx)
	if err != nil {
		return nil, err
	}
	c.SendFrames(text(`{"listen":"news"}`)) // which is not for shoppers, but answered
	for opcode := byte(0); opcode != conformance.Text && c.Err() == nil; {
		opcode, _ = c.Next()
	}
	return c, c.Err()
}

package socket

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/shared"
	"cartline/shared/live"
)

// What is counted of each write costs no memory, whatever was written.
func TestCountingAllocatesNothing(t *testing.T) {
	s, now := &session{writer: new(writer)}, time.Now()
	loads := []load{{}, {events: 3, replaced: 2, commits: []int64{1, 2}}, {events: 1, replayed: 1}}
	if got := testing.AllocsPerRun(100, func() {
		for i := range loads {
			s.wrote(&loads[i], now)
		}
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
	deliveries := delivered(t, event.Manner{}, "[1]", "[2]")
	e := new(encoder)
	encode := func() {
		if _, err := e.encode(deliveries); err != nil {
			t.Error(err)
		}
		e.forget()
	}
	encode()
	if got := testing.AllocsPerRun(100, encode); got != 0 {
		t.Errorf("to encode: got %v allocations, want none", got)
	}
}

// Live events, replays and answers are told apart, and a lag is that of a live one.
func TestCounts(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	m.change("sue", 1)
	m.settle()
	before := m.head()
	c := m.connect(t, "ann")
	c.listen(shared.ChannelCartActivity)
	m.change("sue", 3)
	after := m.head()
	for range 3 {
		c.next()
	}
	// What has arrived is counted a moment later, the lag last.
	await(t, "the lags to be counted", func() bool {
		counts := m.Counts()
		return counts.Lag.Count() == 3
	})
	if got := m.Counts(); got.Written != 3 || got.Replayed != 0 || got.Dropped != 0 || got.Replaced != 0 {
		t.Errorf("live: got %+v, want 3 written", got)
	}
	c.resume(shared.ChannelCartActivity, before)
	for range 3 {
		c.next()
	}
	await(t, "the replays to be counted", func() bool { return m.Counts().Replayed == 3 })
	if got := m.Counts(); got.Written != 6 || got.Lag.Count() != 3 {
		t.Errorf("replayed: got %+v, want 3 of them, and no more lags", got)
	}
	logged, _ := m.hub.Arrived()
	if logged != 4 {
		t.Errorf("got %d entries of the log, want 4", logged)
	}
	told := []shared.ChannelState{{Channel: shared.ChannelCartActivity, State: shared.ChannelLive, Cursor: after}}
	await(t, "all to be told", func() bool { return slices.Equal(m.Inspect("").Open[0].Channels, told) })
	if state := m.Inspect("").Open[0]; state.Sent != 6 {
		t.Errorf("got %+v, want six that were sent", state)
	}
}

// Connections are counted by how they end, and handshakes by what is found of who asks.
func TestConnectionsAreCounted(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c := g.connect(t, "ann")
	if _, err := g.dial(t, "carl"); err == nil {
		t.Fatal("carl may not listen")
	}
	if _, err := g.dial(t, "nobody"); err == nil {
		t.Fatal("nobody may not listen")
	}
	g.with(func() { g.lookUp = errDatabase })
	if _, err := g.dial(t, "ann"); err == nil {
		t.Fatal("ann can't be looked up")
	}
	g.with(func() { g.lookUp = nil })
	want := map[string]uint64{"ok": 1, "forbidden": 1, "unauthorized": 1, "unavailable": 1}
	if got := g.Counts().Admitted; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	await(t, "ann to be counted", func() bool { return g.Connections().Opened == 1 })
	if got := g.Connections(); got.Open != 1 || len(got.Closed) != 0 {
		t.Errorf("got %+v, want one open", got)
	}
	if err := c.Close(4321, "made up"); err != nil && !errors.As(err, new(*live.CloseError)) {
		t.Fatal(err)
	}
	await(t, "its end", func() bool { return g.Connections().Open == 0 && len(g.Connections().Closed) == 1 })
	if got := g.Connections().Closed["other"]; got != 1 {
		t.Errorf("got %v, want one that only the client knows", g.Connections().Closed)
	}
}

func TestCodeLabel(t *testing.T) {
	for code, want := range map[int]string{1000: "1000", 1006: "1006", shared.CloseSlow: "3008", 3999: "other", 4000: "other", 0: "other"} {
		if got := codeLabel(code); got != want {
			t.Errorf("%d: got %q, want %q", code, got, want)
		}
	}
}

// A client that was too slow is found among the gone, with what it has missed; the ring
// keeps the last, newest first.
func TestInspectGone(t *testing.T) {
	g := startEvents(t, gatewayOptions{queueLimit: 1 << 10})
	c := g.connect(t, "ann")
	c.listen("news")
	await(t, "the answer to be written", g.writers.idle)
	g.writers.Hold() // so that nobody is written for
	for i := range 20 {
		publish(t, g.hub, "news", fmt.Sprintf(`[%d,"%0100d"]`, i, i))
	}
	g.writers.Release()
	c.wantClose(shared.CloseSlow)
	await(t, "the session to be gone", func() bool { return len(g.Inspect("").Gone) == 1 })
	state := g.Inspect("ann").Gone[0]
	if state.Name != "ann-1" || state.Ended == nil || state.Ended.Code != shared.CloseSlow || state.Ended.By != "server" ||
		state.Dropped == 0 || state.QueueBytes != 0 || len(state.Channels) != 1 || state.Channels[0].Channel != "news" {
		t.Errorf("got %+v, ended %+v; want ann-1, too slow, with what was dropped", state, state.Ended)
	}
	if got := g.Counts().Dropped; got != uint64(state.Dropped) {
		t.Errorf("got %d dropped in all, want %d", got, state.Dropped)
	}
	if got := g.Inspect("bob"); len(got.Gone) != 0 || len(got.Open) != 0 {
		t.Errorf("of bob: got %+v, want nothing", got)
	}
}

func TestGoneIsBounded(t *testing.T) {
	var g gone
	for i := range 2*shared.MaxGoneSessions + 7 {
		g.add(shared.SessionState{Name: fmt.Sprint(i)})
	}
	all := g.newest()
	if len(all) != shared.MaxGoneSessions {
		t.Fatalf("got %d, want %d", len(all), shared.MaxGoneSessions)
	}
	for i, s := range all {
		if want := fmt.Sprint(2*shared.MaxGoneSessions + 6 - i); s.Name != want {
			t.Fatalf("at %d: got %s, want %s", i, s.Name, want)
		}
	}
}

// One that waits for the log is seen to catch up, and then to be live; one that hears a
// channel without positions is live.
func TestInspectCatchingUp(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	m.change("sue", 1)
	m.settle()
	before := m.head()
	m.change("sue", 2)
	m.settle()
	release := make(chan struct{})
	m.log.set(func() { m.log.after = func() { <-release } })
	c := m.connect(t, "ann")
	c.listen("news")
	c.resume(shared.ChannelCartActivity, before)
	want := []shared.ChannelState{{Channel: shared.ChannelCartActivity, State: shared.ChannelCatchingUp}, {Channel: "news", State: shared.ChannelLive}}
	if got := m.Inspect("ann-1").Open[0]; !slices.Equal(got.Channels, want) || got.Heard.IsZero() || got.Since.IsZero() || got.Ended != nil {
		t.Errorf("got %+v, want the channels %+v", got, want)
	}
	close(release)
	c.wantCursors(shared.ChannelCartActivity, "", m.cursors(before, cart.Scope{Bare: true}))
	await(t, "it to be live", func() bool {
		got := m.Inspect("ann-1").Open[0].Channels[0]
		return got == (shared.ChannelState{Channel: shared.ChannelCartActivity, State: shared.ChannelLive, Cursor: m.head()})
	})
}

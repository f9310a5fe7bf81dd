package socket

import (
	"context"
	"sync"
	"testing"
	"time"

	"cartline/shared"
)

func TestRunStatus(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	running, stop := context.WithCancel(t.Context())
	var task sync.WaitGroup
	task.Go(func() {
		g.RunStatus(running, func() shared.GatewayStatus {
			count, sessions := g.Sessions()
			return shared.GatewayStatus{Process: "test/1", Connections: count, Sessions: sessions}
		})
	})
	defer func() { stop(); task.Wait() }()

	watcher := g.connect(t, "ann")
	watcher.listen(shared.ChannelGateway)
	// Changes that come together are told together; the last one counts.
	until := func(what string, holds func(shared.GatewayStatus) bool) {
		t.Helper()
		var last shared.GatewayStatus
		for range 20 {
			message := watcher.next()
			if message.Kind != shared.ChannelGateway || message.Meta == nil || message.Meta.At.IsZero() || message.Meta.Cursor != "" {
				t.Fatalf("got %+v, want a status with its time", message)
			}
			if err := message.Into(&last); err != nil {
				t.Fatal(err)
			}
			if holds(last) {
				return
			}
		}
		t.Fatalf("waited for %s, got %+v", what, last)
	}
	until("the watcher itself", func(s shared.GatewayStatus) bool {
		return s.Process == "test/1" && s.Connections == 1 && len(s.Sessions) == 1 && len(s.Sessions[0].Listening) == 1
	})
	other := g.connect(t, "bob")
	until("another session", func(s shared.GatewayStatus) bool {
		return s.Connections == 2 && len(s.Sessions) == 2 && s.Sessions[1].Name == "bob-1" && len(s.Sessions[1].Listening) == 0
	})
	other.listen("news")
	until("its channel", func(s shared.GatewayStatus) bool {
		return s.Connections == 2 && len(s.Sessions[1].Listening) == 1 && s.Sessions[1].Listening[0] == "news"
	})
	other.Abandon()
	until("its end", func(s shared.GatewayStatus) bool { return s.Connections == 1 && len(s.Sessions) == 1 })
}

// TestRunStatusGathers: many changes within the interval are told at most twice,
// once at its begin and once at its end.
func TestRunStatusGathers(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	told := make(chan time.Time, 100)
	watcher := g.connect(t, "ann")
	watcher.listen(shared.ChannelGateway)
	running, stop := context.WithCancel(t.Context())
	var task sync.WaitGroup
	task.Go(func() {
		g.RunStatus(running, func() shared.GatewayStatus {
			told <- time.Now()
			return shared.GatewayStatus{}
		})
	})
	defer func() { stop(); task.Wait() }()
	g.Note()
	last := receive(t, told, "the first status")
	for range 3 {
		for range 100 {
			g.Note()
		}
		at := receive(t, told, "the next status")
		if apart := at.Sub(last); apart < statusInterval {
			t.Errorf("got two within %v, want at least %v", apart, statusInterval)
		}
		last = at
	}
}

// TestRunStatusForNobody asks for no status that nobody would get.
func TestRunStatusForNobody(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c := g.connect(t, "ann")
	c.listen("news")
	running, stop := context.WithCancel(t.Context())
	var task sync.WaitGroup
	described := 0
	task.Go(func() {
		g.RunStatus(running, func() shared.GatewayStatus { described++; return shared.GatewayStatus{} })
	})
	await(t, "the change to be taken", func() bool { return len(g.changed) == 0 })
	stop()
	task.Wait()
	if described != 0 {
		t.Errorf("described %d times, want never", described)
	}
}

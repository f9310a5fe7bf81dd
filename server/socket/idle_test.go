package socket

import (
	"context"
	"runtime"
	"testing"

	"cartline/server/socket/conformance"
	"cartline/shared"
)

// TestIdleSessionsAreShallow has many clients listen, and stay idle. What it took to admit
// them and to answer must not stay on the stacks of the goroutines that wait for them.
func TestIdleSessionsAreShallow(t *testing.T) {
	const connections = 200
	g := startEvents(t, gatewayOptions{})
	dialer := conformance.Dialer{Address: g.server.Listener.Addr().String(), Header: g.header("ann")}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	before := runtime.NumGoroutine()
	stack := stacks()
	for range connections {
		c, err := dialer.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Drop()
		c.SendFrames(text(`{"listen":"` + shared.ChannelCartActivity + `"}`))
		c.Next()
		ok(t, c)
	}
	await(t, "the handshakes to be over", func() bool { return runtime.NumGoroutine() <= before+connections+2 })
	each := (stacks() - stack) / connections
	t.Logf("each holds %d bytes of stack", each)
	// A goroutine begins with 2 KiB; the race detector needs more.
	if most := int64(5 << 10); each > most {
		t.Errorf("got %d bytes of stack for each, want at most %d", each, most)
	}
}

// stacks returns the bytes of all stacks, without those of goroutines that have ended.
func stacks() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

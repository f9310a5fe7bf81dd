//go:build !js

package live

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A server from which something comes isn't asked whether it is there. There is no
// connection here over which that could be done.
func TestNoHeartbeatWhileSomethingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPulse(nil, 20*time.Second, 10*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.watch(ctx, nil, func(cause error) { t.Errorf("given up: %v", cause) })
		}()
		for range 100 {
			time.Sleep(15 * time.Second)
			p.beat()
		}
		cancel()
		<-ended
	})
}

// A server of which nothing comes is asked when it has been silent for as long as the
// heartbeat, counted from the last message, and given up when it doesn't answer in
// time.
func TestSilenceIsCountedFromTheLastMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var asked []time.Duration
		var p *pulse
		p = newPulse(func(context.Context) error {
			if asked = append(asked, time.Since(began)); len(asked) == 1 {
				p.beat() // the answer
			}
			return nil
		}, 20*time.Second, 10*time.Second)
		gone := make(chan time.Duration, 1)
		go p.watch(t.Context(), nil, func(error) { gone <- time.Since(began) })
		time.Sleep(19 * time.Second)
		p.beat()
		// Asked at 39 s, when the answer comes at once; so again 20 s later.
		if got := <-gone; got != 69*time.Second || !slices.Equal(asked, []time.Duration{39 * time.Second, 59 * time.Second}) {
			t.Errorf("asked at %v, given up at %v", asked, got)
		}
	})
}

//go:build !js

package live

import (
	"context"
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

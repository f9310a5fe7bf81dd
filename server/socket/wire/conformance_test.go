package wire

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
)

// TestUnguardedFails shows what the guard is good for, and that the conformance
// cases notice: without it exactly those about UTF-8 fail. Section 9, big and
// slow, has nothing to do with it and is left out.
func TestUnguardedFails(t *testing.T) {
	for _, unguarded := range []bool{false, true} {
		server := serve(t, Options{MaxMessage: conformance.EchoLimit, unguarded: unguarded}, echo)
		var running sync.WaitGroup
		limit := make(chan struct{}, 32)
		for _, c := range conformance.Cases() {
			if strings.HasPrefix(c.Number, "9.") {
				continue
			}
			running.Go(func() {
				limit <- struct{}{}
				defer func() { <-limit }()
				// Some of the failures are that nothing happens.
				wait := patience
				wantFailure := unguarded && c.NeedsUTF8
				if wantFailure {
					wait = time.Second
				}
				ctx, cancel := context.WithTimeout(context.Background(), wait)
				defer cancel()
				err := c.Run(ctx, server.dialer)
				if wantFailure && err == nil {
					t.Errorf("case %s (%s): passes without the guard", c.Number, c.Intent)
				}
				if !wantFailure && err != nil {
					t.Errorf("unguarded %v: %v", unguarded, err)
				}
			})
		}
		running.Wait()
	}
}

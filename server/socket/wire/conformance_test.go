package wire

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
)

// TestAnyTextFails shows what it is good for to check text, and that the conformance
// cases notice: without it exactly those about UTF-8 fail. Section 9, big and
// slow, has nothing to do with it and is left out.
func TestAnyTextFails(t *testing.T) {
	for _, anyText := range []bool{false, true} {
		server := serve(t, Options{MaxMessage: conformance.EchoLimit, anyText: anyText}, echo)
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
				wantFailure := anyText && c.NeedsUTF8 && c.Number != "7.5.1" // which is about a close frame
				if wantFailure {
					wait = time.Second
				}
				ctx, cancel := context.WithTimeout(context.Background(), wait)
				defer cancel()
				err := c.Run(ctx, server.dialer)
				if wantFailure && err == nil {
					t.Errorf("case %s (%s): passes with any text", c.Number, c.Intent)
				}
				if !wantFailure && err != nil {
					t.Errorf("any text %v: %v", anyText, err)
				}
			})
		}
		running.Wait()
	}
}

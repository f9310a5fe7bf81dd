package conformance

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// EchoLimit is the size in bytes of the largest message that the server under
// test must echo. The cases need 16 MiB.
const EchoLimit = 32 << 20

// caseTime bounds a case when the context has no deadline.
const caseTime = 90 * time.Second

// Case is one numbered case.
type Case struct {
	Number string // as in the Autobahn|Testsuite, "6.4.1"
	Intent string

	// NeedsUTF8 marks the cases that a server fails which does not validate UTF-8.
	NeedsUTF8 bool

	script func(*Client)
}

// Run runs the case on a connection of its own and says what was wrong. Cases may
// run concurrently.
func (c Case) Run(ctx context.Context, d Dialer) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, caseTime)
		defer cancel()
	}
	client, err := d.Dial(ctx)
	if err != nil {
		return fmt.Errorf("case %s: dial: %w", c.Number, err)
	}
	defer client.Drop()
	c.script(client)
	if err := client.Err(); err != nil {
		return fmt.Errorf("case %s (%s): %w", c.Number, c.Intent, err)
	}
	return nil
}

// Cases returns all cases, in order.
func Cases() []Case {
	return slices.Concat(
		framing(), pings(), reservedBits(), opcodes(), fragmentation(),
		utf8Handling(), utf8Sequences(), closing(), loads(), autoFragmentation(),
	)
}

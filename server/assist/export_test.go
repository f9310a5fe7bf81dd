package assist

import (
	"context"
	"time"

	"cartline/shared"
)

// SetClock makes a desk tell the time otherwise.
func (d *Desk) SetClock(now func() time.Time) { d.now = now }

// LinkTo is how an address that is to be sent becomes a link.
func (d *Desk) LinkTo(ctx context.Context, address string, hosts []string) (shared.Link, error) {
	return d.linkTo(ctx, shared.SendLink{URL: address}, hosts)
}

package socket

import (
	"context"
	"time"

	"cartline/server/event"
	"cartline/shared"
)

// statusInterval is the least time between two messages on
// shared.ChannelGateway. What changes within it is told at its end.
const statusInterval = 250 * time.Millisecond

// RunStatus tells those who listen to shared.ChannelGateway how the gateway
// stands, as describe has it, whenever that has changed, until the context ends.
func (e *Events) RunStatus(ctx context.Context, describe func() shared.GatewayStatus) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-e.changed:
		case <-ctx.Done():
			return
		}
		if e.config.Hub.Listeners(shared.ChannelGateway) > 0 {
			status, err := event.FromValue(shared.ChannelGateway, describe(), time.Now().UTC())
			if err != nil {
				e.config.Log.Error("the gateway's status can't be encoded", "error", err)
			} else {
				e.config.Hub.Publish(status)
			}
		}
		pause.Reset(statusInterval)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

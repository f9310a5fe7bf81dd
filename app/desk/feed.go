package desk

import (
	"context"
	"errors"
	"time"

	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

const (
	// drawEvery paces the desk: many events are drawn together.
	drawEvery = 80 * time.Millisecond
	// tickEvery is how often what depends on the time is drawn again, and the table
	// sorted.
	tickEvery = time.Second
	// maxGathered bounds what comes between two drawings. More is read anew.
	maxGathered = 2000
)

// pathSocket is the events endpoint.
const pathSocket = "/events/io"

// hears is told what a feed brings, on goroutines of the feed, one call at a time,
// but for ticked.
type hears interface {
	moved(live.State)
	took(messages []shared.Message, lost bool)
	ticked()
}

// feed keeps the connection to the events endpoint and a clock, until it is
// stopped.
type feed struct {
	client *live.Client
	gather *part.Gather[shared.Message]
	to     hears
	ctx    context.Context
	cancel context.CancelFunc
}

// newFeed makes a feed of the endpoint at url; start starts it.
func newFeed(url string, to hears) *feed {
	f := &feed{to: to}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.gather = part.NewGather(maxGathered, drawEvery, func(messages []shared.Message, lost int) { to.took(messages, lost > 0) })
	f.client = live.NewClient(live.Config{
		URL:       url,
		Channels:  []string{shared.ChannelCartActivity},
		OnMessage: func(m shared.Message, _ string) { f.gather.Add(m) },
		OnState:   f.onState,
	})
	return f
}

// start begins to listen.
func (f *feed) start() {
	go func() {
		defer part.Guard()
		ticker := time.NewTicker(tickEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				f.to.ticked()
			case <-f.ctx.Done():
				return
			}
		}
	}()
	go func() {
		defer f.cancel()
		defer part.Guard()
		// How it ended has been told as a state.
		_ = f.client.Run(f.ctx)
		f.gather.Flush()
	}()
}

// stop ends the connection and the clock; it doesn't wait. It may be called again.
func (f *feed) stop() {
	f.gather.Stop()
	f.cancel()
}

// listen makes the cart's channel one of those that are listened to, or not.
func (f *feed) listen(id string, on bool) {
	do := f.client.Unlisten
	if on {
		do = f.client.Listen
	}
	// In a browser sending doesn't wait. What was not sent is made up for by the next
	// connection.
	_ = do(f.ctx, shared.ChannelOfCart(id))
}

func (f *feed) onState(s live.State) {
	if errors.Is(s.Err, context.Canceled) {
		return // we left
	}
	f.gather.Flush()
	f.to.moved(s)
}

package status

import (
	"context"
	"errors"
	"time"

	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

const (
	// drawEvery paces the feed: many messages are drawn together.
	drawEvery = 60 * time.Millisecond
	// tickEvery is how often what depends on the time is drawn again.
	tickEvery = time.Second
)

// hears is told what a watch brings, on goroutines of the watch, one call at a
// time, but for ticked, and none after stop has returned but one that is running.
type hears interface {
	moved(live.State)
	took([]arrival, int)
	ticked()
}

// client is the part of live.Client that a watch uses.
type client interface {
	Run(context.Context) error
	Send(context.Context, string) error
	Hurry()
}

// watch keeps the connection to the events endpoint and a clock, until it is
// stopped.
type watch struct {
	client client
	gather *part.Gather[arrival]
	to     hears
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

// newWatch makes a watch of the endpoint at url; start starts it.
func newWatch(url string, to hears) *watch {
	w := &watch{to: to, done: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.gather = part.NewGather(maxItems, drawEvery, to.took)
	w.client = live.NewClient(live.Config{
		URL:       url,
		Channels:  []string{shared.ChannelCartActivity, shared.ChannelGateway},
		OnMessage: w.onMessage,
		OnState:   w.onState,
	})
	return w
}

// start begins to watch.
func (w *watch) start() {
	ticks := make(chan struct{})
	go func() {
		defer close(ticks)
		defer part.Guard()
		ticker := time.NewTicker(tickEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				w.to.ticked()
			case <-w.ctx.Done():
				return
			}
		}
	}()
	go func() {
		defer close(w.done)
		defer func() { <-ticks }()
		defer w.cancel()
		defer part.Guard()
		// How it ended has been told as a state.
		_ = w.client.Run(w.ctx)
		w.gather.Flush()
	}()
}

// stop ends the connection and the clock; it doesn't wait. It may be called
// again.
func (w *watch) stop() {
	w.gather.Stop()
	w.cancel()
}

// send sends a text and shows it in the feed.
func (w *watch) send(text string) error {
	if err := w.client.Send(w.ctx, text); err != nil {
		return err
	}
	w.gather.Add(arrival{item: sentItem(time.Now(), text)})
	return nil
}

func (w *watch) onMessage(m shared.Message, text string) {
	w.gather.Add(arrival{message: m, item: messageItem(time.Now(), m, text)})
}

func (w *watch) onState(s live.State) {
	if errors.Is(s.Err, context.Canceled) {
		return // we left
	}
	w.gather.Flush()
	w.to.moved(s)
}

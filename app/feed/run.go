package feed

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// tickEvery is how often what depends on the time is drawn again.
const tickEvery = time.Second

// client is the part of live.Client that a run uses.
type client interface {
	Run(context.Context) error
	Send(context.Context, string) error
	Listen(context.Context, shared.Request) error
	Unlisten(ctx context.Context, channel string) error
	Hurry()
}

// run is a Feed from one start to its stop.
type run struct {
	config Config
	client client
	gather *part.Gather[Arrival]
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	// stopped is apart from ctx, which ends also by itself, and then the page is to be
	// told.
	stopped atomic.Bool
	live    atomic.Bool // there is a connection
}

func newRun(config Config, dial func(live.Config) client) *run {
	r := &run{config: config, done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.gather = part.NewGather(config.Most, config.Every, r.took)
	r.client = dial(live.Config{
		URL:       browser.Socket(Path),
		Listen:    config.Listen,
		OnMessage: r.onMessage,
		OnState:   r.onState,
	})
	return r
}

func (r *run) start() {
	ticks := make(chan struct{})
	go func() {
		defer close(ticks)
		defer part.Guard()
		if r.config.Ticked != nil {
			r.tick()
		}
	}()
	go func() {
		defer close(r.done)
		defer func() { <-ticks }()
		defer r.cancel()
		defer part.Guard()
		// How it ended has been told as a state.
		_ = r.client.Run(r.ctx)
		r.gather.Flush()
	}()
}

func (r *run) tick() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.dispatch(r.config.Ticked)
		case <-r.ctx.Done():
			return
		}
	}
}

func (r *run) stop() {
	r.stopped.Store(true)
	r.gather.Stop()
	r.cancel()
}

func (r *run) send(text string) error {
	if err := r.client.Send(r.ctx, text); err != nil {
		return err
	}
	r.show(text)
	return nil
}

// show shows what is sent.
func (r *run) show(text string) {
	r.gather.Add(Arrival{At: time.Now(), Text: text, Sent: true})
}

func (r *run) onMessage(m shared.Message, text string) {
	r.gather.Add(Arrival{At: time.Now(), Message: m, Text: text})
}

func (r *run) onState(s live.State) {
	r.live.Store(s.Phase == live.Live)
	if errors.Is(s.Err, context.Canceled) {
		return // we left
	}
	r.gather.Flush()
	r.dispatch(func() { r.config.Moved(s) })
}

// took hands on what has gathered, and lets the next wait for longer if the page is
// slow to draw it.
func (r *run) took(heard []Arrival, lost int) {
	began := time.Now()
	r.dispatch(func() {
		r.config.Took(heard, lost)
		r.config.After(func() { r.gather.Spent(time.Since(began)) })
	})
}

// dispatch brings a change to the page, unless the Feed is stopped by then.
func (r *run) dispatch(change func()) {
	r.config.Dispatch(func() {
		if !r.stopped.Load() {
			change()
		}
	})
}

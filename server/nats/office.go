package nats

import (
	"context"
	"errors"
	"sync"
	"time"
)

var (
	errUnheard = errors.New("this process doesn't hear itself over NATS")
	errUnsound = errors.New("the log couldn't be published for a while")
)

// holder is the elected one at work.
type holder struct {
	*Relay
	term     int64
	listener Listener
	chains   chains

	// mu is held while something is said, so that numbers go out in their order: into the
	// connection's memory, or, when that is full, for writeTimeout at most.
	mu       sync.Mutex
	notified uint64
	all      bool // LISTEN was in effect for every channel
}

// serve does what the elected one has to, until the office is lost, given up or the
// context ends.
func (r *Relay) serve(ctx context.Context, office Office) {
	ctx, resign := context.WithCancelCause(ctx)
	defer resign(nil)
	h := &holder{Relay: r, term: office.Term(), chains: chains{Relay: r}}
	listener, err := r.config.Listener(h.heard, h.again)
	if err != nil {
		resign(err)
	}
	h.listener = listener
	r.config.Logger.Info("elected to publish the log on NATS")
	var working sync.WaitGroup
	if err == nil {
		working.Go(func() { resign(office.Hold(ctx)) })
		working.Go(func() { resign(h.beat(ctx)) })
		working.Go(func() { h.chains.run(ctx) })
		working.Go(func() { listener.Run(ctx) })
		working.Go(func() { h.listen(ctx) })
	}
	<-ctx.Done()
	working.Wait()
	office.Leave()
	// Others needn't wait until it is certain that nothing comes any more.
	if err := r.say(aboutBeat, beat{Term: h.term, Process: r.config.Process, Notified: h.notified, Left: true}); err == nil {
		_ = r.conn.FlushTimeout(beatInterval) // else they find out
	}
	r.config.Logger.Info("not elected any more to publish the log on NATS", "reason", context.Cause(ctx))
}

// beat tells the others how things are, until this process doesn't hear that itself, or
// things are bad for long.
func (h *holder) beat(ctx context.Context) error {
	ticker := time.NewTicker(beatInterval)
	defer ticker.Stop()
	sound, heard := time.Now(), time.Now()
	for {
		now := time.Now()
		b := h.state(now)
		if b.Sound {
			sound = now
		}
		if last, fresh := h.pulse.state(now); fresh && last.Term == h.term {
			heard = now
		}
		switch {
		case now.Sub(heard) > lease:
			return errUnheard
		case now.Sub(sound) > 2*lease:
			return errUnsound
		}
		h.mu.Lock()
		b.Notified = h.notified
		_ = h.say(aboutBeat, b) // who doesn't hear it takes the same for it as if it got lost
		h.mu.Unlock()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state is what a beat tells.
func (h *holder) state(now time.Time) beat {
	h.mu.Lock()
	all := h.all
	h.mu.Unlock()
	position, sound := h.chains.state(now)
	b := beat{Term: h.term, Process: h.config.Process, Sound: sound, Listening: all && h.listener.Standing(), Channels: h.config.Channels}
	if position.Epoch != "" {
		b.Cursor = position.Cursor()
	}
	return b
}

// listen listens to all channels.
func (h *holder) listen(ctx context.Context) {
	for _, channel := range append([]string{h.config.Waking}, h.config.Channels...) {
		if h.listener.Listen(ctx, channel) != nil {
			return // the context has ended
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = true
	h.notified++ // what came before is lost, also after the first beat
}

// heard passes a notification on, or wakes whoever reads the log.
func (h *holder) heard(channel, payload string) {
	if channel == h.config.Waking {
		h.Wake()
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notified++
	// What can't be sent leaves a gap in the numbers, by which others notice.
	_ = h.say(aboutNotice, notice{Term: h.term, Number: h.notified, Channel: channel, Payload: payload})
}

// again leaves a gap in the numbers: what was notified while the connection was down is
// lost. The log may have grown meanwhile.
func (h *holder) again() {
	h.mu.Lock()
	h.notified++
	h.mu.Unlock()
	h.Wake()
}

package live

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"cartline/shared"
)

// ErrSilent is how a connection ended over which nothing came any more, not even an
// answer to a ping.
var ErrSilent = errors.New("the server doesn't answer any more")

const (
	// pingText tells our own pings from those that a person sends.
	pingText = "beat"
	// shortPatience bounds the answer where somebody hurries.
	shortPatience = 3 * time.Second
)

// pulse looks whether a connection still stands. Pings of the protocol itself can't be
// sent by pages, so it sends messages.
type pulse struct {
	ping                func(context.Context) error
	heartbeat, patience time.Duration
	began               time.Time
	last                atomic.Int64 // when the last message came, after began
}

func newPulse(ping func(context.Context) error, heartbeat, patience time.Duration) *pulse {
	return &pulse{ping: ping, heartbeat: heartbeat, patience: patience, began: time.Now()}
}

// beat notes that a message has come.
func (p *pulse) beat() { p.last.Store(int64(time.Since(p.began))) }

// silence is how long nothing has come.
func (p *pulse) silence() time.Duration { return time.Since(p.began) - time.Duration(p.last.Load()) }

// watch gives up the connection when nothing comes any more, until the context ends.
func (p *pulse) watch(ctx context.Context, hurry <-chan struct{}, giveUp context.CancelCauseFunc) {
	for {
		patience := p.patience
		hurried, ended := wait(ctx, p.heartbeat-p.silence(), hurry)
		switch {
		case ended:
			return
		case hurried:
			patience = min(patience, shortPatience)
		case p.silence() < p.heartbeat:
			continue
		}
		if !p.answers(ctx, patience) {
			giveUp(ErrSilent)
			return
		}
	}
}

// answers says whether anything comes within a time after a ping.
func (p *pulse) answers(ctx context.Context, patience time.Duration) bool {
	seen := p.last.Load()
	writing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.ping(writing); err != nil {
		return ctx.Err() != nil // the reader knows why, or the link is stuck
	}
	if _, ended := wait(ctx, patience, nil); ended {
		return true
	}
	return p.last.Load() != seen
}

// pingOver pings over a connection.
func pingOver(conn *Conn) func(context.Context) error {
	return func(ctx context.Context) error {
		text, err := shared.Request{Ping: pingText}.Text()
		if err != nil {
			return err
		}
		return conn.WriteText(ctx, text)
	}
}

func wait(ctx context.Context, d time.Duration, hurry <-chan struct{}) (hurried, ended bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false, false
	case <-hurry:
		return true, false
	case <-ctx.Done():
		return false, true
	}
}

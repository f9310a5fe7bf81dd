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
	conn                *Conn
	heartbeat, patience time.Duration
	beats               atomic.Int64 // how many messages have come
}

func newPulse(conn *Conn, heartbeat, patience time.Duration) *pulse {
	return &pulse{conn: conn, heartbeat: heartbeat, patience: patience}
}

// beat notes that a message has come.
func (p *pulse) beat() { p.beats.Add(1) }

// watch gives up the connection when nothing comes any more, until the context ends.
func (p *pulse) watch(ctx context.Context, hurry <-chan struct{}, giveUp context.CancelCauseFunc) {
	for {
		seen, patience := p.beats.Load(), p.patience
		hurried, ended := wait(ctx, p.heartbeat, hurry)
		switch {
		case ended:
			return
		case hurried:
			patience = min(patience, shortPatience)
		case p.beats.Load() != seen:
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
	seen := p.beats.Load()
	text, err := shared.Request{Ping: pingText}.Text()
	if err != nil {
		return true // it can't be; and it says nothing of the connection
	}
	writing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.conn.WriteText(writing, text); err != nil {
		return ctx.Err() != nil // the reader knows why, or the link is stuck
	}
	if _, ended := wait(ctx, patience, nil); ended {
		return true
	}
	return p.beats.Load() != seen
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

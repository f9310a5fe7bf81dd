package nats

import (
	"slices"
	"sync"
	"time"

	"cartline/server/cart"
)

// The times by which it is judged whether the elected one does its work.
const (
	// beatInterval is the pause between two beats, and lease how long nothing is heard
	// of the elected one before others do without it, and stand for election.
	beatInterval = 500 * time.Millisecond
	lease        = 2500 * time.Millisecond
	// grace is how long what was said to be in the stream may take from there.
	grace = 2 * time.Second
)

// pulse is what this process has heard of the elected one. It is safe for concurrent use.
type pulse struct {
	mu    sync.Mutex
	last  beat
	heard time.Time // when that was
	// told is how far the log was said to be in the stream, oldest first: since when it
	// has been due, and a few that aren't yet.
	told []told
	// numbered is the number of the last notification of the term.
	numbered uint64
}

type told struct {
	at       time.Time
	position cart.Position
}

// beats takes a beat. It tells whether notifications may have been missed.
func (p *pulse) beats(b beat, now time.Time) (missed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.current(b.Term, now) {
		return false
	}
	missed = b.Term != p.last.Term || b.Notified != p.numbered
	if b.Term != p.last.Term {
		p.told = nil
	}
	p.last, p.heard, p.numbered = b, now, b.Notified
	if position, err := cart.ParseCursor(b.Cursor); err == nil {
		p.told = append(p.told, told{now, position})
	}
	for len(p.told) > 1 && now.Sub(p.told[1].at) >= grace {
		p.told = slices.Delete(p.told, 0, 1)
	}
	return missed
}

// notified takes the number of a notification. It tells whether it is to be passed on,
// and whether others before it may have been missed.
func (p *pulse) notified(n notice, now time.Time) (pass, missed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.current(n.Term, now), n.Term == p.last.Term && n.Number <= p.numbered:
		return false, false
	case n.Term != p.last.Term:
		// It comes before the first beat of its term.
		p.last, p.heard, p.told, p.numbered = beat{Term: n.Term}, now, nil, n.Number
		return true, true
	}
	missed = n.Number != p.numbered+1
	p.numbered = n.Number
	return true, missed
}

// current tells whether what is said in a term is to be listened to. Of two, the later
// counts, as long as anything is heard of it. The caller holds the lock.
func (p *pulse) current(term int64, now time.Time) bool {
	return term >= p.last.Term || !p.fresh(now)
}

func (p *pulse) fresh(now time.Time) bool { return now.Sub(p.heard) < lease && !p.last.Left }

// keeps tells whether what comes in the log after a position will come by the stream.
func (p *pulse) keeps(position cart.Position, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fresh(now) || !p.last.Sound || len(p.told) == 0 {
		return false
	}
	due := p.told[0]
	return now.Sub(due.at) < grace || due.position.Epoch == position.Epoch && !position.Before(due.position)
}

// state returns the last beat, and whether it was heard of late.
func (p *pulse) state(now time.Time) (last beat, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last, p.fresh(now)
}

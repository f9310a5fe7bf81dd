// Package throttle counts failures and refuses those who have had too many. It
// knows nothing of what fails; start with Throttle.
package throttle

import (
	"sync"
	"time"
)

// Throttle counts failures by key, and refuses a key that has had too many lately,
// until the first of them is long enough ago. It is safe for concurrent use, starts
// no goroutine, and its memory is bounded: when it is full, the keys that have waited
// longest are forgotten first.
//
// By itself it counts what one process sees; see Share.
type Throttle struct {
	limit  int
	window time.Duration
	now    func() time.Time
	shared *share // nil: this process counts for itself

	mu    sync.Mutex
	tries map[string][]time.Time // when each counted, oldest first
}

// maxThrottled is how many keys are kept.
const maxThrottled = 10_000

// New makes a throttle that allows `limit` failures per key in any `window` of time.
func New(limit int, window time.Duration) *Throttle {
	return &Throttle{limit: limit, window: window, now: time.Now, tries: make(map[string][]time.Time)}
}

// SetClock makes another clock than the computer's the throttle's: for tests, which
// call it before anything else.
func (t *Throttle) SetClock(now func() time.Time) { t.now = now }

// Begin takes one try in advance, so that many at once can't pass together, and
// returns 0; or, if the key has none left, how long it has to wait. A try that
// succeeds is given back with Forgive or Return.
func (t *Throttle) Begin(key string) (wait time.Duration) {
	wait, told := t.shared.begin(key, t.limit, t.window)
	switch {
	case !told:
		return t.begin(key)
	case wait == 0:
		t.note(key)
	}
	return wait
}

// note counts a try that was allowed elsewhere, in the place of the first if need be.
func (t *Throttle) note(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	tried := t.tries[key]
	if len(tried) == 0 {
		t.makeRoom(now)
	}
	tried = append(tried, now)
	t.tries[key] = tried[max(0, len(tried)-t.limit):]
}

func (t *Throttle) begin(key string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	tried := t.tries[key]
	for len(tried) > 0 && !now.Before(tried[0].Add(t.window)) {
		tried = tried[1:]
	}
	if len(tried) >= t.limit {
		t.tries[key] = tried
		return tried[0].Add(t.window).Sub(now)
	}
	if len(tried) == 0 {
		delete(t.tries, key)
		t.makeRoom(now)
	}
	t.tries[key] = append(tried, now)
	return 0
}

// Forgive forgets the key's failures.
func (t *Throttle) Forgive(key string) {
	t.mu.Lock()
	delete(t.tries, key)
	t.mu.Unlock()
	t.shared.forgive(key)
}

// Return gives one try back that was no failure, and forgets no other.
func (t *Throttle) Return(key string) {
	t.giveBack(key)
	t.shared.giveBack(key)
}

func (t *Throttle) giveBack(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tried := t.tries[key]; len(tried) > 1 {
		t.tries[key] = tried[:len(tried)-1]
	} else {
		delete(t.tries, key)
	}
}

// makeRoom forgets what has run out and, if that doesn't suffice, the key that
// is nearest to it. The caller holds the lock.
func (t *Throttle) makeRoom(now time.Time) {
	if len(t.tries) < maxThrottled {
		return
	}
	var oldest string
	var first time.Time
	for key, tried := range t.tries {
		last := tried[len(tried)-1]
		if !now.Before(last.Add(t.window)) {
			delete(t.tries, key)
			continue
		}
		if oldest == "" || last.Before(first) {
			oldest, first = key, last
		}
	}
	if len(t.tries) >= maxThrottled {
		delete(t.tries, oldest)
	}
}

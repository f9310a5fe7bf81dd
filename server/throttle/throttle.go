// Package throttle counts failures and refuses those who have had too many. It
// knows nothing of what fails; start with Throttle.
package throttle

import (
	"sync"
	"time"
)

// Throttle counts failures by key, and refuses a key that has had too many until
// enough time has passed. It is safe for concurrent use, starts no goroutine, and
// its memory is bounded: when it is full, the keys that have waited longest are
// forgotten first.
type Throttle struct {
	limit  int
	window time.Duration
	now    func() time.Time

	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	failures int
	until    time.Time // the failures are forgotten then
}

// maxThrottled is how many keys are kept.
const maxThrottled = 10_000

// New makes a throttle that allows `limit` failures per key, which are
// forgotten a `window` after the last of them.
func New(limit int, window time.Duration) *Throttle {
	return &Throttle{limit: limit, window: window, now: time.Now, tries: make(map[string]*tries)}
}

// SetClock makes another clock than the computer's the throttle's: for tests, which
// call it before anything else.
func (t *Throttle) SetClock(now func() time.Time) { t.now = now }

// Begin takes one try in advance, so that many at once can't pass together, and
// returns 0; or, if the key has none left, how long it has to wait. A try that
// succeeds is given back with Forgive.
func (t *Throttle) Begin(key string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	tried, ok := t.tries[key]
	if ok && !now.Before(tried.until) {
		delete(t.tries, key)
		ok = false
	}
	if !ok {
		t.makeRoom(now)
		tried = new(tries)
		t.tries[key] = tried
	}
	if tried.failures >= t.limit {
		return tried.until.Sub(now)
	}
	tried.failures++
	tried.until = now.Add(t.window)
	return 0
}

// Forgive forgets the key's failures.
func (t *Throttle) Forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, key)
}

// Return gives one try back that was neither a failure nor a success, like one
// that the caller gave up.
func (t *Throttle) Return(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tried, ok := t.tries[key]; ok && tried.failures > 0 {
		tried.failures--
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
		if !now.Before(tried.until) {
			delete(t.tries, key)
			continue
		}
		if oldest == "" || tried.until.Before(first) {
			oldest, first = key, tried.until
		}
	}
	if len(t.tries) >= maxThrottled {
		delete(t.tries, oldest)
	}
}

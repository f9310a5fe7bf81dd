package foreign

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"cartline/shared"
)

// answers keeps what an application answered, for a short while, by the hash of what it
// was asked for.
type answers struct {
	keepFor time.Duration
	most    int

	mu      sync.Mutex
	kept    map[[sha256.Size]byte]kept
	forgets int // counts what was forgotten, so that no older answer is kept after it
}

// kept is an answer, or a *shared.Problem in its place.
type kept struct {
	answer Answer
	err    error
	until  time.Time
}

func newAnswers(keepFor time.Duration, most int) *answers {
	return &answers{keepFor: keepFor, most: most, kept: make(map[[sha256.Size]byte]kept)}
}

// since returns what keep wants to know of an answer that is asked for from now on.
func (a *answers) since() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.forgets
}

func (a *answers) find(hash [sha256.Size]byte, now time.Time) (k kept, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, known = a.kept[hash]
	return k, known && now.Before(k.until)
}

// keep keeps an answer, but not that there was none.
func (a *answers) keep(hash [sha256.Size]byte, answer Answer, err error, since int, now time.Time) {
	var problem *shared.Problem
	if a.keepFor <= 0 || err != nil && !errors.As(err, &problem) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.forgets != since {
		return
	}
	if len(a.kept) >= a.most {
		a.makeRoom(now)
	}
	a.kept[hash] = kept{answer, err, now.Add(a.keepFor)}
}

// makeRoom drops what is too old or, if nothing is, whatever comes first: a crowd with
// made-up cookies costs questions, not memory.
func (a *answers) makeRoom(now time.Time) {
	for hash, k := range a.kept {
		if !now.Before(k.until) {
			delete(a.kept, hash)
		}
	}
	for hash := range a.kept {
		if len(a.kept) < a.most {
			return
		}
		delete(a.kept, hash)
	}
}

// forget drops a user's answers, or all if the user is "". What is nobody's may be that
// user's by now.
func (a *answers) forget(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forgets++
	for hash, k := range a.kept {
		if user == "" || k.answer.User == user || k.err != nil {
			delete(a.kept, hash)
		}
	}
}

package event

import "sync"

// Queue holds texts for one reader, up to a limit in bytes. No goroutine waits
// while it is empty: whoever pushes the first text is told to begin draining. It
// is safe for concurrent use.
type Queue struct {
	limit int

	mu       sync.Mutex
	texts    [][]byte
	bytes    int
	draining bool
	closed   bool
}

// NewQueue makes a queue that holds up to limit bytes, or one text that is longer: a
// reader who keeps up gets that too.
func NewQueue(limit int) *Queue { return &Queue{limit: limit} }

// Pushed tells what became of a text, and what is to be done.
type Pushed int

// The outcomes of Push.
const (
	Queued   Pushed = iota // somebody is draining
	Begin                  // queued; the caller sees to it that the queue is drained
	Overflow               // no room: nothing more will be taken
	Closed                 // nothing is taken any more
)

// Push adds a text. The first one for which there is no room closes the queue,
// so that a reader never misses one in the middle.
func (q *Queue) Push(text []byte) Pushed {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return Closed
	}
	if q.bytes > 0 && q.bytes+len(text) > q.limit {
		q.close()
		return Overflow
	}
	q.texts = append(q.texts, text)
	q.bytes += len(text)
	if q.draining {
		return Queued
	}
	q.draining = true
	return Begin
}

// Take returns everything that is queued, in order, or nothing, which ends the
// draining. What is taken counts as queued until the next Take, so that a text on
// its way to a stalled reader is not forgotten in the limit. The slice given is
// reused.
func (q *Queue) Take(reuse [][]byte) [][]byte {
	clear(reuse)
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.texts
	q.texts = reuse[:0]
	q.bytes = size(taken)
	if len(taken) == 0 {
		q.draining = false
		q.texts = nil
	}
	return taken
}

func size(texts [][]byte) (n int) {
	for _, text := range texts {
		n += len(text)
	}
	return n
}

// Close makes the queue empty and has it take nothing any more.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.close()
}

func (q *Queue) close() {
	q.closed = true
	q.texts = nil
	q.bytes = 0
}

// Bytes returns how much is queued, or taken but not done with.
func (q *Queue) Bytes() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

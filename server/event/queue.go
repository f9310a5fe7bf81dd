package event

import (
	"context"
	"sync"
)

// Queue holds deliveries for one subscriber, up to a limit in bytes. No goroutine
// waits while it is empty: whoever pushes the first delivery is told to begin
// draining. It is safe for concurrent use.
//
// When more than 64 KiB waits, or a quarter of the limit, its subscriber has fallen
// behind. From then on, and until it has taken what waits, an event that a later one can
// stand for is replaced by that one, at the later one's place. Such events are held by all
// queues together, so each counts for only what a queue needs to remember it; but one
// that was read for this subscriber alone, to catch up, counts whole.
type Queue struct {
	limit int

	mu       sync.Mutex
	waiting  []Delivery  // one that was replaced leaves its zero value behind
	spare    *[]Delivery // where waiting comes from; nil while nothing is drained
	holes    int         // how many of waiting were replaced
	latest   map[key]int // where in waiting the newest of a key is; nil until behind
	bytes    int         // in waiting
	taken    int         // bytes that were taken and not settled
	draining bool
	closed   bool          // nothing is taken any more
	replaced int           // events for which a later one stands, ever
	dropped  int           // events that nobody will take any more
	room     chan struct{} // closed when there is room; nil if nobody waits for it
}

const (
	// behind is how many bytes may wait until a subscriber has fallen behind.
	behind = 64 << 10
	// roomFor is how many may wait for one who catches up until there is room for more.
	// What is read for one alone takes memory for one alone.
	roomFor = 128 << 10
)

// remembered is what an event counts for that may be replaced, in bytes.
const remembered = 128

// NewQueue makes a queue that holds up to limit bytes, or one text that is longer: a
// reader who keeps up gets that too.
func NewQueue(limit int) *Queue { return &Queue{limit: limit} }

// Pushed tells what became of a delivery, and what is to be done.
type Pushed int

// The outcomes of Push.
const (
	Queued   Pushed = iota // somebody is draining
	Begin                  // queued; the caller sees to it that the queue is drained
	Overflow               // no room: nothing more will be taken
	Closed                 // nothing is taken any more
)

// Push adds a delivery. The first one for which there is no room closes the queue,
// so that a reader never misses one in the middle.
func (q *Queue) Push(d Delivery) Pushed {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return Closed
	}
	q.unshelve()
	if q.latest == nil && q.taken+q.bytes+len(d.text) > min(q.limit/4, behind) {
		q.fallBehind()
	}
	d = q.replace(d)
	weight := q.weight(d)
	if held := q.taken + q.bytes; held > 0 && held+weight > q.limit {
		q.drop(d)
		q.close()
		return Overflow
	}
	q.add(d, weight)
	if q.holes > 8 && q.holes > len(q.waiting)/2 {
		q.closeUp()
	}
	if q.draining {
		return Queued
	}
	q.draining = true
	return Begin
}

// fallBehind has the newest event of each key stand for all of it from now on.
func (q *Queue) fallBehind() {
	q.latest = make(map[key]int)
	waiting := q.waiting
	q.waiting = make([]Delivery, 0, len(waiting)+1)
	q.bytes = 0
	for _, d := range waiting {
		d = q.replace(d)
		q.add(d, q.weight(d))
	}
}

func (q *Queue) add(d Delivery, weight int) {
	q.waiting = append(q.waiting, d)
	q.bytes += weight
}

// closeUp removes the holes, which would be as many as there were events.
func (q *Queue) closeUp() {
	q.waiting = compact(q.waiting)
	q.holes = 0
	for at, d := range q.waiting {
		if k, ok := d.key(); ok {
			q.latest[k] = at
		}
	}
}

// replace takes out what a delivery that is about to be added can stand for.
func (q *Queue) replace(d Delivery) Delivery {
	k, ok := d.key()
	if !ok || q.latest == nil {
		return d
	}
	if at, waits := q.latest[k]; waits {
		earlier := q.waiting[at]
		q.bytes -= q.weight(earlier)
		q.waiting[at] = Delivery{}
		q.holes++
		q.replaced++
		d = d.over(earlier)
	}
	q.latest[k] = len(q.waiting)
	return d
}

func (q *Queue) weight(d Delivery) int {
	if _, ok := d.key(); ok && q.latest != nil && !d.alone {
		return remembered
	}
	return len(d.text)
}

// Settled tells how a queue stands when what was taken is done with.
type Settled int

// The outcomes of Settle.
const (
	More     Settled = iota // something waits; whoever asked goes on draining
	Idle                    // nothing waits, and the draining has ended
	Finished                // the same, and nothing will come; see Finish and Close
)

// Settle forgets what was taken.
func (q *Queue) Settle() Settled {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken = 0
	if q.room != nil && q.roomy() {
		q.leaveRoom()
	}
	if len(q.waiting) > 0 {
		return More
	}
	q.draining = false
	q.shelve()
	if q.closed {
		return Finished
	}
	return Idle
}

// Room waits until less than 128 KiB waits, or half of the limit, or nothing is taken any
// more. The error is the context's.
func (q *Queue) Room(ctx context.Context) error {
	for {
		q.mu.Lock()
		if q.closed || q.roomy() {
			q.mu.Unlock()
			return ctx.Err()
		}
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Roomy tells whether Room wouldn't wait.
func (q *Queue) Roomy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed || q.roomy()
}

func (q *Queue) roomy() bool { return q.taken+q.bytes < max(1, min(q.limit/2, roomFor)) }

// Finish has the queue take nothing any more, but give what it holds. It reports
// whether somebody is draining it, whom Settle will tell.
func (q *Queue) Finish() (draining bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.leaveRoom()
	return q.draining
}

// Close makes the queue empty and has it take nothing any more.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.close()
}

func (q *Queue) close() {
	q.closed = true
	for _, d := range q.waiting {
		q.drop(d)
	}
	q.waiting, q.spare = nil, nil
	q.latest = nil
	q.bytes, q.taken = 0, 0
	q.leaveRoom()
}

// leaveRoom lets go of who waits for room.
func (q *Queue) leaveRoom() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// Bytes returns how much waits, or was taken but is not done with.
func (q *Queue) Bytes() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken + q.bytes
}

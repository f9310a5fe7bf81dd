package event

import "sync"

// Take returns what waits, in order: all of it, or as much as has a text up to the limit,
// as what a queue only remembers counts for little before that is made for its reader.
// Settle is to follow: until then, what is taken counts for the limit, so that a text on
// its way to a stalled reader is not forgotten. The slice given is reused.
func (q *Queue) Take(reuse []Delivery) []Delivery {
	clear(reuse)
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.waiting
	q.taken += q.bytes
	q.bytes = 0
	q.waiting, q.holes = reuse[:0], 0
	if q.latest != nil {
		taken = compact(taken)
		taken = q.leave(taken, q.firstPart(taken))
	}
	return taken
}

// firstPart tells how many of those that are due have a text up to the limit, but
// one at least.
func (q *Queue) firstPart(due []Delivery) (count int) {
	for size := 0; count < len(due); count++ {
		if size += len(due[count].text); size > q.limit && count > 0 {
			break
		}
	}
	return count
}

// leave has those that come after a number of them wait on, and returns the others.
func (q *Queue) leave(due []Delivery, count int) []Delivery {
	for _, d := range due[count:] {
		weight := q.weight(d)
		q.taken -= weight
		q.add(d, weight)
	}
	clear(due[count:])
	clear(q.latest)
	if len(q.waiting) == 0 {
		q.latest = nil
	}
	q.closeUp()
	return due[:count]
}

// spares are slices of queues that have none while they are empty. An idle connection
// shouldn't hold any, nor each event have one made for each listener.
var spares = sync.Pool{New: func() any { return new([]Delivery) }}

// maxSpare is the longest slice that is kept, so that few deliveries don't sit in large
// ones for ever.
const maxSpare = 1024

// unshelve gives an empty queue a slice.
func (q *Queue) unshelve() {
	if q.spare == nil {
		q.spare = spares.Get().(*[]Delivery)
		q.waiting, *q.spare = *q.spare, nil
	}
}

// shelve gives it back.
func (q *Queue) shelve() {
	if q.spare != nil && cap(q.waiting) <= maxSpare {
		*q.spare = q.waiting[:0]
		spares.Put(q.spare)
	}
	q.waiting, q.spare = nil, nil
}

// compact removes what was replaced.
func compact(waiting []Delivery) []Delivery {
	kept := waiting[:0]
	for _, d := range waiting {
		if d.text != nil {
			kept = append(kept, d)
		}
	}
	clear(waiting[len(kept):])
	return kept
}

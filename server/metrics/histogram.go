package metrics

import (
	"sync/atomic"
	"time"
)

// bounds are the upper ends of a histogram's buckets. They are the same for all
// histograms, so that these can be added up: from what a quick delivery takes to what a
// client takes that was away for a while.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
}

// Histogram counts durations by how long they are. The zero value is ready, and it is
// safe for concurrent use; to observe one takes no memory and no lock.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts a duration. A negative one, which clocks of two machines can make of a
// short one, is taken for none.
func (h *Histogram) Observe(d time.Duration) {
	d = max(0, d)
	at := 0
	for at < len(bounds) && d > bounds[at] {
		at++
	}
	h.counts[at].Add(1)
	h.sum.Add(int64(d))
}

// Distribution is what one or several histograms have counted.
type Distribution struct {
	counts [len(bounds) + 1]uint64
	sum    time.Duration
}

// Add adds what a histogram has counted so far.
func (d *Distribution) Add(h *Histogram) {
	for i := range d.counts {
		d.counts[i] += h.counts[i].Load()
	}
	d.sum += time.Duration(h.sum.Load())
}

// Count returns how many durations there are in it.
func (d *Distribution) Count() (count uint64) {
	for _, n := range d.counts {
		count += n
	}
	return count
}

package socket

import "time"

// burst is how many seconds' worth may come at once after a pause.
const burst = 2

// bucket lets so many pass in a second, and burst times as many after a pause. The
// zero value of a bucket with a rate is full. It is not safe for concurrent use.
type bucket struct {
	rate  float64 // per second; 0 lets everything pass
	level float64 // how many may pass at the time of last
	last  time.Time
}

// take tells whether one more may pass, and counts it if so.
func (b *bucket) take(now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	b.fill(now)
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// fill brings the level up to a time.
func (b *bucket) fill(now time.Time) {
	if b.last.IsZero() {
		b.level = b.rate * burst
	} else {
		b.level = min(b.level+b.rate*now.Sub(b.last).Seconds(), b.rate*burst)
	}
	b.last = now
}

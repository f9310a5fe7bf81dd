package load

import (
	"math/bits"
	"time"
)

// Histogram counts durations, to within two percent. The zero Histogram is empty.
type Histogram struct {
	counts [buckets]int64
	total  int64
	most   time.Duration
}

// The buckets are as wide as a sixty-fourth of the power of two, in microseconds, in
// which they are; the last takes all that is longer than some minutes.
const (
	steps   = 64
	buckets = 24 * steps
)

// Add counts one. A negative duration, which a clock that was set makes, counts as none.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucket(max(0, d))]++
	h.total++
	h.most = max(h.most, d)
}

// AddAll counts those of another.
func (h *Histogram) AddAll(other *Histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

// Total returns how many were counted.
func (h *Histogram) Total() int64 { return h.total }

// Max returns the longest.
func (h *Histogram) Max() time.Duration { return h.most }

// Quantile returns a duration that the share q of all don't exceed: 0.5 is the median.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := int64(q*float64(h.total) + 0.5)
	for i, n := range h.counts {
		if rank -= n; rank <= 0 && n > 0 && i < buckets-1 {
			return min(upper(i), h.most)
		}
	}
	return h.most
}

func bucket(d time.Duration) int {
	micros := uint64(d.Microseconds())
	if micros < steps {
		return int(micros)
	}
	power := bits.Len64(micros) - bits.Len64(steps) + 1 // 1 for those below twice the steps
	index := power*steps + int(micros>>(power-1)) - steps
	return min(index, buckets-1)
}

// upper is the longest duration of a bucket.
func upper(index int) time.Duration {
	power, step := index/steps, index%steps
	if power == 0 {
		return time.Duration(step) * time.Microsecond
	}
	return time.Duration((uint64(steps+step+1)<<(power-1))-1) * time.Microsecond
}

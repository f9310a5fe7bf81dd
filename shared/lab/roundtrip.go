package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RoundTrips collects how long answers took. It keeps all of them, up to
// maxRoundTrips, and then every other one. The zero value is ready; it is for one
// goroutine.
type RoundTrips struct {
	kept    []time.Duration
	sorted  bool
	every   int // of so many, one is kept
	seen    int
	longest time.Duration
}

const maxRoundTrips = 1 << 16

// Add takes one.
func (r *RoundTrips) Add(d time.Duration) {
	d = max(0, d) // a clock may have been put back
	r.every = max(1, r.every)
	r.longest = max(r.longest, d)
	if r.seen++; r.seen%r.every != 0 {
		return
	}
	if len(r.kept) == maxRoundTrips {
		// Every other one in the order of size, which keeps the percentiles.
		r.sort()
		for i := range maxRoundTrips / 2 {
			r.kept[i] = r.kept[2*i]
		}
		r.kept, r.every = r.kept[:maxRoundTrips/2], 2*r.every
	}
	r.kept, r.sorted = append(r.kept, d), false
}

// Count tells how many were added.
func (r *RoundTrips) Count() int { return r.seen }

// Longest returns the longest of all that were added.
func (r *RoundTrips) Longest() time.Duration { return r.longest }

// Percentile returns the time within which p of a hundred answers came (nearest rank),
// and 0 if there was none.
func (r *RoundTrips) Percentile(p float64) time.Duration {
	if len(r.kept) == 0 {
		return 0
	}
	r.sort()
	rank := int(float64(len(r.kept))*p/100+0.999999) - 1
	return r.kept[min(max(rank, 0), len(r.kept)-1)]
}

func (r *RoundTrips) sort() {
	if !r.sorted {
		slices.Sort(r.kept)
		r.sorted = true
	}
}

// Bar is one bar of a histogram: how many answers took from From up to, but not as long
// as, To.
type Bar struct {
	From, To time.Duration
	Count    int
}

// Histogram puts the times that are kept into at most bars bars of round bounds; the
// last takes all that is longer.
func (r *RoundTrips) Histogram(bars int) []Bar {
	if len(r.kept) == 0 || bars < 1 {
		return nil
	}
	r.sort()
	low, high := r.kept[0], r.Percentile(99)
	width := roundUp((high - low) / time.Duration(bars))
	from := low / width * width
	var out []Bar
	for _, d := range r.kept {
		i := min(int((d-from)/width), bars-1)
		for len(out) <= i {
			start := from + time.Duration(len(out))*width
			out = append(out, Bar{From: start, To: start + width})
		}
		out[i].Count++
	}
	out[len(out)-1].To = max(out[len(out)-1].To, r.longest+1)
	return out
}

// roundUp returns the next 1, 2 or 5 times a power of ten, at least a microsecond. What
// takes longer than years is not rounded: the next one is too large to be written.
func roundUp(d time.Duration) time.Duration {
	const years = time.Duration(1e17)
	if d > years {
		return d
	}
	for unit := time.Microsecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit >= d {
				return n * unit
			}
		}
	}
}

// Blocks draws a bar of so many of most, at most width characters wide; what is not
// nothing is at least a sliver.
func Blocks(count, most, width int) string {
	if count <= 0 || most <= 0 || width <= 0 {
		return ""
	}
	eighths := max(1, min(count, most)*width*8/most)
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return bar
}

// Millis writes a time in milliseconds, with three digits that count.
func Millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 99.95:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 9.995:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.2f ms", ms)
	}
}

package metrics

import (
	"maps"
	"sync"
)

// Counts counts by a label, or several as a struct, of which there are few. The zero value
// is ready, and it is safe for concurrent use. It takes a lock, so it is for what happens
// once per request or connection.
type Counts[K comparable] struct {
	mu     sync.Mutex
	counts map[K]uint64
}

// Add counts one.
func (c *Counts[K]) Add(label K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = make(map[K]uint64)
	}
	c.counts[label]++
}

// All returns a copy of the counts.
func (c *Counts[K]) All() map[K]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// Histograms are histograms by a label, of which there are few. The zero value is ready,
// and it is safe for concurrent use.
type Histograms[K comparable] struct{ all sync.Map }

// Of returns the histogram of a label.
func (h *Histograms[K]) Of(label K) *Histogram {
	if found, ok := h.all.Load(label); ok {
		return found.(*Histogram)
	}
	made, _ := h.all.LoadOrStore(label, new(Histogram))
	return made.(*Histogram)
}

// All returns what each of them has counted.
func (h *Histograms[K]) All() map[K]*Distribution {
	all := make(map[K]*Distribution)
	h.all.Range(func(label, histogram any) bool {
		d := new(Distribution)
		d.Add(histogram.(*Histogram))
		all[label.(K)] = d
		return true
	})
	return all
}

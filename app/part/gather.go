package part

import (
	"slices"
	"sync"
	"time"
)

// Gather collects what arrives faster than a page should be drawn, and hands it
// on in order, in groups: the first at once, then one group each interval. A page
// that dispatched every message would fill go-app's queue of 4,096 functions and
// stand still.
//
// It is bounded: of more than limit items in one interval, the oldest are
// dropped and counted. All methods may be called from any goroutine.
type Gather[T any] struct {
	limit    int
	interval time.Duration
	flush    func(items []T, dropped int)

	// delivering is held while flush runs, so that groups keep their order.
	// Add never waits for it.
	delivering sync.Mutex

	mu      sync.Mutex
	items   []T
	dropped int
	timer   *time.Timer // nil while nothing is to come
	last    time.Time   // of the last delivery
	pause   time.Duration
	stopped bool
}

// NewGather makes a Gather. flush is called on a goroutine of its own, or by
// Flush, one call at a time, and owns the slice that it gets.
func NewGather[T any](limit int, interval time.Duration, flush func(items []T, dropped int)) *Gather[T] {
	return &Gather[T]{limit: limit, interval: interval, pause: interval, flush: flush}
}

// Add takes an item. It never blocks.
func (g *Gather[T]) Add(item T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return
	}
	// Twice the limit is kept before half of it goes: dropping one by one would move all
	// the others each time.
	if len(g.items) >= 2*g.limit {
		g.shrink()
	}
	g.items = append(g.items, item)
	if g.timer == nil {
		g.timer = time.AfterFunc(max(0, g.pause-time.Since(g.last)), g.Flush)
	}
}

// shrink drops the oldest of more than limit items. The caller holds mu.
func (g *Gather[T]) shrink() {
	if drop := len(g.items) - g.limit; drop > 0 {
		g.items = slices.Delete(g.items, 0, drop)
		g.dropped += drop
	}
}

// Spent tells how long the last group took to draw. Groups are then kept apart by
// three times as long, or the interval if that is more: a page that draws all the
// time can't be clicked. It is bounded, so one slow drawing doesn't freeze a page.
func (g *Gather[T]) Spent(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pause = min(max(3*d, g.interval), max(maxPause, g.interval))
}

// maxPause bounds what Spent can do.
const maxPause = 500 * time.Millisecond

// Flush hands on now what has gathered. It waits for flush to return.
func (g *Gather[T]) Flush() {
	g.delivering.Lock()
	defer g.delivering.Unlock()

	g.mu.Lock()
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	g.shrink()
	items, dropped := g.items, g.dropped
	g.items, g.dropped = nil, 0
	g.last = time.Now()
	g.mu.Unlock()

	if len(items) > 0 {
		g.flush(items, dropped)
	}
}

// Stop drops what has gathered and everything that is added later. A flush that
// is running is not waited for.
func (g *Gather[T]) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
	g.items = nil
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
}

package part

// Roll is a list that forgets its oldest items. It is bounded twice, in items
// and in bytes, and when a bound is passed it drops a tenth more than it must:
// each drop moves every row on the page by some places, which costs a drawing of
// all of them, so it should be seldom.
//
// The zero Roll is not ready; use NewRoll. A Roll is for one goroutine.
type Roll[T any] struct {
	limit   int
	bytes   int
	size    func(T) int
	items   []T
	held    int // bytes of items
	dropped int
}

// NewRoll makes a Roll that keeps at most limit items, of together at most bytes
// bytes as size counts them, but always the newest one.
func NewRoll[T any](limit, bytes int, size func(T) int) *Roll[T] {
	return &Roll[T]{limit: limit, bytes: bytes, size: size}
}

// Append adds items at the end.
func (r *Roll[T]) Append(items ...T) {
	r.items = append(r.items, items...)
	for _, item := range items {
		r.held += r.size(item)
	}
	if len(r.items) > r.limit || r.held > r.bytes {
		r.shrink(r.limit-r.limit/10, r.bytes-r.bytes/10)
	}
}

// shrink makes a new array, since slices of the old one have been given out.
func (r *Roll[T]) shrink(limit, bytes int) {
	drop := max(0, len(r.items)-limit)
	for _, item := range r.items[:drop] {
		r.held -= r.size(item)
	}
	for drop < len(r.items)-1 && r.held > bytes {
		r.held -= r.size(r.items[drop])
		drop++
	}
	r.items = append(make([]T, 0, r.limit+1), r.items[drop:]...)
	r.dropped += drop
}

// Lose counts items that were lost before they could be added.
func (r *Roll[T]) Lose(n int) { r.dropped += n }

// Items returns the items, oldest first. The caller may keep the slice but not
// append to it.
func (r *Roll[T]) Items() []T { return r.items[:len(r.items):len(r.items)] }

// Dropped tells how many items went.
func (r *Roll[T]) Dropped() int { return r.dropped }

// Clear forgets everything, also what was dropped.
func (r *Roll[T]) Clear() { r.items, r.held, r.dropped = nil, 0, 0 }

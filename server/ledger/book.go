package ledger

import (
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Row is an activity as the database has it.
type Row struct {
	Position cart.Position
	CartID   string
	Version  int64 // of the cart
	Shopper  string
}

// in says whether a row is in a scope.
func (r Row) in(scope cart.Scope) bool {
	return (scope.CartID == "" || scope.CartID == r.CartID) && (scope.Shopper == "" || scope.Shopper == r.Shopper)
}

// Kept is a version of a cart that a writer was told is kept.
type Kept struct {
	CartID  string
	Version int64
}

// Heard is an event that a listener was told.
type Heard struct {
	Cursor   string
	CartID   string
	Version  int64
	Replaces *shared.Replaced
	// Connection counts the listener's connections, from 1.
	Connection int
}

// Hearing is what one listener heard on one channel, in order. It is safe for
// concurrent use.
type Hearing struct {
	Name string
	// Scope is what of the log the channel tells.
	Scope cart.Scope
	// Coalesces says that the newest event of a cart may stand for earlier ones.
	Coalesces bool

	mu         sync.Mutex
	start      string // everything after this cursor is to be heard
	connection int
	heard      []Heard
	told       []string // what the listener was told may have been lost
	dropped    int      // repeats that the client kept from us
	delays     []time.Duration
}

// Begin notes the cursor after which everything is to be heard. Only the first counts.
func (h *Hearing) Begin(cursor string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.start == "" {
		h.start = cursor
	}
}

// Connected notes that what follows comes over another connection.
func (h *Hearing) Connected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.connection++
}

// Hear notes an event that was committed at a time.
func (h *Hearing) Hear(event Heard, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	event.Connection = h.connection
	h.heard = append(h.heard, event)
	h.delays = append(h.delays, time.Since(at))
}

// ToldLost notes that the listener was told that something may be lost.
func (h *Hearing) ToldLost(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, what)
}

// Dropped notes how many repeats there were that nobody was told.
func (h *Hearing) Dropped(count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dropped = count
}

// Cursor returns that of the newest event, from which the listener would go on.
func (h *Hearing) Cursor() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.heard) == 0 {
		return h.start
	}
	return h.heard[len(h.heard)-1].Cursor
}

// has says whether the event at a position was heard, or didn't have to be: whoever comes
// late, as the server was away, may begin beyond it.
func (h *Hearing) has(position cart.Position) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	cursor := position.Cursor()
	for i := len(h.heard) - 1; i >= 0; i-- {
		if h.heard[i].Cursor == cursor {
			return true
		}
	}
	start, err := cart.ParseCursor(h.start) // while there is none, it is none
	return err == nil && start.Epoch == position.Epoch && !start.Before(position)
}

// Book is what was acknowledged and what was heard. It is safe for concurrent use.
type Book struct {
	mu         sync.Mutex
	kept       []Kept
	unanswered int // writes with another answer, or none
	hearings   []*Hearing
}

// Acknowledged notes that a writer was told that a version is kept.
func (b *Book) Acknowledged(r *shared.Cart) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Version > 0 {
		b.kept = append(b.kept, Kept{CartID: r.ID, Version: r.Version})
	}
}

// Kept counts what was acknowledged.
func (b *Book) Kept() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.kept)
}

// Unanswered notes that a writer doesn't know what became of its change.
func (b *Book) Unanswered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unanswered++
}

// Open begins the record of a listener.
func (b *Book) Open(name string, scope cart.Scope, coalesces bool) *Hearing {
	h := &Hearing{Name: name, Scope: scope, Coalesces: coalesces}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hearings = append(b.hearings, h)
	return h
}

package event_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/shared"
)

// book is a cart.Log that can do all that happens to the real ones: it holds the newest
// entries back, forgets the oldest, is put back to an older state, becomes a copy with
// another epoch, can't be read, and answers late.
type book struct {
	mu      sync.Mutex
	entries []cart.Entry // also those that are forgotten
	visible int          // so many of them can be read
	trimmed int          // so many are forgotten
	epoch   int
	fail    error
	late    chan struct{} // until it is closed, what was read is not yet told
	commits int           // how many there ever were
	past    [][]cart.Entry
}

var errAway = errors.New("the database is away")

// commit appends an entry of a cart; it can't be read yet.
func (b *book) commit(cartID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commits++
	at := time.UnixMicro(1_800_000_000_000_000 + int64(b.commits)).UTC()
	b.entries = append(b.entries, cart.Entry{
		Position: cart.Position{Seq: int64(len(b.entries)) + 1, Mark: cart.MarkOf(at)},
		CartID:   cartID, Shopper: shopperOf(cartID), Kind: shared.LineAdded, At: at,
		Activity: fmt.Appendf(nil, `{"cart_id":%q,"kind":%q}`, cartID, shared.LineAdded),
		State:    fmt.Appendf(nil, `{"id":%q,"attendants":[{"staff":"ann"}]}`, cartID),
	})
}

// shopperOf says whose a cart is: "a" and "b" are one shopper's.
func shopperOf(cartID string) string {
	if cartID == "c" {
		return "tom"
	}
	return "sue"
}

// reveal lets n more entries be read.
func (b *book) reveal(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.visible = min(len(b.entries), b.visible+n)
}

// trim forgets all but n of what can be read, and at least the newest stays.
func (b *book) trim(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trimmed = max(b.trimmed, b.visible-max(n, 1))
}

// putBack forgets the n newest, as a log does that is put back to an older state.
func (b *book) putBack(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.past = append(b.past, b.entries)
	keep := max(b.trimmed+1, len(b.entries)-n)
	if b.trimmed == 0 {
		keep = max(0, len(b.entries)-n)
	}
	b.entries = slices.Clone(b.entries[:keep])
	b.visible = min(b.visible, keep)
}

func (b *book) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// place returns the position of the n-th entry, or of the beginning.
func (b *book) place(n int) cart.Position {
	position := cart.Position{}
	if n > 0 {
		position = b.entries[n-1].Position
	}
	position.Epoch = fmt.Sprint("e", b.epoch)
	return position
}

func (b *book) extent() cart.Extent { return cart.Extent{Trimmed: b.place(b.trimmed)} }

// answer waits until answers are told.
func (b *book) answer(ctx context.Context) error {
	b.mu.Lock()
	late, fail := b.late, b.fail
	b.mu.Unlock()
	if fail != nil {
		return fail
	}
	if late == nil {
		return ctx.Err()
	}
	select {
	case <-late:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *book) Head(ctx context.Context) (cart.Position, error) {
	b.mu.Lock()
	head := b.place(b.visible)
	b.mu.Unlock()
	return head, b.answer(ctx)
}

func (b *book) Contains(ctx context.Context, position cart.Position) (bool, error) {
	b.mu.Lock()
	var at time.Time
	if n := position.Seq; n > int64(b.trimmed) && n <= int64(b.visible) {
		at = b.entries[n-1].At
	}
	contained := b.extent().Holds(position, at)
	b.mu.Unlock()
	return contained, b.answer(ctx)
}

func (b *book) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	b.mu.Lock()
	gone := b.extent().Reads(after)
	var entries []cart.Entry
	for _, e := range b.entries[:b.visible] {
		if after.Before(e.Position) && within(scope, e) && len(entries) < limit {
			e.Position.Epoch = fmt.Sprint("e", b.epoch)
			entries = append(entries, e)
		}
	}
	b.mu.Unlock()
	if err := b.answer(ctx); err != nil {
		return nil, err
	}
	return entries, gone
}

func (b *book) Behind(context.Context, cart.Position) (time.Time, error) {
	panic("nobody here asks for this")
}

func within(scope cart.Scope, e cart.Entry) bool {
	return (scope.CartID == "" || scope.CartID == e.CartID) && (scope.Shopper == "" || scope.Shopper == e.Shopper)
}

// world is a log, a tail that follows it, a hub, and its clients.
type world struct {
	*book
	hub     *event.Hub
	tail    *event.Tail
	clients []*client

	ctx   context.Context
	stop  context.CancelFunc
	tasks sync.WaitGroup
}

// fatal is what tests and properties have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

func newWorld(t fatal) *world {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	hub, err := event.NewHub([]string{shared.ChannelCartActivity, "news"}, nil, event.NoSource{}, silent)
	if err != nil {
		t.Fatalf("%v", err)
	}
	w := &world{book: new(book), hub: hub}
	w.tail = event.NewTail(w.book, &feed.Publisher{Hub: hub, Log: silent}, silent)
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.tasks.Go(func() { w.tail.Run(w.ctx) })
	<-w.tail.Started()
	return w
}

// close ends everything, and waits for it.
func (w *world) close() {
	w.stop()
	for _, c := range w.clients {
		c.disconnect()
	}
	w.tasks.Wait()
}

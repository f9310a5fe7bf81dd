package event

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"cartline/server/cart"
)

// The tail's times.
const (
	// pollInterval is the floor: how long a change can stay unnoticed if nobody
	// wakes the tail.
	pollInterval = time.Second
	// A wake is followed by further quick looks, with doubling pauses in between:
	// the change is committed, but the log may hold it back until an older
	// transaction has ended.
	firstLook = 2 * time.Millisecond
	lastLook  = 250 * time.Millisecond
	// batch is how many activities are read at once, and readTimeout how long that
	// may take.
	batch       = 500
	readTimeout = 2 * time.Second
	// fewest is how many are read at least, where more took too long over a slow link.
	fewest = 16
)

// Follower is told of the log by a Tail, on one goroutine.
type Follower interface {
	// Reset says that the log is followed from a position on: at the beginning, and
	// whenever what would come after the last entry can't be read any more.
	Reset(head cart.Position)
	// Publish takes each entry, once and in order.
	Publish(cart.Entry)
}

// Tail follows the log and hands each activity on, once and in order. There is
// one per process.
type Tail struct {
	log      cart.Log
	follower Follower
	logger   *slog.Logger
	wake     chan struct{}
	started  chan struct{}
	stream   Stream // or nil
	links    <-chan Link
	from     *cart.Position // where to begin, or nil: at the end
	// These are for Run's goroutine.
	failing  bool   // the last attempt to read has failed
	doubtful bool   // the log may not contain the position any more
	size     int    // how many activities are read next
	past     string // an epoch of which a stream may still bring something, and the log doesn't
}

// NewTail makes a tail, which does nothing until Run.
func NewTail(log cart.Log, follower Follower, logger *slog.Logger) *Tail {
	return &Tail{log: log, follower: follower, logger: logger, wake: make(chan struct{}, 1), started: make(chan struct{}), size: batch}
}

// Wake says that the log may have grown. It never blocks, and may be called
// without need.
func (t *Tail) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Started is closed once the tail has found its place: what is committed after
// that is handed on.
func (t *Tail) Started() <-chan struct{} { return t.started }

// Run follows the log from its present end, or from where Begin said, until the context
// ends. Errors of the database are logged, and it tries again.
func (t *Tail) Run(ctx context.Context) {
	position, ok := t.begin(ctx)
	if !ok {
		return
	}
	close(t.started)
	look := time.Duration(0) // the pause before the next quick look; 0: none is due
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	for {
		select {
		case link := <-t.links:
			position = t.takeLink(ctx, position, link)
			continue // the timer goes on: what comes says nothing of what doesn't
		case <-t.wake:
			look = firstLook
		case <-timer.C:
			if look *= 2; look > lastLook {
				look = 0
			}
		case <-ctx.Done():
			return
		}
		if t.kept(position) {
			look = 0
		} else {
			position = t.read(ctx, position)
		}
		timer.Reset(cmp.Or(look, pollInterval))
	}
}

func (t *Tail) begin(ctx context.Context) (position cart.Position, ok bool) {
	if t.from != nil {
		t.doubtful = true
		t.Wake()
		return *t.from, true
	}
	for {
		limited, cancel := context.WithTimeout(ctx, readTimeout)
		position, err := t.log.Head(limited)
		cancel()
		t.note(ctx, err)
		if err == nil {
			t.follower.Reset(position)
			return position, true
		}
		select {
		case <-time.After(pollInterval):
		case <-ctx.Done():
			return cart.Position{}, false
		}
	}
}

// read hands on what has come after a position, and returns the new one.
func (t *Tail) read(ctx context.Context, position cart.Position) cart.Position {
	for {
		asked := t.size
		entries, err := t.after(ctx, position)
		if errors.Is(err, cart.ErrGone) {
			return t.restart(ctx, position)
		}
		t.note(ctx, err)
		if err != nil {
			t.size = max(fewest, t.size/2)
			return position
		}
		for _, entry := range entries {
			t.follower.Publish(entry)
			position = entry.Position
		}
		if len(entries) < asked {
			t.size = batch
			return position
		}
	}
}

// after reads the next entries. When the last attempt has failed, or there is another
// reason to doubt, it first makes sure that they are still the next: much can have
// happened to the database meanwhile.
func (t *Tail) after(ctx context.Context, position cart.Position) ([]cart.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if t.failing || t.doubtful {
		switch contained, err := t.log.Contains(ctx, position); {
		case err != nil:
			return nil, err
		case !contained:
			return nil, cart.ErrGone
		}
		t.doubtful = false
	}
	return t.log.After(ctx, position, cart.Scope{}, t.size)
}

// restart goes on at the head of a log that doesn't contain a position any more.
func (t *Tail) restart(ctx context.Context, position cart.Position) cart.Position {
	limited, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	head, err := t.log.Head(limited)
	t.note(ctx, err)
	if err != nil {
		return position
	}
	t.logger.Warn("the log was replaced or cut short; listeners are told to load afresh", "was", position.Cursor(), "is", head.Cursor())
	t.doubtful = false
	t.follower.Reset(head)
	return head
}

// note logs when reading begins to fail, and when it works again, but not each
// failure in between.
func (t *Tail) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil: // we stop
	case err != nil && !t.failing:
		t.logger.Error("can't read the log; trying again", "error", err)
	case err == nil && t.failing:
		t.logger.Info("the log can be read again")
	}
	t.failing = err != nil
}

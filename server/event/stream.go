package event

import (
	"context"

	"cartline/server/cart"
)

// Stream brings a tail what comes in the log in another way than by reading it, so that
// of many processes one alone has to read.
type Stream interface {
	// Links is where that comes.
	Links() <-chan Link
	// Keeps says whether all that comes in the log after a position will come by the
	// links, and soon. While it will not, the tail reads the log by itself.
	Keeps(after cart.Position) bool
}

// Link is an entry, and the position right after which it stands in the log: nothing is
// between them. So a tail at that position can hand the entry on, and one at any other
// knows that it has to read.
type Link struct {
	After cart.Position
	Entry cart.Entry
	// Bare: the link has the entry's position and nothing else of it.
	Bare bool
	// Anew: the log may not go on where it was. The link has no entry but its position,
	// where whoever wrote the links found the log's end.
	Anew bool
}

// Take has the tail take what a stream brings, for as long as that keeps. It is to be
// called before Run.
func (t *Tail) Take(s Stream) { t.stream, t.links = s, s.Links() }

// Begin has the tail go on after a position rather than at the log's end. If the log
// doesn't go on there, its follower is told as it is later on. It is to be called before
// Run.
func (t *Tail) Begin(after cart.Position) { t.from = &after }

// kept tells whether there is no need to read.
func (t *Tail) kept(position cart.Position) bool { return t.stream != nil && t.stream.Keeps(position) }

// takeLink hands on the entry of a link if it is the next, and returns the new position.
// Else the log is read, unless it was read beyond the entry before.
func (t *Tail) takeLink(ctx context.Context, position cart.Position, link Link) cart.Position {
	to := link.Entry.Position
	switch {
	case link.Anew:
		t.doubtful = true
	case to.Epoch == position.Epoch && !position.Before(to), to.Epoch != position.Epoch && to.Epoch == t.past:
		return position
	case link.After == position && !link.Bare:
		t.follower.Publish(link.Entry)
		return to
	}
	position = t.read(ctx, position)
	if !t.failing && to.Epoch != position.Epoch {
		t.past = to.Epoch // what was still to come of it, nobody has to read for
	}
	return position
}

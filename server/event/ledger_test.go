package event_test

import (
	"fmt"
	"slices"

	"cartline/server/cart"
)

// audit says what is wrong with what a client has heard, when all is quiet. Calm says
// that nothing happened to the log for which anyone must load afresh.
func (c *client) audit(calm bool) error {
	b := c.world.book
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong != "" {
		return fmt.Errorf("%s", c.wrong)
	}
	if s := c.conn; s == nil || s.isCatching() {
		return fmt.Errorf("not live in the end")
	}
	segments := c.segments()
	for i, s := range segments {
		timelines := append(slices.Clone(b.past), b.entries)
		if i == len(segments)-1 {
			timelines = timelines[len(timelines)-1:]
		}
		if i > 0 && calm {
			return fmt.Errorf("loaded afresh without need after %d", len(segments[0].heard))
		}
		var err error
		for _, timeline := range timelines {
			if err = c.follows(s, timeline, i == len(segments)-1); err == nil {
				break
			}
		}
		if err != nil {
			return fmt.Errorf("part %d of %d, %+v: %w", i+1, len(segments), s, err)
		}
	}
	return nil
}

// segment is what was heard without a gap: after a position, or after so many commits,
// about which the client knows from elsewhere.
type segment struct {
	from    *cart.Position
	commits int
	heard   []heard
}

func (c *client) segments() (all []segment) {
	for _, h := range c.record {
		if h.fresh {
			all = append(all, segment{commits: h.commits})
			continue
		}
		if h.notice != "" {
			continue
		}
		if len(all) == 0 {
			all = append(all, segment{from: c.start()})
		}
		last := &all[len(all)-1]
		last.heard = append(last.heard, h)
	}
	if len(all) == 0 {
		all = append(all, segment{from: c.start()})
	}
	return all
}

func (c *client) start() *cart.Position {
	position, err := cart.ParseCursor(c.first)
	if err != nil {
		return nil
	}
	return &position
}

// follows says why what was heard isn't what comes next in a timeline: everything of
// the scope, once and in order, and if it is the last, up to its end.
func (c *client) follows(s segment, timeline []cart.Entry, last bool) error {
	var expected []cart.Entry
	for i, e := range timeline {
		if within(c.feed.Scope, e) && (s.from == nil || s.from.Before(e.Position)) {
			e.Position.Seq = int64(i) + 1
			expected = append(expected, e)
		}
	}
	for _, h := range s.heard {
		if h.position.Epoch != s.heard[0].position.Epoch {
			return fmt.Errorf("two epochs without a gap")
		}
	}
	if c.how.Coalesce {
		return c.followsCoalesced(s, expected, last)
	}
	if s.from == nil {
		expected = expected[firstKnown(s, expected):]
	}
	if last && len(s.heard) != len(expected) || len(s.heard) > len(expected) {
		return fmt.Errorf("heard %d of %d", len(s.heard), len(expected))
	}
	for i, h := range s.heard {
		if !same(h.position, expected[i].Position) || h.replaced.Count != 0 {
			return fmt.Errorf("heard %+v, where %+v comes next", h, expected[i].Position)
		}
	}
	return nil
}

// firstKnown returns where listening began in what there is. It may have been before
// the client loaded what is known, but not after.
func firstKnown(s segment, all []cart.Entry) int {
	first := slices.IndexFunc(all, func(e cart.Entry) bool { return commitOf(e) > s.commits })
	if first < 0 {
		first = len(all)
	}
	if len(s.heard) == 0 {
		return first
	}
	began := slices.IndexFunc(all, func(e cart.Entry) bool { return same(e.Position, s.heard[0].position) })
	if began >= 0 {
		return min(first, began)
	}
	return first
}

// commitOf returns which commit an entry is, which its time tells.
func commitOf(e cart.Entry) int { return int(e.At.UnixMicro() - 1_800_000_000_000_000) }

func same(a, b cart.Position) bool { return a.Seq == b.Seq && a.Mark == b.Mark }

func markOf(cursor string) uint32 {
	position, err := cart.ParseCursor(cursor)
	if err != nil {
		return 0
	}
	return position.Mark
}

// followsCoalesced is follows where the newest of each cart is enough.
func (c *client) followsCoalesced(s segment, expected []cart.Entry, last bool) error {
	byCart := make(map[string][]cart.Entry)
	for _, e := range expected {
		byCart[e.CartID] = append(byCart[e.CartID], e)
	}
	var before cart.Position
	for _, h := range s.heard {
		if !before.Before(h.position) {
			return fmt.Errorf("heard %+v after %+v", h.position, before)
		}
		before = h.position
		at := slices.IndexFunc(expected, func(e cart.Entry) bool { return same(e.Position, h.position) })
		if at < 0 {
			return fmt.Errorf("heard %+v, which isn't expected", h)
		}
		id := expected[at].CartID
		skipped := slices.IndexFunc(byCart[id], func(e cart.Entry) bool { return same(e.Position, h.position) })
		// What a connection that ended had left to replace, is told by nobody.
		if c.returned == 0 && s.from != nil {
			if skipped != h.replaced.Count {
				return fmt.Errorf("heard %+v, which stands for %d", h, skipped)
			}
			if skipped > 0 && markOf(h.replaced.From) != byCart[id][0].Position.Mark {
				return fmt.Errorf("heard %+v, which stands for what begins at %+v", h, byCart[id][0].Position)
			}
		}
		byCart[id] = byCart[id][skipped+1:]
	}
	for id, rest := range byCart {
		if last && len(rest) > 0 && commitOf(rest[len(rest)-1]) > s.commits {
			return fmt.Errorf("of cart %s, %d up to %+v were not heard", id, len(rest), rest[len(rest)-1].Position)
		}
	}
	return nil
}

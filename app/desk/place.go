package desk

import (
	"cmp"
	"math"
	"strings"
	"time"

	"cartline/shared"
)

// place is where a cart belongs among others, the least first. Sorting compares numbers:
// times take several times as long, and there may be thousands of carts each second.
type place struct {
	changed int64 // here, the newest first, where that is asked for
	help    int64 // since when, the longest waiting first; of those that don't ask, notHelp
	updated int64 // the newest first
}

const notHelp = math.MaxInt64

// placeOf orders carts at a time: those that ask for help first, the longest waiting on
// top; then by the newest change.
func placeOf(c *shared.CartSummary, now time.Time) place {
	p := place{help: notHelp, updated: -c.UpdatedAt.UnixMicro()}
	if shared.HelpWanted(c.HelpAt, now) {
		p.help = c.HelpAt.UnixMicro()
	}
	return p
}

// placed is a cart on its way to a slot.
type placed struct {
	place
	id string
}

func (a placed) compare(b placed) int {
	switch {
	case a.changed != b.changed:
		return cmp.Compare(a.changed, b.changed)
	case a.help != b.help:
		return cmp.Compare(a.help, b.help)
	case a.updated != b.updated:
		return cmp.Compare(a.updated, b.updated)
	}
	return strings.Compare(a.id, b.id)
}

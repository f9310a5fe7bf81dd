package transcript

import (
	"slices"
	"time"

	"cartline/app/part"
	"cartline/shared/lab"
)

// Entry is one row: a message, or something else that happened, which Note tells.
type Entry struct {
	lab.Entry
	// Note is for people, of what is no message. Trouble marks it as bad news.
	Note    string
	Trouble bool
	// Event is what a message of the events endpoint tells of itself, or nil.
	Event *Event
	// Imported says that it comes from a recording, and didn't happen here and now.
	Imported bool
	// Replayed says that a replay has sent it.
	Replayed bool

	id int
}

// Event is the part of an event that the log shows beside it.
type Event struct {
	Channel string
	Cursor  string
	// Delay is from the commit, or from the notification's arrival at the gateway, until
	// the message was here. Timed says that it is known.
	Delay time.Duration
	Timed bool
}

// Bounds of a Log.
const (
	MaxEntries = 10_000
	maxKept    = 16 << 20 // bytes of all messages
	MaxMessage = 1 << 20  // bytes that are kept of one message
)

// Log is what has happened, as far back as it is kept, and which of it is shown. Shown
// are the entries that pass the filter, but for what came since Pause. It is for one
// goroutine.
//
// Appending costs what it appends, whatever there is already: entries have consecutive
// ids, and those that pass a filter are listed by them.
type Log struct {
	entries *part.Roll[Entry]
	next    int // id of the newest entry
	version int // counts changes, so that what draws the log knows of them

	filter Filter
	hits   []int // ids of what passes the filter, ascending; unused without one
	first  int   // id of the first entry that was looked at, if any
	seen   int   // id of the last
	gone   int   // counts what was shown and isn't kept any more

	paused bool
	held   []Entry // what there was at the pause

	chosen int // id of the entry that the keyboard is at; 0 for none
	opened *opened
}

// NewLog makes an empty Log.
func NewLog() *Log {
	return &Log{
		entries: part.NewRoll(MaxEntries, maxKept, func(e Entry) int { return len(e.Data) + len(e.Note) }),
		first:   1,
	}
}

// Append adds what has happened. Of what came before, lost entries never got here.
func (l *Log) Append(entries []Entry, lost int) {
	l.entries.Lose(lost)
	for i := range entries {
		l.next++
		entries[i].id = l.next
	}
	l.entries.Append(entries...)
	l.version++
	if !l.paused {
		l.catchUp()
	}
}

// Entries returns what is kept, the oldest first.
func (l *Log) Entries() []Entry { return l.entries.Items() }

// Dropped tells how many entries were not kept.
func (l *Log) Dropped() int { return l.entries.Dropped() }

// Clear forgets everything. A pause goes on.
func (l *Log) Clear() {
	l.entries.Clear()
	l.held, l.hits = nil, nil
	l.first, l.seen = l.next+1, l.next
	l.chosen, l.opened = 0, nil
	l.version++
}

// Pause has what is shown stand still. What comes is kept, within the bounds, and so is
// what is shown, beside it.
func (l *Log) Pause() {
	if !l.paused {
		l.paused, l.held = true, l.entries.Items()
	}
}

// Resume shows what came since Pause.
func (l *Log) Resume() {
	l.paused, l.held = false, nil
	l.catchUp()
}

// Paused says whether what is shown stands still.
func (l *Log) Paused() bool { return l.paused }

// Waiting is how many entries have come since Pause, whether they are still kept or not.
func (l *Log) Waiting() int {
	if !l.paused {
		return 0
	}
	return l.next - l.seen
}

// Filter returns what is to be shown.
func (l *Log) Filter() Filter { return l.filter }

// SetFilter says what is to be shown.
func (l *Log) SetFilter(f Filter) {
	narrower := f.narrows(l.filter)
	l.filter = f
	source := l.source()
	if !f.any() {
		l.hits = nil
		return
	}
	match := f.matcher()
	if narrower {
		l.hits = slices.DeleteFunc(l.hits, func(id int) bool { return !match(source[id-l.first]) })
		return
	}
	l.hits = nil
	for _, e := range source {
		if match(e) {
			l.hits = append(l.hits, e.id)
		}
	}
}

// Shown is how many entries are shown, and Total of how many.
func (l *Log) Shown() int {
	if l.filter.any() {
		return len(l.hits)
	}
	return l.Total()
}

// Total is how many entries there would be to show without a filter.
func (l *Log) Total() int { return l.seen - l.first + 1 }

// At returns one of the entries that are shown, from 0.
func (l *Log) At(i int) Entry {
	if l.filter.any() {
		i = l.hits[i] - l.first
	}
	return l.source()[i]
}

// find returns where an entry is among those that are shown, or would be.
func (l *Log) find(id int) (i int, ok bool) {
	if l.filter.any() {
		return slices.BinarySearch(l.hits, id)
	}
	return min(max(0, id-l.first), l.Total()), id >= l.first && id <= l.seen
}

func (l *Log) source() []Entry {
	if l.paused {
		return l.held
	}
	return l.entries.Items()
}

// catchUp takes note of what has come, and of what isn't kept any more.
func (l *Log) catchUp() {
	items := l.entries.Items()
	first := l.next + 1
	if len(items) > 0 {
		first = items[0].id
	}
	if l.filter.any() {
		dropped, _ := slices.BinarySearch(l.hits, first)
		l.gone += dropped
		l.hits = l.hits[dropped:]
		match := l.filter.matcher()
		for _, e := range items[max(0, l.seen+1-first):] {
			if match(e) {
				l.hits = append(l.hits, e.id)
			}
		}
	} else {
		l.gone += min(first, l.seen+1) - l.first
	}
	l.first, l.seen = first, l.next
}

package ledger

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"cartline/server/cart"
)

// Findings are what is wrong: how much of it, and a few in words.
type Findings struct {
	Counts
	words []string
}

// Counts are how much is wrong.
type Counts struct {
	// Unkept: acknowledged, and not in the log.
	Unkept int
	// Unsequenced: in the log before an earlier version of its cart, or with one
	// missing between.
	Unsequenced int
	// Lost: in the log, and not heard by a listener who had to and who heard something
	// that comes later.
	Lost int
	// Behind: the same of what comes after all that a listener heard.
	Behind int
	// Repeated: heard more than once by one listener.
	Repeated int
	// Disordered: heard after something that comes later in the log.
	Disordered int
	// Invented: heard, and not in the log.
	Invented int
	// Misstated: an event says wrongly which others it stands for.
	Misstated int
	// Unrecovered: a listener was told that something may be lost, which the run
	// gave no reason for.
	Unrecovered int
}

// maxWords bounds how many findings of a kind are told in words.
const maxWords = 3

func (f *Findings) add(count *int, format string, args ...any) {
	if *count++; *count <= maxWords {
		f.words = append(f.words, fmt.Sprintf(format, args...))
	}
}

// None says whether everything is as it has to be.
func (f *Findings) None() bool { return f.Counts == Counts{} }

// String tells the first findings of each kind, one to a line.
func (f *Findings) String() string { return strings.Join(f.words, "\n") }

// Check compares a book with the log, which is given from its beginning and in its
// order. What has to hold: each acknowledged version is in the log; the log has each
// cart's versions in sequence; and each listener heard all that is in the log beyond
// where they began, once and in order, or where they asked for that, for each cart its
// newest event, marked with what it stands for. Nobody may be writing or hearing.
func Check(rows []Row, book *Book) *Findings {
	f := &Findings{}
	book.mu.Lock()
	defer book.mu.Unlock()
	checkSequence(f, rows)
	checkKept(f, rows, book.kept)
	places := make(map[string]int, len(rows))
	for i, row := range rows {
		places[row.Position.Cursor()] = i
	}
	for _, h := range book.hearings {
		checkHearing(f, rows, places, h)
	}
	return f
}

func checkSequence(f *Findings, rows []Row) {
	last := make(map[string]int64)
	for _, row := range rows {
		if row.Version != last[row.CartID]+1 {
			f.add(&f.Unsequenced, "in the log, version %d of cart %s comes after version %d", row.Version, row.CartID, last[row.CartID])
		}
		last[row.CartID] = row.Version
	}
}

func checkKept(f *Findings, rows []Row, kept []Kept) {
	have := make(map[Kept]bool, len(rows))
	for _, row := range rows {
		have[Kept{row.CartID, row.Version}] = true
	}
	for _, k := range kept {
		if !have[k] {
			f.add(&f.Unkept, "version %d of cart %s was acknowledged, and is not in the log", k.Version, k.CartID)
		}
	}
}

func checkHearing(f *Findings, rows []Row, places map[string]int, h *Hearing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, told := range h.told {
		f.add(&f.Unrecovered, "%s was told: %s", h.Name, told)
	}
	for range h.dropped {
		f.add(&f.Repeated, "%s was sent something twice, of which its client told it once", h.Name)
	}
	first, ok := firstAfter(rows, h.start)
	if !ok {
		f.add(&f.Misstated, "%s began at %q, which is no cursor of this log", h.Name, h.start)
		return
	}
	order := placesOf(f, rows, places, h)
	if h.Coalesces {
		checkCoalesced(f, rows, first, h, order)
		return
	}
	heard := make(map[int]bool, len(order))
	for _, place := range order {
		heard[place] = true
	}
	for place := first; place < len(rows); place++ {
		if rows[place].in(h.Scope) && !heard[place] {
			f.missed(rows, place, h, order)
		}
	}
}

// missed adds that a listener, who heard what is at these places, didn't hear a row.
func (f *Findings) missed(rows []Row, place int, h *Hearing, order []int) {
	count, what := &f.Lost, "didn't hear"
	if len(order) == 0 || place > slices.Max(order) {
		count, what = &f.Behind, "in the end hadn't heard"
	}
	f.add(count, "%s %s version %d of cart %s, at %s", h.Name, what, rows[place].Version, rows[place].CartID, rows[place].Position.Cursor())
}

// firstAfter returns the place of the first row after a cursor.
func firstAfter(rows []Row, cursor string) (place int, ok bool) {
	start, err := cart.ParseCursor(cursor)
	if err != nil || len(rows) > 0 && rows[0].Position.Epoch != start.Epoch {
		return 0, false
	}
	return sort.Search(len(rows), func(i int) bool { return start.Before(rows[i].Position) }), true
}

// placesOf returns where in the log a listener's events are, in the order in which they
// were heard; -1 is nowhere. It reports what was heard out of order, or twice, or isn't
// in the log.
func placesOf(f *Findings, rows []Row, places map[string]int, h *Hearing) []int {
	seen := make(map[string]bool, len(h.heard))
	last := -1
	order := make([]int, len(h.heard))
	for i, event := range h.heard {
		place, known := places[event.Cursor]
		order[i] = place
		switch {
		case !known || rows[place].CartID != event.CartID || rows[place].Version != event.Version || !rows[place].in(h.Scope):
			order[i] = -1
			f.add(&f.Invented, "%s heard version %d of cart %s at %s, where the log has something else", h.Name, event.Version, event.CartID, event.Cursor)
			continue
		case seen[event.Cursor]:
			f.add(&f.Repeated, "%s heard version %d of cart %s more than once", h.Name, event.Version, event.CartID)
		case place < last:
			f.add(&f.Disordered, "%s heard version %d of cart %s after %s, which comes later", h.Name, event.Version, event.CartID, rows[last].Position.Cursor())
		}
		seen[event.Cursor] = true
		last = max(last, place)
	}
	return order
}

// checkCoalesced looks at each cart apart: the events that were not heard between two
// that were have to be those that the later one says it stands for, and the newest
// has to be heard. The first event of a cart on a connection after the first may leave
// some out without saying so: those that an earlier connection took with it.
func checkCoalesced(f *Findings, rows []Row, first int, h *Hearing, order []int) {
	byCart := make(map[string][]int) // places
	for place := first; place < len(rows); place++ {
		if rows[place].in(h.Scope) {
			byCart[rows[place].CartID] = append(byCart[rows[place].CartID], place)
		}
	}
	next := make(map[string]int)       // index in byCart of what is due
	connection := make(map[string]int) // on which something of the cart was last heard
	for i, event := range h.heard {
		due := byCart[event.CartID]
		at, found := slices.BinarySearch(due, order[i])
		if order[i] < 0 || !found || at < next[event.CartID] {
			continue // reported as what it is
		}
		skipped := due[next[event.CartID]:at]
		checkReplaces(f, rows, h, event, skipped, event.Connection > max(1, connection[event.CartID]))
		next[event.CartID], connection[event.CartID] = at+1, event.Connection
	}
	for id, due := range byCart {
		if next[id] < len(due) {
			f.missed(rows, due[len(due)-1], h, order)
		}
	}
}

// checkReplaces compares what an event says it stands for with what was left out
// before it. An excused one may leave out more than it says.
func checkReplaces(f *Findings, rows []Row, h *Hearing, event Heard, skipped []int, excused bool) {
	switch r := event.Replaces; {
	case r == nil && len(skipped) > 0 && !excused:
		f.add(&f.Lost, "%s heard version %d of cart %s, which doesn't tell that it stands for the %d before", h.Name, event.Version, event.CartID, len(skipped))
	case r == nil:
	case r.Count < 1 || r.Count > len(skipped) || r.Count < len(skipped) && !excused,
		rows[skipped[len(skipped)-r.Count]].Position.Cursor() != r.From:
		f.add(&f.Misstated, "%s heard that version %d of cart %s stands for %d from %s, where %d were left out", h.Name, event.Version, event.CartID, r.Count, r.From, len(skipped))
	}
}

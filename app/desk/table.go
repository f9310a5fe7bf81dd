package desk

import (
	"slices"
	"time"

	"cartline/shared"
)

// lingering is how long a cart that was ordered, merged or has expired is still
// shown.
const lingering = 6 * time.Second

// flashing is how long a cart is marked after what is in it has changed.
const flashing = 1200 * time.Millisecond

// entry is one cart of the table.
type entry struct {
	cart shared.CartSummary
	// changed is when news of what is in the cart arrived here, by our clock; zero if
	// none has.
	changed time.Time
	// closed is when it was told that the cart isn't open any more.
	closed time.Time
	text   string // of searched, once somebody has searched
}

// searched returns what a search looks at, in lower case. Most carts change more often
// than anybody searches.
func (e *entry) searched() string {
	if e.text == "" {
		e.text = searched(e.cart)
	}
	return e.text
}

// fresh says whether what is in the cart has changed just now.
func (e *entry) fresh(now time.Time) bool { return now.Sub(e.changed) < flashing }

// table is the set of carts that the desk knows, and the order in which it shows
// them. It is fed by pages of the list and by events, in any order: of each cart
// the newest version counts. It is for one goroutine.
//
// The order is kept in slots, of which drawing takes those in view. Slots stand still
// while the table is held, whatever happens to the carts in them.
type table struct {
	now   func() time.Time
	carts map[string]*entry
	all   bool // also those of which nobody has seen a page
	held  bool

	slots []string // ids, in the order that is shown
	dirty map[string]bool

	filter filter
	// customerOf tells whose a cart is, in lower case, where the reader may know it.
	customerOf func(id string) string

	// While the list is being read: which carts were in it or in an event, and which
	// versions of carts are closed. What is in neither has gone unnoticed.
	reading bool
	met     map[string]bool
	gone    map[string]int64
}

func newTable(now func() time.Time) *table {
	return &table{
		now: now, carts: make(map[string]*entry), dirty: make(map[string]bool),
		customerOf: func(string) string { return "" },
	}
}

// begin starts to read the list anew. Events must be coming by then.
func (t *table) begin(all bool) {
	t.all, t.reading = all, true
	t.met, t.gone = make(map[string]bool), make(map[string]int64)
}

// distrust has whatever is told next count as newer: what is known may be of a log that
// is no more.
func (t *table) distrust() {
	for _, e := range t.carts {
		e.cart.Version = 0
	}
}

// page takes one page of the list.
func (t *table) page(carts []shared.CartSummary) {
	for _, c := range carts {
		if t.gone[c.ID] >= c.Version {
			continue // it was closed after it was read
		}
		t.met[c.ID] = true
		if t.listed(c) || t.carts[c.ID] != nil {
			t.put(c)
		}
	}
}

// finish ends the list: carts that were neither in it nor in an event have closed
// while nobody told us.
func (t *table) finish() {
	for id, e := range t.carts {
		if !t.met[id] || !t.listed(e.cart) {
			t.remove(id)
		}
	}
	t.reading, t.met, t.gone = false, nil, nil
}

// apply takes an event, and says whether it was news.
func (t *table) apply(a shared.Activity) bool {
	c := a.Cart
	if c.ID == "" {
		return false // not one of ours: anyone may notify
	}
	e := t.carts[c.ID]
	if e != nil && c.Version <= e.cart.Version || t.gone[c.ID] >= c.Version && t.reading {
		return false
	}
	if t.reading {
		t.met[c.ID] = true
	}
	if c.Status != shared.CartOpen {
		t.close(c)
		return true
	}
	if e == nil && !t.listed(c) {
		return false
	}
	e = t.put(c)
	if a.Kind.ChangesContent() {
		e.changed = t.now()
	}
	return true
}

// close shows for a moment what became of a cart.
func (t *table) close(c shared.CartSummary) {
	if t.reading {
		t.gone[c.ID] = c.Version
	}
	if t.carts[c.ID] == nil {
		return
	}
	if e := t.put(c); e.closed.IsZero() {
		e.closed = t.now()
	}
}

// put takes a cart if it is newer than what is there.
func (t *table) put(c shared.CartSummary) *entry {
	e := t.carts[c.ID]
	if e == nil {
		e = new(entry)
		t.carts[c.ID] = e
		t.dirty[c.ID] = true
	} else if c.Version <= e.cart.Version {
		return e
	}
	if now := t.now(); placeOf(&e.cart, now) != placeOf(&c, now) {
		t.dirty[c.ID] = true
	}
	e.cart, e.text = c, ""
	return e
}

func (t *table) remove(id string) {
	delete(t.carts, id)
	t.dirty[id] = true
}

// listed says whether the table is to show a cart: not one that may be a bot's,
// unless that is asked for.
func (t *table) listed(c shared.CartSummary) bool {
	return t.all || c.Seen || c.Phone || len(c.Attendants) > 0 || !c.HelpAt.IsZero()
}

// tick lets what is over go, and sorts unless the table is held. It says whether
// anything moved.
func (t *table) tick() bool {
	if t.held {
		return false
	}
	for id, e := range t.carts {
		if !e.closed.IsZero() && t.now().Sub(e.closed) >= lingering {
			t.remove(id)
		}
	}
	if len(t.dirty) == 0 {
		return false
	}
	t.sort()
	return true
}

// sort puts every cart that passes the filter into its slot, held or not.
func (t *table) sort() {
	now := t.now()
	order := make([]placed, 0, len(t.carts))
	for id, e := range t.carts {
		if !t.matches(e) {
			continue
		}
		p := placed{placeOf(&e.cart, now), id}
		if !t.filter.since.IsZero() {
			p.changed = -e.changed.UnixMicro()
		}
		order = append(order, p)
	}
	slices.SortFunc(order, placed.compare)
	t.slots = t.slots[:0]
	for _, p := range order {
		t.slots = append(t.slots, p.id)
	}
	clear(t.dirty)
}

func (t *table) matches(e *entry) bool {
	return t.filter.none() || t.filter.matches(e, t.customerOf(e.cart.ID))
}

// choose sets the filter and sorts: whoever searches wants to see.
func (t *table) choose(f filter) {
	t.filter = f
	t.sort()
}

// moved is how many carts may not be in their slots, as the table is held.
func (t *table) moved() int {
	n := 0
	for id := range t.dirty {
		if e := t.carts[id]; e != nil && t.matches(e) {
			n++
		}
	}
	return n
}

// shown returns the carts of some slots. A cart that has gone while the table was
// held is left out as nil.
func (t *table) shown(first, last int) []*entry {
	list := make([]*entry, 0, last-first)
	for _, id := range t.slots[first:last] {
		list = append(list, t.carts[id])
	}
	return list
}

// open counts the carts that are open.
func (t *table) open() int {
	n := 0
	for _, e := range t.carts {
		if e.closed.IsZero() {
			n++
		}
	}
	return n
}

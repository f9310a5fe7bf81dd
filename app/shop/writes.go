package shop

import (
	"errors"
	"strconv"
	"time"

	"cartline/shared"
)

// write is what the visitor wants of one line and the server doesn't have yet. There
// is one per line, and one request of it at a time: clicks that come meanwhile change
// what is wanted, and the next request asks for that.
type write struct {
	want int // 0 is to take the line out
	// base and version are the quantity and the line's version that the visitor
	// saw. If the line moves on without them, that is a conflict.
	base    int
	version int64
	name    string
	adding  bool // only ever "some more", which can be done whatever there is
	sending bool
	sent    int
	since   time.Time
	// conflict says that somebody else was faster: base is now theirs.
	conflict bool
	problem  string // why it was not done
}

// request is a write that is to be sent.
type request struct {
	sku      string
	quantity int // 0 is to take the line out
	version  int64
}

// slowTime is how long a write may take until the page says that it is at it.
const slowTime = 300 * time.Millisecond

// begin returns the write of a line, made anew if there is none that still counts.
func (m *model) begin(sku string) *write {
	if w := m.writes[sku]; w != nil && !w.conflict && w.problem == "" {
		return w
	}
	line, _ := m.cart.Line(sku)
	w := &write{want: line.Quantity, base: line.Quantity, version: line.Version, since: m.now()}
	m.writes[sku] = w
	return w
}

// add puts some more of a product into the cart. Once it is there, that is told by
// the product's name, if one is given.
func (m *model) add(sku, name string, n int) {
	fresh := m.writes[sku] == nil || m.writes[sku].conflict || m.writes[sku].problem != ""
	w := m.begin(sku)
	w.adding = fresh || w.adding
	w.name = name
	w.want = within(w.want + n)
}

// set makes the quantity of a line another one.
func (m *model) set(sku string, quantity int) {
	w := m.begin(sku)
	w.adding = false
	w.want = within(quantity)
}

// remove takes a line out, and keeps it to be put back.
func (m *model) remove(sku string) {
	if line, ok := m.cart.Line(sku); ok {
		line.Quantity = m.quantity(sku) // which may be on its way
		m.gone[sku] = goneLine{line: line}
	}
	m.set(sku, 0)
}

// restore puts a line back that was taken out.
func (m *model) restore(sku string) {
	gone, ok := m.gone[sku]
	if !ok {
		return
	}
	delete(m.gone, sku)
	m.add(sku, "", gone.line.Quantity)
}

// keep ends a conflict as the other one wants it.
func (m *model) keep(sku string) { delete(m.writes, sku) }

// insist ends a conflict as the visitor wants it.
func (m *model) insist(sku string) {
	if w := m.writes[sku]; w != nil {
		m.set(sku, w.want)
	}
}

func within(quantity int) int { return min(max(quantity, 0), shared.MaxQuantity) }

// next is the request to be sent for a line, if there is one.
func (m *model) next(sku string) (request, bool) {
	w := m.writes[sku]
	if w == nil || w.sending || w.conflict || w.problem != "" {
		return request{}, false
	}
	if w.want == w.base {
		delete(m.writes, sku)
		return request{}, false
	}
	w.sending, w.sent = true, w.want
	return request{sku: sku, quantity: w.want, version: w.version}, true
}

// wrote takes the answer to a request, and says whether the cart has to be looked at
// anew, as it isn't what it was thought to be.
func (m *model) wrote(r request, cart shared.Cart, err error) (look bool) {
	w := m.writes[r.sku]
	if w == nil {
		m.took(cart)
		return err != nil
	}
	w.sending = false
	var p *shared.Problem
	switch {
	case err == nil:
		line, _ := cart.Line(r.sku)
		w.base, w.version = line.Quantity, line.Version
		if w.want == w.sent {
			delete(m.writes, r.sku)
			m.noteAdded(w)
		}
		if !m.took(cart) {
			m.arrange() // An event was faster, which may have put back what was taken out.
		}
	case errors.As(err, &p) && p.Code == shared.CodeVersionConflict && p.Cart != nil:
		m.overtaken(r.sku, w, *p.Cart)
	case errors.As(err, &p) && p.Code == shared.CodeNotFound && r.quantity == 0:
		delete(m.writes, r.sku)
		return true
	default:
		w.problem = said(err)
		delete(m.gone, r.sku)
		return errors.As(err, &p) // else there is no one to ask
	}
	return false
}

// noteAdded tells that a product is in the cart.
func (m *model) noteAdded(w *write) {
	if w.adding && w.name != "" {
		m.note = note{text: w.name + " is in your cart.", until: m.now().Add(noteTime)}
	}
}

// overtaken settles a write that somebody else was faster than.
func (m *model) overtaken(sku string, w *write, cart shared.Cart) {
	line, _ := cart.Line(sku)
	added := w.want - w.base
	w.base, w.version = line.Quantity, line.Version
	switch {
	case w.adding:
		w.want = within(line.Quantity + added)
	case w.want == line.Quantity:
		delete(m.writes, sku)
	default:
		w.conflict = true
		delete(m.gone, sku)
	}
	m.took(cart)
	m.arrange()
}

// reviewWrites holds conflicts against a cart that has just come: what the other one
// wants may have changed once more.
func (m *model) reviewWrites() {
	for sku, w := range m.writes {
		if !w.conflict {
			continue
		}
		line, _ := m.cart.Line(sku)
		w.base, w.version = line.Quantity, line.Version
		if w.want == w.base {
			delete(m.writes, sku)
		}
	}
}

// slow says whether any write takes long enough to be told of, or soon will.
func (m *model) slow() bool {
	for _, w := range m.writes {
		if w.sending {
			return true
		}
	}
	return false
}

// saving says whether the write of a line takes long enough to be told of.
func (m *model) saving(sku string) bool {
	w := m.writes[sku]
	return w != nil && w.sending && m.now().Sub(w.since) >= slowTime
}

// conflictWords tells what a conflict is about.
func (w *write) conflictWords() (question, keep, insist string) {
	wanted, now := strconv.Itoa(w.want), strconv.Itoa(w.base)
	switch {
	case w.base == 0:
		return "You wanted " + wanted + ", but it was taken out meanwhile.", "Leave it out", "Make it " + wanted
	case w.want == 0:
		return "You took it out, but it was changed to " + now + " meanwhile.", "Keep " + now, "Take it out"
	default:
		return "You wanted " + wanted + ", but it was changed to " + now + " meanwhile.", "Keep " + now, "Make it " + wanted
	}
}

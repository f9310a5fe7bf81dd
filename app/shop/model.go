package shop

import (
	"errors"
	"slices"
	"strings"
	"time"

	"cartline/app/api"
	"cartline/app/feed"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// model is what the page shows of the visitor's own: their cart and who they are. It
// is for one goroutine.
type model struct {
	now func() time.Time

	ready   bool // the server has been asked what there is
	problem string
	cart    shared.Cart
	changes int             // counts the carts that were taken
	over    map[string]bool // carts that can't change any more
	who     *shared.Customer

	order  []string // the SKUs of the rows, in the order in which they are shown
	gone   map[string]goneLine
	writes map[string]*write
	touch  map[string]touch

	news     []news
	newsFor  string // the cart that the news are of
	undoing  int64  // the version whose change is being taken back
	undoSaid map[int64]string
	note     note

	line      feed.Line
	listening bool      // the server confirms that it tells us of the cart
	lost      time.Time // since when there is no connection

	code    codeState
	asking  orderState
	placed  *shared.Cart // just ordered
	orders  []shared.Cart
	account accountState
	help    helpState
}

// goneLine is a line that the visitor took out, and can put back.
type goneLine struct{ line shared.Line }

// touch tells which of the staff changed a line last, and until when that is news.
type touch struct {
	by    string
	until time.Time
}

// note tells of the visitor's own deed, for a moment.
type note struct {
	text  string
	until time.Time
}

// How long things that happen stay in sight.
const (
	touchTime = 4 * time.Second
	toastTime = 12 * time.Second
	noteTime  = 5 * time.Second
)

func newModel(now func() time.Time) *model {
	return &model{
		now:      now,
		over:     map[string]bool{},
		gone:     map[string]goneLine{},
		writes:   map[string]*write{},
		touch:    map[string]touch{},
		undoSaid: map[int64]string{},
	}
}

// looked takes the answer to the question which cart there is. since is what changes
// was when it was asked: "none" may have been overtaken by a cart that has come into
// being meanwhile.
func (m *model) looked(cart shared.Cart, err error, since int) {
	m.ready = true
	if err != nil {
		m.problem = said(err)
		return
	}
	m.problem = ""
	m.line.Read(m.now())
	if m.listening {
		m.line.Caught()
	}
	switch {
	case cart.ID != "":
		m.took(cart)
		m.credit(cart)
	case m.cart.ID != "" && since == m.changes:
		m.emptied()
	}
}

// took takes a cart that the server told of, and says whether that was news. Carts
// may arrive in another order than they were sent.
func (m *model) took(cart shared.Cart) bool {
	switch {
	case cart.ID == "" || m.over[cart.ID]:
		return false
	case cart.ID == m.cart.ID && cart.Version <= m.cart.Version:
		return false
	}
	m.changes++
	if cart.Status != shared.CartOpen {
		m.closed(cart)
		return true
	}
	if m.cart.ID != "" && cart.ID != m.cart.ID {
		m.emptied()
	}
	m.cart = cart
	m.arrange()
	m.reviewWrites()
	m.reviewOrder()
	return true
}

// closed takes a cart that can't change any more.
func (m *model) closed(cart shared.Cart) {
	m.over[cart.ID] = true
	if cart.ID != m.cart.ID {
		return
	}
	if cart.Status == shared.CartOrdered {
		m.placed = &cart
		m.orders = append([]shared.Cart{cart}, m.orders...)
	}
	m.emptied()
}

// emptied forgets the cart and all that hung on it.
func (m *model) emptied() {
	m.changes++
	m.cart, m.order = shared.Cart{}, nil
	clear(m.gone)
	clear(m.touch)
	m.asking, m.code, m.help = orderState{}, codeState{}, helpState{}
	for sku, w := range m.writes {
		if !w.sending && !w.adding {
			delete(m.writes, sku)
		}
	}
}

// arrange keeps the rows in their order: new ones come last, and one that the
// visitor took out keeps its place.
func (m *model) arrange() {
	m.order = slices.DeleteFunc(m.order, func(sku string) bool {
		_, there := m.cart.Line(sku)
		if there && m.quantity(sku) > 0 {
			delete(m.gone, sku)
		}
		_, gone := m.gone[sku]
		return !there && !gone
	})
	for _, line := range m.cart.Lines {
		if !slices.Contains(m.order, line.SKU) {
			m.order = append(m.order, line.SKU)
		}
	}
}

// tidy lets go of the lines that can be put back: the cart was closed and is looked
// at anew.
func (m *model) tidy() {
	clear(m.gone)
	m.arrange()
}

// items is how many things are in the cart, with what is on its way there.
func (m *model) items() int {
	n := m.cart.Items
	for sku, w := range m.writes {
		if !w.conflict && w.problem == "" {
			line, _ := m.cart.Line(sku)
			n += w.want - line.Quantity
		}
	}
	return max(0, n)
}

// quantity is how many of a product the visitor sees in the cart.
func (m *model) quantity(sku string) int {
	if w := m.writes[sku]; w != nil && !w.conflict && w.problem == "" {
		return w.want
	}
	line, _ := m.cart.Line(sku)
	return line.Quantity
}

// connectable says whether there is a session to connect with.
func (m *model) connectable() bool { return m.cart.ID != "" || m.who != nil }

// lateAfter is how long there may be no connection until that is worth a word.
const lateAfter = 3 * time.Second

// late says that changes by others may not show, and is empty if they do.
func (m *model) late() string {
	if m.cart.ID == "" || m.lost.IsZero() || m.now().Sub(m.lost) < lateAfter {
		return ""
	}
	return "Not connected at the moment: what others change in this cart may show late"
}

// moved takes a new state of the connection.
func (m *model) moved(s live.State) {
	m.line.Moved(s, m.now())
	m.listening = false
	switch {
	case s.Phase == live.Live:
		m.lost = time.Time{}
	case m.lost.IsZero():
		m.lost = m.now()
	}
}

// heard takes what came on the connection, and says whether the cart has to be looked
// for anew.
func (m *model) heard(a feed.Arrival) (look bool) {
	switch a.Message.Kind {
	case shared.KindListening:
		m.listening = true
		if look = m.fresh(a); !look {
			m.line.Caught()
		}
		return look
	case shared.KindUnlistening, shared.KindError:
		// Perhaps the session is over, of which the answers tell.
		m.listening = false
		return true
	case shared.KindGap:
		return m.fresh(a)
	case shared.ChannelMyCart:
		var e shared.CartEvent
		return a.Message.Into(&e) != nil || m.happened(e)
	}
	return false
}

// fresh says whether the cart has to be looked for, as what happened to it isn't all
// told.
func (m *model) fresh(a feed.Arrival) bool {
	channel, other := a.Fresh()
	if other {
		// Whatever is told next counts as newer, and what the news tell of may never
		// have been.
		m.cart.Version = 0
		m.news, m.newsFor = nil, ""
		clear(m.undoSaid)
		clear(m.touch)
	}
	return channel != ""
}

// links are those that staff suggest and the visitor hasn't answered yet.
func (m *model) links() []shared.Link {
	var pending []shared.Link
	for _, l := range m.cart.Links {
		if l.Pending() && ownPath(l.Path) {
			pending = append(pending, l)
		}
	}
	return pending
}

// knocks are those that wait for an answer.
func (m *model) knocks() []shared.Knock {
	var waiting []shared.Knock
	for _, k := range m.cart.Knocks {
		if !k.Declined && k.Until.After(m.now()) {
			waiting = append(waiting, k)
		}
	}
	return waiting
}

// ticking says whether something on the page changes by time alone.
func (m *model) ticking() bool {
	return m.code.open && m.code.code.Code != "" || len(m.knocks()) > 0 || len(m.toasts()) > 0 || m.noted() != "" || m.touched() || m.slow() ||
		m.cart.ID != "" && !m.lost.IsZero()
}

// noted is the note, while it is to be seen.
func (m *model) noted() string {
	if m.note.until.After(m.now()) {
		return m.note.text
	}
	return ""
}

func (m *model) touched() bool {
	for _, t := range m.touch {
		if t.until.After(m.now()) {
			return true
		}
	}
	return false
}

// said puts an error of a call into words.
func said(err error) string {
	var p *shared.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		text := p.Detail
		if p.RetryAfter > 0 {
			text += " Try again in " + part.Duration(time.Duration(p.RetryAfter)*time.Second) + "."
		}
		return text
	case errors.Is(err, api.ErrUnreachable):
		return "The shop can't be reached. Check your connection."
	default:
		return "The shop's answer can't be read."
	}
}

// clock writes the time of day, where the visitor is.
func clock(t time.Time) string { return t.Local().Format("15:04") }

// namesOf lists what is in a cart: "Blue mug, 2 × Oak board".
func namesOf(cart shared.Cart) string {
	var names []string
	for _, line := range cart.Lines {
		name := line.Name
		if line.Quantity > 1 {
			name = part.Number(line.Quantity) + " × " + name
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

package desk

import (
	"slices"
	"time"

	"cartline/app/feed"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

// model is what the desk shows. It is for one goroutine.
type model struct {
	signin.State

	now   func() time.Time
	desk  shared.Desk
	table *table
	tabs  *tabs

	line      feed.Line
	listening bool // the server confirms that it tells us of all carts
	load      bool // the list is to be read (again)
	loading   bool // it is being read
	loaded    bool // it has been read, and all that has changed since was heard
	listed    bool // it has been read at least once
	owed      bool // it could not be read
	resumed   bool // the carts that the reader attends have been opened

	query  query
	text   string // what the query was made of
	found  map[string]bool
	asking time.Time // since when the caller is asked to change something
	picked string    // id of the row that the keyboard is on
	over   bool      // the pointer is over the table

	knocks map[string]knock
	news   []item
	told   int // how many news there were
}

// item is something that the reader is to know, whatever they look at.
type item struct {
	id   int
	text string
	cart string // to be opened, or ""
	at   time.Time
}

// Limits of the news that are shown.
const (
	maxNews   = 3
	newsStays = 20 * time.Second
)

// knock is a question to a shopper whose answer is awaited.
type knock struct {
	until    time.Time
	declined bool
}

// knockShown is how long a row says that a knock wasn't answered.
const knockShown = 30 * time.Second

func newModel(now func() time.Time) *model {
	m := &model{State: signin.State{Role: shared.RoleEventListener}, now: now}
	m.forget()
	return m
}

// forget drops all that only who was signed in may see.
func (m *model) forget() {
	m.desk, m.table, m.tabs = shared.Desk{ConsentNeeded: true}, newTable(m.now), new(tabs)
	m.table.customerOf = m.tabs.customerOf
	m.line, m.listening, m.load, m.loading, m.loaded, m.listed, m.owed, m.resumed = feed.Line{}, false, false, false, false, false, false, false
	m.query, m.text, m.found, m.asking, m.picked = query{}, "", nil, time.Time{}, ""
	m.knocks, m.news = make(map[string]knock), nil
}

// begin makes the desk that of who is signed in.
func (m *model) begin() {
	m.forget()
	m.tabs.me = m.Who.Username
}

// moved takes a new state of the connection. What is shown stays: most often what
// is missed meanwhile is told once there is a connection again.
func (m *model) moved(s live.State) {
	m.line.Moved(s, m.now())
	if s.Phase == live.Live {
		for _, c := range m.tabs.cards {
			c.reached()
		}
		m.retry()
		return
	}
	m.listening = false
	for _, c := range m.tabs.cards {
		c.cutOff()
	}
}

// lost takes that the list, and the opened carts, may not be what is.
func (m *model) lost() {
	m.load, m.loaded = true, false
	m.line.Missed(m.now())
	for _, c := range m.tabs.cards {
		c.stale, c.gap = true, true
	}
}

// failed takes why the list can't be read. Once there may be an answer, retry asks
// for it again.
func (m *model) failed(why string) {
	m.loading, m.owed = false, true
	m.line.Failed(why)
}

func (m *model) retry() {
	if !m.line.Live() {
		return
	}
	m.load, m.owed = m.load || m.owed, false
	for _, c := range m.tabs.cards {
		c.retry()
	}
}

// read takes that the list has been read. whole is false if it is to be read again.
func (m *model) read(whole bool) {
	m.loading, m.loaded, m.listed = false, whole, m.listed || whole
	m.review()
}

// unknown says whether it isn't known yet which carts there are.
func (m *model) unknown() bool { return !m.listed && len(m.table.carts) == 0 }

// countWords says how many carts are listed.
func (m *model) countWords(n int) string {
	if m.unknown() {
		return "… carts"
	}
	return part.Count(n, "cart", "carts")
}

// review looks whether all there is is shown.
func (m *model) review() {
	if m.listening && m.loaded && !m.loading {
		m.line.Caught()
	}
}

// took takes what was heard, and says whether an opened cart may be another for it.
// lost says that some of it was dropped here, as there was too much.
func (m *model) took(heard []feed.Arrival, lost bool) (touched bool) {
	m.tabs.touched = lost
	if lost {
		m.lost()
	}
	for _, a := range heard {
		m.hear(a)
	}
	m.review()
	m.tabs.follow()
	if m.hold(); !m.asking.IsZero() {
		m.table.tick() // the caller is on the phone: don't wait for the clock
	}
	return m.tabs.touched
}

func (m *model) hear(heard feed.Arrival) {
	message := heard.Message
	if channel, other := heard.Fresh(); channel != "" {
		m.fresh(channel, other)
	}
	switch message.Kind {
	case shared.ChannelCartActivity:
		var a shared.Activity
		if message.Into(&a) == nil {
			m.happened(a, message.Meta != nil && message.Meta.Replaces != nil)
		}
	case shared.KindListening:
		m.heeded(heard.Channel())
	case shared.KindUnlistening:
		m.tabs.touched = true
		if c := m.cardOf(heard.Channel()); c != nil && c.attached && c.told {
			c.detach(accessOver)
		}
	case shared.KindError:
		// It may be a cart that we may no longer listen to: look which.
		for _, c := range m.tabs.cards {
			c.stale = c.stale || c.attached && !c.told
			c.cut = false
		}
	default:
		if c := m.cardOf(message.Kind); c != nil {
			var e shared.CartEvent
			if message.Into(&e) == nil {
				m.tabs.happened(e.Activity, &e.Cart)
			}
		}
	}
}

// fresh takes that a channel is heard from now on only. What happened before is read
// now, so that nothing falls between. other says that it may be of another log.
func (m *model) fresh(channel string, other bool) {
	c := m.cardOf(channel)
	switch {
	case channel == shared.ChannelCartActivity:
		m.lost()
		m.tabs.touched = true
		if other {
			m.table.distrust()
			m.tabs.distrust()
		}
	case c != nil:
		c.stale, c.gap = true, true
		if other {
			c.distrust()
		}
	}
}

// heeded takes which channel the server tells us of.
func (m *model) heeded(channel string) {
	m.tabs.touched = true
	if channel == shared.ChannelCartActivity {
		m.listening = true
	} else if c := m.cardOf(channel); c != nil {
		c.told, c.cut = true, false
	}
}

func (m *model) cardOf(channel string) *card {
	id, ok := shared.CartOfChannel(channel)
	if !ok {
		return nil
	}
	return m.tabs.card(id)
}

// happened takes one activity of any cart. coalesced says that it stands for others
// before it as well.
func (m *model) happened(a shared.Activity, coalesced bool) {
	m.table.apply(a)
	m.tabs.happened(a, nil)
	me := m.Who.Username
	if coalesced && m.waits(a.CartID) && slices.Contains(a.Cart.Attendants, me) {
		a.Kind, a.Staff = shared.Attached, me // it must be one of those
	}
	if about(a) != me || me == "" {
		return
	}
	_, knocked := m.knocks[a.CartID]
	switch a.Kind {
	case shared.Attached:
		delete(m.knocks, a.CartID)
		if knocked {
			m.tabs.open(a.CartID)
			m.announce("The customer of "+a.Cart.Name+" said yes: you are attached.", "")
		}
	case shared.KnockDeclined:
		if knocked {
			m.knocks[a.CartID] = knock{until: m.now(), declined: true}
			m.announce("The customer of "+a.Cart.Name+" said no.", "")
		}
	case shared.Released:
		// The cart on top says it itself.
		if a.Reason == shared.ReleasedByShopper && m.tabs.active != a.CartID {
			m.announce("The customer of "+a.Cart.Name+" ended your access.", a.CartID)
		}
	case shared.HandoverOffered:
		if a.Actor.Name != me {
			m.announce(actor(a.Actor, me)+" hands "+a.Cart.Name+" over to you.", a.CartID)
		}
	}
}

// announce tells the reader something important.
func (m *model) announce(text, cart string) {
	m.told++
	m.news = append(m.news, item{id: m.told, text: text, cart: cart, at: m.now()})
	if len(m.news) > maxNews {
		m.news = slices.Delete(m.news, 0, len(m.news)-maxNews)
	}
}

func (m *model) dismiss(id int) {
	m.news = slices.DeleteFunc(m.news, func(i item) bool { return i.id == id })
}

// opened dismisses what was told of a cart that is opened now.
func (m *model) opened(cart string) {
	m.news = slices.DeleteFunc(m.news, func(i item) bool { return i.cart == cart })
}

// ticked does what the time asks for.
func (m *model) ticked() {
	now := m.now()
	m.news = slices.DeleteFunc(m.news, func(i item) bool { return now.Sub(i.at) > newsStays })
	for id, k := range m.knocks {
		if now.Sub(k.until) > knockShown {
			delete(m.knocks, id)
		}
	}
	m.hold()
	m.table.tick()
}

// hold keeps the rows where they are while someone points at them; but what they wait
// for may come.
func (m *model) hold() {
	waits := !m.asking.IsZero() && len(m.table.slots) == 0
	m.table.held = (m.over || m.picked != "") && !waits
}

// knockWords says how a knock stands.
func (m *model) knockWords(id string) string {
	k, ok := m.knocks[id]
	switch left := k.until.Sub(m.now()); {
	case !ok:
		return ""
	case k.declined:
		return "said no"
	case left > 0:
		return "knocked · waiting " + running(left)
	default:
		return "no answer"
	}
}

// waits says whether a knock is unanswered.
func (m *model) waits(id string) bool {
	k, ok := m.knocks[id]
	return ok && !k.declined && m.now().Before(k.until)
}

// knocked takes the cart of which a knock was sent.
func (m *model) knocked(c shared.Cart) {
	for _, k := range c.Knocks {
		if k.Staff == m.Who.Username && !k.Declined {
			m.knocks[c.ID] = knock{until: k.Until}
		}
	}
}

// typed takes what is in the search box.
func (m *model) typed(text string) {
	m.text, m.query, m.found = text, ask(text), nil
	m.narrow()
}

// narrow shows what the search and the question to the caller leave.
func (m *model) narrow() {
	m.picked = ""
	m.hold()
	m.table.choose(filter{words: m.query.words, since: m.asking, only: m.found})
}

// looked takes the carts of a customer who was looked up, and says what there is.
func (m *model) looked(carts []shared.CartSummary) {
	m.found = make(map[string]bool)
	for _, c := range carts {
		m.found[c.ID] = true
		m.table.put(c)
	}
	m.narrow()
}

// step moves the keyboard's row by some slots.
func (m *model) step(by int) {
	slots := m.table.slots
	if len(slots) == 0 {
		m.picked = ""
		return
	}
	at := slices.Index(slots, m.picked)
	if at < 0 {
		at = -1
		if by < 0 {
			at = len(slots)
		}
	}
	m.picked = slots[min(max(0, at+by), len(slots)-1)]
	m.hold()
}

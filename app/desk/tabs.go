package desk

import (
	"slices"
	"strings"

	"cartline/shared"
)

// tabs are the opened carts, in the order in which they were opened, and which of
// them is on top. It is for one goroutine.
type tabs struct {
	me     string
	cards  []*card
	active string // id, or "" if none is open
	// touched is set when an event was of an opened cart.
	touched bool
}

// top is the card on top, or nil.
func (t *tabs) top() *card { return t.card(t.active) }

func (t *tabs) card(id string) *card {
	for _, c := range t.cards {
		if c.id == id {
			return c
		}
	}
	return nil
}

// customerOf is the name and the e-mail address of the customer of an opened cart, in
// lower case, as long as the reader attends it; or "".
func (t *tabs) customerOf(id string) string {
	c := t.card(id)
	if c == nil || c.cart.Customer == nil {
		return ""
	}
	return strings.ToLower(c.cart.Customer.Name + "\n" + c.cart.Customer.Email)
}

// looksAt says whether a cart is to be read as soon as it may have changed: one that
// lies under others, and is watched only, can wait until somebody looks at it.
func (t *tabs) looksAt(c *card) bool { return !c.known || c.attached || c.id == t.active }

// open puts the card of a cart on top, and makes one if there is none.
func (t *tabs) open(id string) *card {
	c := t.card(id)
	if c == nil {
		c = newCard(id, t.me)
		t.cards = append(t.cards, c)
	}
	t.leave()
	t.active, c.unread = id, false
	return c
}

// resume makes cards, under the others, of carts that the reader attends already: the
// page was loaded anew, and whom it doesn't show it would let go of.
func (t *tabs) resume(table *table) {
	for _, id := range table.slots {
		if slices.Contains(table.carts[id].cart.Attendants, t.me) && t.card(id) == nil {
			t.cards = append(t.cards, newCard(id, t.me))
		}
	}
}

// distrust is that of each card.
func (t *tabs) distrust() {
	for _, c := range t.cards {
		c.distrust()
	}
}

// leave puts no card on top.
func (t *tabs) leave() {
	if top := t.top(); top != nil {
		top.seen = top.cart.Version
	}
	t.active = ""
}

// close takes a card away; its neighbour comes on top.
func (t *tabs) close(id string) {
	at := slices.IndexFunc(t.cards, func(c *card) bool { return c.id == id })
	if at < 0 {
		return
	}
	t.cards = slices.Delete(t.cards, at, at+1)
	if t.active != id {
		return
	}
	t.active = ""
	if len(t.cards) > 0 {
		t.active = t.cards[min(at, len(t.cards)-1)].id
	}
}

// happened takes an event to the card that it is of. It returns the cards whose cart
// has become another one.
func (t *tabs) happened(a shared.Activity, after *shared.Cart) {
	c := t.card(a.CartID)
	if c == nil {
		return
	}
	t.touched = true
	c.happened(a, after)
	// What has been read meanwhile may have told of it already.
	if c.id != t.active && a.CartVersion > c.seen && (a.Actor.Kind != shared.ActorStaff || a.Actor.Name != t.me) {
		c.unread = true
	}
}

// follow turns cards whose carts were merged into cards of the carts that took the
// lines, and says what it did.
func (t *tabs) follow() (moved bool) {
	for _, c := range slices.Clone(t.cards) {
		if c.follow == "" {
			continue
		}
		moved = true
		active := t.active == c.id
		if t.card(c.follow) != nil {
			other := c.follow
			t.close(c.id)
			if active {
				t.open(other)
			}
			continue
		}
		next := newCard(c.follow, t.me)
		next.news, next.unread = mergedWords(t.lastMerge(c)), c.unread
		*c = *next
		if active {
			t.active = c.id
		}
	}
	return moved
}

// lastMerge is the activity by which a cart was merged away.
func (t *tabs) lastMerge(c *card) shared.Activity {
	for _, a := range c.activities {
		if a.Kind == shared.MergedAway {
			return a
		}
	}
	return shared.Activity{}
}

package desk

import (
	"errors"
	"slices"
	"time"

	"cartline/app/api"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
)

// The places of an opened cart at which something is said about a deed there.
const (
	atTop      = "top"
	atLines    = "lines"
	atDiscount = "discount"
	atLink     = "link"
	atNote     = "note"
	atTimeline = "timeline"
	atHandover = "handover"
	atProducts = "products"
)

// card is one opened cart. It is fetched once and then kept by events; what it needs
// of the server it says in stale and gap, and whoever holds it sees to that. It is
// for one goroutine.
type card struct {
	id string
	me string // username of the reader

	cart     shared.Cart
	known    bool // cart has been read
	attached bool
	missing  string // why it can't be read

	// told says that the server confirms that it tells us of every change of the cart;
	// otherwise we know only that something changed.
	told  bool
	cut   bool // it told us until the connection was lost
	stale bool // the cart is to be read (again)
	gap   bool // the timeline is to be read (again)
	owed  bool // one of the two could not be read
	// follow is the cart that this one was merged into.
	follow string

	activities []shared.Activity // newest first
	older      int64             // where what is older begins; 0 if there is nothing

	ended     string // how the access ended
	news      string // what has become of the cart
	seen      int64  // version up to which it was seen on top
	unread    bool   // something happened after that
	leaving   bool   // asked to close it while attached
	wants     map[string]*want
	conflicts map[string]conflict
	busy      map[string]bool   // places at which a deed is under way
	said      map[string]string // what came of the last deed at each place

	found    []shared.Product // by the search to add
	searched string           // what for
}

// want is a quantity that a line is to have and doesn't have yet. Clicks in quick
// succession become one.
type want struct {
	quantity int
	base     int64 // the line's version that was seen
	sending  bool
}

// conflict is a quantity that was wanted of a line which had changed meanwhile, and
// what it has now, 0 if it is gone.
type conflict struct {
	wanted, theirs int
	name           string
	by             shared.Actor
}

func newCard(id, me string) *card {
	return &card{
		id: id, me: me, stale: true, gap: true,
		wants: make(map[string]*want), conflicts: make(map[string]conflict),
		busy: make(map[string]bool), said: make(map[string]string),
	}
}

// viewed takes the cart as the server shows it to us.
func (c *card) viewed(v shared.CartView) {
	if v.Cart.ID != c.id {
		return
	}
	if !c.known || v.Cart.Version >= c.cart.Version {
		c.cart = v.Cart
	} else {
		c.cart.Customer = v.Cart.Customer
	}
	c.known, c.missing = true, ""
	if c.attached && !v.Attached {
		c.detach(accessOver)
		c.stale = false
	}
	if !c.attached && v.Attached {
		c.attached, c.ended = true, ""
		c.gap = true // it has notes now
	}
	if !c.attached {
		c.cart.Customer = nil
	}
	// The news and who it is of come in either order.
	if now := c.cart.Customer; c.newsLacksName() && now != nil {
		c.news = "Now signed in as " + now.Name + c.news
	}
	if c.cart.Status == shared.CartMerged && c.cart.MergedInto != "" {
		c.follow = c.cart.MergedInto
	}
}

// accessOver is said where it isn't known why an access ended.
const accessOver = "Your access to this cart has ended."

// newsLacksName says whether it isn't told yet who has signed in.
func (c *card) newsLacksName() bool { return c.news != "" && (c.news[0] == '.' || c.news[0] == ';') }

// failed takes why the cart can't be read.
func (c *card) failed(err error) {
	var p *shared.Problem
	if errors.As(err, &p) && p.Code == shared.CodeNotFound && c.known {
		c.detach("")
		c.stale, c.cart.Status = false, shared.CartExpired
		return
	}
	c.owed = p == nil
	if !c.known {
		c.missing = signin.Said(err)
	}
}

// retry asks again for what could not be read.
func (c *card) retry() {
	if c.owed {
		c.owed, c.stale, c.gap, c.missing = false, true, true, ""
	}
}

// distrust has whatever is told next count as newer: what is known may be of a log that
// is no more.
func (c *card) distrust() {
	c.cart.Version, c.seen = 0, 0
	c.activities, c.older = nil, 0
}

// cutOff takes that the connection is lost.
func (c *card) cutOff() { c.told, c.cut = false, c.told || c.cut }

// What is said of a deed while the server can't be reached, and once it can.
const (
	outOfReach   = "The server can't be reached, so this may not be done. Look before you try again."
	reachedAgain = "The server couldn't be reached, so this may not be done. Look before you try again."
)

// reached takes that the server can be reached again: what can't be so any more isn't
// said any more.
func (c *card) reached() {
	for place, said := range c.said {
		switch said {
		case outOfReach:
			c.said[place] = reachedAgain
		case signin.Said(api.ErrUnreachable):
			delete(c.said, place)
		}
	}
}

// adopt takes the cart that answers a deed.
func (c *card) adopt(cart shared.Cart) {
	if cart.ID != c.id || cart.Version < c.cart.Version {
		return
	}
	if cart.Customer == nil && c.attached {
		cart.Customer = c.cart.Customer
	}
	c.cart = cart
	if !c.attached {
		c.cart.Customer = nil
	}
}

// happened takes an event of this cart. after is the cart after it, which comes only to
// those who attend it.
func (c *card) happened(a shared.Activity, after *shared.Cart) {
	if a.CartID != c.id {
		return
	}
	fresh := c.record(a, after != nil)
	if after != nil && c.attached {
		c.adopt(*after)
	} else if a.CartVersion > c.cart.Version && !c.told && !c.cut && !c.followed(a) {
		c.stale = true
	}
	if fresh {
		c.learn(a)
	}
}

// followed makes the cart what it is after an activity that says all there is to know
// of its change, if it does.
func (c *card) followed(a shared.Activity) bool {
	if !c.known || a.CartVersion != c.cart.Version+1 {
		return false
	}
	switch a.Kind {
	case shared.PageViewed, shared.HelpAsked, shared.HelpEnded, shared.CodeShown, shared.CodeHidden:
		now := a.Cart
		c.cart.Version, c.cart.Seen, c.cart.Page, c.cart.PageAt, c.cart.HelpAt = now.Version, now.Seen, now.Page, now.PageAt, now.HelpAt
		return true
	}
	return false
}

// learn does what the kind of an event asks for.
func (c *card) learn(a shared.Activity) {
	switch a.Kind {
	case shared.Attached:
		if about(a) == c.me && !c.attached {
			c.stale = true
		}
		if c.handedTo(about(a)) {
			c.detach(about(a) + " took this cart over from you at " + clock(a.At) + ".")
		}
	case shared.Released:
		if about(a) == c.me && c.attached {
			c.detach(endWords(a))
		}
	case shared.SignedIn:
		c.stale, c.news = true, "."
	case shared.CartsMerged:
		c.stale = true
		c.news = mergedWords(a)
	case shared.MergedAway:
		c.follow = a.Other
	case shared.Ordered:
		c.stale = true
	case shared.Expired:
		c.cart.Status = shared.CartExpired
	}
}

// handedTo says whether the last handover that was offered was by the reader, and to
// that colleague.
func (c *card) handedTo(colleague string) bool {
	for _, a := range c.activities {
		switch a.Kind {
		case shared.HandoverEnded:
			return false
		case shared.HandoverOffered:
			return a.Actor.Name == c.me && a.Staff == colleague && colleague != ""
		}
	}
	return false
}

// mergedWords says what a merge brought. Who the customer is comes in front of it
// once that is known.
func mergedWords(a shared.Activity) string {
	if a.MergedLines == 0 {
		return "."
	}
	return "; " + part.Count(a.MergedLines, "line", "lines") + " merged."
}

// detach drops at once what only those may know who attend the cart.
func (c *card) detach(why string) {
	c.attached, c.told, c.cut, c.stale = false, false, false, true
	c.cart.Customer, c.cart.Links, c.cart.Handover = nil, nil, nil
	c.cart.Attendants = slices.DeleteFunc(slices.Clone(c.cart.Attendants), func(a shared.Attendant) bool { return a.Staff == c.me })
	for i := range c.activities {
		c.activities[i].Note = ""
	}
	clear(c.wants)
	clear(c.conflicts)
	clear(c.said)
	c.found, c.searched, c.news, c.leaving = nil, "", "", false
	c.ended = why
}

// endWords says how an access ended.
func endWords(a shared.Activity) string {
	switch a.Reason {
	case shared.ReleasedByShopper:
		return "The customer ended your access at " + clock(a.At) + "."
	case shared.ReleasedDisconnected:
		return "Your connection was lost for too long, so you were released at " + clock(a.At) + "."
	case shared.ReleasedIdle:
		return "You did nothing here for a while, so you were released at " + clock(a.At) + "."
	case shared.ReleasedHandedOver:
		return "You handed this cart over at " + clock(a.At) + "."
	default:
		return "You released this cart at " + clock(a.At) + "."
	}
}

// record puts an event into the timeline, and says whether it was new. whole is
// whether it has all that attendants may know, which replaces one that has not.
func (c *card) record(a shared.Activity, whole bool) bool {
	at, found := slices.BinarySearchFunc(c.activities, a.CartVersion, func(b shared.Activity, version int64) int {
		return int(version - b.CartVersion)
	})
	if found {
		if whole {
			c.activities[at] = a
		}
		return false
	}
	if at == 0 && len(c.activities) > 0 && a.CartVersion > c.activities[0].CartVersion+1 {
		c.gap = true
	}
	c.activities = slices.Insert(c.activities, at, a)
	return true
}

// listed takes a page of the timeline. more says that it goes on where the last one
// ended.
func (c *card) listed(t shared.Timeline, more bool) {
	if !more && len(c.activities) > 0 && len(t.Activities) > 0 &&
		c.activities[0].CartVersion < t.Activities[len(t.Activities)-1].CartVersion-1 {
		// Too much has happened for the two to join.
		c.activities = nil
	}
	// What is asked for meanwhile still is; that the page doesn't follow what there was
	// is no gap.
	empty, gap := len(c.activities) == 0, c.gap
	for _, a := range t.Activities {
		c.record(a, c.attached)
	}
	c.gap = gap
	if more || empty || c.older == 0 && t.Next == 0 {
		c.older = t.Next
	}
}

// canEdit says whether lines can be changed now by someone with the roles.
func (c *card) canEdit() bool { return c.attached && c.cart.Status == shared.CartOpen }

// quantity is what a line has, or is to have.
func (c *card) quantity(l shared.Line) int {
	if w := c.wants[l.SKU]; w != nil {
		return w.quantity
	}
	return l.Quantity
}

// wish notes the quantity that a line is to have, and says whether to send it now.
func (c *card) wish(sku string, quantity int) (send bool) {
	delete(c.conflicts, sku)
	if w := c.wants[sku]; w != nil {
		w.quantity = quantity
		return !w.sending
	}
	l, _ := c.cart.Line(sku)
	c.wants[sku] = &want{quantity: quantity, base: l.Version}
	return true
}

// sending returns the change to send for a line.
func (c *card) sending(sku string) shared.SetLine {
	w := c.wants[sku]
	w.sending = true
	return shared.SetLine{Quantity: w.quantity, Version: w.base}
}

// sent takes what came of a change of a line, and says whether to send another, as
// something else is wanted by now.
func (c *card) sent(sku string, line shared.SetLine, cart shared.Cart, err error) (again bool) {
	w := c.wants[sku]
	if w == nil {
		return false // the access has ended meanwhile
	}
	w.sending = false
	if err == nil {
		c.adopt(cart)
		delete(c.said, atLines)
		if l, ok := cart.Line(sku); ok && w.quantity != line.Quantity {
			w.base = l.Version
			return true
		}
		delete(c.wants, sku)
		return false
	}
	delete(c.wants, sku)
	c.refused(atLines, sku, w.quantity, err)
	return false
}

// refused takes an error of a deed. A conflict about a line is kept with both values
// for the reader to choose.
func (c *card) refused(place, sku string, wanted int, err error) {
	var p *shared.Problem
	if !errors.As(err, &p) || p.Code != shared.CodeVersionConflict || p.Cart == nil || sku == "" {
		c.said[place] = signin.Said(err)
		if errors.Is(err, api.ErrUnreachable) {
			// It may have arrived none the less, of which the events will tell.
			c.said[place] = outOfReach
		}
		if errors.As(err, &p) && (p.Code == shared.CodeNotAttached || p.Code == shared.CodeCartClosed) {
			c.stale = true
		}
		return
	}
	name := c.nameOf(sku)
	c.adopt(*p.Cart)
	now, _ := p.Cart.Line(sku)
	x := conflict{wanted: wanted, theirs: now.Quantity, name: now.Name, by: shared.Actor{Kind: shared.ActorShopper}}
	if x.name == "" {
		x.name = name
	}
	if last := p.Cart.Last; last != nil && last.Line != nil && last.Line.SKU == sku {
		x.by = last.Actor
	}
	c.conflicts[sku] = x
}

// done takes what came of a deed at a place.
func (c *card) done(place string, cart shared.Cart, err error) {
	delete(c.busy, place)
	if err != nil {
		c.refused(place, "", 0, err)
		return
	}
	delete(c.said, place)
	c.adopt(cart)
}

// nameOf gives the name of a product by its SKU, as far as the cart or its timeline
// tells it.
func (c *card) nameOf(sku string) string {
	if l, ok := c.cart.Line(sku); ok {
		return l.Name
	}
	for _, a := range c.activities {
		if a.Line != nil && a.Line.SKU == sku {
			return a.Line.Name
		}
	}
	return sku
}

// orderNumber is the number under which the cart was ordered, as far as that is
// known.
func (c *card) orderNumber() string {
	if c.cart.Order != nil {
		return c.cart.Order.Number
	}
	for _, a := range c.activities {
		if a.Order != "" {
			return a.Order
		}
	}
	return ""
}

// touches says what part of the cart an activity changed: a line, a discount, or
// nothing that can be undone.
func touches(a shared.Activity) string {
	switch {
	case a.Line != nil && (a.Kind == shared.LineAdded || a.Kind == shared.LineChanged || a.Kind == shared.LineRemoved):
		return "line " + a.Line.SKU
	case a.Discount != nil && (a.Kind == shared.DiscountSet || a.Kind == shared.DiscountRemoved):
		return "discount " + a.Discount.SKU
	}
	return ""
}

// remedies tells of each activity of the timeline how it can be taken back: only the
// last change of each part can.
func (c *card) remedies() []remedy {
	list := make([]remedy, len(c.activities))
	if !c.canEdit() {
		return list
	}
	seen := make(map[string]bool)
	for i, a := range c.activities {
		what := touches(a)
		if a.Kind == shared.CartsMerged {
			break // what lies before it was another cart's, in part
		}
		if what == "" || seen[what] {
			continue
		}
		seen[what] = true
		list[i] = undo
		if a.Kind == shared.LineRemoved {
			list[i] = restore
		}
	}
	return list
}

// remedy is how a change can be taken back.
type remedy int

const (
	none remedy = iota
	undo
	restore
)

// attendedSince is since when the reader attends the cart, and under which consent.
func (c *card) attendedSince() (time.Time, shared.Consent) {
	a, _ := c.cart.Attendant(c.me)
	return a.Since, a.Consent
}

// attachable says whether the reader may attach without asking the customer: the shop
// needs no consent, help was asked for, a colleague hands the cart over, or they keep
// it for a caller.
func (c *card) attachable(d shared.Desk, now time.Time) bool {
	if !c.known || c.attached || c.cart.Status != shared.CartOpen {
		return false
	}
	_, attends := c.cart.Attendant(c.me)
	return attends || !d.ConsentNeeded || shared.HelpWanted(c.cart.HelpAt, now) || c.cart.Phone ||
		c.cart.Handover != nil && c.cart.Handover.To == c.me
}

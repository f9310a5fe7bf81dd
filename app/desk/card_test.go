package desk

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/shared"
)

var (
	shopper = shared.Actor{Kind: shared.ActorShopper}
	adaActs = shared.Actor{Kind: shared.ActorStaff, Name: "ada"}
	ann     = &shared.Customer{ID: "c1", Name: "Ann", Email: "ann@example.com"}
)

// mugs is a cart with so many mugs in it, of a version.
func mugs(version int64, quantity int) shared.Cart {
	c := shared.Cart{ID: "a", Name: "amber-fox-42", Version: version, Status: shared.CartOpen, Items: quantity}
	if quantity > 0 {
		c.Lines = []shared.Line{{SKU: "M", Name: "Mug", Quantity: quantity, Version: version}}
	}
	return c
}

func mugEvent(version int64, kind shared.ActivityKind, by shared.Actor, before, after int) shared.Activity {
	return shared.Activity{CartID: "a", CartVersion: version, Kind: kind, Actor: by, At: noon,
		Line: &shared.LineChange{SKU: "M", Name: "Mug", OldQuantity: before, NewQuantity: after}}
}

// attachedCard is a cart of version 5 with two mugs, which ada attends.
func attachedCard() *card {
	c := newCard("a", "ada")
	cart := mugs(5, 2)
	cart.Customer = ann
	cart.Attendants = []shared.Attendant{{Staff: "ada", Since: noon, Consent: shared.ConsentCode}}
	c.viewed(shared.CartView{Cart: cart, Attached: true})
	c.stale, c.gap, c.told = false, false, true
	return c
}

func TestCardIsKeptByEvents(t *testing.T) {
	c := attachedCard()
	after := mugs(6, 3)
	c.happened(mugEvent(6, shared.LineChanged, shopper, 2, 3), &after)
	if l, _ := c.cart.Line("M"); l.Quantity != 3 || c.stale {
		t.Errorf("got %+v, stale %v", c.cart, c.stale)
	}
	if c.cart.Customer == nil {
		t.Error("events have no customer, and took the one away that was known")
	}
	late := mugs(5, 9)
	c.happened(mugEvent(5, shared.LineChanged, shopper, 2, 9), &late)
	if c.cart.Version != 6 {
		t.Errorf("version %d counts after 6", c.cart.Version)
	}
	other := mugs(9, 1)
	other.ID = "b"
	c.happened(shared.Activity{CartID: "b", CartVersion: 9}, &other)
	if c.cart.ID != "a" || len(c.activities) != 2 {
		t.Error("took an event of another cart")
	}
}

// Who only watches learns from the feed that something changed, and reads it.
func TestWatchedCardIsRead(t *testing.T) {
	c := newCard("a", "ada")
	cart := mugs(5, 2)
	cart.Customer = ann // a server that told too much
	c.viewed(shared.CartView{Cart: cart})
	c.stale = false
	if c.cart.Customer != nil {
		t.Error("who doesn't attend the cart sees the customer")
	}
	c.happened(mugEvent(5, shared.LineChanged, shopper, 1, 2), nil)
	if c.stale {
		t.Error("reads what it has")
	}
	c.happened(mugEvent(6, shared.LineChanged, shopper, 2, 3), nil)
	if !c.stale {
		t.Error("doesn't read what is new")
	}
}

// Personal data goes at once when the access ends, in whatever way that is told.
func TestEndOfAccess(t *testing.T) {
	stopped := shared.Activity{CartID: "a", CartVersion: 6, Kind: shared.Released, Actor: shopper, Staff: "ada", Reason: shared.ReleasedByShopper, At: noon}
	tests := []struct {
		name string
		do   func(*card)
		want string
	}{
		{"stopped", func(c *card) { c.happened(stopped, nil) }, "The customer ended your access at " + clock(noon) + "."},
		{"found out", func(c *card) { c.viewed(shared.CartView{Cart: mugs(6, 2)}) }, accessOver},
		{"gone", func(c *card) { c.failed(&shared.Problem{Code: shared.CodeNotFound, Detail: "No such cart."}) }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := attachedCard()
			c.record(shared.Activity{CartID: "a", CartVersion: 4, Kind: shared.NoteWritten, Note: "Ann is deaf"}, true)
			c.cart.Links = []shared.Link{{ID: "l"}}
			c.wish("M", 4)
			c.found = []shared.Product{{SKU: "M"}}
			test.do(c)
			if c.attached || c.cart.Customer != nil || len(c.cart.Links) > 0 || len(c.wants) > 0 || len(c.found) > 0 {
				t.Errorf("left behind: %+v", c)
			}
			for _, a := range c.activities {
				if a.Note != "" {
					t.Errorf("the note %q is left", a.Note)
				}
			}
			if c.ended != test.want {
				t.Errorf("says %q, want %q", c.ended, test.want)
			}
			if c.canEdit() {
				t.Error("can still be edited")
			}
		})
	}
	c := attachedCard()
	stopped.Staff = "bea"
	c.happened(stopped, nil)
	if !c.attached {
		t.Error("another's end is taken for one's own")
	}
}

// Clicks in quick succession become one change after the other, each based on what
// was seen.
func TestWishes(t *testing.T) {
	c := attachedCard()
	if !c.wish("M", 3) {
		t.Fatal("the first is not sent")
	}
	first := c.sending("M")
	if c.wish("M", 4) || c.wish("M", 5) {
		t.Error("sends while one is under way")
	}
	if l, _ := c.cart.Line("M"); c.quantity(l) != 5 {
		t.Errorf("shows %d, want what was clicked", c.quantity(l))
	}
	if first != (shared.SetLine{Quantity: 3, Version: 5}) {
		t.Errorf("sent %+v", first)
	}
	// Meanwhile the customer changes it too: the next change must not hide that.
	after := mugs(7, 8)
	c.happened(mugEvent(7, shared.LineChanged, shopper, 3, 8), &after)
	if !c.sent("M", first, mugs(6, 3), nil) {
		t.Fatal("what was clicked last is not sent")
	}
	if second := c.sending("M"); second != (shared.SetLine{Quantity: 5, Version: 6}) {
		t.Errorf("sent %+v, want it based on the version that was seen", second)
	}
	now := mugs(7, 8)
	now.Last = &shared.LastChange{Actor: shopper, Line: &shared.LineChange{SKU: "M"}}
	if c.sent("M", shared.SetLine{Quantity: 5, Version: 6}, shared.Cart{}, &shared.Problem{Code: shared.CodeVersionConflict, Cart: &now}) {
		t.Error("a conflict is sent again")
	}
	if x := c.conflicts["M"]; x.wanted != 5 || x.theirs != 8 || x.by != shopper {
		t.Errorf("got the conflict %+v", x)
	}
	if len(c.wants) > 0 {
		t.Error("still wants what was refused")
	}
	c.wish("M", 5)
	if len(c.conflicts) > 0 {
		t.Error("the conflict stays after the choice")
	}
}

func TestConflictAboutALineThatIsGone(t *testing.T) {
	c := attachedCard()
	gone := mugs(6, 0)
	c.wish("M", 3)
	c.sent("M", c.sending("M"), shared.Cart{}, &shared.Problem{Code: shared.CodeVersionConflict, Cart: &gone})
	if x := c.conflicts["M"]; x.wanted != 3 || x.theirs != 0 || x.name != "Mug" {
		t.Errorf("got %+v", x)
	}
}

func TestRefusedWish(t *testing.T) {
	c := attachedCard()
	c.wish("M", 3)
	c.sent("M", c.sending("M"), shared.Cart{}, &shared.Problem{Code: shared.CodeNotAttached, Detail: "Attend the cart first."})
	if l, _ := c.cart.Line("M"); c.quantity(l) != 2 || c.said[atLines] != "Attend the cart first." || !c.stale {
		t.Errorf("shows %d, says %q, stale %v", c.quantity(l), c.said[atLines], c.stale)
	}
}

// The last change of each line and discount can be taken back, and no other.
func TestRemedies(t *testing.T) {
	c := attachedCard()
	discount := shared.Activity{CartID: "a", CartVersion: 3, Kind: shared.DiscountSet, Discount: &shared.DiscountChange{New: &shared.Discount{}}}
	for _, a := range []shared.Activity{
		mugEvent(1, shared.LineAdded, shopper, 0, 2), mugEvent(2, shared.LineChanged, shopper, 2, 3), discount,
		mugEvent(4, shared.LineRemoved, shopper, 3, 0), {CartID: "a", CartVersion: 5, Kind: shared.PageViewed},
	} {
		c.record(a, true)
	}
	want := []remedy{none, restore, undo, none, none}
	got := c.remedies()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("version %d: got %d, want %d", c.activities[i].CartVersion, got[i], want[i])
		}
	}
	c.detach("")
	for _, r := range c.remedies() {
		if r != none {
			t.Error("can be taken back by who doesn't attend")
		}
	}
}

// However a timeline's pages and events come, it is whole, without doubles, newest
// first; what attendants know replaces what all know.
func TestTimelineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const last = 30
		c := attachedCard()
		c.older, c.activities = 0, nil
		activity := func(v int) shared.Activity {
			return shared.Activity{CartID: "a", CartVersion: int64(v), Kind: shared.NoteWritten}
		}
		from := rapid.IntRange(1, last).Draw(t, "listed up to")
		size := rapid.IntRange(1, 9).Draw(t, "page")
		page := func(before int) shared.Timeline {
			var list shared.Timeline
			for v := before - 1; v >= 1 && len(list.Activities) < size; v-- {
				a := activity(v)
				a.Note = "n"
				list.Activities = append(list.Activities, a)
				list.Next = int64(v)
			}
			if list.Next == 1 {
				list.Next = 0
			}
			return list
		}
		c.listed(page(from+1), false)
		for v := from + 1; v <= last; v++ {
			if rapid.Bool().Draw(t, "by both channels") {
				c.record(activity(v), false)
			}
			a := activity(v)
			a.Note = "n"
			c.record(a, true)
		}
		for c.older > 0 {
			c.listed(page(int(c.older)), true)
		}
		if len(c.activities) != last || c.gap {
			t.Fatalf("got %d activities, want %d; gap %v", len(c.activities), last, c.gap)
		}
		for i, a := range c.activities {
			if a.CartVersion != int64(last-i) || a.Note != "n" {
				t.Fatalf("at %d: got %+v", i, a)
			}
		}
	})
}

func TestTimelineGap(t *testing.T) {
	c := attachedCard()
	c.record(shared.Activity{CartID: "a", CartVersion: 5}, true)
	c.record(shared.Activity{CartID: "a", CartVersion: 9}, true)
	if !c.gap {
		t.Error("doesn't see that versions are missing")
	}
}

// A colleague who takes a cart over is named, however the end of one's own access
// was told.
func TestHandedOver(t *testing.T) {
	offered := shared.Activity{CartID: "a", CartVersion: 6, Kind: shared.HandoverOffered, Actor: adaActs, Staff: "bea"}
	taken := shared.Activity{CartID: "a", CartVersion: 7, Kind: shared.Attached, Actor: shared.Actor{Kind: shared.ActorStaff, Name: "bea"}, At: noon}
	for _, first := range []string{"the event", "the channel's end"} {
		c := attachedCard()
		c.happened(offered, nil)
		if first != "the event" {
			c.detach(accessOver)
		}
		c.happened(taken, nil)
		if want := "bea took this cart over from you at " + clock(noon) + "."; c.attached || c.ended != want {
			t.Errorf("%s first: says %q, want %q", first, c.ended, want)
		}
	}
	c := attachedCard()
	c.happened(taken, nil)
	if !c.attached {
		t.Error("whoever attends besides is taken for a successor")
	}
}

func TestFollowsTheMerge(t *testing.T) {
	tabs := &tabs{me: "ada"}
	c := tabs.open("a")
	*c = *attachedCard()
	tabs.happened(shared.Activity{CartID: "a", CartVersion: 6, Kind: shared.MergedAway, Other: "b", MergedLines: 3}, nil)
	if !tabs.follow() || tabs.active != "b" || tabs.card("a") != nil {
		t.Fatalf("got %+v", tabs)
	}
	c = tabs.top()
	if !c.stale || c.cart.Customer != nil {
		t.Errorf("the other cart is not read: %+v", c)
	}
	c.viewed(shared.CartView{Cart: shared.Cart{ID: "b", Version: 9, Status: shared.CartOpen, Customer: ann}, Attached: true})
	if got, want := c.news, "Now signed in as Ann; 3 lines merged."; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
	// The event of the merge comes after the cart was read, which is read again then.
	c.happened(shared.Activity{CartID: "b", CartVersion: 9, Kind: shared.CartsMerged, MergedLines: 3}, nil)
	c.viewed(shared.CartView{Cart: shared.Cart{ID: "b", Version: 9, Status: shared.CartOpen, Customer: ann}, Attached: true})
	if got, want := c.news, "Now signed in as Ann; 3 lines merged."; got != want {
		t.Errorf("after the event it says %q, want %q", got, want)
	}
	// Into one that is open already.
	tabs.open("x").follow = "b"
	tabs.follow()
	if len(tabs.cards) != 1 || tabs.active != "b" {
		t.Errorf("got %d tabs, %s on top", len(tabs.cards), tabs.active)
	}
}

func TestTabs(t *testing.T) {
	tabs := &tabs{me: "ada"}
	for _, id := range []string{"a", "b", "c"} {
		tabs.open(id)
	}
	tabs.open("b")
	tabs.happened(shared.Activity{CartID: "c", CartVersion: 1, Actor: shopper}, nil)
	tabs.happened(shared.Activity{CartID: "a", CartVersion: 1, Actor: adaActs}, nil)
	tabs.happened(shared.Activity{CartID: "b", CartVersion: 1, Actor: shopper}, nil)
	if !tabs.card("c").unread || tabs.card("a").unread || tabs.card("b").unread {
		t.Error("unread is what others did, out of sight")
	}
	for _, step := range []struct{ close, active string }{{"b", "c"}, {"nobody", "c"}, {"c", "a"}, {"a", ""}} {
		tabs.close(step.close)
		if tabs.active != step.active {
			t.Errorf("after closing %s: %q on top, want %q", step.close, tabs.active, step.active)
		}
	}
}

func TestAttachable(t *testing.T) {
	needed := shared.Desk{ConsentNeeded: true}
	tests := []struct {
		name string
		do   func(*shared.Cart)
		desk shared.Desk
		want bool
	}{
		{"needs consent", func(*shared.Cart) {}, needed, false},
		{"notice", func(*shared.Cart) {}, shared.Desk{}, true},
		{"help", func(c *shared.Cart) { c.HelpAt = noon }, needed, true},
		{"help, long ago", func(c *shared.Cart) { c.HelpAt = noon.Add(-shared.HelpLasts) }, needed, false},
		{"phone", func(c *shared.Cart) { c.Phone = true }, needed, true},
		{"handed to me", func(c *shared.Cart) { c.Handover = &shared.Handover{To: "ada"} }, needed, true},
		{"handed to another", func(c *shared.Cart) { c.Handover = &shared.Handover{To: "bea"} }, needed, false},
		{"in another window", func(c *shared.Cart) { c.Attendants = []shared.Attendant{{Staff: "ada"}} }, needed, true},
		{"ordered", func(c *shared.Cart) { c.Status = shared.CartOrdered }, shared.Desk{}, false},
	}
	for _, test := range tests {
		c := newCard("a", "ada")
		cart := mugs(1, 1)
		test.do(&cart)
		c.viewed(shared.CartView{Cart: cart})
		if got := c.attachable(test.desk, noon); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestKnocks(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	happen := func(a shared.Activity) {
		a.Cart = summary(a.CartID, a.CartVersion, 0)
		hear(m, message(t, shared.ChannelCartActivity, a))
	}
	knock := func(id string) {
		m.knocked(shared.Cart{ID: id, Knocks: []shared.Knock{{Staff: "ada", Until: now.Add(time.Minute)}}})
	}
	knock("a")
	knock("b")
	knock("c")
	now = now.Add(12 * time.Second)
	if got, want := m.knockWords("a"), "knocked · waiting 0:48"; got != want || !m.waits("a") {
		t.Errorf("got %q, want %q", got, want)
	}
	happen(shared.Activity{CartID: "a", CartVersion: 2, Kind: shared.Attached, Actor: shopper, Staff: "bea"})
	if m.tabs.active != "" {
		t.Error("opened for another's knock")
	}
	happen(shared.Activity{CartID: "a", CartVersion: 3, Kind: shared.Attached, Actor: shopper, Staff: "ada"})
	if m.tabs.active != "a" || m.knockWords("a") != "" {
		t.Error("the yes doesn't open the cart")
	}
	happen(shared.Activity{CartID: "b", CartVersion: 2, Kind: shared.KnockDeclined, Actor: shopper, Staff: "ada"})
	if got := m.knockWords("b"); got != "said no" {
		t.Errorf("got %q after a no", got)
	}
	now = now.Add(time.Minute)
	if got := m.knockWords("c"); got != "no answer" || m.waits("c") {
		t.Errorf("got %q after the time", got)
	}
	now = now.Add(time.Minute)
	m.ticked()
	if got := m.knockWords("b") + m.knockWords("c"); got != "" {
		t.Errorf("says %q for ever", got)
	}
}

package desk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/app/api"
	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

// listening is the server's answer that a channel is listened to.
func listening(t *testing.T, channel string, recovered *bool) shared.Message {
	t.Helper()
	return message(t, shared.KindListening, shared.Listening{Channel: channel, Recovered: recovered})
}

// The list is read once we listen, and after a break only if what was missed doesn't
// follow.
func TestFreshness(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	yes, no := true, false
	var (
		connect = func() { m.moved(live.State{Phase: live.Live}) }
		lose    = func() { m.moved(live.State{Phase: live.Waiting}) }
		read    = func() { m.load, m.loading = false, true; m.read(true) }
		wait    = func() { now = now.Add(time.Minute) }
		listens = func(recovered *bool) func() {
			return func() { hear(m, listening(t, shared.ChannelCartActivity, recovered)) }
		}
	)
	steps := []struct {
		name string
		do   func()
		want string
		load bool
	}{
		{"at first", func() {}, "Connecting…", false},
		{"connected", connect, "Connecting…", false},
		{"after a while", wait, "Catching up…", false},
		{"listening", listens(nil), "Catching up…", true},
		{"list read", read, "Connected", false},
		{"lost", lose, "Reconnecting…", false},
		{"back", connect, "Reconnecting…", false},
		{"recovered", listens(&yes), "Connected", false},
		{"lost again", lose, "Reconnecting…", false},
		{"back again", connect, "Reconnecting…", false},
		{"not recovered", listens(&no), "Reconnecting…", true},
		{"list can't be read", func() { m.load = false; m.failed("No.") }, "No.", false},
		{"once more", m.retry, "No.", true},
		{"list read again", read, "Connected", false},
		{"dropped here", func() { m.took(nil, true) }, "Connected", true},
		{"that takes long", wait, "Catching up…", true},
		{"list read once more", read, "Connected", false},
		{"the log was replaced", func() {
			hear(m, message(t, shared.KindGap, shared.Gap{Channel: shared.ChannelCartActivity, Lost: shared.LostActivities}))
		}, "Connected", true},
		{"all read", read, "Connected", false},
		{"notifications lost", func() {
			hear(m, message(t, shared.KindGap, shared.Gap{Channel: shared.ChannelCartActivity, Lost: shared.LostNotifications}))
		}, "Connected", false},
		{"lost while the list can't be read", func() { lose(); m.failed("No.") }, "Reconnecting…", false},
		{"no use to try yet", m.retry, "Reconnecting…", false},
		{"back to read it", connect, "No.", true},
	}
	for _, step := range steps {
		step.do()
		if got := m.line.Words(now); got != step.want || m.load != step.load {
			t.Errorf("%s: got %q, load %v; want %q, %v", step.name, got, m.load, step.want, step.load)
		}
	}
}

// What was opened is read again after a break only if what was missed doesn't follow.
func TestCardsOutliveABreak(t *testing.T) {
	yes, no := true, false
	for _, recovered := range []*bool{&yes, &no} {
		m := newModel(frozen)
		enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
		c := m.tabs.open("a")
		*c = *attachedCard()
		c.told, c.stale, c.gap = true, false, false
		m.moved(live.State{Phase: live.Live})
		m.moved(live.State{Phase: live.Waiting})
		m.moved(live.State{Phase: live.Live})
		missed := mugEvent(6, shared.LineChanged, shopper, 2, 7)
		hear(m, listening(t, shared.ChannelCartActivity, &yes), message(t, shared.ChannelCartActivity, missed))
		if c.stale || c.told || len(c.activities) == 0 {
			t.Errorf("stale %v, told %v before the cart's own channel is heard", c.stale, c.told)
		}
		hear(m, listening(t, "cart/a", recovered))
		if c.stale == *recovered || c.gap == *recovered || !c.told {
			t.Errorf("recovered %v: stale %v, gap %v, told %v", *recovered, c.stale, c.gap, c.told)
		}
		hear(m, message(t, "cart/a", shared.CartEvent{Activity: missed, Cart: mugs(6, 7)}))
		if c.cart.Items != 7 {
			t.Errorf("got %d items, want 7", c.cart.Items)
		}
	}
}

// A log that was put back to what it had been before has lower versions than those that
// are known.
func TestAnotherLog(t *testing.T) {
	no := false
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	fill(m.table, summary("a", 9, 1), summary("b", 9, 2))
	c := m.tabs.open("a")
	*c = *attachedCard()
	c.cart = mugs(9, 7)
	c.activities = []shared.Activity{{CartID: "a", CartVersion: 9}}
	hear(m, listening(t, shared.ChannelCartActivity, &no))
	m.table.begin(false)
	m.table.page([]shared.CartSummary{summary("a", 3, 1)})
	hear(m, message(t, shared.ChannelCartActivity, event(summary("b", 4, 3), shared.LineChanged)))
	m.table.finish()
	if a, b := m.table.carts["a"].cart.Version, m.table.carts["b"].cart.Version; a != 3 || b != 4 {
		t.Errorf("the list has versions %d and %d, want 3 and 4", a, b)
	}
	c.viewed(shared.CartView{Cart: mugs(3, 2), Attached: true})
	c.listed(shared.Timeline{Activities: []shared.Activity{{CartID: "a", CartVersion: 3}}}, false)
	if c.cart.Items != 2 || len(c.activities) != 1 || c.activities[0].CartVersion != 3 {
		t.Errorf("the opened cart has %d items, and its timeline is %v", c.cart.Items, c.activities)
	}
}

// What is missing in a timeline while it is read is asked for once more.
func TestGapDuringReading(t *testing.T) {
	c := attachedCard()
	c.gap = true
	c.listed(shared.Timeline{}, false)
	if !c.gap {
		t.Error("what is asked for while the timeline is read is forgotten")
	}
	c.gap = false
	c.activities = []shared.Activity{{CartID: "a", CartVersion: 1}}
	c.listed(shared.Timeline{Activities: []shared.Activity{{CartID: "a", CartVersion: 9}, {CartID: "a", CartVersion: 2}}}, false)
	if c.gap {
		t.Error("a timeline that was read has a gap")
	}
}

// What is said of a deed doesn't claim that the server can't be reached once it can.
func TestReachedAgain(t *testing.T) {
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	c := m.tabs.open("a")
	*c = *attachedCard()
	m.moved(live.State{Phase: live.Waiting})
	c.refused(atLines, "M", 3, api.ErrUnreachable)
	c.refused(atNote, "", 0, &shared.Problem{Code: shared.CodeInvalid, Detail: "Too long."})
	c.said[atTop] = signin.Said(api.ErrUnreachable)
	m.moved(live.State{Phase: live.Connecting})
	if c.said[atLines] != outOfReach {
		t.Errorf("says %q without a connection", c.said[atLines])
	}
	m.moved(live.State{Phase: live.Live})
	if len(c.said) != 2 || c.said[atLines] != reachedAgain || c.said[atNote] != "Too long." {
		t.Errorf("says %q", c.said)
	}
}

// A channel that is refused after a break may be that of a cart whose customer said
// Stop meanwhile.
func TestRefusedAfterABreak(t *testing.T) {
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	c := m.tabs.open("a")
	*c = *attachedCard()
	c.told, c.stale = true, false
	m.moved(live.State{Phase: live.Waiting})
	m.moved(live.State{Phase: live.Live})
	hear(m, message(t, shared.KindError, shared.Problem{Code: shared.CodeNotAttached, Detail: "No.", Channel: "cart/a"}))
	if !c.stale {
		t.Error("a refusal is not looked into")
	}
	c.stale = false
	hear(m, message(t, shared.ChannelCartActivity, mugEvent(9, shared.LineChanged, shopper, 2, 7)))
	if !c.stale {
		t.Error("news of a cart of which nobody tells more are not looked into")
	}
}

// What could not be read for lack of an answer is read once there is a connection; a
// refusal stands.
func TestCardIsReadLater(t *testing.T) {
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	for err, again := range map[error]bool{
		fmt.Errorf("%w: refused", api.ErrUnreachable):              true,
		&shared.Problem{Code: shared.CodeForbidden, Detail: "No."}: false,
	} {
		c := m.tabs.open("a")
		c.stale, c.gap = false, false
		c.failed(err)
		m.moved(live.State{Phase: live.Live})
		if c.stale != again || c.gap != again || (c.missing == "") != again {
			t.Errorf("%v: stale %v, gap %v, missing %q", err, c.stale, c.gap, c.missing)
		}
		m.tabs.close("a")
	}
}

// A cart that is watched is not read again for what the event itself says.
func TestWatchedCartFollows(t *testing.T) {
	tests := []struct {
		kind  shared.ActivityKind
		skip  int64
		stale bool
	}{
		{shared.PageViewed, 1, false},
		{shared.HelpAsked, 1, false},
		{shared.PageViewed, 2, true}, // something came in between
		{shared.LineChanged, 1, true},
	}
	for _, test := range tests {
		c := newCard("a", "ada")
		c.viewed(shared.CartView{Cart: mugs(5, 2)})
		c.stale = false
		version := 5 + test.skip
		now := summary("a", version, 1)
		now.Page, now.HelpAt = "/shop/cart", noon
		c.happened(shared.Activity{CartID: "a", CartVersion: version, Kind: test.kind, Cart: now}, nil)
		if c.stale != test.stale || !test.stale && (c.cart.Page != now.Page || c.cart.HelpAt != noon || c.cart.Version != version) {
			t.Errorf("%s, %d later: stale %v, %+v", test.kind, test.skip, c.stale, c.cart)
		}
	}
}

// Of the opened carts those are read that somebody looks at, or attends.
func TestLooksAt(t *testing.T) {
	tabs := &tabs{me: "ada"}
	for id, known := range map[string]bool{"new": false, "under": true, "top": true} {
		tabs.open(id).known = known
	}
	tabs.open("attached").known = true
	tabs.top().attached = true
	tabs.open("top")
	for id, want := range map[string]bool{"new": true, "under": false, "attached": true, "top": true} {
		if got := tabs.looksAt(tabs.card(id)); got != want {
			t.Errorf("%s: got %v", id, got)
		}
	}
}

// An event that stands for others may be the customer's yes as well.
func TestKnockAnsweredInACoalescedEvent(t *testing.T) {
	for _, by := range []string{"ada", "bea"} {
		m := newModel(frozen)
		enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
		m.knocked(shared.Cart{ID: "a", Knocks: []shared.Knock{{Staff: "ada", Until: noon.Add(time.Minute)}}})
		now := summary("a", 9, 1)
		now.Attendants = []string{by}
		said := message(t, shared.ChannelCartActivity, event(now, shared.PageViewed))
		said.Meta = &shared.Meta{Replaces: &shared.Replaced{Count: 3}}
		hear(m, said)
		if opened := m.tabs.active == "a"; opened != (by == "ada") {
			t.Errorf("%s attends: opened %v", by, opened)
		}
	}
}

// Nothing of a cart is left on the page of whoever comes next.
func TestSessionEnds(t *testing.T) {
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	fill(m.table, summary("a", 1, 1))
	*m.tabs.open("a") = *attachedCard()
	m.announce("something", "a")
	m.Moved(live.State{Phase: live.Ended, Err: &live.CloseError{Code: shared.CloseSessionEnded}})
	m.forget()
	if len(m.table.carts) > 0 || len(m.tabs.cards) > 0 || len(m.news) > 0 || !strings.Contains(m.Problem, "session has ended") {
		t.Errorf("left behind: %d carts, %d tabs, %d news; %q", len(m.table.carts), len(m.tabs.cards), len(m.news), m.Problem)
	}
}

// An access that is told to have ended on the socket is believed; the channel's own
// confirmation makes the cart be read.
func TestChannelOfACart(t *testing.T) {
	m := newModel(frozen)
	enter(m, shared.StaffSession{Username: "ada", Roles: shared.Roles()})
	c := m.tabs.open("a")
	*c = *attachedCard()
	c.told = false
	hear(m, message(t, shared.KindListening, shared.Listening{Channel: "cart/a"}))
	if !c.told || !c.stale || !c.gap {
		t.Errorf("told %v, stale %v, gap %v", c.told, c.stale, c.gap)
	}
	after := mugs(6, 7)
	hear(m, message(t, "cart/a", shared.CartEvent{Activity: mugEvent(6, shared.LineChanged, shopper, 2, 7), Cart: after}))
	if c.cart.Items != 7 {
		t.Errorf("got %d items", c.cart.Items)
	}
	hear(m, message(t, shared.KindUnlistening, shared.Listening{Channel: "cart/a"}))
	if c.attached || c.cart.Customer != nil {
		t.Error("the access goes on after its end")
	}
	c.attached, c.stale = true, false
	hear(m, message(t, shared.KindError, shared.Problem{Code: shared.CodeNotAttached, Detail: "No."}))
	if !c.stale {
		t.Error("a refusal is not looked into")
	}
}

func TestFailedRead(t *testing.T) {
	c := newCard("a", "ada")
	c.failed(errors.New("nonsense"))
	if c.missing == "" {
		t.Error("says nothing")
	}
	c.viewed(shared.CartView{Cart: mugs(1, 1)})
	if c.missing != "" || !c.known {
		t.Error("still missing once it is read")
	}
}

// What was told of a cart is read once the cart is opened.
func TestNewsAreRead(t *testing.T) {
	m := newModel(frozen)
	m.announce("of a", "a")
	m.announce("of none", "")
	m.announce("of b", "b")
	m.opened("a")
	if len(m.news) != 2 || m.news[0].text != "of none" || m.news[1].text != "of b" {
		t.Errorf("left: %v", m.news)
	}
}

// A page that is loaded anew shows again whom its reader attends, below what is open.
func TestResume(t *testing.T) {
	m := newModel(frozen)
	m.tabs.me = "ada"
	mine, open, theirs := summary("mine", 1, 1), summary("open", 1, 2), summary("theirs", 1, 3)
	mine.Attendants, open.Attendants, theirs.Attendants = []string{"ben", "ada"}, []string{"ada"}, []string{"ben"}
	m.tabs.open("open")
	m.tabs.resume(fill(m.table, mine, open, theirs))
	if len(m.tabs.cards) != 2 || m.tabs.card("mine") == nil || !m.tabs.card("mine").stale || m.tabs.active != "open" {
		t.Errorf("%d carts are open, %q on top", len(m.tabs.cards), m.tabs.active)
	}
}

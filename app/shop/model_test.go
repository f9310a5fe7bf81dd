package shop

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cartline/app/feed"
	"cartline/shared"
	"cartline/shared/live"
)

func cartOf(id string, version int64, lines ...shared.Line) shared.Cart {
	c := shared.Cart{ID: id, Version: version, Status: shared.CartOpen, Lines: lines}
	for _, l := range lines {
		c.Items += l.Quantity
	}
	return c
}

var mug = shared.Line{SKU: "MUG", Slug: "mug", Name: "Mug", Quantity: 2, UnitPrice: euros(1250), Subtotal: euros(2500), Total: euros(2500), Version: 1}

func TestOlderCartsAreNoNews(t *testing.T) {
	m := testModel()
	m.took(cartOf("c1", 5, mug))
	for name, cart := range map[string]shared.Cart{
		"older":   cartOf("c1", 4),
		"same":    cartOf("c1", 5),
		"no cart": {},
	} {
		if m.took(cart) || len(m.cart.Lines) != 1 {
			t.Errorf("%s: was taken", name)
		}
	}
	if !m.took(cartOf("c1", 6)) || !m.took(cartOf("c2", 1, mug)) {
		t.Error("a newer or another cart was not taken")
	}
}

// An answer "there is none" may come after the cart that has come into being.
func TestOvertakenLook(t *testing.T) {
	m := testModel()
	asked := m.changes
	m.took(cartOf("c1", 1, mug))
	m.looked(shared.Cart{}, nil, asked)
	if m.cart.ID != "c1" || !m.ready {
		t.Error("the new cart is forgotten")
	}
	m.looked(shared.Cart{}, nil, m.changes)
	if m.cart.ID != "" || len(m.order) != 0 {
		t.Error("a cart that is gone is still shown")
	}
	m.looked(shared.Cart{}, errors.New("odd"), m.changes)
	if m.problem == "" {
		t.Error("the failure isn't told")
	}
}

func TestOrder(t *testing.T) {
	m := testModel()
	cart := cartOf("c1", 3, mug)
	cart.Total = euros(2500)
	m.took(cart)
	m.askOrder()
	changed := cartOf("c1", 4, mug)
	changed.Total = euros(3000)
	m.ordered(shared.Cart{}, &shared.Problem{Code: shared.CodeTotalChanged, Cart: &changed})
	if !m.asking.open || m.asking.total != euros(3000) || !strings.Contains(m.asking.problem, "€30.00 now; it was €25.00") {
		t.Fatalf("got %+v", m.asking)
	}
	// The same while nothing is on its way.
	again := cartOf("c1", 5, mug)
	again.Total = euros(2500)
	m.took(again)
	if m.asking.total != euros(2500) || !strings.Contains(m.asking.problem, "€25.00 now; it was €30.00") {
		t.Fatalf("got %+v", m.asking)
	}
	// The event is faster than the refusal.
	m.asking.busy = true
	faster := cartOf("c1", 6, mug)
	faster.Total = euros(4000)
	m.took(faster)
	m.ordered(shared.Cart{}, &shared.Problem{Code: shared.CodeTotalChanged, Cart: &faster})
	if m.asking.busy || m.asking.total != euros(4000) || !strings.Contains(m.asking.problem, "€40.00 now; it was €25.00") {
		t.Fatalf("got %+v", m.asking)
	}
	done := cartOf("c1", 7, mug)
	done.Status, done.Order = shared.CartOrdered, &shared.Order{Number: "N1"}
	m.ordered(done, nil)
	if m.placed == nil || m.placed.Order.Number != "N1" || m.cart.ID != "" || len(m.orders) != 1 || m.asking.open {
		t.Errorf("got %+v, cart %q", m.placed, m.cart.ID)
	}
	// The event tells the same once more, and an answer from before comes late.
	m.happened(shared.CartEvent{Activity: shared.Activity{Kind: shared.Ordered}, Cart: done})
	m.took(changed)
	if len(m.orders) != 1 || m.cart.ID != "" {
		t.Errorf("an order came back as a cart: %d orders, cart %q", len(m.orders), m.cart.ID)
	}
}

func TestMergedAwayLooksForTheOther(t *testing.T) {
	m := testModel()
	m.took(cartOf("c1", 3, mug))
	away := cartOf("c1", 4)
	away.Status = shared.CartMerged
	if !m.happened(shared.CartEvent{Activity: shared.Activity{Kind: shared.MergedAway}, Cart: away}) {
		t.Error("the other cart isn't looked for")
	}
}

func TestLate(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	after := func(wait time.Duration, phase live.Phase, want bool) {
		t.Helper()
		m.moved(live.State{Phase: phase})
		now = now.Add(wait)
		if late := m.late() != ""; late != want {
			t.Errorf("%v after %s: late is %v, want %v", wait, phase, late, want)
		}
	}
	after(time.Hour, live.Waiting, false) // there is no cart
	after(0, live.Live, false)
	m.took(cartOf("c1", 1))
	after(time.Hour, live.Live, false)
	after(lateAfter-1, live.Connecting, false)
	if !m.ticking() {
		t.Error("it won't be drawn again when it is late")
	}
	after(1, live.Waiting, true)
	after(0, live.Connecting, true)
	after(0, live.Live, false)
}

// The cart is looked for anew when the page begins to listen, and after a break only if
// what was missed doesn't follow.
func TestHeard(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	m.took(cartOf("c1", 1, mug))
	event, err := shared.NewMessage(shared.ChannelMyCart, shared.CartEvent{Cart: cartOf("c1", 2), Activity: shared.Activity{CartID: "c1", CartVersion: 2}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := event.Text()
	if err != nil {
		t.Fatal(err)
	}
	connect := func() { m.moved(live.State{Phase: live.Live}) }
	lose := func() { m.moved(live.State{Phase: live.Waiting}) }
	look := func() { m.looked(cartOf("c1", 2), nil, m.changes) }
	steps := []struct {
		name    string
		do      func()
		text    string
		look    bool
		current bool
	}{
		{"listening", connect, `["listening",{"channel":"my_cart","cursor":"x"}]`, true, false},
		{"looked", look, string(text), false, true},
		{"of another", look, `["my_cart","nonsense"]`, true, true},
		{"recovered", func() { lose(); connect() }, `["listening",{"channel":"my_cart","recovered":true,"cursor":"x"}]`, false, true},
		{"looked before it listens again", func() { lose(); connect(); look() }, `["pong","x"]`, false, false},
		{"not recovered", func() { lose(); connect() }, `["listening",{"channel":"my_cart","recovered":false,"cursor":"x"}]`, true, false},
		{"the log was replaced", look, `["gap",{"channel":"my_cart","lost":"activities"}]`, true, true},
		{"refused", look, `["error",{"code":"forbidden","detail":"No."}]`, true, true},
		{"ended", look, `["unlistening",{"channel":"my_cart"}]`, true, true},
		{"nothing to us", look, `["pong","x"]`, false, true},
		{"looked without a connection", func() { lose(); now = now.Add(time.Minute); look() }, `["pong","x"]`, false, false},
	}
	for _, step := range steps {
		step.do()
		message, err := shared.ParseMessage([]byte(step.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.heard(feed.Arrival{Message: message}); got != step.look || m.line.Current() != step.current {
			t.Errorf("%s: look %v, current %v; want %v, %v", step.name, got, m.line.Current(), step.look, step.current)
		}
	}
	if m.cart.Version != 2 {
		t.Errorf("got the cart's version %d, want 2", m.cart.Version)
	}
	if detail, want := m.line.Detail(now), "as of "+now.Local().Format(time.TimeOnly); !strings.Contains(detail, want) {
		t.Errorf("what was looked at without a connection shows as %q, want %q", detail, want)
	}
}

// A shop that was put back to what it had been before tells of an older cart.
func TestAnotherLog(t *testing.T) {
	m := testModel()
	m.took(cartOf("c1", 9, mug))
	m.tell(news{Version: 9, Text: "ada added 1 × Mug", Undo: true}, true)
	m.touch[mug.SKU] = touch{by: "ada"}
	message, err := shared.ParseMessage([]byte(`["listening",{"channel":"my_cart","recovered":false,"cursor":"x"}]`))
	if err != nil {
		t.Fatal(err)
	}
	m.heard(feed.Arrival{Message: message})
	m.looked(cartOf("c1", 3), nil, m.changes)
	if len(m.recent()) != 0 || len(m.touch) != 0 || m.known(9) {
		t.Errorf("shows %v and %v, which never were", m.recent(), m.touch)
	}
	if m.cart.Version != 3 || len(m.cart.Lines) != 0 {
		t.Errorf("got version %d with %d lines", m.cart.Version, len(m.cart.Lines))
	}
}

func TestLinksAndKnocks(t *testing.T) {
	m := testModel()
	cart := cartOf("c1", 1)
	cart.Links = []shared.Link{
		{ID: "1", Path: "/shop/p/mug", State: shared.LinkSent},
		{ID: "2", Path: "/shop", State: shared.LinkDelivered},
		{ID: "3", Path: "/shop", State: shared.LinkOpened},
		{ID: "4", Path: "//evil.example", State: shared.LinkSent},
		{ID: "5", Path: `/\evil.example`, State: shared.LinkSent},
		{ID: "6", Path: "javascript:alert(1)", State: shared.LinkSent},
		{ID: "7", Path: "/\t/evil.example", State: shared.LinkSent},
	}
	cart.Knocks = []shared.Knock{
		{Staff: "ada", Until: noon.Add(time.Second)},
		{Staff: "bob", Until: noon.Add(time.Second), Declined: true},
		{Staff: "eve", Until: noon},
	}
	m.took(cart)
	var links []string
	for _, l := range m.links() {
		links = append(links, l.ID)
	}
	if got := strings.Join(links, " "); got != "1 2" {
		t.Errorf("got links %s", got)
	}
	if knocks := m.knocks(); len(knocks) != 1 || knocks[0].Staff != "ada" {
		t.Errorf("got knocks %v", knocks)
	}
}

func TestAccount(t *testing.T) {
	m := testModel()
	for _, test := range []struct {
		problem *shared.Problem
		field   string
	}{
		{&shared.Problem{Code: shared.CodeInvalid, Field: "name", Detail: "x"}, "name"},
		{&shared.Problem{Code: shared.CodeEmailTaken, Detail: "x"}, "email"},
		{&shared.Problem{Code: shared.CodeBadCredentials, Detail: "x"}, ""},
	} {
		m.account.busy = true
		if m.entered(shared.CustomerSession{}, test.problem) || m.account.busy || m.account.field != test.field || m.account.problem != "x" {
			t.Errorf("%s: got %+v", test.problem.Code, m.account)
		}
	}
	if !m.entered(shared.CustomerSession{Customer: &shared.Customer{Name: "Ada"}, MergedLines: 3}, nil) || m.account.done != "3 lines from your guest cart were added." {
		t.Errorf("got %+v", m.account)
	}
	m.took(cartOf("c1", 1, mug))
	m.add("MUG", "", 1)
	m.left()
	if m.who != nil || m.cart.ID != "" || len(m.writes) != 0 || len(m.order) != 0 {
		t.Error("who signed out leaves something behind")
	}
}

func TestCode(t *testing.T) {
	c := codeState{code: shared.AssistCode{Code: "482913", ExpiresAt: noon.Add(9*time.Minute + 40*time.Second)}}
	if c.grouped() != "482 913" || c.spelled() != "4, 8, 2, 9, 1, 3" {
		t.Errorf("got %q, %q", c.grouped(), c.spelled())
	}
	for at, want := range map[time.Duration]string{0: "9:40", time.Minute: "8:40", 9*time.Minute + 35*time.Second: "0:05", 9*time.Minute + 39500*time.Millisecond: "0:01"} {
		if got := leftWords(c.left(noon.Add(at))); got != want {
			t.Errorf("after %v: got %s, want %s", at, got, want)
		}
	}
	if c.left(noon.Add(time.Hour)) != 0 {
		t.Error("a code that has run out is still good")
	}
}

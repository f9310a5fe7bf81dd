package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
	"cartline/shared/live"
)

// page is a desk that shows a model, for someone with roles.
func page(roles ...string) *Desk {
	d := new(Desk)
	d.OnInit()
	d.model = newModel(frozen)
	d.door.State = &d.model.State
	enter(d.model, shared.StaffSession{Username: "ada", Roles: roles})
	d.model.moved(live.State{Phase: live.Live})
	d.model.listening = true
	d.model.read(true)
	return d
}

func contains(t *testing.T, html string, want, without []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(html, w) {
			t.Errorf("no %q in %s", w, html)
		}
	}
	for _, w := range without {
		if strings.Contains(html, w) {
			t.Errorf("%q in %s", w, html)
		}
	}
}

func TestPrerendered(t *testing.T) {
	d := new(Desk)
	d.OnInit()
	contains(t, app.HTMLString(d), []string{"<h1", "Desk", "Checking your sign-in…"}, []string{"<input", `id="carts"`})
	a := new(Audit)
	a.OnInit()
	contains(t, app.HTMLString(a), []string{"<h1", "Audit", "Checking your sign-in…"}, []string{"<table"})
}

func TestTableShowsCarts(t *testing.T) {
	d := page(shared.RoleEventListener)
	help := summary("help", 1, -90)
	help.HelpAt, help.Total, help.Items = noon, shared.Money{Amount: 4990, Currency: "EUR"}, 3
	help.Last = &shared.LastChange{Actor: shopper, Line: &shared.LineChange{Name: "<Mug>", OldQuantity: 2, NewQuantity: 3}}
	demo := summary("demo", 1, -6)
	demo.Simulated, demo.Attendants = true, []string{"bea"}
	member := summary("member", 1, -7)
	member.SignedIn, member.Page = true, "/shop/p/oak-table"
	fill(d.model.table, help, demo, member)
	contains(t, app.HTMLString(d), []string{
		"3 carts", `data-id="help"`, "€49.90", "raised &lt;Mug&gt; to 3", "1 min ago", "Asks for help", "Demo", "bea", "Signed in",
		"Oak table", "Knock", `id="desk-search"`, `id="ask-change"`, `id="phone-order"`, `id="freshness"`, "Connected", `id="help"`,
	}, []string{"<Mug>", "Audit", "more changed"})
	contains(t, app.HTMLString(page(shared.RoleEventListener, shared.RoleAdmin)), []string{"Audit", "No carts yet."}, nil)
}

// A desk that never had a connection doesn't know that there are no carts.
func TestUnknownList(t *testing.T) {
	d := page(shared.RoleEventListener)
	enter(d.model, d.model.Who)
	contains(t, app.HTMLString(d), []string{"… carts", "as soon as there is a connection"}, []string{"No carts yet", "0 carts"})
	d.model.moved(live.State{Phase: live.Live})
	contains(t, app.HTMLString(d), []string{"… carts", "Reading the carts…"}, []string{"No carts yet", "0 carts"})
	d.model.read(true)
	contains(t, app.HTMLString(d), []string{"0 carts", "No carts yet"}, nil)
	d.model.moved(live.State{Phase: live.Waiting})
	contains(t, app.HTMLString(d), []string{"0 carts", "No carts yet"}, nil)
}

// Of a long table those rows are drawn that are in view.
func TestOnlyWhatIsInViewIsDrawn(t *testing.T) {
	d := page(shared.RoleEventListener)
	var carts []shared.CartSummary
	for i := range 2000 {
		c := summary(strings.Repeat("x", 8)+time.Duration(i).String(), 1, i)
		carts = append(carts, c)
	}
	fill(d.model.table, carts...)
	d.top, d.frame, d.row = 44*1000, 600, 44
	html := app.HTMLString(d)
	if n := strings.Count(html, "data-id="); n < 20 || n > 60 {
		t.Errorf("%d rows are drawn", n)
	}
	contains(t, html, []string{`aria-rowcount="2001"`, `height="43`}, nil)
}

func TestPanelOfWhoWatches(t *testing.T) {
	d := page(shared.Roles()...)
	c := d.model.tabs.open("a")
	cart := mugs(5, 2)
	cart.Customer = ann
	c.viewed(shared.CartView{Cart: cart})
	contains(t, app.HTMLString(d), []string{
		`id="cart-panel"`, "amber-fox-42", "Watching, without personal data", `id="attach-code"`, `id="knock"`, "× 2", `data-sku="M"`,
	}, []string{"Ann", "ann@example.com", `id="release"`, `id="add-product"`, `id="show-discount"`, `id="note-form"`, "Undo"})
}

func TestPanelByRole(t *testing.T) {
	tests := []struct {
		name          string
		roles         []string
		want, without []string
	}{
		{"all", shared.Roles(), []string{
			"Ann", "ann@example.com", `id="release"`, `id="add-product"`, `id="show-discount"`, `id="show-link"`, `id="show-handover"`, `id="note-form"`, "Undo", "by the customer&#39;s code",
		}, []string{"doesn&#39;t have", `id="attach"`, `id="place-order"`}},
		{"watcher", []string{shared.RoleEventListener}, []string{"your account has neither", `id="show-link"`, `id="note-form"`, "Find a product to suggest"},
			[]string{"Add a product", `id="show-discount"`, "Undo", `class="stepper"`}},
		{"editor", []string{shared.RoleEventListener, shared.RoleCartEditor}, []string{`class="stepper"`, "needs the role discounter"}, []string{`id="show-discount"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := page(test.roles...)
			d.model.tabs.open("a")
			*d.model.tabs.top() = *attachedCard()
			d.model.tabs.top().record(mugEvent(5, shared.LineChanged, shopper, 1, 2), true)
			contains(t, app.HTMLString(d), test.want, test.without)
		})
	}
}

// What stands on the page after the customer has pressed Stop.
func TestPanelAfterStop(t *testing.T) {
	d := page(shared.Roles()...)
	d.model.tabs.open("a")
	*d.model.tabs.top() = *attachedCard()
	d.model.tabs.top().happened(shared.Activity{CartID: "a", CartVersion: 6, Kind: shared.Released, Staff: "ada", Actor: shopper, Reason: shared.ReleasedByShopper, At: noon}, nil)
	contains(t, app.HTMLString(d), []string{`id="stop-note"`, "The customer ended your access at"}, []string{"Ann", "ann@example.com", `id="release"`, `class="stepper"`})
}

func TestPanelShowsConflict(t *testing.T) {
	d := page(shared.Roles()...)
	c := d.model.tabs.open("a")
	*c = *attachedCard()
	now := mugs(6, 5)
	c.wish("M", 3)
	c.sent("M", c.sending("M"), shared.Cart{}, &shared.Problem{Code: shared.CodeVersionConflict, Cart: &now})
	contains(t, app.HTMLString(d), []string{"You wanted 3; the customer made it 5.", "Keep 5", "Make it 3"}, nil)
	gone := mugs(7, 0)
	c.wish("M", 3)
	c.sent("M", c.sending("M"), shared.Cart{}, &shared.Problem{Code: shared.CodeVersionConflict, Cart: &gone})
	contains(t, app.HTMLString(d), []string{"You wanted 3 of Mug; the customer removed it.", "Leave it out", "Put 3 back"}, nil)
}

// A discount says why it takes off less than it promises.
func TestGivenWords(t *testing.T) {
	tests := []struct {
		d    shared.Discount
		want string
	}{
		{shared.Discount{BasisPoints: 1000, Reason: "loyalty", By: "ada"}, "10 % off, loyalty, by ada"},
		{shared.Discount{Amount: 500, Reason: "other", By: "ada", MinSubtotal: 5000, Short: 750}, "€5.00 off, other, by ada: not now, needs €7.50 more"},
		{shared.Discount{Amount: 500, Reason: "volume", By: "ada", MinQuantity: 3, Short: 1}, "€5.00 off, volume, by ada: not now, needs 1 more item"},
		{shared.Discount{Amount: 500, Reason: "volume", By: "ada", Capped: true, MaxBasisPoints: 2000}, "€5.00 off, volume, by ada, limited to 20 %"},
	}
	for _, test := range tests {
		if got := givenWords(test.d, "EUR"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestTools(t *testing.T) {
	for tool, want := range map[string]string{toolDiscount: `id="discount-form"`, toolLink: `id="link-form"`, toolHandover: `id="handover"`} {
		d := page(shared.Roles()...)
		d.model.tabs.open("a")
		*d.model.tabs.top() = *attachedCard()
		d.model.tabs.top().cart.Handover = &shared.Handover{From: "bea", To: "ada", Note: "Call back"}
		d.tool = tool
		contains(t, app.HTMLString(d), []string{want, "bea offered this cart to you", "Call back", "Decline"}, nil)
	}
}

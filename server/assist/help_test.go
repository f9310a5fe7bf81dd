package assist_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

// What no audit line, and nobody without consent, may read.
const (
	secretName  = "Alice Secret-Name"
	secretEmail = "alice.secret@example.com"
	secretNote  = "Has a secret birthday"
)

var alice = shared.Customer{ID: "account-alice", Name: secretName, Email: secretEmail}

var (
	mug  = shared.Product{SKU: "MUG-1", Slug: "blue-mug", Name: "Blue mug", Price: shared.Money{Amount: 1250, Currency: "EUR"}}
	lamp = shared.Product{SKU: "LAMP-1", Slug: "desk-lamp", Name: "Desk lamp", Price: shared.Money{Amount: 4900, Currency: "EUR"}}
)

// The staff: zoe may do everything but read the audit, bob and carl too; walt watches.
var (
	zoe   = staff("zoe", shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter)
	bob   = staff("bob", shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter)
	carl  = staff("carl", shared.RoleEventListener, shared.RoleCartEditor)
	walt  = staff("walt", shared.RoleEventListener)
	chief = staff("chief", shared.RoleEventListener, shared.RoleCartEditor, shared.RoleDiscounter, shared.RoleAdmin)
)

func staff(name string, roles ...string) assist.Staff { return assist.Staff{Name: name, Roles: roles} }

// people is a small assist.People. It is not changed while it is asked.
type people struct {
	customers []shared.Customer
	attenders []string
	fail      error
}

func (p *people) Customer(_ context.Context, id string) (shared.Customer, bool, error) {
	i := slices.IndexFunc(p.customers, func(c shared.Customer) bool { return c.ID == id })
	if i < 0 || p.fail != nil {
		return shared.Customer{}, false, p.fail
	}
	return p.customers[i], true, nil
}

func (p *people) CustomersByEmail(_ context.Context, email string) (found []shared.Customer, err error) {
	for _, c := range p.customers {
		if strings.EqualFold(c.Email, email) {
			found = append(found, c)
		}
	}
	return found, p.fail
}

func (p *people) AddCustomer(_ context.Context, name, email string) (shared.Customer, error) {
	c := shared.Customer{ID: cart.NewID(), Name: name, Email: email}
	p.customers = append(p.customers, c)
	return c, p.fail
}

func (p *people) Attenders(context.Context) ([]string, error) { return p.attenders, p.fail }

// office is a desk over a real store, with a clock that is set by hand.
type office struct {
	*assist.Desk
	t      *testing.T
	store  *sqlite.Store
	carts  *cart.Service
	people *people
	logged *bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func openOffice(t *testing.T, configure ...func(*assist.Config)) *office {
	t.Helper()
	store := sqlitetest.Open(t)
	if err := store.PutProducts(t.Context(), []shared.Product{mug, lamp}); err != nil {
		t.Fatal(err)
	}
	o := &office{
		t: t, store: store, carts: cart.NewService(store, store, func() {}), logged: new(bytes.Buffer), now: cart.Now(),
		people: &people{customers: []shared.Customer{alice}, attenders: []string{"bob", "carl", "chief", "walt", "zoe"}},
	}
	config := assist.Config{Carts: o.carts, Store: store, People: o.people, Log: slog.New(slog.NewTextHandler(o.logged, nil))}
	for _, c := range configure {
		c(&config)
	}
	o.Desk = assist.NewDesk(config)
	o.SetClock(o.clock)
	return o
}

func withoutConsent(c *assist.Config) { c.WithoutConsent = true }

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(time time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(time)
}

// put puts a mug into a shopper's cart and returns the cart's ID.
func (o *office) put(shopper cart.Shopper) string {
	o.t.Helper()
	r, err := o.carts.SetLine(o.t.Context(), shopper, mug.SKU, shared.SetLine{Quantity: 2})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.ID
}

var (
	guest = cart.Shopper{ID: "guest"}
	known = cart.Shopper{ID: "home", Customer: alice.ID}
)

// attended makes a customer's cart that the staff attend, by code.
func (o *office) attended(shopper cart.Shopper, by ...assist.Staff) string {
	o.t.Helper()
	id := o.put(shopper)
	for _, who := range by {
		o.attach(shopper, who)
	}
	return id
}

func (o *office) attach(shopper cart.Shopper, who assist.Staff) {
	o.t.Helper()
	if _, err := o.AttachByCode(o.t.Context(), who, o.code(shopper)); err != nil {
		o.t.Fatalf("%s attaches: %v", who.Name, err)
	}
}

func (o *office) code(shopper cart.Shopper) string {
	o.t.Helper()
	code, err := o.NewCode(o.t.Context(), shopper)
	if err != nil {
		o.t.Fatal(err)
	}
	return code.Code
}

func (o *office) cart(id string) cart.Record {
	o.t.Helper()
	r, err := o.carts.Cart(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// attendants tells who attends a cart and why, like "zoe:code".
func (o *office) attendants(id string) string {
	o.t.Helper()
	var names []string
	for _, a := range o.cart(id).Attendants {
		names = append(names, a.Staff+":"+string(a.Consent))
	}
	return strings.Join(names, " ")
}

// log returns the activities of a cart, oldest first.
func (o *office) log(id string) []shared.Activity {
	o.t.Helper()
	activities, err := o.store.History(o.t.Context(), id, 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	slices.Reverse(activities)
	return activities
}

func (o *office) last(id string) shared.Activity {
	o.t.Helper()
	log := o.log(id)
	return log[len(log)-1]
}

// audit returns the whole audit.
func (o *office) audit() []shared.AuditEntry {
	o.t.Helper()
	list, err := o.Audit(o.t.Context(), 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return list.Entries
}

func codeOf(err error) shared.Code {
	var p *shared.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return "not a problem: " + shared.Code(err.Error())
	}
	return ""
}

func (o *office) wants(what string, err error, code shared.Code) {
	o.t.Helper()
	if got := codeOf(err); got != code {
		o.t.Errorf("%s: got %v, want code %q", what, err, code)
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// usedShop is a database that was used, by those who will come back to its copy.
type usedShop struct {
	path            string
	guest, customer *visitor
	staff           *visitor
	attended        string // a cart's ID
	cursor          string
	recovery        []string // codes of ann's second factor
	before          map[string]string
}

const copyPassword = "correct horse"

// useShop has people do a bit of everything in a shop of SQLite, and stops its server.
func useShop(t *testing.T) *usedShop {
	t.Helper()
	u := &usedShop{path: filepath.Join(t.TempDir(), "shop.db")}
	database := u.database()
	must(t, copyPassword+"\n", "staff", "add", "ann", "--role", "event_listener", "--role", "cart_editor", "--role", "discounter", "--role", "admin", "--database", database)
	said := must(t, "", "staff", "totp", "ann", "--database", database)
	u.recovery = regexp.MustCompile(`[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}`).FindAllString(said, -1)
	s := start(t, "--demo", "--demo-shoppers", "3", "--database", database)
	u.guest, u.customer, u.staff = s.visitor(t), s.visitor(t), s.visitor(t)
	u.signIn(t, u.recovery[0])

	var cart shared.Cart
	u.guest.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":2}`, &cart)
	u.attended = cart.ID
	var code shared.AssistCode
	u.guest.ask(t, "POST", "/api/cart/code", "", &code)
	var found shared.FoundCarts
	u.staff.ask(t, "POST", "/api/carts/find", fmt.Sprintf(`{"code":%q}`, code.Code), &found)
	path := "/api/carts/" + cart.ID
	u.staff.ask(t, "PUT", path+"/lines/TEAPOT-1", `{"quantity":1}`, &cart)
	u.staff.ask(t, "PUT", path+"/discount", `{"basis_points":1000,"reason":"goodwill"}`, &cart)
	u.staff.ask(t, "POST", path+"/links", `{"url":"/shop"}`, &cart)
	u.staff.ask(t, "POST", path+"/notes", `{"text":"“ünïcode” \\ 'quoted'"}`, &cart)
	u.staff.ask(t, "POST", "/api/carts", `{"name":"Zoe","email":"zoe@quux.example"}`, nil)

	u.customer.ask(t, "POST", "/api/customers", `{"name":"Bob","email":"Bob@Quux.example","password":"battery staple"}`, nil)
	u.customer.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, &cart)
	u.customer.ask(t, "POST", "/api/cart/order", fmt.Sprintf(`{"total":%d}`, cart.Total.Amount), &cart)
	u.customer.ask(t, "PUT", "/api/cart/lines/TEAPOT-1", `{"quantity":3}`, &cart)
	u.cursor = listening(t, u.guest, `{"listen":"my_cart"}`).Cursor
	s.end(t)
	// What the simulated shoppers left, stays as it is now.
	s = start(t, "--database", database)
	u.before = u.look(t, s)
	s.end(t)
	return u
}

func (u *usedShop) database() string { return "sqlite:" + u.path }

func (u *usedShop) signIn(t *testing.T, code string) {
	t.Helper()
	status, answer := u.staff.try(t, "POST", "/api/staff/session", fmt.Sprintf(`{"username":"ann","password":%q,"code":%q}`, copyPassword, code))
	if status != 200 {
		t.Fatalf("ann's sign-in: got %d %s", status, answer)
	}
}

// look returns what those who come back see.
func (u *usedShop) look(t *testing.T, s *serving) map[string]string {
	t.Helper()
	seen := map[string]string{}
	for name, v := range map[string]*visitor{"guest": u.guest, "customer": u.customer, "staff": u.staff} {
		v.serving = s
		for _, path := range map[string][]string{
			"guest":    {"/api/cart", "/api/products?limit=100"},
			"customer": {"/api/cart", "/api/cart/orders", "/api/customer/session"},
			"staff":    {"/api/staff/session", "/api/audit?limit=200", "/api/carts/" + u.attended + "/activity"},
		}[name] {
			status, answer := v.try(t, "GET", path, "")
			if status != 200 {
				t.Errorf("%s of %s: got %d %s", path, name, status, answer)
			}
			seen[name+" "+path] = string(answer)
		}
	}
	return seen
}

// A shop that was used is copied, and everybody goes on where they were: with their
// cookies, carts and orders, and what happened to them. A cursor from before is known to
// be of another log.
func TestCopy(t *testing.T) {
	t.Parallel()
	u := useShop(t)
	dsn := testenv.Postgres(t)
	said := must(t, "", "copy", "--from", u.database(), "--to", dsn)
	if !regexp.MustCompile(`(?s)\d+ +product\n.*\d+ +activity\n.*\nCopied\. Every row was compared`).MatchString(said) {
		t.Errorf("got %s", said)
	}
	s := start(t, "--database", dsn)
	for what, got := range u.look(t, s) {
		// Who attends a cart, and isn't there, is released some time after the start.
		want := u.before[what]
		if strings.HasSuffix(what, "/activity") {
			got, want = timelineUpTo(t, got, want)
		}
		if strings.Contains(what, "/api/audit") {
			got, want = auditUpTo(t, got, want)
		}
		if strings.HasSuffix(what, "guest /api/cart") {
			continue // compared below, by its lines
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", what, got, want)
		}
	}
	var before, after shared.Cart
	u.guest.ask(t, "GET", "/api/cart", "", &after)
	if err := json.Unmarshal([]byte(u.before["guest /api/cart"]), &before); err != nil || len(after.Lines) != 2 || inJSON(t, after.Lines) != inJSON(t, before.Lines) || after.Total != before.Total || after.Discount == nil {
		t.Errorf("got %+v, %v; want %+v", after, err, before)
	}
	if told := listening(t, u.guest, `{"listen":"my_cart","after":"`+u.cursor+`"}`); told.Recovered == nil || *told.Recovered {
		t.Errorf("a cursor from before: got %+v, want recovered false", told)
	}
	u.signIn(t, u.recovery[1])
	if status, _ := u.staff.try(t, "POST", "/api/staff/session", fmt.Sprintf(`{"username":"ann","password":%q,"code":%q}`, copyPassword, u.recovery[0])); status != 401 {
		t.Errorf("a recovery code that was spent before: got %d", status)
	}
	// What is new comes after what is old.
	cursor := listening(t, u.guest, `{"listen":"my_cart"}`).Cursor
	u.guest.ask(t, "PUT", "/api/cart/lines/LAMP-DESK", `{"quantity":1}`, nil)
	u.customer.ask(t, "DELETE", "/api/cart/lines/TEAPOT-1?version="+fmt.Sprint(lineVersion(t, u.customer)), "", nil)
	if told := listening(t, u.guest, `{"listen":"my_cart","after":"`+cursor+`"}`); told.Recovered == nil || !*told.Recovered {
		t.Errorf("a cursor of the copy: got %+v, want recovered true", told)
	}
}

func lineVersion(t *testing.T, v *visitor) int64 {
	t.Helper()
	var cart shared.Cart
	v.ask(t, "GET", "/api/cart", "", &cart)
	return cart.Lines[0].Version
}

// timelineUpTo leaves out of a timeline what came after another one.
func timelineUpTo(t *testing.T, got, want string) (string, string) {
	t.Helper()
	var a, b shared.Timeline
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if more := len(a.Activities) - len(b.Activities); more > 0 {
		a.Activities = a.Activities[more:]
	}
	return inJSON(t, a), inJSON(t, b)
}

// auditUpTo leaves out of an audit what came after another one.
func auditUpTo(t *testing.T, got, want string) (string, string) {
	t.Helper()
	var a, b shared.AuditList
	if err := errors.Join(json.Unmarshal([]byte(got), &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatal(err)
	}
	if len(b.Entries) < len(a.Entries) {
		a.Entries = a.Entries[:len(b.Entries)]
	}
	return inJSON(t, a.Entries), inJSON(t, b.Entries)
}

func inJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

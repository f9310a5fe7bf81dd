package identity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/server/sqlite"
	"cartline/shared"
)

const annsEmail = "Ann.Lee@Example.com"

// counter is a Customers over a real store, with the account of Ann.
type counter struct {
	*identity.Customers
	t        *testing.T
	store    *sqlite.Store
	shoppers *identity.Shoppers
	clock    *clock
	ann      identity.Customer
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	store := openStore(t)
	c := &counter{
		Customers: identity.NewCustomers(store, identity.NewHasher()),
		t:         t,
		store:     store,
		shoppers:  identity.NewShoppers(store),
		clock:     &clock{at: noon},
	}
	c.SetClock(c.clock.now)
	c.shoppers.SetClock(c.clock.now)
	var err error
	if c.ann, err = c.SignUp(t.Context(), "198.51.100.9", signUp(annsEmail)); err != nil {
		t.Fatal(err)
	}
	return c
}

func signUp(email string) shared.SignUp {
	return shared.SignUp{Name: " Ann Lee ", Email: email, Password: password}
}

// try signs in and returns the code of the problem, or "".
func (c *counter) try(address, email, password string) shared.Code {
	c.t.Helper()
	customer, err := c.Verify(c.t.Context(), address, shared.CustomerSignIn{Email: email, Password: password})
	if (err == nil) != (customer.ID != "") {
		c.t.Errorf("got %+v and error %v", customer, err)
	}
	return codeOf(c.t, err)
}

func (c *counter) begin(oldToken string) (token string, session identity.Shopper) {
	c.t.Helper()
	token, session, err := c.Begin(c.t.Context(), c.ann, oldToken)
	if err != nil {
		c.t.Fatal(err)
	}
	return token, session
}

// who returns the customer of a token, "guest", or "" for nobody.
func (c *counter) who(token string) string {
	c.t.Helper()
	shopper, found, err := c.shoppers.Find(c.t.Context(), token)
	switch {
	case err != nil:
		c.t.Fatal(err)
	case found && shopper.Customer == "":
		return "guest"
	}
	return shopper.Customer
}

func (c *counter) want(name string, got, want shared.Code) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s: got code %q, want %q", name, got, want)
	}
}

func TestSignUp(t *testing.T) {
	c := openCounter(t)
	if c.ann.Name != "Ann Lee" || c.ann.Email != annsEmail || c.ann.ID == "" || c.ann.Shopper == "" || c.ann.ID == c.ann.Shopper ||
		!c.ann.CreatedAt.Equal(noon) || !c.ann.HasPassword() || strings.Contains(c.ann.PasswordHash, password) {
		t.Errorf("got %+v", c.ann)
	}
	if got, want := c.ann.Public(), (shared.Customer{ID: c.ann.ID, Name: "Ann Lee", Email: annsEmail}); got != want {
		t.Errorf("public: got %+v, want %+v", got, want)
	}
	bob, err := c.SignUp(t.Context(), "a", signUp("bob@example.com"))
	if err != nil || bob.ID == c.ann.ID || bob.Shopper == c.ann.Shopper {
		t.Errorf("got %+v after %+v, %v; want another", bob, c.ann, err)
	}
	got, found, err := c.ByID(t.Context(), c.ann.ID)
	if err != nil || !found || got != c.ann {
		t.Errorf("got %+v, %v, %v; want %+v", got, found, err, c.ann)
	}
	for _, nobody := range []string{"", "nobody", c.ann.Shopper, "\x00"} {
		if got, found, err := c.ByID(t.Context(), nobody); found || err != nil || got != (identity.Customer{}) {
			t.Errorf("%q: got %+v, %v, %v; want nobody", nobody, got, found, err)
		}
	}
}

func TestSignUpRefuses(t *testing.T) {
	c := openCounter(t)
	tests := []struct {
		name  string
		in    shared.SignUp
		code  shared.Code
		field string
	}{
		{"taken", signUp(annsEmail), shared.CodeEmailTaken, "email"},
		{"taken, in lower case", signUp(strings.ToLower(annsEmail)), shared.CodeEmailTaken, "email"},
		{"taken, in upper case", signUp(strings.ToUpper(annsEmail)), shared.CodeEmailTaken, "email"},
		{"no name", shared.SignUp{Name: " ", Email: "bob@example.com", Password: password}, shared.CodeInvalid, "name"},
		{"no address", signUp("bob"), shared.CodeInvalid, "email"},
		{"U+0000", signUp("bob\x00@example.com"), shared.CodeInvalid, "email"},
		{"a short password", shared.SignUp{Name: "Bob", Email: "bob@example.com", Password: "1234567"}, shared.CodeInvalid, "password"},
	}
	for _, test := range tests {
		got, err := c.SignUp(t.Context(), "a", test.in)
		if p := shared.ProblemOf(err); err == nil || p.Code != test.code || p.Field != test.field || got != (identity.Customer{}) {
			t.Errorf("%s: got %+v, %v; want code %s for %s", test.name, got, err, test.code, test.field)
		}
	}
	if all, err := c.List(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("got %+v, %v; want Ann alone", all, err)
	}
}

// Of those who sign up with one address at the same time, one gets it.
func TestSignUpsRace(t *testing.T) {
	c := openCounter(t)
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			email := []string{"bob@example.com", "Bob@example.com", "BOB@EXAMPLE.COM"}[i%3]
			_, err := c.SignUp(t.Context(), fmt.Sprint("192.0.2.", i), signUp(email))
			switch {
			case err == nil:
				won.Add(1)
			case shared.ProblemOf(err).Code == shared.CodeEmailTaken:
				lost.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if w, l := won.Load(), lost.Load(); w != 1 || l != 11 {
		t.Errorf("%d got the address and %d did not, want 1 and 11", w, l)
	}
	if all, err := c.ByEmail(t.Context(), "bob@example.com"); err != nil || len(all) != 1 {
		t.Errorf("got %+v, %v; want one account", all, err)
	}
}

// late is a store that finds an address free which is not, as it is for whoever is
// second by a moment.
type late struct{ identity.Store }

func (late) CustomerByEmail(context.Context, string) (identity.Customer, error) {
	return identity.Customer{}, identity.ErrNotFound
}

func TestSignUpSecondByAMoment(t *testing.T) {
	c := openCounter(t)
	_, err := identity.NewCustomers(late{c.store}, identity.NewHasher()).SignUp(t.Context(), "a", signUp(annsEmail))
	c.want("second", codeOf(t, err), shared.CodeEmailTaken)
}

// An address on the network may find out about so many e-mail addresses, and sign
// up as often as it likes.
func TestSignUpThrottle(t *testing.T) {
	c := openCounter(t)
	try := func(address, email string) shared.Code {
		_, err := c.SignUp(t.Context(), address, signUp(email))
		return codeOf(t, err)
	}
	for i := range identity.FailuresByAddress {
		c.want("a new one", try("2001:db8::1", fmt.Sprintf("new%d@example.com", i)), "")
		c.want("taken", try(fmt.Sprintf("2001:db8::%x", i), annsEmail), shared.CodeEmailTaken) // one network
	}
	_, err := c.SignUp(t.Context(), "2001:db8::1", signUp("one@example.com"))
	if p := shared.ProblemOf(err); p.Code != shared.CodeTooMany || p.RetryAfter != int(identity.FailureWindow/time.Second) {
		t.Errorf("got %+v, want code %s and to wait %v", p, shared.CodeTooMany, identity.FailureWindow)
	}
	c.want("from elsewhere", try("b", annsEmail), shared.CodeEmailTaken)
	c.want("signing in", c.try("2001:db8::1", annsEmail, password), "")
	c.clock.advance(identity.FailureWindow)
	c.want("the first is forgotten", try("2001:db8::1", "one@example.com"), "")
}

func TestVerify(t *testing.T) {
	c := openCounter(t)
	noted, err := c.Add(t.Context(), "Noah", "noah@example.com")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, email, password string
		want                  shared.Code
	}{
		{"as it was typed", annsEmail, password, ""},
		{"in lower case", strings.ToLower(annsEmail), password, ""},
		{"in upper case", strings.ToUpper(annsEmail), password, ""},
		{"wrong password", annsEmail, "wrong", shared.CodeBadCredentials},
		{"in other letters", annsEmail, strings.ToUpper(password), shared.CodeBadCredentials},
		{"unknown", "nobody@example.com", password, shared.CodeBadCredentials},
		{"who has no password", noted.Email, password, shared.CodeBadCredentials},
		{"nothing like an address", "Ann", password, shared.CodeBadCredentials},
		{"an address that nobody can have", annsEmail + "\x00", password, shared.CodeBadCredentials},
		{"bytes", "\xff@example.com", password, shared.CodeBadCredentials},
		{"a pattern", "%", password, shared.CodeBadCredentials},
		{"letters that ASCII doesn't have", "ſann.lee@example.com", password, shared.CodeBadCredentials},
		{"no address", "", password, shared.CodeInvalid},
		{"no password", annsEmail, "", shared.CodeInvalid},
		{"a long address", strings.Repeat("z", shared.MaxEmail+1), password, shared.CodeInvalid},
		{"a long password", annsEmail, strings.Repeat("z", shared.MaxPassword+1), shared.CodeInvalid},
	}
	for _, test := range tests {
		c.want(test.name, c.try("192.0.2.1", test.email, test.password), test.want)
	}
	// What is told doesn't say whether the address or the password was wrong.
	_, wrong := c.Verify(t.Context(), "a", shared.CustomerSignIn{Email: annsEmail, Password: "wrong"})
	_, unknown := c.Verify(t.Context(), "a", shared.CustomerSignIn{Email: "nobody@example.com", Password: "wrong"})
	want := shared.Problem{Code: shared.CodeBadCredentials, Detail: "E-mail address or password is wrong."}
	if wrong == nil || unknown == nil || *shared.ProblemOf(wrong) != want || *shared.ProblemOf(unknown) != want {
		t.Errorf("got %v and %v, want %v for both", wrong, unknown, want)
	}
}

// hasty is a store that knows customers even when the context has ended, and notes
// for whom it was asked.
type hasty struct {
	identity.Store
	asked []string
}

func (h *hasty) CustomerByEmail(ctx context.Context, key string) (identity.Customer, error) {
	h.asked = append(h.asked, key)
	return h.Store.CustomerByEmail(context.WithoutCancel(ctx), key)
}

func (h *hasty) CustomersByEmail(ctx context.Context, key string) ([]identity.Customer, error) {
	h.asked = append(h.asked, key)
	return h.Store.CustomersByEmail(ctx, key)
}

func (h *hasty) Customer(ctx context.Context, id string) (identity.Customer, error) {
	h.asked = append(h.asked, id)
	return h.Store.Customer(ctx, id)
}

// Known or not, each sign-in waits for its hash, in one line with the staff; and
// when it is given up, no try is used up.
func TestEverySignInOfCustomersIsHashed(t *testing.T) {
	c := openCounter(t)
	store := &hasty{Store: c.store}
	staff := identity.NewStaff(store)
	customers := identity.NewCustomers(store, staff.Hasher())
	defer staff.Hasher().Occupy()()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, email := range []string{annsEmail, "nobody@example.com", "no\x00body@example.com"} {
		for range identity.FailuresByName + 1 {
			_, err := customers.Verify(ctx, "a", shared.CustomerSignIn{Email: email, Password: password})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%q: got %v, want the context's error", email, err)
			}
		}
	}
	for range identity.FailuresByAddress + 1 {
		if _, err := customers.SignUp(ctx, "a", signUp("bob@example.com")); !errors.Is(err, context.Canceled) {
			t.Fatalf("signing up: got %v, want the context's error", err)
		}
	}
	if slices.Contains(store.asked, "no\x00body@example.com") || !slices.Contains(store.asked, "nobody@example.com") {
		t.Errorf("the store was asked for %q", store.asked)
	}
}

func TestCustomerThrottleByEmail(t *testing.T) {
	c := openCounter(t)
	for i := range identity.FailuresByName {
		email := []string{annsEmail, strings.ToLower(annsEmail), strings.ToUpper(annsEmail)}[i%3]
		c.want("a failure", c.try(fmt.Sprint("192.0.2.", i), email, "wrong"), shared.CodeBadCredentials)
		c.clock.advance(time.Second)
	}
	_, err := c.Verify(t.Context(), "198.51.100.1", shared.CustomerSignIn{Email: annsEmail, Password: password})
	p := shared.ProblemOf(err)
	first := identity.FailureWindow - identity.FailuresByName*time.Second // until the first is forgotten
	if want := int(first / time.Second); p.Code != shared.CodeTooMany || p.RetryAfter != want {
		t.Errorf("got %+v, want code %s and to wait %d s", p, shared.CodeTooMany, want)
	}
	for range identity.FailuresByAddress { // which are not tried, and so don't count against where they come from
		c.want("again", c.try("198.51.100.1", annsEmail, "wrong"), shared.CodeTooMany)
	}
	c.want("another one", c.try("198.51.100.1", "bob@example.com", "wrong"), shared.CodeBadCredentials)
	c.clock.advance(first)
	c.want("the window is over", c.try("198.51.100.1", annsEmail, password), "")
}

func TestCustomerThrottleByAddress(t *testing.T) {
	c := openCounter(t)
	for i := range identity.FailuresByAddress {
		if i%(identity.FailuresByName-1) == 0 {
			c.want("a success forgives the name alone", c.try("192.0.2.1", annsEmail, password), "")
		}
		c.want("a failure", c.try("192.0.2.1", annsEmail, "wrong"), shared.CodeBadCredentials)
	}
	c.want("one more", c.try("192.0.2.1", annsEmail, password), shared.CodeTooMany)
	c.want("from elsewhere", c.try("192.0.2.2", annsEmail, password), "")
	c.clock.advance(identity.FailureWindow)
	c.want("the window is over", c.try("192.0.2.1", annsEmail, password), "")
}

// A customer's session ends whatever was there before: a guest's, or one that was
// planted. All of a customer's sessions are of the same shopper.
func TestCustomerSessions(t *testing.T) {
	c := openCounter(t)
	guest, guestSession, err := c.shoppers.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	phone, session := c.begin(guest)
	if phone == guest || session.ID != c.ann.Shopper || session.ID == guestSession.ID || session.Customer != c.ann.ID ||
		!session.ExpiresAt.Equal(noon.Add(identity.ShopperLifetime)) {
		t.Errorf("got %+v for %+v", session, c.ann)
	}
	found, ok, err := c.shoppers.Find(t.Context(), phone)
	if err != nil || !ok || found.ID != session.ID || found.Customer != c.ann.ID {
		t.Errorf("got %+v, %v, %v; want %+v", found, ok, err, session)
	}
	if got := c.who(guest); got != "" {
		t.Errorf("the guest's token is still that of %q", got)
	}
	desk, again := c.begin("")
	if desk == phone || again.ID != session.ID {
		t.Errorf("got %+v on another device, want the shopper %q", again, session.ID)
	}
	for _, rubbish := range []string{"rubbish", strings.Repeat("x", 1<<20), "\x00\xff"} {
		c.begin(rubbish) // no harm
	}
	if sessions, err := c.Sessions(t.Context(), c.ann.ID); err != nil || len(sessions) != 5 {
		t.Errorf("got %+v, %v; want five sessions", sessions, err)
	}
	for _, token := range []string{phone, phone, "", "rubbish", strings.Repeat("x", 1<<20)} { // to repeat is harmless
		if err := c.End(t.Context(), token); err != nil {
			t.Errorf("%.20q: %v", token, err)
		}
	}
	if c.who(phone) != "" || c.who(desk) != c.ann.ID {
		t.Error("not that session alone has ended")
	}
	c.clock.advance(identity.ShopperLifetime)
	if c.who(desk) != "" {
		t.Error("the session doesn't expire")
	}
}

func TestShoppersRevalidate(t *testing.T) {
	c := openCounter(t)
	token, session := c.begin("")
	got, found, err := c.shoppers.Revalidate(t.Context(), session.Hash)
	if err != nil || !found || got.ID != session.ID || got.Customer != c.ann.ID {
		t.Errorf("got %+v, %v, %v; want %+v", got, found, err, session)
	}
	if err := c.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if got, found, err := c.shoppers.Revalidate(t.Context(), session.Hash); err != nil || found || got.ID != "" {
		t.Errorf("ended: got %+v, %v, %v", got, found, err)
	}
}

// A hash made with other parameters is renewed by the next sign-in, and by none
// that fails. Sessions stay.
func TestOutdatedHashesOfCustomersAreRenewed(t *testing.T) {
	c := openCounter(t)
	ctx := t.Context()
	old, err := identity.OtherHash(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.store.RehashCustomer(ctx, c.ann.ID, c.ann.PasswordHash, old); err != nil {
		t.Fatal(err)
	}
	hash := func() string {
		got, err := c.store.Customer(ctx, c.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.PasswordHash
	}
	token, _ := c.begin("")
	c.want("wrong password", c.try("a", annsEmail, "wrong"), shared.CodeBadCredentials)
	if hash() != old {
		t.Error("a failure renewed the hash")
	}
	c.want("right password", c.try("a", annsEmail, password), "")
	renewed := hash()
	if renewed == old || identity.IsOutdated(renewed) {
		t.Errorf("got %q, want one with today's parameters", renewed)
	}
	c.want("once more", c.try("a", annsEmail, password), "")
	if hash() != renewed || c.who(token) != c.ann.ID {
		t.Error("a hash with today's parameters was renewed, or the session has ended")
	}
}

func (brokenStore) CustomerByEmail(context.Context, string) (identity.Customer, error) {
	return identity.Customer{}, errBroken
}

func (brokenStore) AddCustomer(context.Context, identity.Customer) error { return errBroken }

func (brokenStore) Customer(context.Context, string) (identity.Customer, error) {
	return identity.Customer{}, errBroken
}

func (brokenStore) CustomersByEmail(context.Context, string) ([]identity.Customer, error) {
	return nil, errBroken
}

func (brokenStore) EndShopper(context.Context, []byte) error { return errBroken }

func (brokenStore) EraseCustomer(context.Context, string) error { return errBroken }

// full is a database that still answers, but takes nothing more.
type full struct{ brokenStore }

func (full) CustomerByEmail(context.Context, string) (identity.Customer, error) {
	return identity.Customer{}, identity.ErrNotFound
}

// A database that fails is told as it is, and uses up no try.
func TestCustomersTellWhenTheStoreFails(t *testing.T) {
	ctx := t.Context()
	hasher := identity.NewHasher()
	broken, takesNothing := identity.NewCustomers(brokenStore{}, hasher), identity.NewCustomers(full{}, hasher)
	for name, do := range map[string]func() error{
		"sign up":         func() error { _, err := broken.SignUp(ctx, "a", signUp(annsEmail)); return err },
		"sign up, at end": func() error { _, err := takesNothing.SignUp(ctx, "a", signUp(annsEmail)); return err },
		"verify": func() error {
			_, err := broken.Verify(ctx, "a", shared.CustomerSignIn{Email: annsEmail, Password: password})
			return err
		},
	} {
		for range identity.FailuresByAddress + 1 {
			if err := do(); err != errBroken {
				t.Fatalf("%s: got %v, want %v", name, err, errBroken)
			}
		}
	}
	for name, do := range map[string]func() error{
		"begin":    func() error { _, _, err := broken.Begin(ctx, identity.Customer{}, ""); return err },
		"end":      func() error { return broken.End(ctx, "token") },
		"add":      func() error { _, err := broken.Add(ctx, "Ann", ""); return err },
		"by ID":    func() error { _, _, err := broken.ByID(ctx, "ann"); return err },
		"by email": func() error { _, err := broken.ByEmail(ctx, annsEmail); return err },
		"erase":    func() error { _, err := broken.Erase(ctx, "ann"); return err },
	} {
		if err := do(); err != errBroken {
			t.Errorf("%s: got %v, want %v", name, err, errBroken)
		}
	}
}

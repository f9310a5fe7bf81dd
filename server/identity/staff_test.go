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
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// clock is a clock that is set by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	return sqlitetest.Open(t)
}

const password = "correct horse"

// office is a Staff over a real store, with the account zoe.
type office struct {
	*identity.Staff
	t     *testing.T
	store *sqlite.Store
	clock *clock
}

func openOffice(t *testing.T) *office {
	t.Helper()
	store := openStore(t)
	o := &office{Staff: identity.NewStaff(store), t: t, store: store, clock: &clock{at: noon}}
	o.SetClock(o.clock.now)
	if err := o.Add(t.Context(), "zoe", password, []string{shared.RoleEventListener}); err != nil {
		t.Fatal(err)
	}
	return o
}

// try signs in and returns the code of the problem, or "".
func (o *office) try(address, username, password string) shared.Code {
	o.t.Helper()
	token, _, err := o.SignIn(o.t.Context(), address, shared.SignIn{Username: username, Password: password}, "")
	if (err == nil) != (token != "") {
		o.t.Errorf("got token %q and error %v", token, err)
	}
	return codeOf(o.t, err)
}

func (o *office) signIn(oldToken string) (token string, session identity.Session) {
	o.t.Helper()
	token, session, err := o.SignIn(o.t.Context(), "192.0.2.1", shared.SignIn{Username: "zoe", Password: password}, oldToken)
	if err != nil {
		o.t.Fatal(err)
	}
	return token, session
}

// who returns the code with which a token is refused, or "".
func (o *office) who(token string) shared.Code {
	o.t.Helper()
	_, err := o.Authenticate(o.t.Context(), token)
	return codeOf(o.t, err)
}

func codeOf(t *testing.T, err error) shared.Code {
	t.Helper()
	var p *shared.Problem
	if err != nil && !errors.As(err, &p) {
		t.Fatalf("got %v, want a *Problem", err)
	}
	if p == nil {
		return ""
	}
	return p.Code
}

func (o *office) want(name string, got, want shared.Code) {
	o.t.Helper()
	if got != want {
		o.t.Errorf("%s: got code %q, want %q", name, got, want)
	}
}

func TestSignIn(t *testing.T) {
	o := openOffice(t)
	token, session := o.signIn("")
	if session.Username != "zoe" || !slices.Equal(session.Roles, []string{shared.RoleEventListener}) ||
		!session.CreatedAt.Equal(noon) || !session.ExpiresAt.Equal(noon.Add(identity.StaffLifetime)) {
		t.Errorf("got %+v", session)
	}
	got, err := o.Authenticate(t.Context(), token)
	if err != nil || got.Username != "zoe" || !got.ExpiresAt.Equal(session.ExpiresAt) || !slices.Equal(got.Hash, session.Hash) {
		t.Errorf("got %+v, %v; want %+v", got, err, session)
	}
	if !got.Has(shared.RoleEventListener) || got.Has(shared.RoleAdmin) || got.Has("") {
		t.Errorf("got the roles %v", got.Roles)
	}
}

func TestSignInRefuses(t *testing.T) {
	o := openOffice(t)
	tests := []struct {
		name, username, password string
		want                     shared.Code
	}{
		{"wrong password", "zoe", "wrong", shared.CodeBadCredentials},
		{"in other letters", "zoe", strings.ToUpper(password), shared.CodeBadCredentials},
		{"another one's name", "adam", password, shared.CodeBadCredentials},
		{"name in other letters", "Zoe", password, shared.CodeBadCredentials},
		{"a name that nobody can have", "zoe\x00", password, shared.CodeBadCredentials},
		{"space around", " zoe ", password, shared.CodeBadCredentials},
		{"no name", "", password, shared.CodeInvalid},
		{"no password", "zoe", "", shared.CodeInvalid},
		{"a long name", strings.Repeat("z", shared.MaxUsername+1), password, shared.CodeInvalid},
		{"a long password", "zoe", strings.Repeat("z", shared.MaxPassword+1), shared.CodeInvalid},
	}
	for _, test := range tests {
		o.want(test.name, o.try("192.0.2.1", test.username, test.password), test.want)
	}
	// What is told doesn't say whether the name or the password was wrong.
	_, _, wrong := o.SignIn(t.Context(), "a", shared.SignIn{Username: "zoe", Password: "wrong"}, "")
	_, _, unknown := o.SignIn(t.Context(), "a", shared.SignIn{Username: "nobody", Password: "wrong"}, "")
	if wrong == nil || unknown == nil || *shared.ProblemOf(wrong) != *shared.ProblemOf(unknown) {
		t.Errorf("got %v and %v, want the same", wrong, unknown)
	}
}

// patient is a store that finds accounts even when the context has ended, and
// notes for whom it was asked.
type patient struct {
	identity.Store
	asked []string
}

func (p *patient) Staff(ctx context.Context, username string) (identity.Account, error) {
	p.asked = append(p.asked, username)
	return p.Store.Staff(context.WithoutCancel(ctx), username)
}

// Known or not, each sign-in waits for its hash, so that the time it takes tells
// nothing; and when it is given up, no try is used up.
func TestEverySignInIsHashed(t *testing.T) {
	o := openOffice(t)
	store := &patient{Store: o.store}
	staff := identity.NewStaff(store)
	release := staff.Hasher().Occupy()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"zoe", "nobody", "no\x00body"} {
		for range identity.FailuresByName + 1 {
			_, _, err := staff.SignIn(ctx, "192.0.2.1", shared.SignIn{Username: name, Password: password}, "")
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%q: got %v, want the context's error", name, err)
			}
		}
	}
	if slices.Contains(store.asked, "no\x00body") || !slices.Contains(store.asked, "nobody") {
		t.Errorf("the store was asked for %q", store.asked)
	}
}

func TestThrottleByUsername(t *testing.T) {
	o := openOffice(t)
	for i := range identity.FailuresByName {
		o.want("a failure", o.try(fmt.Sprint("192.0.2.", i), []string{"zoe", "Zoe", "ZOE"}[i%3], "wrong"), shared.CodeBadCredentials)
		o.clock.advance(time.Second)
	}
	_, _, err := o.SignIn(t.Context(), "198.51.100.1", shared.SignIn{Username: "zoe", Password: password}, "")
	p := shared.ProblemOf(err)
	first := identity.FailureWindow - identity.FailuresByName*time.Second // until the first is forgotten
	if want := int(first / time.Second); p.Code != shared.CodeTooMany || p.RetryAfter != want {
		t.Errorf("got %+v, want code %s and to wait %d s", p, shared.CodeTooMany, want)
	}
	o.want("another name", o.try("198.51.100.1", "adam", "wrong"), shared.CodeBadCredentials)
	o.clock.advance(first)
	o.want("the first is forgotten", o.try("198.51.100.1", "zoe", password), "")
}

func TestThrottleByAddress(t *testing.T) {
	o := openOffice(t)
	for i := range identity.FailuresByAddress {
		o.want("a failure", o.try("192.0.2.1", fmt.Sprint("nobody", i), "wrong"), shared.CodeBadCredentials)
	}
	o.want("one more", o.try("192.0.2.1", "zoe", password), shared.CodeTooMany)
	o.want("from elsewhere", o.try("192.0.2.2", "zoe", password), "")
	o.clock.advance(identity.FailureWindow)
	o.want("the window is over", o.try("192.0.2.1", "zoe", password), "")
}

// Who has a network of IPv6 has no more tries than who has one address.
func TestThrottleByNetwork(t *testing.T) {
	o := openOffice(t)
	for i := range identity.FailuresByAddress {
		o.want("a failure", o.try(fmt.Sprintf("2001:db8::%x", i), fmt.Sprint("nobody", i), "wrong"), shared.CodeBadCredentials)
	}
	o.want("one more", o.try("2001:db8::ffff", "zoe", password), shared.CodeTooMany)
	o.want("another network", o.try("2001:db8:0:1::1", "zoe", password), "")
}

// A success forgives the name's failures, and doesn't count against the address,
// whose failures stay.
func TestSuccessForgives(t *testing.T) {
	o := openOffice(t)
	for i := range identity.FailuresByAddress {
		if i%(identity.FailuresByName-1) == 0 {
			o.want("a success", o.try("192.0.2.1", "zoe", password), "")
		}
		o.want("a failure", o.try("192.0.2.1", "zoe", "wrong"), shared.CodeBadCredentials)
	}
	o.want("too many from there", o.try("192.0.2.1", "zoe", password), shared.CodeTooMany)
	o.want("from elsewhere", o.try("192.0.2.2", "zoe", password), "")
}

func TestConcurrentSignInsKeepTheLimit(t *testing.T) {
	o := openOffice(t)
	var failed, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 3 * identity.FailuresByName {
		wg.Go(func() {
			_, _, err := o.SignIn(t.Context(), fmt.Sprint("192.0.2.", i), shared.SignIn{Username: "zoe", Password: "wrong"}, "")
			switch shared.ProblemOf(err).Code {
			case shared.CodeBadCredentials:
				failed.Add(1)
			case shared.CodeTooMany:
				refused.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if f, r := failed.Load(), refused.Load(); f != identity.FailuresByName || r != 2*identity.FailuresByName {
		t.Errorf("%d were tried and %d refused, want %d and %d", f, r, identity.FailuresByName, 2*identity.FailuresByName)
	}
}

func TestSignInReplacesTheOldSession(t *testing.T) {
	o := openOffice(t)
	planted, _ := o.signIn("")
	elsewhere, _ := o.signIn("")
	fresh, _ := o.signIn(planted)
	if fresh == planted {
		t.Error("the token is the old one")
	}
	o.want("planted", o.who(planted), shared.CodeUnauthorized)
	o.want("elsewhere", o.who(elsewhere), "")
	o.want("fresh", o.who(fresh), "")
	for _, rubbish := range []string{"rubbish", strings.Repeat("x", 1<<20), "\x00\xff"} {
		o.signIn(rubbish) // no harm
	}
	// A sign-in that fails ends nothing.
	_, _, err := o.SignIn(t.Context(), "a", shared.SignIn{Username: "zoe", Password: "wrong"}, fresh)
	o.want("failure", codeOf(t, err), shared.CodeBadCredentials)
	o.want("fresh, after a failure", o.who(fresh), "")
}

func TestAuthenticateRefuses(t *testing.T) {
	o := openOffice(t)
	token, session := o.signIn("")
	for name, rubbish := range map[string]string{
		"none": "", "rubbish": "rubbish", "bytes": "\x00\xff", "half": token[:13], "in lower case": strings.ToLower(token),
		"its hash": string(session.Hash), "as long as can be": strings.Repeat("A", identity.MaxToken), "oversized": strings.Repeat("A", 1<<20),
	} {
		o.want(name, o.who(rubbish), shared.CodeUnauthorized)
	}
	o.want("the token", o.who(token), "")
}

func TestSessionsExpire(t *testing.T) {
	o := openOffice(t)
	token, session := o.signIn("")
	o.clock.advance(identity.StaffLifetime - time.Microsecond)
	o.want("to the last moment", o.who(token), "")
	o.clock.advance(time.Microsecond)
	o.want("expired", o.who(token), shared.CodeUnauthorized)
	_, err := o.Revalidate(t.Context(), session.Hash)
	o.want("expired, by its hash", codeOf(t, err), shared.CodeUnauthorized)
}

func TestSignOut(t *testing.T) {
	o := openOffice(t)
	token, _ := o.signIn("")
	other, _ := o.signIn("")
	for _, token := range []string{token, token, "", "rubbish", strings.Repeat("x", 1<<20)} { // to repeat is harmless
		if err := o.SignOut(t.Context(), token); err != nil {
			t.Errorf("%.20q: %v", token, err)
		}
	}
	o.want("signed out", o.who(token), shared.CodeUnauthorized)
	o.want("elsewhere", o.who(other), "")
}

func TestRolesAreThoseOfTheMoment(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	token, session := o.signIn("")
	steps := []struct{ set, want []string }{
		{[]string{shared.RoleDiscounter, shared.RoleAdmin, shared.RoleAdmin}, []string{shared.RoleAdmin, shared.RoleDiscounter}},
		{nil, nil},
		{[]string{shared.RoleCartEditor}, []string{shared.RoleCartEditor}},
	}
	for _, step := range steps {
		if err := o.SetRoles(ctx, "zoe", step.set); err != nil {
			t.Fatal(err)
		}
		got, err := o.Authenticate(ctx, token)
		if err != nil || !slices.Equal(got.Roles, step.want) {
			t.Errorf("authenticate: got %v, %v; want %v", got.Roles, err, step.want)
		}
		if got, err = o.Revalidate(ctx, session.Hash); err != nil || !slices.Equal(got.Roles, step.want) {
			t.Errorf("revalidate: got %v, %v; want %v", got.Roles, err, step.want)
		}
	}
}

func TestWhatEndsSessions(t *testing.T) {
	tests := []struct {
		name string
		do   func(*office) error
	}{
		{"another password", func(o *office) error { return o.SetPassword(o.t.Context(), "zoe", "another horse") }},
		{"removal", func(o *office) error { return o.Remove(o.t.Context(), "zoe") }},
	}
	for _, test := range tests {
		o := openOffice(t)
		token, _ := o.signIn("")
		if err := test.do(o); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		o.want(test.name, o.who(token), shared.CodeUnauthorized)
		o.want(test.name+": the old password", o.try("a", "zoe", password), shared.CodeBadCredentials)
	}
}

func TestAdd(t *testing.T) {
	o := openOffice(t)
	tests := []struct {
		name, username, password string
		roles                    []string
		field                    string // "" if it is accepted
	}{
		{"the longest name", strings.Repeat("a", shared.MaxUsername), password, nil, ""},
		{"an address", "Ann.Lee-2_x@example.org", password, []string{shared.RoleAdmin}, ""},
		{"twice", "zoe", password, nil, "username"},
		{"no name", "", password, nil, "username"},
		{"too long a name", strings.Repeat("a", shared.MaxUsername+1), password, nil, "username"},
		{"a space", "ann lee", password, nil, "username"},
		{"a line break", "ann\n", password, nil, "username"},
		{"U+0000", "ann\x00", password, nil, "username"},
		{"a dot first", ".ann", password, nil, "username"},
		{"not ASCII", "zoë", password, nil, "username"},
		{"a short password", "ann", "1234567", nil, "password"},
		{"a long password", "ann", strings.Repeat("x", shared.MaxPassword+1), nil, "password"},
		{"an unknown role", "ann", password, []string{shared.RoleAdmin, "root"}, "role"},
		{"an empty role", "ann", password, []string{""}, "role"},
	}
	for _, test := range tests {
		err := o.Add(t.Context(), test.username, test.password, test.roles)
		if test.field == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			o.want(test.name, o.try("a", test.username, password), "")
			continue
		}
		if p := shared.ProblemOf(err); err == nil || p.Code != shared.CodeInvalid || p.Field != test.field {
			t.Errorf("%s: got %v, want code %s for %s", test.name, err, shared.CodeInvalid, test.field)
		}
	}
	accounts, err := o.List(t.Context())
	if err != nil || len(accounts) != 3 {
		t.Fatalf("got %+v, %v; want 3 accounts", accounts, err)
	}
	for _, account := range accounts {
		if account.PasswordHash != "" || account.Username == "" {
			t.Errorf("listed: %+v, want a name and no hash", account)
		}
	}
}

func TestChangesOfNobody(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	for name, err := range map[string]error{
		"password": o.SetPassword(ctx, "nobody", password),
		"roles":    o.SetRoles(ctx, "nobody", nil),
		"remove":   o.Remove(ctx, "nobody"),
	} {
		o.want(name, codeOf(t, err), shared.CodeNotFound)
	}
	o.want("an unknown role", codeOf(t, o.SetRoles(ctx, "zoe", []string{"root"})), shared.CodeInvalid)
	o.want("a short password", codeOf(t, o.SetPassword(ctx, "zoe", "short")), shared.CodeInvalid)
}

// A hash made with other parameters is renewed by the next sign-in, and by none
// that fails. Sessions stay.
func TestOutdatedHashesAreRenewed(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	old, err := identity.OtherHash(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.SetPassword(ctx, "zoe", old, nil); err != nil {
		t.Fatal(err)
	}
	hash := func() string {
		account, err := o.store.Staff(ctx, "zoe")
		if err != nil {
			t.Fatal(err)
		}
		return account.PasswordHash
	}
	o.want("wrong password", o.try("a", "zoe", "wrong"), shared.CodeBadCredentials)
	if hash() != old {
		t.Error("a failure renewed the hash")
	}
	first, _ := o.signIn("")
	renewed := hash()
	if renewed == old || identity.IsOutdated(renewed) {
		t.Errorf("got %q, want one with today's parameters", renewed)
	}
	o.signIn("")
	if hash() != renewed {
		t.Error("a hash with today's parameters was renewed")
	}
	o.want("the session from before", o.who(first), "")
}

// brokenStore is a database that has gone.
type brokenStore struct{ identity.Store }

var errBroken = errors.New("disk I/O error")

func (brokenStore) Staff(context.Context, string) (identity.Account, error) {
	return identity.Account{}, errBroken
}

func (brokenStore) Session(context.Context, []byte) (identity.Session, error) {
	return identity.Session{}, errBroken
}

func (brokenStore) AddShopper(context.Context, identity.Shopper, []byte) error { return errBroken }

func (brokenStore) Shopper(context.Context, []byte) (identity.Shopper, error) {
	return identity.Shopper{}, errBroken
}

// A database that fails is nobody's wrong password: it is told as it is, and
// uses up no try.
func TestStoreThatFails(t *testing.T) {
	staff := identity.NewStaff(brokenStore{})
	for range identity.FailuresByAddress + 1 {
		if _, _, err := staff.SignIn(t.Context(), "a", shared.SignIn{Username: "zoe", Password: password}, ""); err != errBroken {
			t.Fatalf("sign in: got %v, want %v", err, errBroken)
		}
	}
	if _, err := staff.Authenticate(t.Context(), "token"); err != errBroken {
		t.Errorf("authenticate: got %v, want %v", err, errBroken)
	}
}

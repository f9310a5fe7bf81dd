package identity_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"cartline/server/identity"
	"cartline/shared"
)

// guarded is an office whose zoe has a second factor.
type guarded struct {
	*office
	factor identity.SecondFactor
}

func openGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{office: openOffice(t)}
	var err error
	if g.factor, err = g.SetSecondFactor(t.Context(), "zoe"); err != nil {
		t.Fatal(err)
	}
	return g
}

// code returns what the app shows when its clock is off by so much.
func (g *guarded) code(off time.Duration) string {
	g.t.Helper()
	address, err := url.Parse(g.factor.URL)
	if err != nil || address.Scheme != "otpauth" || address.Host != "totp" || address.Path != "/Cartline:zoe" {
		g.t.Fatalf("got %q, %v", g.factor.URL, err)
	}
	code, err := totp.GenerateCode(address.Query().Get("secret"), g.clock.now().Add(off))
	if err != nil {
		g.t.Fatal(err)
	}
	return code
}

// with signs zoe in with a code and returns the problem, or nil.
func (g *guarded) with(password, code string) *shared.Problem {
	g.t.Helper()
	_, _, err := g.SignIn(g.t.Context(), "192.0.2.1", shared.SignIn{Username: "zoe", Password: password, Code: code}, "")
	if err == nil {
		return nil
	}
	return shared.ProblemOf(err)
}

func (g *guarded) refused(what, password, code string, want shared.Code, field string) {
	g.t.Helper()
	if p := g.with(password, code); p == nil || p.Code != want || p.Field != field {
		g.t.Errorf("%s: got %+v, want %s of %q", what, p, want, field)
	}
}

func (g *guarded) taken(what, code string) {
	g.t.Helper()
	if p := g.with(password, code); p != nil {
		g.t.Errorf("%s: got %+v", what, p)
	}
}

func TestSecondFactorIsAsked(t *testing.T) {
	g := openGuarded(t)
	g.refused("no code", password, "", shared.CodeSecondFactor, "code")
	g.refused("nothing but hyphens", password, " - ", shared.CodeSecondFactor, "code")
	g.refused("another code", password, g.code(time.Hour), shared.CodeBadCredentials, "code")
	g.refused("no code at all", password, "letters", shared.CodeBadCredentials, "code")
	// Who doesn't know the password isn't told that there is a second factor.
	g.refused("a wrong password and no code", "wrong", "", shared.CodeBadCredentials, "")
	g.refused("a wrong password and the right code", "wrong", g.code(0), shared.CodeBadCredentials, "")
	g.taken("the code", g.code(0))
	g.clock.advance(time.Minute)
	g.taken("with a space", g.code(0)[:3]+" "+g.code(0)[3:])
}

// Each code is good once, within one step of the server's clock either way.
func TestCodes(t *testing.T) {
	for _, test := range []struct {
		off   time.Duration
		taken bool
	}{
		{-61 * time.Second, false}, {-30 * time.Second, true}, {0, true}, {30 * time.Second, true}, {61 * time.Second, false},
	} {
		g := openGuarded(t) // at noon, when a step begins
		code := g.code(test.off)
		if got := g.with(password, code) == nil; got != test.taken {
			t.Errorf("an app that is off by %v: taken %v, want %v", test.off, got, test.taken)
		}
		g.refused("a second time", password, code, shared.CodeBadCredentials, "code")
	}
	// A code of before the one that was used isn't good any more, though its time is.
	g := openGuarded(t)
	g.taken("the next", g.code(30*time.Second))
	g.refused("the present one after the next", password, g.code(0), shared.CodeBadCredentials, "code")
}

func TestRecoveryCodes(t *testing.T) {
	g := openGuarded(t)
	if got := len(g.factor.Recovery); got != 10 {
		t.Fatalf("got %d codes, want ten", got)
	}
	for i, code := range g.factor.Recovery {
		if i%2 == 1 {
			code = strings.ToLower(strings.ReplaceAll(code, "-", " "))
		}
		g.taken("a recovery code", code)
		g.refused("a second time", password, code, shared.CodeBadCredentials, "code")
	}
	g.taken("the app is good as well", g.code(0))
}

// Codes are guessed as little as passwords, and knowing the password doesn't buy tries.
func TestCodesAreThrottled(t *testing.T) {
	g := openGuarded(t)
	for range identity.FailuresByName {
		g.refused("no code", password, "", shared.CodeSecondFactor, "code")
		g.refused("a guess", password, g.code(time.Hour), shared.CodeBadCredentials, "code")
	}
	g.refused("the right one, too late", password, g.code(0), shared.CodeTooMany, "")
	g.refused("without a code", password, "", shared.CodeTooMany, "")
	g.clock.advance(identity.FailureWindow)
	g.taken("later", g.code(0))
}

// Whoever knows the password may try codes for long, but few; that the owner signs in
// meanwhile doesn't give them more. A recovery code lets the owner in at any time.
func TestWrongCodesOfADay(t *testing.T) {
	g := openGuarded(t)
	for wrong := range identity.WrongCodes {
		if wrong%(identity.FailuresByName-1) == 0 {
			g.clock.advance(identity.FailureWindow)
			g.taken("the owner's", g.code(0))
		}
		g.refused("a guess", password, g.code(time.Hour), shared.CodeBadCredentials, "code")
	}
	g.clock.advance(identity.FailureWindow)
	g.refused("the right one, too late", password, g.code(0), shared.CodeTooMany, "")
	g.refused("no code", password, "", shared.CodeSecondFactor, "code")
	g.taken("a recovery code", g.factor.Recovery[0])
	g.clock.advance(identity.CodeWindow)
	g.taken("the next day", g.code(0))
}

func TestSecondFactorEndsSessions(t *testing.T) {
	o := openOffice(t)
	token, _ := o.signIn("")
	if _, err := o.SetSecondFactor(t.Context(), "zoe"); err != nil {
		t.Fatal(err)
	}
	o.want("a session that began without", o.who(token), shared.CodeUnauthorized)
	o.want("the password alone", o.try("192.0.2.1", "zoe", password), shared.CodeSecondFactor)
	if accounts, err := o.List(t.Context()); err != nil || accounts[0].Secret == "" || len(accounts[0].Secret) > 10 {
		t.Errorf("got %+v, %v; want to see that there is a secret, and not which", accounts, err)
	}
	if err := o.RemoveSecondFactor(t.Context(), "zoe"); err != nil {
		t.Fatal(err)
	}
	o.want("removed", o.try("192.0.2.1", "zoe", password), "")
	for _, name := range []string{"nobody", "zoe\x00"} {
		_, err := o.SetSecondFactor(t.Context(), name)
		o.want("of nobody", codeOf(t, err), shared.CodeNotFound)
	}
	o.want("twice", codeOf(t, o.RemoveSecondFactor(t.Context(), "zoe")), shared.CodeNotFound)
}

func TestChangePassword(t *testing.T) {
	o := openOffice(t)
	here, session := o.signIn("")
	there, _ := o.signIn("")
	change := func(current, next string) shared.Code {
		t.Helper()
		return codeOf(t, o.ChangePassword(t.Context(), "192.0.2.1", session, shared.ChangePassword{Current: current, New: next}))
	}
	const next = "battery staple"
	o.want("a wrong password", change("wrong", next), shared.CodeBadCredentials)
	for _, bad := range []string{"", "short", password, strings.Repeat("x", shared.MaxPassword+1)} {
		err := o.ChangePassword(t.Context(), "192.0.2.1", session, shared.ChangePassword{Current: password, New: bad})
		if p := shared.ProblemOf(err); p.Code != shared.CodeInvalid || p.Field != "new" {
			t.Errorf("%q: got %+v", bad, p)
		}
	}
	o.want("the session elsewhere, so far", o.who(there), "")
	o.want("changed", change(password, next), "")
	o.want("the session in which it was changed", o.who(here), "")
	o.want("the session elsewhere", o.who(there), shared.CodeUnauthorized)
	o.want("the old one", o.try("192.0.2.9", "zoe", password), shared.CodeBadCredentials)
	o.want("the new one", o.try("192.0.2.9", "zoe", next), "")

	// Guessing the present password is throttled together with signing in.
	for range identity.FailuresByName {
		o.want("a guess", change("wrong", "a third horse"), shared.CodeBadCredentials)
	}
	o.want("one more", change(next, "a third horse"), shared.CodeTooMany)
	o.want("signing in", o.try("192.0.2.9", "zoe", next), shared.CodeTooMany)
	o.clock.advance(identity.FailureWindow)
	if err := o.Remove(t.Context(), "zoe"); err != nil {
		t.Fatal(err)
	}
	o.want("removed", change(next, "a third horse"), shared.CodeBadCredentials)
}

// meddled is a store in which something happens after somebody's password was looked at,
// and before their session begins.
type meddled struct {
	identity.Store
	meddle func() error
	begun  []byte // the last session's hash
}

func (m *meddled) AddSession(ctx context.Context, session identity.Session, replaces []byte) error {
	m.begun = session.Hash
	return errors.Join(m.meddle(), m.Store.AddSession(ctx, session, replaces))
}

// Whoever is signing in with what was right a moment ago is no better off than those whose
// sessions were ended by its change.
func TestSignInWhileTheAccountChanges(t *testing.T) {
	for _, test := range []struct {
		name   string
		meddle func(o *office) error
		want   shared.Code
	}{
		{"nothing", func(*office) error { return nil }, ""},
		{"other roles", func(o *office) error { return o.SetRoles(o.t.Context(), "zoe", nil) }, ""},
		{"another password", func(o *office) error { return o.SetPassword(o.t.Context(), "zoe", "battery staple") }, shared.CodeBadCredentials},
		{"a second factor", func(o *office) error { _, err := o.SetSecondFactor(o.t.Context(), "zoe"); return err }, shared.CodeBadCredentials},
		{"removed", func(o *office) error { return o.Remove(o.t.Context(), "zoe") }, shared.CodeBadCredentials},
	} {
		o := openOffice(t)
		store := &meddled{Store: o.store, meddle: func() error { return test.meddle(o) }}
		_, _, err := identity.NewStaff(store).SignIn(t.Context(), "192.0.2.1", shared.SignIn{Username: "zoe", Password: password}, "")
		o.want(test.name, codeOf(t, err), test.want)
		if _, err := o.store.Session(t.Context(), store.begun); errors.Is(err, identity.ErrNotFound) != (test.want != "") {
			t.Errorf("%s: of its session: got %v", test.name, err)
		}
	}
}

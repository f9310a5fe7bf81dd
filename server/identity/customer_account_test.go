package identity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/server/identity"
	"cartline/shared"
)

// Staff may note several customers with one address, which stays free to sign up
// with; and that account is none of theirs.
func TestAddCustomer(t *testing.T) {
	c := openCounter(t)
	ctx := t.Context()
	add := func(name, email string) identity.Customer {
		t.Helper()
		c.clock.advance(time.Minute)
		noted, err := c.Add(ctx, name, email)
		if err != nil || noted.Name != strings.TrimSpace(name) || noted.Email != email || noted.HasPassword() || noted.ID == "" || noted.Shopper == "" {
			t.Fatalf("got %+v, %v", noted, err)
		}
		return noted
	}
	older, newer := add("Noah", "noah@example.com"), add(" Noah B. ", "Noah@Example.com")
	nobody := add("By phone", "")
	add("By phone", "")
	annNoted := add("Ann", strings.ToLower(annsEmail))
	account, err := c.SignUp(ctx, "a", signUp("NOAH@example.com"))
	if err != nil || account.ID == older.ID || account.ID == newer.ID || account.Shopper == older.Shopper || account.Shopper == newer.Shopper {
		t.Errorf("got %+v, %v; want an account of their own", account, err)
	}
	for email, want := range map[string][]identity.Customer{
		"noah@EXAMPLE.com":  {account, newer, older},
		annsEmail:           {c.ann, annNoted},
		"":                  nil,
		"noah@example":      nil,
		"oah@example.com":   nil,
		"%":                 nil,
		" noah@example.com": nil,
		"noah\x00":          nil,
		"\xff@example.com":  nil,
	} {
		if got, err := c.ByEmail(ctx, email); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %+v, %v; want %+v", email, got, err, want)
		}
	}
	if got, found, err := c.ByID(ctx, nobody.ID); err != nil || !found || got != nobody {
		t.Errorf("got %+v, %v, %v; want %+v", got, found, err, nobody)
	}
	for _, bad := range []struct{ name, email, field string }{
		{"", "noah@example.com", "name"},
		{"Noah", "noah", "email"},
		{"Noah", strings.Repeat("n", shared.MaxEmail) + "@example.com", "email"},
	} {
		_, err := c.Add(ctx, bad.name, bad.email)
		if p := shared.ProblemOf(err); err == nil || p.Code != shared.CodeInvalid || p.Field != bad.field {
			t.Errorf("%+v: got %v, want code %s for %s", bad, err, shared.CodeInvalid, bad.field)
		}
	}
	if all, err := c.List(ctx); err != nil || len(all) != 7 || all[0] != c.ann {
		t.Errorf("got %+v, %v; want seven, Ann first", all, err)
	}
}

func TestErase(t *testing.T) {
	c := openCounter(t)
	ctx := t.Context()
	bob, err := c.SignUp(ctx, "a", signUp("bob@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	bobs, _, err := c.Begin(ctx, bob, "")
	if err != nil {
		t.Fatal(err)
	}
	anns, _ := c.begin("")
	for i, want := range []bool{true, false} {
		if found, err := c.Erase(ctx, c.ann.ID); found != want || err != nil {
			t.Errorf("time %d: got %v, %v; want %v", i+1, found, err, want)
		}
	}
	if c.who(anns) != "" || c.who(bobs) != bob.ID {
		t.Error("not that customer's session alone has ended")
	}
	c.want("signing in", c.try("a", annsEmail, password), shared.CodeBadCredentials)
	_, _, err = c.Begin(ctx, c.ann, bobs)
	c.want("a session that began too late", codeOf(t, err), shared.CodeBadCredentials)
	if c.who(bobs) != bob.ID {
		t.Error("a session that did not begin ended another")
	}
	again, err := c.SignUp(ctx, "a", signUp(annsEmail))
	if err != nil || again.ID == c.ann.ID || again.Shopper == c.ann.Shopper {
		t.Errorf("signing up again: got %+v, %v; want another account", again, err)
	}
}

// A text that no database holds is not asked for: PostgreSQL would refuse it.
func TestDatabasesAreAskedForText(t *testing.T) {
	c := openCounter(t)
	store := &hasty{Store: c.store}
	customers := identity.NewCustomers(store, identity.NewHasher())
	for _, text := range []string{"no\x00body@example.com", "\xff@example.com"} {
		if got, err := customers.ByEmail(t.Context(), text); err != nil || len(got) != 0 {
			t.Errorf("%q: got %+v, %v; want nobody", text, got, err)
		}
		if got, found, err := customers.ByID(t.Context(), text); err != nil || found {
			t.Errorf("%q: got %+v, %v; want nobody", text, got, err)
		}
		if _, err := customers.Verify(t.Context(), "a", shared.CustomerSignIn{Email: text, Password: password}); shared.ProblemOf(err).Code != shared.CodeBadCredentials {
			t.Errorf("%q: got %v, want code %s", text, err, shared.CodeBadCredentials)
		}
	}
	if len(store.asked) != 0 {
		t.Errorf("the store was asked for %q", store.asked)
	}
}

func TestEmailKey(t *testing.T) {
	for email, want := range map[string]string{
		"":                    "",
		"Ann.Lee@Example.COM": "ann.lee@example.com",
		"AZ@[\\]^_`az{":       "az@[\\]^_`az{",
		"ÄNN@example.com":     "Änn@example.com",    // not ASCII: another address
		"\u212a@example.com":  "\u212a@example.com", // Kelvin, whose lower case is k
	} {
		if got := identity.EmailKey(email); got != want {
			t.Errorf("%q: got %q, want %q", email, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		email := rapid.String().Draw(t, "email")
		key := identity.EmailKey(email)
		if identity.EmailKey(key) != key || len(key) != len(email) || !strings.EqualFold(key, email) || strings.ContainsAny(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("got %q for %q", key, email)
		}
	})
}

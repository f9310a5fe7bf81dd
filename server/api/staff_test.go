package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/shared"
)

const (
	signInPath = "/api/staff/session"
	password   = "correct horse"
)

func signIn(username, password string) string {
	return fmt.Sprintf(`{"username":%q,"password":%q}`, username, password)
}

func TestSignIn(t *testing.T) {
	s := open(t, options{})
	if err := s.staff.Add(t.Context(), "ann", password, []string{shared.RoleEventListener}); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	problem(t, b.ask(t, "POST", signInPath, signIn("ann", "wrong horse")), 401, shared.CodeBadCredentials)
	problem(t, b.ask(t, "POST", signInPath, signIn("bob", password)), 401, shared.CodeBadCredentials)
	problem(t, b.ask(t, "POST", signInPath, `{"username":"a\u0000","password":"secret"}`), 401, shared.CodeBadCredentials)

	first := b.ask(t, "POST", signInPath, signIn("ann", password))
	session := into[shared.StaffSession](t, first)
	if left := time.Until(session.ExpiresAt); session.Username != "ann" || fmt.Sprint(session.Roles) != "[event_listener]" || left > identity.StaffLifetime || left < identity.StaffLifetime-time.Minute {
		t.Errorf("got %+v", session)
	}
	cookie := first.cookie(t, "cartline_staff")
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || cookie.Expires.IsZero() {
		t.Errorf("got %v, want HttpOnly, SameSite=Lax, Path=/, Expires and no more", cookie)
	}
	if got := into[shared.StaffSession](t, b.ask(t, "GET", signInPath, "")); got.Username != "ann" || !got.ExpiresAt.Equal(session.ExpiresAt) {
		t.Errorf("who am I: got %+v, want %+v", got, session)
	}

	// To sign in again gives another token, and the one before is worth nothing.
	second := b.ask(t, "POST", signInPath, signIn("ann", password))
	if got := second.cookie(t, "cartline_staff").Value; got == cookie.Value {
		t.Error("the token is the same as before")
	}
	r := s.request(t, "GET", signInPath, "")
	r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	problem(t, s.browser(t).send(t, r), 401, shared.CodeUnauthorized)

	out := b.ask(t, "DELETE", signInPath, "")
	if gone := out.cookie(t, "cartline_staff"); out.status != 204 || len(out.body) > 0 || gone.MaxAge >= 0 || gone.Value != "" {
		t.Errorf("sign-out: got %d, %q, cookie %v, want 204 and the cookie taken back", out.status, out.body, gone)
	}
	problem(t, b.ask(t, "GET", signInPath, ""), 401, shared.CodeUnauthorized)
	r = s.request(t, "GET", signInPath, "")
	r.AddCookie(&http.Cookie{Name: cookie.Name, Value: second.cookie(t, "cartline_staff").Value})
	problem(t, s.browser(t).send(t, r), 401, shared.CodeUnauthorized)

	if log := s.log.String(); strings.Contains(log, "horse") || strings.Contains(log, cookie.Value) {
		t.Errorf("the log tells a password or a token:\n%s", log)
	}
	if refused := s.log.Records("sign-in refused"); len(refused) != 3 || refused[0]["username"] != "ann" || refused[0]["remote"] != "127.0.0.1" || refused[0]["code"] != string(shared.CodeBadCredentials) {
		t.Errorf("got %v, want every refusal logged", refused)
	}
}

func TestSignInRefusesBodies(t *testing.T) {
	b := open(t, options{}).browser(t)
	for _, test := range []struct{ body, field string }{
		{`{}`, "username"},
		{`{"username":"ann"}`, "password"},
		{signIn(strings.Repeat("a", shared.MaxUsername+1), password), "username"},
		{signIn("ann", strings.Repeat("a", shared.MaxPassword+1)), "password"},
		{`{"username":["ann"],"password":"x"}`, ""},
		{`{"username":"ann","password":"x","admin":true}`, ""},
	} {
		got := b.ask(t, "POST", signInPath, test.body)
		if p := problem(t, got, 400, shared.CodeInvalid); p.Field != test.field {
			t.Errorf("%s: got field %q, want %q", test.body, p.Field, test.field)
		}
	}
}

// TestSecureCookies has browsers come over TLS: __Host- (RFC 6265bis, section
// 4.1.3.2) asks for Secure, Path=/ and no Domain.
func TestSecureCookies(t *testing.T) {
	s := open(t, options{secure: true})
	if err := s.staff.Add(t.Context(), "ann", password, nil); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	for name, got := range map[string]answer{
		"__Host-cartline_staff":   b.ask(t, "POST", signInPath, signIn("ann", password)),
		"__Host-cartline_shopper": b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`),
	} {
		cookie := got.cookie(t, name)
		if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("got %v, want Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain", cookie)
		}
	}
	// One browser carries both.
	into[shared.StaffSession](t, b.ask(t, "GET", signInPath, ""))
	if c := into[shared.Cart](t, b.ask(t, "GET", "/api/cart", "")); c.Items != 1 {
		t.Errorf("got %+v, want the cart", c)
	}
	r := s.request(t, "GET", signInPath, "")
	r.AddCookie(&http.Cookie{Name: "cartline_staff", Value: b.client.Jar.Cookies(r.URL)[0].Value})
	problem(t, s.browser(t).send(t, r), 401, shared.CodeUnauthorized)
}

func TestSignInThrottled(t *testing.T) {
	s := open(t, options{})
	b := s.browser(t)
	// An unknown name is counted as well, and costs the same.
	for range 10 {
		problem(t, b.ask(t, "POST", signInPath, signIn("nobody", password)), 401, shared.CodeBadCredentials)
	}
	got := b.ask(t, "POST", signInPath, signIn("Nobody", password))
	p := problem(t, got, 429, shared.CodeTooMany)
	seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 15*60 || p.RetryAfter != seconds {
		t.Errorf("got Retry-After %q and %d in the body, want the same number of seconds", got.header.Get("Retry-After"), p.RetryAfter)
	}
	problem(t, b.ask(t, "POST", signInPath, signIn("somebody", password)), 401, shared.CodeBadCredentials)
}

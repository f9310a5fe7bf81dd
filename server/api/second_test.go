package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"cartline/shared"
)

func TestSecondFactor(t *testing.T) {
	s := open(t, options{})
	if err := s.staff.Add(t.Context(), "ann", password, nil); err != nil {
		t.Fatal(err)
	}
	factor, err := s.staff.SetSecondFactor(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	first := b.ask(t, "POST", signInPath, signIn("ann", password))
	if p := problem(t, first, 401, shared.CodeSecondFactor); p.Field != "code" || len(first.header.Values("Set-Cookie")) > 0 {
		t.Errorf("got %+v and the cookies %q", p, first.header.Values("Set-Cookie"))
	}
	with := func(code string) string {
		return fmt.Sprintf(`{"username":"ann","password":%q,"code":%q}`, password, code)
	}
	if p := problem(t, b.ask(t, "POST", signInPath, with("letters")), 401, shared.CodeBadCredentials); p.Field != "code" {
		t.Errorf("got %+v", p)
	}
	problem(t, b.ask(t, "POST", signInPath, with(strings.Repeat("1", shared.MaxCode+1))), 400, shared.CodeInvalid)
	address, err := url.Parse(factor.URL)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(address.Query().Get("secret"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := into[shared.StaffSession](t, b.ask(t, "POST", signInPath, with(code))); got.Username != "ann" {
		t.Errorf("got %+v", got)
	}
	into[shared.StaffSession](t, b.ask(t, "POST", signInPath, with(factor.Recovery[0])))
	for _, secret := range []string{"horse", code, address.Query().Get("secret"), factor.Recovery[0]} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
	// To be asked for the code is no refusal.
	if refused := s.log.Records("sign-in refused"); len(refused) != 1 || refused[0]["field"] != "code" {
		t.Errorf("got %v, want the wrong code alone", refused)
	}
}

func TestChangePassword(t *testing.T) {
	s := open(t, options{})
	if err := s.staff.Add(t.Context(), "ann", password, nil); err != nil {
		t.Fatal(err)
	}
	here, there := s.browser(t), s.browser(t)
	for _, b := range []*browser{here, there} {
		into[shared.StaffSession](t, b.ask(t, "POST", signInPath, signIn("ann", password)))
	}
	const path, next = "/api/staff/password", "battery staple"
	change := func(current, next string) string { return fmt.Sprintf(`{"current":%q,"new":%q}`, current, next) }
	problem(t, s.browser(t).ask(t, "PUT", path, change(password, next)), 401, shared.CodeUnauthorized)
	if p := problem(t, here.ask(t, "PUT", path, change("wrong horse", next)), 401, shared.CodeBadCredentials); p.Field != "current" {
		t.Errorf("got %+v", p)
	}
	if p := problem(t, here.ask(t, "PUT", path, change(password, "short")), 400, shared.CodeInvalid); p.Field != "new" {
		t.Errorf("got %+v", p)
	}
	if got := here.ask(t, "PUT", path, change(password, next)); got.status != 204 || len(got.body) > 0 {
		t.Errorf("got %d %s", got.status, got.body)
	}
	into[shared.StaffSession](t, here.ask(t, "GET", signInPath, ""))
	problem(t, there.ask(t, "GET", signInPath, ""), 401, shared.CodeUnauthorized)
	into[shared.StaffSession](t, there.ask(t, "POST", signInPath, signIn("ann", next)))
	if log := s.log.String(); strings.Contains(log, "horse") || strings.Contains(log, "staple") {
		t.Errorf("the log tells a password:\n%s", log)
	}
	if changed := s.log.Records("password changed"); len(changed) != 1 || changed[0]["username"] != "ann" {
		t.Errorf("got %v", changed)
	}
}

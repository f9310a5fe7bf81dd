package signin

import (
	"html"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
)

// The code is asked for only once the server wants it, and stays asked for until it is
// given, or the password turns out to be wrong.
func TestCodeIsAsked(t *testing.T) {
	needed := &shared.Problem{Status: 401, Code: shared.CodeSecondFactor, Field: "code", Detail: "Enter the code."}
	wrongCode := &shared.Problem{Status: 401, Code: shared.CodeBadCredentials, Field: "code", Detail: "That code is wrong."}
	s := &State{Role: shared.RoleEventListener}
	for _, step := range []struct {
		name    string
		who     shared.StaffSession
		err     error
		needs   bool
		problem string
		face    Face
	}{
		{"a wrong password", shared.StaffSession{}, wrong, false, "Wrong name or password.", SignedOut},
		{"the right one", shared.StaffSession{}, needed, true, "", SignedOut},
		{"a wrong code", shared.StaffSession{}, wrongCode, true, "That code is wrong.", SignedOut},
		{"no answer", shared.StaffSession{}, errAway, true, "The server can't be reached. Is it still running?", SignedOut},
		{"another password", shared.StaffSession{}, wrong, false, "Wrong name or password.", SignedOut},
		{"the right one again", shared.StaffSession{}, needed, true, "", SignedOut},
		{"the code", ada, nil, false, "", Inside},
	} {
		s.Met(step.who, step.err, true)
		if s.NeedsCode != step.needs || s.Problem != step.problem || s.Face != step.face {
			t.Errorf("%s: got %+v", step.name, s)
		}
		markup := app.HTMLString((&Door{State: s, Title: "Desk"}).Draw())
		if asks := strings.Contains(markup, `id="code"`); asks != step.needs {
			t.Errorf("%s: the form asks for a code: %v", step.name, asks)
		}
	}
	s.NeedsCode = true
	if s.Leave(""); s.NeedsCode {
		t.Error("who comes next is asked for a code at once")
	}
}

func TestChangePassword(t *testing.T) {
	tests := []struct {
		name          string
		current, next string
		status        int
		body          string
		face          Face
		done          bool
		problem       string
	}{
		{"done", "old password", "new password", 204, "", Inside, true, ""},
		{"nothing typed", "", "", 0, "", Inside, false, "Enter your present password."},
		{"the same", "old password", "old password", 0, "", Inside, false, "That is the password that you have."},
		{"not the present one", "wrong", "new password", 401, `{"code":"bad_credentials","field":"current","detail":"Not it."}`, Inside, false, "Not it."},
		{"too many", "wrong", "new password", 429, `{"code":"too_many_attempts","detail":"Too many.","retry_after":90}`, Inside, false, "Too many. Try again in 1 min 30 s."},
		{"the session is over", "old password", "new password", 401, `{"code":"unauthorized","detail":"Sign in first."}`, SignedOut, false, ""},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			h.state.Met(ada, nil, false)
			h.status, h.body = test.status, test.body
			h.door.changePassword(shared.ChangePassword{Current: test.current, New: test.next})
			synctest.Wait()
			c := h.state.Change
			if h.state.Face != test.face || c.Busy || c.Done != "" != test.done || c.Problem != test.problem {
				t.Errorf("%s: got face %d, %+v", test.name, h.state.Face, c)
			}
			if asked := strings.Join(h.asked, " "); (test.status > 0) != (asked == "PUT /api/staff/password") {
				t.Errorf("%s: asked %q", test.name, asked)
			}
			if wantOuts := map[bool]int{true: 1}[test.face == SignedOut]; h.outs != wantOuts {
				t.Errorf("%s: got %d out", test.name, h.outs)
			}
			markup := html.UnescapeString(app.HTMLString(h.door.Who()))
			if test.face == Inside && (!strings.Contains(markup, `id="password-form"`) || !strings.Contains(markup, c.Problem+c.Done)) {
				t.Errorf("%s: got %s", test.name, markup)
			}
		})
	}
}

// An answer that comes after somebody was signed out changes nothing.
func TestChangePasswordLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.state.Met(ada, nil, false)
		h.status = 204
		var answer func()
		h.door.Dispatch = func(change func()) { answer = change }
		h.door.changePassword(shared.ChangePassword{Current: "old password", New: "new password"})
		synctest.Wait()
		h.state.Leave(ended)
		answer()
		if h.state.Change != (Change{}) || h.state.Face != SignedOut {
			t.Errorf("got %+v", h.state)
		}
	})
}

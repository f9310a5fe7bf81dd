package signin

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/shared"
)

var (
	ada     = shared.StaffSession{Username: "ada", Roles: []string{shared.RoleEventListener}}
	bob     = shared.StaffSession{Username: "bob", Roles: []string{shared.RoleDiscounter}}
	nobody  = &shared.Problem{Status: 401, Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	errAway = fmt.Errorf("%w: refused", api.ErrUnreachable)
)

func inside() *State {
	s := &State{Role: shared.RoleEventListener}
	s.Met(ada, nil, false)
	return s
}

func TestLeft(t *testing.T) {
	tests := []struct {
		err     error
		done    bool
		face    Face
		problem string
	}{
		{nil, true, SignedOut, ""},
		{nobody, true, SignedOut, ""}, // the session was over anyway
		{errAway, false, Inside, "You are still signed in. The server can't be reached. Is it still running?"},
	}
	for _, test := range tests {
		s := inside()
		s.Busy = true
		if done := s.Left(test.err); done != test.done || s.Face != test.face || s.Problem != test.problem || s.Busy {
			t.Errorf("%v: got %v, %+v", test.err, done, s)
		}
		if test.done && s.Who.Username != "" {
			t.Errorf("%v: %s is left", test.err, s.Who.Username)
		}
	}
}

func TestRecognised(t *testing.T) {
	tests := []struct {
		name string
		who  shared.StaffSession
		err  error
		face Face
	}{
		{"still there", ada, nil, Inside}, {"session over", shared.StaffSession{}, nobody, SignedOut},
		{"role lost", bob, nil, Forbidden}, {"server away", shared.StaffSession{}, errAway, Inside},
		{"nonsense", shared.StaffSession{}, errors.New("x"), Inside},
	}
	for _, test := range tests {
		s := inside()
		if s.Recognised(test.who, test.err); s.Face != test.face {
			t.Errorf("%s: got face %d, want %d", test.name, s.Face, test.face)
		}
	}
	s := &State{Face: SignedOut}
	if s.Recognised(bob, nil); s.Face != SignedOut {
		t.Error("a late answer changes the form")
	}
}

func TestRole(t *testing.T) {
	s := &State{Role: shared.RoleAdmin}
	if s.Met(ada, nil, true) || s.Face != Forbidden || s.Has(shared.RoleAdmin) || !s.Has(shared.RoleEventListener) {
		t.Errorf("got %+v", s)
	}
}

// page is a Page that does nothing.
type page struct{}

func (page) OnSignIn(app.Context, app.Event)  {}
func (page) OnSignOut(app.Context, app.Event) {}
func (page) OnAsk(app.Context, app.Event)     {}

func TestDoor(t *testing.T) {
	tests := []struct {
		name           string
		state          State
		want, mustLack []string
	}{
		{"checking", State{}, []string{"Desk", "Checking your sign-in…"}, []string{"<button", "<input"}},
		{"not known", State{Problem: "No answer."}, []string{"No answer.", "Try again"}, []string{"<input"}},
		{"form", State{Face: SignedOut, Problem: "Wrong."}, []string{`id="username"`, `id="password"`, "For staff.", "Wrong."}, []string{"disabled"}},
		{"busy", State{Face: SignedOut, Busy: true}, []string{"Signing in…", "disabled"}, nil},
		{"forbidden", State{Face: Forbidden, Role: "admin", Who: bob}, []string{"bob", "admin", `id="signout"`}, []string{"<input"}},
	}
	for _, test := range tests {
		html := app.HTMLString(Door(&test.state, page{}, "Desk", "For staff."))
		for _, want := range test.want {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %q in %s", test.name, want, html)
			}
		}
		for _, not := range test.mustLack {
			if strings.Contains(html, not) {
				t.Errorf("%s: %q in %s", test.name, not, html)
			}
		}
	}
}

package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/shared"
	"cartline/shared/live"
)

var (
	ada     = shared.StaffSession{Username: "ada", Roles: []string{shared.RoleEventListener}}
	bob     = shared.StaffSession{Username: "bob", Roles: []string{shared.RoleDiscounter}}
	nobody  = &shared.Problem{Status: 401, Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	wrong   = &shared.Problem{Status: 401, Code: shared.CodeBadCredentials, Detail: "Wrong name or password."}
	tooMany = &shared.Problem{Status: 429, Code: shared.CodeTooMany, Detail: "Too many attempts.", RetryAfter: 90}
	errAway = fmt.Errorf("%w: refused", api.ErrUnreachable)
)

func inside() *State {
	s := &State{Role: shared.RoleEventListener}
	s.Met(ada, nil, false)
	return s
}

func TestMet(t *testing.T) {
	tests := []struct {
		name    string
		who     shared.StaffSession
		err     error
		asked   bool
		face    Face
		problem string
		in      bool
	}{
		{"nobody, at load", shared.StaffSession{}, nobody, false, SignedOut, "", false},
		{"unreachable, at load", shared.StaffSession{}, errAway, false, Checking, "The server can't be reached. Is it still running?", false},
		{"signed in, at load", ada, nil, false, Inside, "", true},
		{"without the role", bob, nil, false, Forbidden, "", false},
		{"signed in, by the form", ada, nil, true, Inside, "", true},
		{"wrong password", shared.StaffSession{}, wrong, true, SignedOut, "Wrong name or password.", false},
		{"too many attempts", shared.StaffSession{}, tooMany, true, SignedOut, "Too many attempts. Try again in 1 min 30 s.", false},
		{"unreachable, by the form", shared.StaffSession{}, errAway, true, SignedOut, "The server can't be reached. Is it still running?", false},
		{"nonsense", shared.StaffSession{}, errors.New("invalid character"), true, SignedOut, "The server's answer can't be read.", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := State{Role: shared.RoleEventListener, Busy: true, Problem: "of before"}
			in := s.Met(test.who, test.err, test.asked)
			if s.Face != test.face || s.Problem != test.problem || in != test.in || s.Busy {
				t.Errorf("got face %d, problem %q, in %v, busy %v; want %d, %q, %v, false", s.Face, s.Problem, in, s.Busy, test.face, test.problem, test.in)
			}
		})
	}
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

// house is a page with a door. Its server answers with a status and a body.
type house struct {
	door      *Door
	state     State
	status    int
	body      string
	full      bool // the server takes no more connections
	asked     []string
	refused   string
	ins, outs int
}

func newHouse() *house {
	h := &house{state: State{Role: shared.RoleEventListener}}
	h.door = &Door{
		State: &h.state, Title: "Desk", Needs: "For staff.",
		Server: api.New(func(_ context.Context, method, path string, _ []byte) (int, []byte, error) {
			h.asked = append(h.asked, method+" "+path)
			if h.full && strings.HasPrefix(path, "/api/handshake") {
				return 429, []byte(`{"code":"too_many_connections","detail":"You have too many."}`), nil
			}
			return h.status, []byte(h.body), nil
		}),
		Dispatch: func(change func()) { change() }, After: func(do func()) { do() },
		In: func() { h.ins++ }, Out: func() { h.outs++ },
		Refused: func(why string) { h.refused = why },
	}
	return h
}

const adaSession = `{"username":"ada","roles":["event_listener"]}`

func TestDoorLetsIn(t *testing.T) {
	tests := []struct {
		status    int
		body      string
		face      Face
		ins, outs int
	}{
		{200, adaSession, Inside, 1, 0},
		{200, `{"username":"bob"}`, Forbidden, 0, 0},
		{401, `{"code":"unauthorized","detail":"Sign in first."}`, SignedOut, 0, 0},
		{503, "", Checking, 0, 0},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			h.status, h.body = test.status, test.body
			h.door.Ask()
			synctest.Wait()
			if h.state.Face != test.face || h.ins != test.ins || h.outs != test.outs {
				t.Errorf("%d: got face %d, %d in, %d out", test.status, h.state.Face, h.ins, h.outs)
			}
		})
	}
}

// What becomes of the connection may tell that the session is over.
func TestDoorFollowsTheConnection(t *testing.T) {
	ended := func(code int) live.State {
		return live.State{Phase: live.Ended, Err: &live.CloseError{Code: code}}
	}
	tests := []struct {
		name   string
		state  live.State
		status int
		body   string
		face   Face
		outs   int
	}{
		{"live", live.State{Phase: live.Live}, 401, "", Inside, 0},
		{"lost", live.State{Phase: live.Waiting}, 200, adaSession, Inside, 0},
		{"lost, and over", live.State{Phase: live.Waiting}, 401, `{"detail":"x"}`, SignedOut, 1},
		{"lost, and without the role", live.State{Phase: live.Waiting}, 200, `{"username":"ada"}`, Forbidden, 1},
		{"lost, no answer", live.State{Phase: live.Waiting}, 502, "", Inside, 0},
		{"session ended", ended(shared.CloseSessionEnded), 0, "", SignedOut, 1},
		{"role lost", ended(shared.CloseForbidden), 0, "", Forbidden, 1},
		{"ended otherwise", ended(1008), 0, "", Inside, 0},
		{"we left", live.State{Phase: live.Ended, Err: context.Canceled}, 0, "", Inside, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse()
				h.state.Met(ada, nil, false)
				h.status, h.body = test.status, test.body
				h.door.Moved(test.state)
				synctest.Wait()
				if h.state.Face != test.face || h.outs != test.outs {
					t.Errorf("got face %d, %d out; want %d, %d", h.state.Face, h.outs, test.face, test.outs)
				}
			})
		})
	}
}

// Browsers don't tell why a connection was refused, so the server is asked.
func TestDoorTellsWhyThereIsNoConnection(t *testing.T) {
	for full, want := range map[bool]string{true: "You have too many.", false: ""} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			h.state.Met(ada, nil, false)
			h.status, h.body, h.full, h.refused = 200, adaSession, full, "something else"
			h.door.Moved(live.State{Phase: live.Waiting})
			synctest.Wait()
			if h.refused != want || h.state.Face != Inside {
				t.Errorf("got %q at face %d, want %q inside", h.refused, h.state.Face, want)
			}
		})
	}
}

// A role that was granted meanwhile lets in without signing in again.
func TestLookAgain(t *testing.T) {
	s := &State{Role: shared.RoleEventListener}
	if s.Met(bob, nil, false) || s.Problem != "" {
		t.Errorf("got %+v at first", s)
	}
	if s.Met(bob, nil, false) || s.Problem == "" {
		t.Errorf("got %+v, want a word for whoever looked again in vain", s)
	}
	if !s.Met(ada, nil, false) || s.Problem != "" {
		t.Errorf("got %+v once the role is there", s)
	}
}

func TestTrouble(t *testing.T) {
	h := newHouse()
	h.state.Met(ada, nil, false)
	if html := app.HTMLString(h.door.Trouble()); strings.Contains(html, "alert") {
		t.Errorf("trouble where there is none: %s", html)
	}
	h.state.Left(errAway)
	if html := app.HTMLString(h.door.Trouble()); !strings.Contains(html, "You are still signed in.") {
		t.Errorf("got %s", html)
	}
}

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
		{"forbidden", State{Face: Forbidden, Role: "admin", Who: bob}, []string{"bob", "admin", `id="signout"`, "Look again"}, []string{"<input"}},
	}
	for _, test := range tests {
		html := app.HTMLString((&Door{State: &test.state, Title: "Desk", Needs: "For staff."}).Draw())
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

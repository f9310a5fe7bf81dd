package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/app/api"
	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func testModel() *model { return newModel(func() time.Time { return noon }) }

var (
	ada            = shared.StaffSession{Username: "ada", Roles: []string{shared.RoleEventListener}}
	bob            = shared.StaffSession{Username: "bob", Roles: []string{shared.RoleAdmin}}
	nobody         = &shared.Problem{Status: 401, Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	wrong          = &shared.Problem{Status: 401, Code: shared.CodeBadCredentials, Detail: "Wrong name or password."}
	tooMany        = &shared.Problem{Status: 429, Code: shared.CodeTooMany, Detail: "Too many attempts.", RetryAfter: 90}
	errUnreachable = fmt.Errorf("%w: refused", api.ErrUnreachable)
)

func TestMet(t *testing.T) {
	tests := []struct {
		name    string
		who     shared.StaffSession
		err     error
		asked   bool
		face    signin.Face
		problem string
		watch   bool
	}{
		{"nobody, at load", shared.StaffSession{}, nobody, false, signin.SignedOut, "", false},
		{"unreachable, at load", shared.StaffSession{}, errUnreachable, false, signin.Checking, "The server can't be reached. Is it still running?", false},
		{"signed in, at load", ada, nil, false, signin.Inside, "", true},
		{"without the role", bob, nil, false, signin.Forbidden, "", false},
		{"signed in, by the form", ada, nil, true, signin.Inside, "", true},
		{"wrong password", shared.StaffSession{}, wrong, true, signin.SignedOut, "Wrong name or password.", false},
		{"too many attempts", shared.StaffSession{}, tooMany, true, signin.SignedOut, "Too many attempts. Try again in 1 min 30 s.", false},
		{"unreachable, by the form", shared.StaffSession{}, errUnreachable, true, signin.SignedOut, "The server can't be reached. Is it still running?", false},
		{"nonsense", shared.StaffSession{}, errors.New("invalid character"), true, signin.SignedOut, "The server's answer can't be read.", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := testModel()
			m.Busy, m.Problem = true, "of before"
			watch := m.met(test.who, test.err, test.asked)
			if m.Face != test.face || m.Problem != test.problem || watch != test.watch || m.Busy {
				t.Errorf("got face %d, problem %q, watch %v, busy %v; want %d, %q, %v, false", m.Face, m.Problem, watch, m.Busy, test.face, test.problem, test.watch)
			}
		})
	}
}

func watchingModel(t *testing.T) *model {
	t.Helper()
	m := testModel()
	if !m.met(ada, nil, true) {
		t.Fatal("ada may not watch")
	}
	return m
}

func TestMoved(t *testing.T) {
	m := watchingModel(t)
	steps := []struct {
		state live.State
		text  string
		count string
	}{
		{live.State{Phase: live.Connecting}, "Connecting…", ""},
		{live.State{Phase: live.Live}, "Connected", ""},
		{live.State{Phase: live.Waiting, Retry: noon.Add(2500 * time.Millisecond), Err: &live.CloseError{Code: 1001}}, "Reconnecting", " in 3 s"},
		{live.State{Phase: live.Connecting}, "Reconnecting…", ""},
		{live.State{Phase: live.Waiting, Retry: noon.Add(-time.Second), Err: errors.New("failed")}, "Reconnecting", " in 0 s"},
		{live.State{Phase: live.Live}, "Connected", ""},
		{live.State{Phase: live.Ended, Err: &live.CloseError{Code: 1008}}, "Ended: policy violation (code 1008)", ""},
	}
	for i, step := range steps {
		m.moved(step.state)
		if got := m.stateText(); got != step.text {
			t.Errorf("step %d: got %q, want %q", i, got, step.text)
		}
		if got := m.countdown(); got != step.count {
			t.Errorf("step %d: got countdown %q, want %q", i, got, step.count)
		}
	}
	var words []string
	for _, i := range m.feed.items() {
		words = append(words, i.words)
	}
	want := "Connected|Disconnected: going away (code 1001)|Connected|Disconnected: policy violation (code 1008)"
	if got := strings.Join(words, "|"); got != want {
		t.Errorf("the feed tells %q, want %q", got, want)
	}
}

func TestEndOfTheSession(t *testing.T) {
	tests := []struct {
		name    string
		do      func(*model)
		face    signin.Face
		problem string
	}{
		{"told by the socket", func(m *model) {
			m.moved(live.State{Phase: live.Ended, Err: &live.CloseError{Code: shared.CloseSessionEnded}})
		}, signin.SignedOut, "Your session has ended. Sign in again."},
		{"found out while reconnecting", func(m *model) { m.recognised(shared.StaffSession{}, nobody) }, signin.SignedOut, "Your session has ended. Sign in again."},
		{"role lost, told by the socket", func(m *model) {
			m.moved(live.State{Phase: live.Ended, Err: &live.CloseError{Code: shared.CloseForbidden}})
		}, signin.Forbidden, ""},
		{"role lost, found out", func(m *model) { m.recognised(shared.StaffSession{Username: "ada"}, nil) }, signin.Forbidden, ""},
		{"still there", func(m *model) { m.recognised(ada, nil) }, signin.Inside, ""},
		{"unreachable", func(m *model) { m.recognised(shared.StaffSession{}, errUnreachable) }, signin.Inside, ""},
		{"we left", func(m *model) { m.moved(live.State{Phase: live.Ended, Err: context.Canceled}) }, signin.Inside, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := watchingModel(t)
			m.moved(live.State{Phase: live.Live})
			m.reported(shared.GatewayStatus{Connections: 3})
			test.do(m)
			if m.Face != test.face || m.Problem != test.problem {
				t.Errorf("got face %d, problem %q; want %d, %q", m.Face, m.Problem, test.face, test.problem)
			}
			// Whoever comes to the form next sees nothing of before.
			if m.Face == signin.SignedOut && (m.Who.Username != "" || m.known || len(m.feed.items()) > 0) {
				t.Errorf("left behind: %+v, %v, %d items", m.Who, m.known, len(m.feed.items()))
			}
		})
	}
}

func arrive(t *testing.T, m *model, texts ...string) {
	t.Helper()
	var arrivals []arrival
	for _, text := range texts {
		message, err := shared.ParseMessage([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		arrivals = append(arrivals, arrival{message, messageItem(noon, message, text)})
	}
	m.took(arrivals, 0)
}

func TestLearning(t *testing.T) {
	m := watchingModel(t)
	m.moved(live.State{Phase: live.Live})
	if m.deaf() {
		t.Error("deaf before it was told what is listened to")
	}
	arrive(t, m, `["listening",{"channel":"cart_activity"}]`, `["listening",{"channel":"gateway"}]`, `["listening",{"channel":"gateway"}]`)
	if got, want := strings.Join(m.listening, " "), "cart_activity gateway"; got != want {
		t.Errorf("listens to %q, want %q", got, want)
	}
	arrive(t, m, `["gateway",{"process":"box:1","connections":3,"echo":2}]`, `["gateway","nonsense"]`)
	if !m.known || m.gateway.Process != "box:1" || m.gateway.Connections != 3 || m.gateway.Echo != 2 {
		t.Errorf("got %+v", m.gateway)
	}
	if m.deaf() {
		t.Error("deaf while it listens")
	}
	arrive(t, m, `["unlistening",{"channel":"cart_activity"}]`)
	if !m.deaf() {
		t.Error("not deaf after unlistening")
	}
	m.moved(live.State{Phase: live.Waiting})
	if len(m.listening) != 0 {
		t.Errorf("listens to %v without a connection", m.listening)
	}
}

func TestServing(t *testing.T) {
	for n, want := range map[int]string{0: "Serving 0 connections", 1: "Serving 1 connections", 1200: "Serving 1200 connections"} {
		if got := serving(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

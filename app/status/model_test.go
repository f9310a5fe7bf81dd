package status

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/app/api"
	"cartline/app/feed"
	"cartline/shared"
	"cartline/shared/live"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func testModel() *model { return newModel(func() time.Time { return noon }) }

var (
	ada            = shared.StaffSession{Username: "ada", Roles: []string{shared.RoleEventListener}}
	bob            = shared.StaffSession{Username: "bob", Roles: []string{shared.RoleAdmin}}
	nobody         = &shared.Problem{Status: 401, Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	tooMany        = &shared.Problem{Status: 429, Code: shared.CodeTooMany, Detail: "Too many attempts.", RetryAfter: 90}
	errUnreachable = fmt.Errorf("%w: refused", api.ErrUnreachable)
)

func watchingModel(t *testing.T) *model {
	t.Helper()
	m := testModel()
	if !m.Met(ada, nil, true) {
		t.Fatal("ada may not watch")
	}
	return m
}

func TestMoved(t *testing.T) {
	m := watchingModel(t)
	for _, state := range []live.State{
		{Phase: live.Connecting},
		{Phase: live.Live},
		{Phase: live.Waiting, Err: &live.CloseError{Code: 1001}},
		{Phase: live.Connecting},
		{Phase: live.Waiting, Err: errors.New("failed")},
		{Phase: live.Live},
		{Phase: live.Ended, Err: &live.CloseError{Code: 1008}},
	} {
		m.moved(state)
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

// Whoever comes next sees nothing of before.
func TestBegin(t *testing.T) {
	m := watchingModel(t)
	m.moved(live.State{Phase: live.Live})
	m.reported(shared.GatewayStatus{Connections: 3})
	m.begin()
	if m.known || len(m.feed.items()) > 0 || m.line.Live() {
		t.Errorf("left behind: %v, %d items", m.known, len(m.feed.items()))
	}
}

func arrive(t *testing.T, m *model, texts ...string) {
	t.Helper()
	var heard []feed.Arrival
	for _, text := range texts {
		message, err := shared.ParseMessage([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, feed.Arrival{At: noon, Message: message, Text: text})
	}
	m.took(heard, 0)
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

// What the page's own connection says of its process isn't replaced by what another one
// answers over HTTP; but what the process before said is.
func TestTheConnectionsOwnProcess(t *testing.T) {
	m := watchingModel(t)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { m.moved(live.State{Phase: live.Live}) }, ""},
		{func() { m.asked(shared.GatewayStatus{Process: "box:1"}) }, "box:1"},
		{func() { arrive(t, m, `["gateway",{"process":"box:2"}]`) }, "box:2"},
		{func() { m.asked(shared.GatewayStatus{Process: "box:1"}) }, "box:2"},
		{func() { m.moved(live.State{Phase: live.Waiting}); m.moved(live.State{Phase: live.Live}) }, "box:2"},
		{func() { m.asked(shared.GatewayStatus{Process: "box:1"}) }, "box:1"},
		{func() { m.begin(); m.asked(shared.GatewayStatus{Process: "box:3"}) }, "box:3"},
	} {
		if step.do(); m.gateway.Process != step.want {
			t.Errorf("got %q, want %q", m.gateway.Process, step.want)
		}
	}
}

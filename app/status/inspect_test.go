package status

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
)

func TestVerdict(t *testing.T) {
	live := []shared.ChannelState{{Channel: "cart_activity", State: shared.ChannelLive, Cursor: "e.1.1.1"}}
	catching := []shared.ChannelState{{Channel: "cart/1", State: shared.ChannelCatchingUp}, {Channel: "news", State: shared.ChannelLive}}
	for _, test := range []struct {
		name  string
		state shared.SessionState
		deaf  bool // the process
		want  string
	}{
		{"nothing", shared.SessionState{}, false, "Listens to nothing, so it is told of nothing."},
		{"live", shared.SessionState{Channels: live}, false, "Told of everything that this process has heard of."},
		{"catching up", shared.SessionState{Channels: catching, QueueBytes: 5}, false, "Still gets what it has missed on cart/1."},
		{"slow", shared.SessionState{Channels: live, QueueBytes: 3 << 10}, true, "3.0 KiB wait for its client to take them."},
		{"the process is deaf", shared.SessionState{Channels: live}, true, "Told of all that this process heard of; others' changes come late, as the connection to the database is down."},
		{"slow, gone", shared.SessionState{Channels: live, Dropped: 12, Ended: &shared.SessionEnd{Code: shared.CloseSlow, By: "server", Reason: "too slow; come back"}}, false,
			"Ended by the gateway, with 3008, too slow (“too slow; come back”). 12 events were not written; with its cursor it gets them when it comes back."},
		{"left", shared.SessionState{Ended: &shared.SessionEnd{Code: 1001, By: "peer"}}, false, "Ended by the client, with 1001, going away."},
		{"broken", shared.SessionState{Dropped: 1, Ended: &shared.SessionEnd{Code: 1006, By: "nobody"}}, false,
			"Ended as the connection broke, with 1006, abnormal closure. 1 event was not written; with its cursor it gets them when it comes back."},
	} {
		if got := verdict(test.state, !test.deaf); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestInspector(t *testing.T) {
	m := watchingModel(t)
	if html := app.HTMLString(page(m)); !strings.Contains(html, `id="inspect"`) || strings.Contains(html, `id="inspected"`) {
		t.Error("there is no way to ask, or an answer before")
	}
	m.inspection.answered(shared.GatewaySessions{}, errors.New("no"))
	if html := app.HTMLString(page(m)); !strings.Contains(html, "The sessions can&#39;t be looked at:") {
		t.Errorf("no trouble in %s", html)
	}
	m.inspection.answered(shared.GatewaySessions{
		Process: "box/1", At: noon, Cursor: "e.9.9.9", Count: 300,
		Open: []shared.SessionState{{Name: "ada-1", Request: "K7QF-2M9D", Since: noon, Heard: noon, Sent: 1234, Coalesced: 5, Channels: []shared.ChannelState{{Channel: "cart_activity", State: shared.ChannelLive, Cursor: "e.8.8.8"}}}},
		Gone: []shared.SessionState{{Name: "bob-2", Since: noon, Heard: noon, Ended: &shared.SessionEnd{At: noon.Add(time.Hour), Code: 1006, By: "server", Reason: "no answer to heartbeats"}}},
	}, nil)
	html := app.HTMLString(page(m))
	for _, want := range []string{"box/1. The log is told to e.9.9.9. The connection that hears of others&#39; changes is down.", "request K7QF-2M9D", "1,234", "cart_activity e.8.8.8",
		`class="gone"`, "bob-2", "no answer to heartbeats", "and 299 more that are open; ask for a name", "Look again"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
	if strings.Contains(html, "can&#39;t be looked at") {
		t.Error("old trouble stays")
	}
	m.inspection.answered(shared.GatewaySessions{}, nil)
	if html := app.HTMLString(page(m)); !strings.Contains(html, "No session has such a name.") {
		t.Errorf("got %s", html)
	}
	m.begin()
	if html := app.HTMLString(page(m)); strings.Contains(html, `id="inspected"`) {
		t.Error("whoever comes next sees what another has asked")
	}
}

package status

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/feed"
	"cartline/shared"
	"cartline/shared/live"
)

func page(m *model) *Status {
	s := new(Status)
	s.OnInit()
	s.model, s.door.State = m, &m.State
	return s
}

// text returns what the element with an id says, without its tags.
func text(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<(\w+)[^>]* id="` + id + `".*?</(\w+)>\n`).FindString(html + "\n")
	if found == "" {
		t.Fatalf("no element %q in %s", id, html)
	}
	bare := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(found, "")
	return strings.Join(strings.Fields(bare), " ")
}

func TestFaces(t *testing.T) {
	tests := []struct {
		name     string
		do       func(*model)
		contains []string
		without  []string
	}{
		{"checking", func(*model) {}, []string{"Checking your sign-in…"}, []string{`id="username"`, "<button"}},
		{"unreachable", func(m *model) { m.Met(shared.StaffSession{}, errUnreachable, false) },
			[]string{"can&#39;t be reached", "Try again"}, []string{`id="username"`}},
		{"sign-in form", func(m *model) { m.Met(shared.StaffSession{}, nobody, false) },
			[]string{`id="username"`, `autocomplete="username"`, `id="password"`, `type="password"`, `autocomplete="current-password"`, `id="signin"`, "Sign in"}, []string{`id="feed"`, "disabled"}},
		{"signing in", func(m *model) { m.Met(shared.StaffSession{}, nobody, false); m.Busy = true },
			[]string{"Signing in…", "disabled"}, nil},
		{"refused", func(m *model) { m.Met(shared.StaffSession{}, tooMany, true) },
			[]string{"Too many attempts. Try again in 1 min 30 s.", `role="alert"`}, nil},
		{"without the role", func(m *model) { m.Met(bob, nil, true) },
			[]string{"bob", "event_listener", `id="signout"`, `id="who"`}, []string{`id="feed"`, `id="connections"`}},
		{"watching", func(m *model) { m.Met(ada, nil, true) },
			[]string{`id="who"`, `id="state"`, `id="connections"`, `id="echo"`, `id="sessions"`, `id="feed"`, `id="line"`, `id="signout"`, "Connecting…"}, []string{`id="username"`}},
		{"waiting", func(m *model) {
			m.Met(ada, nil, true)
			m.moved(live.State{Phase: live.Live})
			m.line.Caught()
			m.moved(live.State{Phase: live.Waiting, Retry: noon.Add(3 * time.Second)})
		}, []string{"Reconnecting…", "as of", "next try in\u00a03\u00a0s", "Try now"}, []string{"Connect again"}},
		{"ended", func(m *model) {
			m.Met(ada, nil, true)
			m.moved(live.State{Phase: live.Ended, Err: &live.CloseError{Code: 1008}})
		}, []string{"Disconnected: policy violation", "Connect again"}, []string{"Try now"}},
		{"paused", func(m *model) {
			m.Met(ada, nil, true)
			m.feed.pause()
			m.feed.add([]item{{text: "new"}}, 0)
		}, []string{"Resume (1 new)"}, []string{">Pause<"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := testModel()
			test.do(m)
			html := app.HTMLString(page(m))
			for _, want := range test.contains {
				if !strings.Contains(html, want) {
					t.Errorf("no %q in %s", want, html)
				}
			}
			for _, not := range test.without {
				if strings.Contains(html, not) {
					t.Errorf("%q in %s", not, html)
				}
			}
		})
	}
}

func TestFigures(t *testing.T) {
	m := watchingModel(t)
	m.moved(live.State{Phase: live.Live})
	m.reported(shared.GatewayStatus{
		Process: "box:1", Mode: "all", Version: "v1.2.3", Store: "sqlite", StartedAt: noon.Add(-2 * time.Hour),
		Connections: 205, Echo: 1,
		Sessions: []shared.SocketSession{
			{Name: "ada-1", Since: noon, Listening: []string{"cart_activity", "gateway"}},
			{Name: "bob-7", Since: noon},
		},
	})
	html := app.HTMLString(page(m))
	tests := []struct{ id, want string }{
		{"connections", "Serving 205 connections"},
		{"echo", "1 echo connection"},
		{"who", "ada"},
	}
	for _, test := range tests {
		if got := text(t, html, test.id); got != test.want {
			t.Errorf("%s: got %q, want %q", test.id, got, test.want)
		}
	}
	for _, want := range []string{"box:1", "v1.2.3", "sqlite", "2 h 0 min", "ada-1", "cart_activity, gateway", "bob-7", "nothing", "and 203 more", `datetime="2026-11-21T12:00:00Z"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
}

func TestRow(t *testing.T) {
	activity := `["cart_activity",{"cart_id":"c1","kind":"line_removed","line":{"name":"<Mug>"},"cart":{"name":"amber-fox-42","items":0,"total":{"amount":0,"currency":"EUR"}}}]`
	m, err := shared.ParseMessage([]byte(activity))
	if err != nil {
		t.Fatal(err)
	}
	whole := arrivalItem(feed.Arrival{At: noon, Message: m, Text: activity})
	open := whole
	open.open, open.left = true, 2048
	tests := []struct {
		name     string
		item     item
		contains []string
		without  []string
	}{
		{"activity", whole, []string{"amber-fox-42: &lt;Mug&gt; removed", "[&#34;cart_activity&#34;", `class="raw"`, `aria-expanded="false"`, "<time"}, []string{"<Mug>"}},
		{"unfolded", open, []string{`class="raw whole"`, "The other 2.0 KiB are not kept."}, []string{`aria-expanded="false"`}},
		{"bare", item{text: `["cart_activity",{"hello":1}]`}, []string{`class="raw alone"`}, []string{`class="words"`, "<button"}},
		{"sent", item{origin: fromHere, text: "x"}, []string{"sent", "↑"}, nil},
		{"note", ownItem(noon, "Connected"), []string{"note", "Connected"}, []string{`class="raw`, "<button"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			html := app.HTMLString(newRow(test.item, page(testModel())))
			for _, want := range test.contains {
				if !strings.Contains(html, want) {
					t.Errorf("no %q in %s", want, html)
				}
			}
			for _, not := range test.without {
				if strings.Contains(html, not) {
					t.Errorf("%q in %s", not, html)
				}
			}
		})
	}
}

func TestListeningLine(t *testing.T) {
	m := watchingModel(t)
	if got, want := listening(m), "Not listening at the moment."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.moved(live.State{Phase: live.Live})
	if got, want := listening(m), "Listening to nothing yet."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := page(m).suggested(); got != `{"unlisten":"cart_activity"}` {
		t.Errorf("suggests %s", got)
	}
	m.listening = []string{"cart_activity", "gateway"}
	if got, want := listening(m), "Listening to cart_activity and gateway."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.listening = []string{"gateway"}
	m.feed.add(nil, 1200)
	if got, want := listening(m), "Not listening to cart_activity, so no changes of carts will show. 1,200 older messages not kept."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := page(m).suggested(); got != `{"listen":"cart_activity"}` {
		t.Errorf("suggests %s", got)
	}
}

// What there was since the page began to listen can be asked for again.
func TestReplay(t *testing.T) {
	m := watchingModel(t)
	m.moved(live.State{Phase: live.Live})
	if html := app.HTMLString(page(m)); strings.Contains(html, `id="replay"`) {
		t.Error("a replay is offered before anything can be told again")
	}
	arrive(t, m, `["listening",{"channel":"gateway","cursor":"no"}]`, `["listening",{"channel":"cart_activity","cursor":"e.1.2.3"}]`,
		`["listening",{"channel":"cart_activity","cursor":"e.9.9.9"}]`)
	if got, want := page(m).replay(), `{"listen":"cart_activity","after":"e.1.2.3"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if html := app.HTMLString(page(m)); !strings.Contains(html, `id="replay"`) {
		t.Error("no replay is offered")
	}
}

// Of one process, nothing is said of all; of several, what they serve together, and which
// they are.
func TestProcesses(t *testing.T) {
	m := watchingModel(t)
	m.moved(live.State{Phase: live.Live})
	one := shared.ProcessStatus{Process: "box:1", Mode: "events", Version: "v1", StartedAt: noon.Add(-2 * time.Hour), Connections: 1205, Echo: 1}
	two := shared.ProcessStatus{Process: "box:2", Mode: "app", Version: "v2", StartedAt: noon.Add(-time.Hour)}
	status := shared.GatewayStatus{Process: "box:1", Mode: "events", Connections: 1205, Echo: 1}
	for _, all := range []*shared.AllProcesses{nil, {Connections: 1205, Echo: 1, Count: 1, Processes: []shared.ProcessStatus{one}}} {
		status.All = all
		m.reported(status)
		if html := app.HTMLString(page(m)); strings.Contains(html, `id="all"`) || strings.Contains(html, `id="processes"`) {
			t.Errorf("with %+v, it tells of all: %s", all, html)
		}
	}
	status.All = &shared.AllProcesses{Connections: 1305, Echo: 1, Count: 4, Processes: []shared.ProcessStatus{one, two}}
	m.reported(status)
	html := app.HTMLString(page(m))
	if got, want := text(t, html, "all"), "4 processes serve 1,305 connections in all, and 1 echo connection"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, want := range []string{"box:1 (this page's)", "box:2", "app", "v2", "1 h 0 min", "1,205", "and 2 more", "Serving 1205 connections"} {
		if !strings.Contains(strings.ReplaceAll(html, "&#39;", "'"), want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
}

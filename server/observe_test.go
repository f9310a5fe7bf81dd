package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cartline/server/httplog"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

var metricsPattern = regexp.MustCompile(`  Metrics    (http://\S+/metrics)\n`)

// scraped reads the samples of a server's metrics, by name and labels, and the names that
// there are, also of those without a sample.
func (s *serving) scraped(t *testing.T) (samples map[string]float64, names map[string]bool) {
	t.Helper()
	found := metricsPattern.FindStringSubmatch(s.out.String())
	if found == nil {
		t.Fatalf("no address of metrics in %q", s.out.String())
	}
	status, body := look(t, found[1])
	if status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	samples, names = make(map[string]float64), make(map[string]bool)
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if words := strings.Fields(line); strings.HasPrefix(line, "# TYPE ") && len(words) == 4 {
			names[words[2]] = true
			if words[3] == "histogram" {
				names[words[2]+"_bucket"], names[words[2]+"_sum"], names[words[2]+"_count"] = true, true, true
			}
		}
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if _, twice := samples[line[:at]]; twice {
			t.Errorf("%s is there twice", line[:at])
		}
		samples[line[:at]] = value
		name, _, _ := strings.Cut(line[:at], "{")
		names[name] = true
	}
	return samples, names
}

// What a few visitors do is counted, under patterns and not under paths.
func TestMetrics(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--metrics-listen", "127.0.0.1:0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	staff := s.visitor(t)
	if _, err := staff.dial(t, "/events/io", ""); err == nil {
		t.Error("a socket without a session was let in")
	}
	if got := staff.signIn(t, "demo", "wrong password"); got != http.StatusUnauthorized {
		t.Errorf("a wrong password: got %d", got)
	}
	staff.signInDemo(t)
	events, echo := staff.open(t, "/events/io"), staff.open(t, "/echo")
	events.listen(t, shared.ChannelCartActivity)
	shopper := s.visitor(t)
	first := ""
	for n := 1; n <= 2; n++ {
		shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", fmt.Sprintf(`{"quantity":%d,"version":%d}`, n, n-1), nil)
		message, err := shared.ParseMessage([]byte(events.next(t)))
		if err != nil || message.Meta == nil {
			t.Fatal(message, err)
		}
		if n == 1 {
			first = message.Meta.Cursor
		}
	}
	// Somebody comes back, and gets the second of them again.
	back := staff.open(t, "/events/io")
	back.send(t, `{"listen":"cart_activity","after":"`+first+`"}`)
	for range 2 { // the answer, and that
		back.next(t)
	}
	echo.Abandon()
	shopper.try(t, "GET", "/no/such/secret-place", "")
	shopper.try(t, "GET", "/api/products/no-such-thing", "")

	want := map[string]float64{
		`cartline_connections{endpoint="events"}`:                                         2,
		`cartline_connections{endpoint="echo"}`:                                           0,
		`cartline_connections_opened_total{endpoint="events"}`:                            2,
		`cartline_connections_opened_total{endpoint="echo"}`:                              1,
		`cartline_connections_closed_total{endpoint="echo",code="1006"}`:                  1,
		`cartline_events_in_total{source="log"}`:                                          2,
		`cartline_events_in_total{source="notification"}`:                                 0,
		`cartline_events_out_total`:                                                       3,
		`cartline_events_replayed_total`:                                                  1,
		`cartline_events_dropped_total`:                                                   0,
		`cartline_events_coalesced_total`:                                                 0,
		`cartline_queue_bytes`:                                                            0,
		`cartline_event_lag_seconds_count`:                                                2,
		`cartline_event_lag_seconds_bucket{le="+Inf"}`:                                    2,
		`cartline_listener_up`:                                                            1,
		`cartline_refused_total{limit="connections"}`:                                     0,
		`cartline_authentications_total{of="socket",result="unauthorized"}`:               1,
		`cartline_authentications_total{of="socket",result="ok"}`:                         2,
		`cartline_authentications_total{of="staff",result="bad_credentials"}`:             1,
		`cartline_authentications_total{of="staff",result="ok"}`:                          1,
		`cartline_http_requests_total{route="/events/io",status="101"}`:                   2,
		`cartline_http_requests_total{route="/events/io",status="403"}`:                   1,
		`cartline_http_requests_total{route="/",status="404"}`:                            1,
		`cartline_http_requests_total{route="GET /api/products/{slug}",status="404"}`:     1,
		`cartline_http_requests_total{route="PUT /api/cart/lines/{sku}",status="200"}`:    2,
		`cartline_http_request_duration_seconds_count{route="PUT /api/cart/lines/{sku}"}`: 2,
	}
	var samples map[string]float64
	testenv.Eventually(t, patience, "all of it to be counted", func() bool {
		samples, _ = s.scraped(t)
		for name, value := range want {
			if got, there := samples[name]; !there || got != value {
				return false
			}
		}
		return true
	})
	build := 0
	for name := range samples {
		if strings.Contains(name, "secret") || strings.Contains(name, "no-such-thing") {
			t.Errorf("a path is told: %s", name)
		}
		if strings.HasPrefix(name, `cartline_build_info{version="`+version+`",go="go`) && strings.HasSuffix(name, `,mode="all"}`) {
			build++
		}
	}
	if build != 1 {
		t.Errorf("got %d builds, want 1", build)
	}
}

// A gateway beside another application tells the same of itself, and of its sessions what
// they hear.
func TestObservedGateway(t *testing.T) {
	database, shop := testenv.Postgres(t), newApplication(t)
	s := start(t, "--serve", "gateway", "--notify-database", database, "--auth", "forward:"+shop.url, "--auth-cookie", "sid", "--auth-timeout", "9s", "--metrics-listen", "127.0.0.1:0")
	becomesReady(t, s, http.StatusOK)
	ann := shop.user(t, s, "ann")
	socket := ann.open(t, "/events/io")
	socket.listen(t, shared.ChannelCartActivity)
	execute(t, database, `NOTIFY cart_activity, '{"id":7}'`)
	socket.next(t)
	testenv.Eventually(t, patience, "the notification to be counted", func() bool {
		samples, _ := s.scraped(t)
		return samples[`cartline_events_in_total{source="notification"}`] == 1 && samples[`cartline_events_out_total`] == 1 &&
			samples[`cartline_listener_up`] == 1 && samples[`cartline_connections{endpoint="events"}`] == 1
	})
	var got shared.GatewaySessions
	ann.ask(t, "GET", "/api/gateway/sessions", "", &got)
	if want := (shared.ChannelState{Channel: shared.ChannelCartActivity, State: shared.ChannelLive}); got.Count != 1 || len(got.Open[0].Channels) != 1 || got.Open[0].Channels[0] != want || !got.Listening {
		t.Errorf("got %+v, want ann with %+v", got, want)
	}
	if status, _ := shop.user(t, s, "stranger").try(t, "GET", "/api/gateway/sessions", ""); status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("a stranger: got %d", status)
	}
}

// What deploy/ shows and alerts on exists, and all that exists is documented.
func TestDeployNamesMetricsThatExist(t *testing.T) {
	s := start(t, "--metrics-listen", "127.0.0.1:0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	_, names := s.scraped(t)
	pattern := regexp.MustCompile(`\b(?:cartline|process|go)_[a-z0-9_]+`)
	for file, least := range map[string]int{"grafana-dashboard.json": 17, "alerts.yml": 9} {
		text := ok[[]byte](t)(os.ReadFile(filepath.Join("..", "deploy", file)))
		if strings.HasSuffix(file, ".json") && !json.Valid(text) {
			t.Errorf("%s is not JSON", file)
		}
		used := map[string]bool{}
		for _, name := range pattern.FindAllString(string(text), -1) {
			used[name] = true
			if !names[name] {
				t.Errorf("%s names %s, which doesn't exist", file, name)
			}
		}
		if len(used) < least {
			t.Errorf("%s names %d metrics, want %d or more", file, len(used), least)
		}
	}
	manual := string(ok[[]byte](t)(os.ReadFile(filepath.Join("..", "docs", "operating.md"))))
	for name := range names {
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if whole, cut := strings.CutSuffix(name, suffix); cut && names[whole] {
				name = whole
			}
		}
		if strings.HasPrefix(name, "cartline_") && !strings.Contains(manual, "`"+name+"`") {
			t.Errorf("docs/operating.md doesn't tell of %s", name)
		}
	}
	alerts := string(ok[[]byte](t)(os.ReadFile(filepath.Join("..", "deploy", "alerts.yml"))))
	for _, alert := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(alerts, -1) {
		if !strings.Contains(manual, "`"+alert[1]+"`") {
			t.Errorf("docs/operating.md doesn't tell what to do about %s", alert[1])
		}
	}
}

// A problem has the id of its request, as the answer's header and the log have it; each
// line is one object if that was asked for.
func TestRequestIDs(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--log-format", "json", "--log-level", "warn", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	v := s.visitor(t)
	response := v.ask(t, "POST", "/api/staff/session", `{"username":"demo","password":"wrong"}`, nil)
	id := response.Header.Get(httplog.HeaderID)
	if id == "" {
		t.Fatal("the answer has no id")
	}
	_, body := v.try(t, "GET", "/api/gateway", "")
	var problem shared.Problem
	if err := json.Unmarshal(body, &problem); err != nil || problem.Request == "" || problem.Request == id {
		t.Errorf("got %s: %v, want a problem with an id of its own", body, err)
	}
	s.waitLog(t, id)
	v.signInDemo(t)
	v.open(t, "/events/io") // whose line is left out
	s.end(t)
	for line := range strings.Lines(s.log.String()) {
		var record struct{ Level, Msg, Request string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%q is no JSON: %v", line, err)
		}
		if record.Level == "INFO" || record.Level == "DEBUG" {
			t.Errorf("%q is below the level that was asked for", line)
		}
		if record.Msg == "sign-in refused" && record.Request != id {
			t.Errorf("got %q, want the id %s", line, id)
		}
	}
}

// Of a session it is told what it hears, under the id of its handshake, which its first
// line in the log has as well; and how it ended.
func TestInspectedSessions(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	staff := s.visitor(t)
	if status, _ := staff.try(t, "GET", "/api/gateway/sessions", ""); status != http.StatusUnauthorized {
		t.Errorf("without a session: got %d", status)
	}
	staff.signInDemo(t)
	events := staff.open(t, "/events/io")
	events.listen(t, shared.ChannelCartActivity)
	shopper := s.visitor(t)
	shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	var message []json.RawMessage
	var meta shared.Meta
	if err := json.Unmarshal([]byte(events.next(t)), &message); err != nil || json.Unmarshal(message[2], &meta) != nil {
		t.Fatal(message, err)
	}
	var got shared.GatewaySessions
	testenv.Eventually(t, patience, "the event to be counted", func() bool {
		staff.ask(t, "GET", "/api/gateway/sessions?name=demo-", "", &got)
		return got.Count == 1 && got.Open[0].Sent == 1
	})
	state := got.Open[0]
	if state.Name != "demo-1" || got.Cursor != meta.Cursor || !got.Listening || got.Process == "" ||
		len(state.Channels) != 1 || state.Channels[0].Cursor != meta.Cursor || state.Channels[0].State != shared.ChannelLive {
		t.Errorf("got %+v, want demo-1 told up to %s", got, meta.Cursor)
	}
	if want := "session=demo-1 remote=127.0.0.1 request=" + state.Request; state.Request == "" || !strings.Contains(s.log.String(), want) {
		t.Errorf("no %q in the log", want)
	}
	events.Abandon()
	testenv.Eventually(t, patience, "its end", func() bool {
		staff.ask(t, "GET", "/api/gateway/sessions", "", &got)
		return len(got.Gone) == 1
	})
	if end := got.Gone[0].Ended; end == nil || end.Code != 1006 || end.By != "nobody" || got.Gone[0].Name != "demo-1" || got.Gone[0].Channels[0].Cursor != meta.Cursor {
		t.Errorf("got %+v", got.Gone[0])
	}
	staff.ask(t, "GET", "/api/gateway/sessions?name=nobody", "", &got)
	if len(got.Gone) != 0 || got.Count != 0 {
		t.Errorf("of nobody: got %+v", got)
	}
}

// Flags of the log that can't be used are told on one line.
func TestLogFlags(t *testing.T) {
	for _, args := range [][]string{{"--log-format", "xml"}, {"--log-level", "loud"}} {
		status, _, stderr := call(t, "", args...)
		if status != 2 || !strings.Contains(stderr, args[0]) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: got status %d, %q", args, status, stderr)
		}
	}
}

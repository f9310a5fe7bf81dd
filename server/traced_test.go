package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// collector takes traces as OTLP over HTTP has them, in JSON.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	spans  []gotSpan
	status int // what is answered, if not 200
	asked  int
}

type gotSpan struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                int
	StartTimeUnixNano, EndTimeUnixNano  int64 `json:",string"`
	Attributes                          []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
}

func (s gotSpan) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue + a.Value.IntValue
		}
	}
	return ""
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var message struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []gotSpan } }
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		if err == nil {
			err = json.Unmarshal(body, &message)
		}
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || !strings.Contains(string(body), `{"key":"service.name","value":{"stringValue":"cartline"}}`) {
			t.Errorf("got %s %s: %v", r.URL, body, err)
		}
		if c.status != 0 {
			w.WriteHeader(c.status)
			return
		}
		for _, resource := range message.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// of returns the spans of the trace in which there is one with a name, by their names.
func (c *collector) of(name string) map[string]gotSpan {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]gotSpan{}
	for _, s := range c.spans {
		if s.Name != name {
			continue
		}
		for _, other := range c.spans {
			if other.TraceID == s.TraceID {
				found[other.Name] = other
			}
		}
	}
	return found
}

const putLine = "PUT /api/cart/lines/{sku}"

// A change is one trace, from its request to the first socket that it is written to; and
// the activity says which.
func TestTraces(t *testing.T) {
	c := startCollector(t)
	s := start(t, "--demo", "--demo-shoppers", "0", "--trace-endpoint", c.URL, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	staff, shopper := s.visitor(t), s.visitor(t)
	staff.signInDemo(t)
	events := staff.open(t, "/events/io")
	events.listen(t, shared.ChannelCartActivity)
	staff.ask(t, "GET", "/api/gateway", "", new(shared.GatewayStatus))
	response := shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	message, err := shared.ParseMessage([]byte(events.next(t)))
	var activity shared.Activity
	if err != nil || message.Into(&activity) != nil {
		t.Fatal(message, err)
	}
	var spans map[string]gotSpan
	testenv.Eventually(t, patience, "the trace", func() bool {
		spans = c.of(putLine)
		return len(spans) == 3
	})
	request, publish, deliver := spans[putLine], spans["publish"], spans["deliver"]
	if request.ParentSpanID != "" || publish.ParentSpanID != request.SpanID || deliver.ParentSpanID != publish.SpanID {
		t.Errorf("got %+v, want a request, under it its publishing, and under that its delivery", spans)
	}
	for _, span := range spans {
		if span.StartTimeUnixNano <= 0 || span.EndTimeUnixNano < span.StartTimeUnixNano || len(span.TraceID) != 32 || len(span.SpanID) != 16 || span.Kind < 2 {
			t.Errorf("got %+v", span)
		}
	}
	if want := "00-" + request.TraceID + "-" + request.SpanID + "-01"; activity.Trace != want {
		t.Errorf("the activity belongs to %q, want %q", activity.Trace, want)
	}
	if request.attribute("http.response.status_code") != "200" || request.attribute("cartline.request") != response.Header.Get("X-Request-Id") || publish.attribute("cartline.cursor") != message.Meta.Cursor {
		t.Errorf("got %+v and %+v", request, publish)
	}
	if got := c.of("GET /api/gateway"); len(got) != 0 {
		t.Errorf("what changes nothing is traced: %+v", got)
	}
}

// Of two processes, the one that tells a change goes on with the trace of the one that made
// it.
func TestTracesGoOnInAnotherProcess(t *testing.T) {
	c, database := startCollector(t), testenv.Postgres(t)
	app := start(t, "--serve", "app", "--demo", "--demo-shoppers", "0", "--trace-endpoint", c.URL, "--database", database)
	events := start(t, "--serve", "events", "--trace-endpoint", c.URL, "--database", database)
	staff := app.visitor(t)
	staff.signInDemo(t)
	listener := (&visitor{events, staff.client}).open(t, "/events/io")
	listener.listen(t, shared.ChannelCartActivity)
	app.visitor(t).ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	listener.next(t)
	testenv.Eventually(t, patience, "the trace", func() bool { return len(c.of(putLine)) == 3 })
}

// A collector that is away or refuses costs nobody anything but the traces, and is told of
// once.
func TestTracesLost(t *testing.T) {
	c := startCollector(t)
	c.status = http.StatusServiceUnavailable
	s := start(t, "--demo", "--demo-shoppers", "0", "--trace-endpoint", c.URL+"/", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	shopper := s.visitor(t)
	change := func(quantity, version string) {
		t.Helper()
		if status, body := shopper.try(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":`+quantity+version+`}`); status != http.StatusOK {
			t.Fatalf("got %d %s", status, body)
		}
	}
	asked := func() int { c.mu.Lock(); defer c.mu.Unlock(); return c.asked }
	change("1", "")
	s.waitLog(t, "traces can't be sent")
	before := asked()
	change("2", `,"version":1`)
	testenv.Eventually(t, patience, "another attempt", func() bool { return asked() > before })
	c.mu.Lock()
	c.status = 0
	c.mu.Unlock()
	change("3", `,"version":2`)
	s.waitLog(t, "traces can be sent again")
	if got := strings.Count(s.log.String(), "traces can't be sent"); got != 1 {
		t.Errorf("it was logged %d times, want once", got)
	}
}

// Without the flag nothing says that it belongs to a trace; an address that can't be used
// is told on one line, without what may be a password.
func TestTraceFlag(t *testing.T) {
	for _, endpoint := range []string{"localhost:4318", "grpc://localhost:4317", "http://name:secret@localhost", "http://localhost/?token=secret", "http://"} {
		status, _, stderr := call(t, "", "--trace-endpoint", endpoint)
		if status != 2 || !strings.Contains(stderr, "--trace-endpoint is the address") || strings.Contains(stderr, "secret") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got status %d, %q", endpoint, status, stderr)
		}
	}
	s := start(t, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), "--demo", "--demo-shoppers", "0")
	staff := s.visitor(t)
	staff.signInDemo(t)
	events := staff.open(t, "/events/io")
	events.listen(t, shared.ChannelCartActivity)
	s.visitor(t).ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	if got := events.next(t); strings.Contains(got, `"trace"`) {
		t.Errorf("got %s", got)
	}
}

package httplog_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"cartline/server/httplog"
)

var idPattern = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`)

// Each request has an id of its own, which is in its answer, in all its lines and nowhere
// else, whatever the client says.
func TestRequestID(t *testing.T) {
	var log strings.Builder
	logger := slog.New(httplog.WithID(slog.NewTextHandler(&log, nil)))
	handler := httplog.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logger.With("part", "x").InfoContext(r.Context(), "within", "id", httplog.RequestID(r))
		logger.Info("of no request")
	}), logger)
	seen := map[string]bool{}
	for range 50 {
		log.Reset()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(httplog.HeaderID, "mine")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		id := w.Header().Get(httplog.HeaderID)
		if !idPattern.MatchString(id) || seen[id] {
			t.Fatalf("got the id %q, want one that can be read out, and a new one", id)
		}
		seen[id] = true
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 3 {
			t.Fatalf("got %q", lines)
		}
		for i, want := range []string{" msg=within part=x id=" + id + " request=" + id, " msg=\"of no request\"", " msg=request request=" + id + " method=GET"} {
			if !strings.Contains(lines[i], want) || strings.Count(lines[i], "request=") > 1 {
				t.Errorf("got %q, want %q in it, and the id once", lines[i], want)
			}
		}
		if strings.Contains(lines[1], "request=") {
			t.Errorf("a line of no request has an id: %q", lines[1])
		}
	}
	if got := httplog.RequestID(httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("without a handler around it: got %q, want none", got)
	}
}

// A person who sees that something went wrong can say which request it was.
func TestPanicTellsTheID(t *testing.T) {
	server, log := serve(t, func(http.ResponseWriter, *http.Request) { panic("some cause") })
	r := httptest.NewRequest("GET", "/", nil)
	w := httptest.NewRecorder()
	server.Config.Handler.ServeHTTP(w, r)
	id := w.Header().Get(httplog.HeaderID)
	if !strings.Contains(w.Body.String(), id) || id == "" {
		t.Errorf("got %q, want the id %q in it", w.Body, id)
	}
	if got := log.Wait(t, "panic", 1)[0]["request"]; got != id {
		t.Errorf("the panic's line has the id %v, want %q", got, id)
	}
}

// Whoever counts is told the pattern that was named first, never a path.
func TestAnswered(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    httplog.Answered
	}{
		{"named", func(w http.ResponseWriter, r *http.Request) {
			httplog.SetRoute(r, "GET /a/{b}")
			httplog.SetRoute(r, "/")
			w.WriteHeader(404)
		}, httplog.Answered{Route: "GET /a/{b}", Status: 404}},
		{"not named", func(http.ResponseWriter, *http.Request) {}, httplog.Answered{Status: 200}},
		{"panic", func(_ http.ResponseWriter, r *http.Request) {
			httplog.SetRoute(r, "/x")
			panic("some cause")
		}, httplog.Answered{Route: "/x", Status: 500}},
	} {
		var got []httplog.Answered
		httplog.Handler(test.handler, slog.New(slog.DiscardHandler), func(a httplog.Answered) { got = append(got, a) }).
			ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/secret", nil))
		if len(got) != 1 || got[0].Route != test.want.Route || got[0].Status != test.want.Status || got[0].Duration < 0 {
			t.Errorf("%s: got %+v, want %+v once", test.name, got, test.want)
		}
	}
}

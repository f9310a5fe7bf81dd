package main

import (
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"

	vm "github.com/VictoriaMetrics/metrics"

	"cartline/server/httplog"
	"cartline/server/metrics"
	"cartline/server/socket"
	"cartline/shared"
)

// logFlags say how the log is written.
type logFlags struct {
	LogFormat string `env:"CARTLINE_LOG_FORMAT" enum:"text,json" default:"text" placeholder:"FORMAT" help:"How the log is written to standard error: text, or json, one object a line. (${default}, ${env})"`
	LogLevel  string `env:"CARTLINE_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"What the log has: debug, info, warn or error, and what is graver. With debug, whoever asks often fills it. (${default}, ${env})"`
}

// newLogger makes a log whose lines have the id of the request that they are about.
func (f logFlags) newLogger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo // not reached: the flag has been checked
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if f.LogFormat == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(httplog.WithID(handler))
}

// observed is what is counted of requests for those who run the server. What is counted of
// sockets and events, package socket and package event have.
type observed struct {
	requests  metrics.Counts[requestKind]
	durations metrics.Histograms[string] // by route
	signIns   metrics.Counts[signInKind]
}

type requestKind struct {
	route  string
	status int
}

type signInKind struct{ whom, result string }

// answered counts a request, under its pattern.
func (o *observed) answered(a httplog.Answered) {
	route := a.Route
	if route == "" {
		route = "other"
	}
	o.requests.Add(requestKind{route, a.Status})
	o.durations.Of(route).Observe(a.Duration)
}

func (o *observed) signedIn(whom, result string) { o.signIns.Add(signInKind{whom, result}) }

// routed names the pattern that a request has matched, if nobody within has named one.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { httplog.SetRoute(r, r.Pattern) }() // also after a panic
		mux.ServeHTTP(w, r)
	})
}

// listens tells whether the process has a connection to listen over, and whether it stands.
func (s *server) listens() (standing, any bool) {
	listening := s.gatewayListening
	if s.database != nil && s.command.sockets() {
		listening = s.database.listening
	}
	return listening != nil && listening(), listening != nil
}

// inspect answers why a message did not arrive.
func (s *server) inspect(name string) shared.GatewaySessions {
	answer := s.events.Inspect(name)
	answer.Process = s.self().Process
	standing, any := s.listens()
	answer.Listening = standing || !any
	return answer
}

// scrape writes what Prometheus reads, all of it at one moment as far as that goes.
func (s *server) scrape() []byte {
	page := new(metrics.Page)
	one := func(value float64) metrics.Sample { return metrics.Sample{Value: value} }
	page.Gauge("cartline_build_info", "The version that runs, with the value 1.",
		metrics.Sample{Labels: metrics.Labels{"version", version, "go", runtime.Version(), "mode", s.command.Serve}, Value: 1})
	page.Gauge("cartline_start_time_seconds", "When the server was started, in seconds since 1970.",
		one(float64(s.started.UnixMilli())/1000))
	s.scrapeSockets(page)
	s.scrapeEvents(page)
	s.scrapeRequests(page)
	vm.WriteProcessMetrics(page)
	vm.WriteFDMetrics(page)
	return page.Bytes()
}

func (s *server) scrapeSockets(page *metrics.Page) {
	var open, opened, closed []metrics.Sample
	for endpoint, c := range map[string]socket.Connections{"events": s.events.Connections(), "echo": s.echo.Connections()} {
		labels := metrics.Labels{"endpoint", endpoint}
		open = append(open, metrics.Sample{Labels: labels, Value: float64(c.Open)})
		opened = append(opened, metrics.Sample{Labels: labels, Value: float64(c.Opened)})
		for code, count := range c.Closed {
			closed = append(closed, metrics.Sample{Labels: metrics.Labels{"endpoint", endpoint, "code", code}, Value: float64(count)})
		}
	}
	page.Gauge("cartline_connections", "WebSockets that are open, by endpoint.", open...)
	page.Counter("cartline_connections_opened_total", "WebSockets that were opened, by endpoint.", opened...)
	page.Counter("cartline_connections_closed_total", "WebSockets that have ended, by endpoint and close code. 1006: without a close frame; other: a code that only the client knows.", closed...)
	var refused []metrics.Sample
	for limit, count := range s.gate.Refused() {
		refused = append(refused, metrics.Sample{Labels: metrics.Labels{"limit", string(limit)}, Value: float64(count)})
	}
	page.Counter("cartline_refused_total", "What was turned away, by the limit that it would have broken.", refused...)
}

func (s *server) scrapeEvents(page *metrics.Page) {
	logged, notified := s.hub.Arrived()
	c := s.events.Counts()
	one := func(value uint64) metrics.Sample { return metrics.Sample{Value: float64(value)} }
	page.Counter("cartline_events_in_total", "Events that came to this process, whether or not anybody listens, by source: the log, or bare notifications.",
		metrics.Sample{Labels: metrics.Labels{"source", "log"}, Value: float64(logged)},
		metrics.Sample{Labels: metrics.Labels{"source", "notification"}, Value: float64(notified)})
	page.Counter("cartline_events_out_total", "Events that were written to sockets, each for everyone who got it.", one(c.Written))
	page.Counter("cartline_events_replayed_total", "Of those written, the ones that were read from the log again for a client that came back.", one(c.Replayed))
	page.Counter("cartline_events_coalesced_total", "Events for which a client that was behind got a later one.", one(c.Replaced))
	page.Counter("cartline_events_dropped_total", "Events that waited for a client when its connection ended. It gets them with its cursor when it comes back.", one(c.Dropped))
	page.Gauge("cartline_queue_bytes", "Bytes that wait for all clients.", one(uint64(c.Queued)))
	page.Gauge("cartline_queue_longest_bytes", "Bytes that wait for the client that has most waiting.", one(uint64(c.Longest)))
	page.Histogram("cartline_event_lag_seconds", "From the time of a change, just before its commit, to its writing to a socket, for each who listened.", metrics.Durations{Distribution: &c.Lag})
	var listening []metrics.Sample
	if standing, any := s.listens(); any {
		value := 0.0
		if standing {
			value = 1
		}
		listening = []metrics.Sample{{Value: value}}
	}
	page.Gauge("cartline_listener_up", "Whether the connection stands over which others' changes are heard of at once. Missing where there is none.", listening...)
	var authentications []metrics.Sample
	for result, count := range c.Admitted {
		authentications = append(authentications, metrics.Sample{Labels: metrics.Labels{"of", "socket", "result", result}, Value: float64(count)})
	}
	for kind, count := range s.observed.signIns.All() {
		authentications = append(authentications, metrics.Sample{Labels: metrics.Labels{"of", kind.whom, "result", kind.result}, Value: float64(count)})
	}
	page.Counter("cartline_authentications_total", "Looks at who somebody is: of a socket, or a sign-in of staff or a customer. The result is ok, or the problem's code.", authentications...)
}

func (s *server) scrapeRequests(page *metrics.Page) {
	var requests []metrics.Sample
	for kind, count := range s.observed.requests.All() {
		requests = append(requests, metrics.Sample{Labels: metrics.Labels{"route", kind.route, "status", strconv.Itoa(kind.status)}, Value: float64(count)})
	}
	page.Counter("cartline_http_requests_total", "HTTP requests, by the pattern that they matched, and status. 101 is a WebSocket.", requests...)
	var durations []metrics.Durations
	for route, d := range s.observed.durations.All() {
		durations = append(durations, metrics.Durations{Labels: metrics.Labels{"route", route}, Distribution: d})
	}
	page.Histogram("cartline_http_request_duration_seconds", "How long HTTP requests took, by the pattern that they matched; a WebSocket's to the end of its handshake.", durations...)
}

// newScrapeHandler answers scrapes.
func newScrapeHandler(scrape func() []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", metrics.ContentType)
		_, _ = w.Write(scrape()) // an error means that whoever asked is gone
	})
}

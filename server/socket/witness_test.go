package socket

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/shared"
)

// id is one under which handshakes are kept.
const id = "0123456789abcdef0123456789abcdef"

// witnessAt makes a witness with a clock that stands at noon.
func witnessAt(t testing.TB) (w *Witness, clock *time.Time) {
	t.Helper()
	origins, err := NewOrigins("", []string{"https://friend.example"})
	if err != nil {
		t.Fatal(err)
	}
	at := noon
	w = NewWitness(origins)
	w.now = func() time.Time { return at }
	return w, &at
}

// with is a header with the cookie that asks for a record.
func with(header http.Header) http.Header {
	header.Add("Cookie", shared.CookieHandshake+"="+id)
	return header
}

// TestWitness has handshakes end in all ways, and looks at what is told of each.
func TestWitness(t *testing.T) {
	w, clock := witnessAt(t)
	echo := startEcho(t, EchoConfig{Witness: w, CheckOrigin: w.origins.Check, Gate: quietGate(Limits{Faults: 1})})
	for _, test := range []struct {
		name, target string
		header       http.Header
		status       int
		refusal      string
		allowed      bool
		verdict      string
		faults       string
		offered      []string
	}{
		{"program", "/echo", http.Header{}, 501, "Not Implemented", true, "No Origin was sent, as programs do, and they are let in.", "", nil},
		{"own page", "/echo", http.Header{"Origin": {"http://shop.example"}}, 501, "Not Implemented", true, "This is a page of the server's own origin.", "", nil},
		{"friend", "/echo", http.Header{"Origin": {"https://friend.example"}}, 501, "Not Implemented", true, "Pages of https://friend.example are let in by --allow-origin.", "", nil},
		{"foe", "/echo", http.Header{"Origin": {"https://foe.example"}}, 403,
			"Pages of https://foe.example may not connect. The server's operator can allow it with --allow-origin.", false,
			"Pages of https://foe.example may not connect. The server's operator can allow it with --allow-origin.", "", nil},
		{"wrong fault", "/echo?delay=x", http.Header{}, 400, "delay is a number from 1 to 10000 (ms).", true, "No Origin was sent, as programs do, and they are let in.", "", nil},
		{"faults", "/echo?drop=10&delay=5", http.Header{}, 501, "Not Implemented", true, "No Origin was sent, as programs do, and they are let in.", "delay=5&drop=10", nil},
		{"sub-protocols", "/echo", http.Header{"Sec-Websocket-Protocol": {"chat, fault.drop-1", "x"}}, 501, "Not Implemented", true, "No Origin was sent, as programs do, and they are let in.", "drop=1", []string{"chat", "fault.drop-1", "x"}},
		{"old version", "/echo", http.Header{"Sec-Websocket-Version": {"8"}}, 400, `unsupported WebSocket protocol version (only 13 is supported): "8"`, true, "No Origin was sent, as programs do, and they are let in.", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			*clock = noon
			ask(echo.Echo, "http://shop.example"+test.target, with(test.header))
			*clock = noon.Add(59 * time.Second)
			got, kept := w.Take(id)
			if !kept {
				t.Fatal("it is not told")
			}
			want := shared.HandshakeRecord{
				At: noon, Now: *clock, Request: "GET http://shop.example" + test.target + " HTTP/1.1",
				Host: "shop.example", Remote: "192.0.2.1", Headers: got.Headers,
				OriginAllowed: test.allowed, OriginVerdict: test.verdict,
				Offered: test.offered, Faults: test.faults, Status: test.status, Refusal: test.refusal,
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("got\n%+v, want\n%+v", got, want)
			}
			if _, again := w.Take(id); again {
				t.Error("it is told twice")
			}
		})
	}
	var none *Witness
	if _, kept := none.Take(id); kept {
		t.Error("a witness that is none has kept something")
	}
}

// upgrading tells when a handshake is answered with an upgrade, before the client knows.
type upgrading struct {
	http.ResponseWriter
	now func()
}

func (u upgrading) Unwrap() http.ResponseWriter { return u.ResponseWriter }

func (u upgrading) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols {
		u.now()
	}
	u.ResponseWriter.WriteHeader(status)
}

// TestWitnessOfConnections follows a handshake that is upgraded: the record is there as
// soon as the client can know.
func TestWitnessOfConnections(t *testing.T) {
	w, _ := witnessAt(t)
	echo := startEcho(t, EchoConfig{Witness: w, CheckOrigin: w.origins.Check})
	told := make(chan shared.HandshakeRecord, 1)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		echo.ServeHTTP(upgrading{rw, func() {
			got, kept := w.Take(id)
			if !kept {
				t.Error("it is not told")
			}
			told <- got
		}}, r)
	}))
	defer server.Close()
	echo.dialer.Address = server.Listener.Addr().String()
	echo.dialer.Path = "/echo?token=secret"
	echo.dialer.Header = with(http.Header{"Sec-WebSocket-Protocol": {"chat, fault"}, "Sec-WebSocket-Extensions": {"permessage-deflate"}})
	c := echo.dial(t)
	c.Finish()
	ok(t, c)
	got := receive(t, told, "the record")
	if got.Status != 101 || got.Chosen != "fault" || got.Extensions != "permessage-deflate" || got.Refusal != "" ||
		got.Request != "GET /echo?token=••• HTTP/1.1" || got.Remote != "127.0.0.1" || got.TLS {
		t.Errorf("got %+v", got)
	}
	if _, again := w.Take(id); again {
		t.Error("it is told twice")
	}
}

// TestWitnessOfEvents tells who connects, where that is known.
func TestWitnessOfEvents(t *testing.T) {
	w, _ := witnessAt(t)
	g := startEvents(t, gatewayOptions{limits: Limits{PerUser: 1}})
	g.config.Witness = w
	own := func(header http.Header) http.Header {
		return with(merge(header, http.Header{"Origin": {"https://shop.example"}}))
	}
	for _, test := range []struct {
		header  http.Header
		status  int
		refusal string
		user    string
	}{
		{own(http.Header{"X-User": {"ann"}}), 501, "Not Implemented", "ann"},
		{own(http.Header{"X-Shopper": {"sue"}}), 501, "Not Implemented", "shopper"},
		{own(http.Header{"X-User": {"carl"}}), 403, cantMonitor, ""},
		{with(http.Header{"X-User": {"ann"}}), 403, "A request without an Origin is refused here. The server's operator can allow it with --allow-no-origin.", ""},
	} {
		ask(g.Events, "http://shop.example/events/io", test.header)
		got, kept := w.Take(id)
		if !kept || got.Status != test.status || got.Refusal != test.refusal || got.User != test.user {
			t.Errorf("%v: got %+v", test.header, got)
		}
		if allowed := test.header.Get("Origin") != ""; got.OriginAllowed != allowed || !strings.HasSuffix(got.OriginVerdict, ".") {
			t.Errorf("%v: got origin allowed %v, %q", test.header, got.OriginAllowed, got.OriginVerdict)
		}
	}
}

// TestWitnessMemory holds on to nothing of what was cut off.
func TestWitnessMemory(t *testing.T) {
	const handshakes, each = 100, 40 << 10
	w, _ := witnessAt(t)
	echo := startEcho(t, EchoConfig{Witness: w})
	before := heap()
	for i := range handshakes {
		part := strings.Repeat(fmt.Sprintf("token-%04d,", i), 100_000/11)
		ask(echo.Echo, "http://shop.example/echo?"+strings.Clone(part), http.Header{
			"Cookie":                   {fmt.Sprintf("%s=%032x; %s=x", shared.CookieHandshake, i, strings.Clone(part))},
			"User-Agent":               {strings.Clone(part)},
			"Sec-Websocket-Protocol":   {strings.Clone(part)},
			"Sec-Websocket-Extensions": {strings.Clone(part)},
		})
	}
	if got := (heap() - before) / handshakes; got > each {
		t.Errorf("got %d bytes for each handshake, want %d at most", got, each)
	}
	if len(w.records) != handshakes {
		t.Errorf("got %d kept", len(w.records))
	}
}

func merge(a, b http.Header) http.Header {
	for name, values := range b {
		a[name] = values
	}
	return a
}

// TestWitnessAsked keeps nothing unless it is asked to, properly.
func TestWitnessAsked(t *testing.T) {
	for _, test := range []struct {
		cookies []string
		want    string
	}{
		{nil, ""},
		{[]string{"theme=dark"}, ""},
		{[]string{shared.CookieHandshake + "=" + id}, id},
		{[]string{"theme=dark; " + shared.CookieHandshake + "=" + id + "; a=b"}, id},
		{[]string{"theme=dark", shared.CookieHandshake + "=" + id}, id},
		{[]string{shared.CookieHandshake + "=" + id[1:]}, ""},
		{[]string{shared.CookieHandshake + "=" + id + "0"}, ""},
		{[]string{shared.CookieHandshake + "=" + strings.ToUpper(id)}, ""},
		{[]string{shared.CookieHandshake + "="}, ""},
		{[]string{"x" + shared.CookieHandshake + "=" + id}, ""},
		{[]string{"theme=" + shared.CookieHandshake}, ""},
	} {
		if got := handshakeID(&http.Request{Header: http.Header{"Cookie": test.cookies}}); got != test.want {
			t.Errorf("%q: got %q, want %q", test.cookies, got, test.want)
		}
	}
	w, _ := witnessAt(t)
	echo := startEcho(t, EchoConfig{Witness: w})
	r := httptest.NewRequest("GET", "http://shop.example/echo", nil)
	r.Header = with(http.Header{}) // and no upgrade
	echo.ServeHTTP(httptest.NewRecorder(), r)
	if _, kept := w.Take(id); kept {
		t.Error("a request that was no handshake was kept")
	}
}

// TestWitnessForgets keeps nothing for longer than a minute, and no more than it has room
// for.
func TestWitnessForgets(t *testing.T) {
	w, clock := witnessAt(t)
	number := func(i int) string { return fmt.Sprintf("%032x", i) }
	keep := func(i int) { w.keep(number(i), &shared.HandshakeRecord{At: *clock, Status: i}) }
	keep(1)
	*clock = noon.Add(time.Minute - 1)
	keep(2)
	*clock = noon.Add(time.Minute)
	if _, kept := w.Take(number(1)); kept || len(w.records) != 1 || len(w.ids) != 1 {
		t.Errorf("after a minute: got it %t, and %d others", kept, len(w.ids))
	}
	*clock = noon.Add(time.Hour)
	const many = witnessRoom + 100
	for i := range many {
		keep(i)
		keep(i) // takes the place of the first
	}
	if len(w.records) != witnessRoom || len(w.ids) != witnessRoom {
		t.Errorf("got %d and %d kept, want %d", len(w.records), len(w.ids), witnessRoom)
	}
	for i := range many {
		record, kept := w.Take(number(i))
		if want := i >= many-witnessRoom; kept != want || kept && record.Status != i {
			t.Fatalf("number %d: got %t, %+v, want %t", i, kept, record, want)
		}
	}
	if len(w.records) != 0 || len(w.ids) != 0 {
		t.Errorf("got %d and %d left", len(w.records), len(w.ids))
	}
}

// TestWitnessFlooded keeps the records of those who connect now and then while others
// do nothing else.
func TestWitnessFlooded(t *testing.T) {
	w, _ := witnessAt(t)
	n := 0
	keep := func(remote string) (id string) {
		n++
		id = fmt.Sprintf("%032x", n)
		w.keep(id, &shared.HandshakeRecord{At: noon, Remote: remote})
		return id
	}
	var honest []string
	for i := range 20 {
		honest = append(honest, keep(fmt.Sprintf("192.0.2.%d", i)))
	}
	for i := range 3 * witnessRoom {
		keep("198.51.100.1")
		keep(fmt.Sprintf("2001:db8::%x", i)) // which are one network
	}
	honest = append(honest, keep("192.0.2.1"))
	if got := len(w.ids); got != witnessRoom {
		t.Errorf("got %d kept, want %d", got, witnessRoom)
	}
	for i, id := range honest {
		if _, kept := w.Take(id); !kept {
			t.Errorf("honest handshake %d has given way", i)
		}
	}
	total := 0
	for _, count := range w.kept {
		total += count
	}
	if total != len(w.ids) || len(w.kept) != 2 {
		t.Errorf("got %d counted of %d addresses, with %d kept", total, len(w.kept), len(w.ids))
	}
	w.mu.Lock()
	w.forget(noon.Add(witnessTime))
	w.mu.Unlock()
	if len(w.records)+len(w.ids)+len(w.kept) != 0 {
		t.Errorf("after a minute: got %d, %d and %d left", len(w.records), len(w.ids), len(w.kept))
	}
}

// TestWitnessConcurrent has many keep and take at once.
func TestWitnessConcurrent(t *testing.T) {
	w, _ := witnessAt(t)
	echo := startEcho(t, EchoConfig{Witness: w})
	var running sync.WaitGroup
	told := new(counter)
	const visitors, each = 8, 100
	for v := range visitors {
		running.Go(func() {
			for i := range each {
				own := fmt.Sprintf("%016x%016x", v, i)
				ask(echo.Echo, "http://shop.example/echo", http.Header{"Cookie": {shared.CookieHandshake + "=" + own}})
				if _, kept := w.Take(own); kept {
					told.add(1)
				}
			}
		})
	}
	running.Wait()
	if got := told.get(); got != visitors*each {
		t.Errorf("got %d told, want %d", got, visitors*each)
	}
}

package socket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// TestWish reads what handshakes ask of the echo. 501 is a handshake that would have been
// upgraded.
func TestWish(t *testing.T) {
	for _, test := range []struct {
		query    string
		offered  []string
		status   int
		says     string // of the sentence, where it is refused
		faults   string
		protocol string
	}{
		{"", nil, 501, "", "", ""},
		{"a=b", nil, 501, "", "", ""},
		{"delay=200&drop=10&a=b", nil, 501, "", "delay=200&drop=10", ""},
		{"close=4000&reason=a+b", nil, 501, "", "close=4000&after=0&reason=a+b", ""},
		{"delay=0", nil, 400, "delay is a number from 1 to 10000 (ms).", "", ""},
		{"delay=x", nil, 400, "delay is", "", ""},
		{"delay=1&delay=2", nil, 400, "more than once", "", ""},
		{"close=999", nil, 400, "close is", "", ""},
		{"close=1004", nil, 400, "1004", "", ""},
		{"after=3", nil, 400, "after goes with close", "", ""},
		{"delay=200;drop=10", nil, 400, "can't be read", "", ""},
		{"delay=%zz", nil, 400, "can't be read", "", ""},

		{"", []string{"chat"}, 501, "", "", ""},
		{"", []string{"fault"}, 501, "", "", "fault"},
		{"", []string{"fault.delay-200.drop-10"}, 501, "", "delay=200&drop=10", "fault.delay-200.drop-10"},
		{"", []string{"chat, fault.delay-200,fault.drop-1"}, 501, "", "delay=200", "fault.delay-200"},
		{"", []string{"chat", "fault.drop-1", "fault"}, 501, "", "drop=1", "fault.drop-1"},
		{"", []string{"faulty", "default"}, 501, "", "", ""},
		{"", []string{"fault.close-4000.after-2"}, 501, "", "close=4000&after=2", "fault.close-4000.after-2"},
		{"", []string{"fault.delay-x", "fault.drop-1"}, 501, "", "drop=1", "fault.drop-1"},
		{"", []string{"fault.delay-x", "chat"}, 400, "delay is", "", ""},
		{"", []string{strings.Repeat("chat,", maxOffered-1) + "fault.drop-1"}, 501, "", "drop=1", "fault.drop-1"},
		{"", []string{strings.Repeat("chat,", maxOffered) + "fault.drop-1"}, 501, "", "", ""},
		{"", []string{"fault.late-5"}, 400, `no fault "late"`, "", ""},
		{"", []string{"fault.delay-1.delay-2"}, 400, "more than once", "", ""},
		{"", []string{"fault.reason-x.close-1000"}, 400, `no fault "reason"`, "", ""},

		{"delay=200", []string{"fault"}, 501, "", "delay=200", "fault"},
		{"delay=200", []string{"chat"}, 501, "", "delay=200", ""},
		{"delay=200", []string{"fault.drop-1"}, 400, "in one place", "", ""},
		{"a=b", []string{"fault.drop-1"}, 501, "", "drop=1", "fault.drop-1"},
	} {
		name := test.query + " " + strings.Join(test.offered, "|")
		for _, without := range []bool{false, true} {
			s := startEcho(t, EchoConfig{RefuseFaults: without})
			header := http.Header{}
			if test.offered != nil {
				header["Sec-Websocket-Protocol"] = test.offered
			}
			status, says := test.status, test.says
			if without && test.faults != "" {
				status, says = 403, "--echo-faults"
			}
			answer := ask(s.Echo, "http://shop.example/echo?"+test.query, header)
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != status || !strings.Contains(string(body), says) || says != "" && !strings.HasSuffix(string(body), ".") {
				t.Errorf("%s: got %d %q, want %d and a sentence with %q", name, answer.StatusCode, body, status, says)
			}
			r := httptest.NewRequest("GET", "http://shop.example/echo?"+test.query, nil)
			r.Header = header
			if got := s.MayEnter(r); (got != nil) != (says != "") || got != nil && got.Error() != string(body) {
				t.Errorf("%s: a page that asks is told %v, want %q", name, got, body)
			}
			got, err := s.wishOf(r)
			if err == nil && (got.faults.Query() != test.faults || got.protocol != test.protocol) {
				t.Errorf("%s: got %+v, want %s by %q", name, got, test.faults, test.protocol)
			}
			s.config.Gate.wantEmpty(t)
		}
	}
}

// TestWishCost holds that who asks for nothing pays nothing.
func TestWishCost(t *testing.T) {
	e := NewEcho(EchoConfig{Log: slog.New(slog.DiscardHandler)})
	r := httptest.NewRequest("GET", "http://shop.example/echo", nil)
	r.Header = upgrade()
	r.Header.Set("Cookie", "theme=dark; cartline_shopper=0123456789")
	if got := testing.AllocsPerRun(100, func() {
		if _, err := e.wishOf(r); err != nil || handshakeID(r) != "" {
			t.Error("got a wish, or an id")
		}
	}); got != 0 {
		t.Errorf("got %v allocations", got)
	}
}

// TestFaultsNegotiated asks over the network, in both ways.
func TestFaultsNegotiated(t *testing.T) {
	s := startEcho(t, EchoConfig{})
	s.dialer.Header = http.Header{"Sec-WebSocket-Protocol": {"chat, fault.burst-2.close-4000.after-2"}}
	c := s.dial(t)
	c.SendFrames(text("hello"))
	c.Expect(conformance.Text, []byte("hello"))
	c.Expect(conformance.Text, []byte("hello"))
	c.ExpectFailure(4000)
	ok(t, c)

	s.dialer.Header, s.dialer.Path = nil, "/echo?close=1006&after=1"
	c = s.dial(t)
	c.SendFrames(binary("hello"))
	c.Expect(conformance.Binary, []byte("hello"))
	c.ExpectEnd()
	ok(t, c)
}

// TestFaultsShare leaves room for others, whatever one address takes.
func TestFaultsShare(t *testing.T) {
	const limit = 8
	s := startEcho(t, EchoConfig{Gate: quietGate(Limits{Faults: limit, PerAddress: 100})})
	enter := func(host string) (*pass, *refusal) {
		p, refused := s.config.Gate.enter(host, noon)
		if refused != nil {
			t.Fatalf("%s: %v", host, refused.problem)
		}
		if refused = p.withFaults(noon); refused != nil {
			p.leave()
		}
		return p, refused
	}
	wants := func(host string, status int, says string) {
		t.Helper()
		_, refused := enter(host)
		if refused == nil || refused.status() != status || !strings.Contains(refused.problem.Detail, says) || refused.problem.RetryAfter == 0 {
			t.Errorf("%s: got %+v, want %d and %q", host, refused, status, says)
		}
		if told := s.config.Gate.lookForFaults(host); told == nil || told.problem.Detail != refused.problem.Detail {
			t.Errorf("%s: a page that asks is told %+v", host, told)
		}
	}
	hosts := []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.4"}
	var inside []*pass
	for _, host := range hosts {
		for range limit / share {
			p, refused := enter(host)
			if refused != nil {
				t.Fatalf("%s: %v", host, refused.problem)
			}
			inside = append(inside, p)
		}
		if len(inside) < limit {
			wants(host, http.StatusTooManyRequests, "2 connections to the echo with faults from your network")
		}
	}
	wants("192.0.2.5", http.StatusServiceUnavailable, "8 connections")
	inside[0].leave()
	if p, refused := enter("192.0.2.5"); refused != nil {
		t.Errorf("when one had left: %v", refused.problem)
	} else {
		p.leave()
	}
	for _, p := range inside {
		p.leave()
	}
	if got := len(s.config.Gate.faultyOf); got != 0 {
		t.Errorf("got %d addresses left", got)
	}
	s.config.Gate.wantEmpty(t)
}

// TestFaultsLimit lets no more have faults than may, and those who leave make room.
func TestFaultsLimit(t *testing.T) {
	const limit = 3
	closed := make(chan wire.End, 2*limit)
	gate := quietGate(Limits{Faults: limit})
	s := startEcho(t, EchoConfig{Gate: gate, Hooks: EchoHooks{Closed: func(end wire.End) { closed <- end }}})
	plain := s.dial(t)
	s.dialer.Path = "/echo?drop=1"
	var faulty []*conformance.Client
	for range limit {
		faulty = append(faulty, s.dial(t))
	}
	r := httptest.NewRequest("GET", "http://shop.example/echo?drop=1", nil)
	for i := range 2 {
		wantRefusal(t, ask(s.Echo, "http://shop.example/echo?drop=1", nil), http.StatusServiceUnavailable)
		var problem *shared.Problem
		if err := s.MayEnter(r); !errors.As(err, &problem) || problem.Code != shared.CodeTooManyConnections || problem.RetryAfter == 0 {
			t.Errorf("a page asks: got %+v", problem)
		}
		if got := gate.Refused()[shared.LimitFaults]; got != int64(i+1) {
			t.Errorf("got %d refusals counted, want %d", got, i+1)
		}
	}
	if got := ask(s.Echo, "http://shop.example/echo", nil).StatusCode; got != http.StatusNotImplemented {
		t.Errorf("without faults: got %d, want it let in", got)
	}
	plain.Finish()
	ok(t, plain)
	receive(t, closed, "the end")
	wantRefusal(t, ask(s.Echo, "http://shop.example/echo?drop=1", nil), http.StatusServiceUnavailable)
	faulty[0].Finish()
	ok(t, faulty[0])
	await(t, "room for another when one has left", func() bool { return s.MayEnter(r) == nil })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := s.dialer.Dial(ctx)
	if err != nil {
		t.Fatalf("got %v when one had left", err)
	}
	c.Drop()
}

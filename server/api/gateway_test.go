package api

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/shared"
)

func TestGateway(t *testing.T) {
	b := open(t, options{}).signedIn(t, shared.RoleEventListener)
	got := into[shared.GatewayStatus](t, b.ask(t, "GET", "/api/gateway", ""))
	if got.Process != "test/1" || got.Connections != 7 {
		t.Errorf("got %+v, want what the gateway says", got)
	}
}

func TestHandshake(t *testing.T) {
	s := open(t, options{})
	nobody, powerless, staff := s.browser(t), s.signedIn(t), s.signedIn(t, shared.RoleEventListener)
	for _, test := range []struct {
		browser *browser
		path    string
		status  int
		code    shared.Code // where it is refused
	}{
		{nobody, "/echo", 200, ""},
		{nobody, "/events/io", 401, shared.CodeUnauthorized},
		{powerless, "/events/io", 403, shared.CodeForbidden},
		{staff, "/events/io", 200, ""},
		{staff, "/events", 404, shared.CodeNotFound},
		{staff, "", 404, shared.CodeNotFound},
		{nobody, "/echo?delay=5%26drop=1", 200, ""},
		{nobody, "/echo?", 200, ""},
		{nobody, "/echo?delay=x", 400, shared.CodeInvalid},
		{nobody, "/nothing?delay=5", 404, shared.CodeNotFound},
		{nobody, "/events/io?delay=x", 401, shared.CodeUnauthorized},
		{staff, "/events/io?a=b", 200, ""},
	} {
		got := test.browser.ask(t, "GET", "/api/handshake?path="+test.path, "")
		if test.code != "" {
			problem(t, got, test.status, test.code)
			continue
		}
		if h := into[shared.Handshake](t, got); h.Path != strings.ReplaceAll(test.path, "%26", "&") || !h.Allowed {
			t.Errorf("%s: got %+v, want it allowed", test.path, h)
		}
	}
	if want := []string{"/echo", "/echo?delay=5&drop=1", "/echo", "/echo?delay=x"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked were %q, want %q", s.asked, want)
	}
}

// TestHandshakeRecord tells what was seen of a handshake to whom knows its id, once.
func TestHandshakeRecord(t *testing.T) {
	s := open(t, options{})
	const id = "0123456789abcdef0123456789abcdef"
	want := shared.HandshakeRecord{
		At: time.Now().UTC(), Now: time.Now().UTC(), Request: "GET /echo HTTP/1.1", Host: "shop.example", Remote: "192.0.2.1",
		Headers:       []shared.HeaderLine{{Name: "Cookie", Value: "a=•••", Masked: true}},
		OriginAllowed: true, OriginVerdict: "This is a page of the server's own origin.",
		Offered: []string{"fault"}, Chosen: "fault", Status: 101,
	}
	s.seen = map[string]shared.HandshakeRecord{id: want}
	b := s.browser(t)
	problem(t, b.ask(t, "GET", "/api/handshake/"+id[1:], ""), 404, shared.CodeNotFound)
	problem(t, b.ask(t, "POST", "/api/handshake/"+id, ""), 405, shared.CodeMethod)
	if got := into[shared.HandshakeRecord](t, b.ask(t, "GET", "/api/handshake/"+id, "")); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	problem(t, b.ask(t, "GET", "/api/handshake/"+id, ""), 404, shared.CodeNotFound)
}

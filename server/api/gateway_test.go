package api

import (
	"testing"

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
	} {
		got := test.browser.ask(t, "GET", "/api/handshake?path="+test.path, "")
		if test.code != "" {
			problem(t, got, test.status, test.code)
			continue
		}
		if h := into[shared.Handshake](t, got); h.Path != test.path || !h.Allowed {
			t.Errorf("%s: got %+v, want it allowed", test.path, h)
		}
	}
}

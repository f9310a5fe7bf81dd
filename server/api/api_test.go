package api

import (
	"net/http"
	"slices"
	"testing"

	"cartline/shared"
)

func TestNoRoute(t *testing.T) {
	b := open(t, options{}).browser(t)
	for _, test := range []struct {
		method, path string
		status       int
		code         shared.Code
		allow        []string
	}{
		{"GET", "/api/nothing", 404, shared.CodeNotFound, nil},
		{"GET", "/api/", 404, shared.CodeNotFound, nil},
		{"GET", "/api/cart/lines/", 404, shared.CodeNotFound, nil},
		{"POST", "/api/cart", 405, shared.CodeMethod, []string{"GET"}},
		{"GET", "/api/cart/lines/MUG", 405, shared.CodeMethod, []string{"PUT", "DELETE"}},
		{"PATCH", "/api/staff/session", 405, shared.CodeMethod, []string{"GET", "POST", "DELETE"}},
		{"DELETE", "/api/products", 405, shared.CodeMethod, []string{"GET"}},
	} {
		got := b.ask(t, test.method, test.path, "")
		problem(t, got, test.status, test.code)
		if allow := got.header.Values("Allow"); !slices.Equal(allow, test.allow) {
			t.Errorf("%s %s: got Allow %q, want %q", test.method, test.path, allow, test.allow)
		}
	}
	if got := b.ask(t, "HEAD", "/api/products", ""); got.status != 200 || len(got.body) != 0 {
		t.Errorf("HEAD: got %d, %q, want 200 and no body", got.status, got.body)
	}
}

// TestIllegibleAddress asks with what no database takes as text.
func TestIllegibleAddress(t *testing.T) {
	b := open(t, options{}).signedIn(t, shared.RoleEventListener)
	for _, path := range []string{
		"/api/products/%00", "/api/products/%ff", "/api/carts/a%00",
		"/api/products?q=%00", "/api/products?category=%C3%28", "/api/products?q=%zz", "/api/carts?after=%ff",
	} {
		problem(t, b.ask(t, "GET", path, ""), 400, shared.CodeInvalid)
	}
	problem(t, b.ask(t, "PUT", "/api/cart/lines/%00", `{"quantity":1}`), 400, shared.CodeInvalid)
}

// TestCrossSite lets pages of other sites ask for what changes something.
func TestCrossSite(t *testing.T) {
	const own = "https://shop.example"
	s := open(t, options{trustedOrigin: own})
	host := s.server.URL
	for _, test := range []struct {
		name   string
		header map[string]string
		ok     bool
	}{
		{"a program", nil, true},
		{"our page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": host}, true},
		{"typed in", map[string]string{"Sec-Fetch-Site": "none"}, true},
		{"our page, in an old browser", map[string]string{"Origin": host}, true},
		{"our page, behind a proxy", map[string]string{"Origin": own}, true},
		{"our page, behind a proxy that changes the host", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": own}, true},
		{"another site's page", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
		{"a page of our domain, but not ours", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.shop.example"}, false},
		{"another site's page, in an old browser", map[string]string{"Origin": "https://evil.example"}, false},
		{"another port", map[string]string{"Origin": "http://127.0.0.1:1"}, false},
		{"a sandboxed frame", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "null"}, false},
		{"a sandboxed frame, in an old browser", map[string]string{"Origin": "null"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, change := range []struct {
				method, path, body string
				status             int // where it is let in
			}{
				{"PUT", "/api/cart/lines/MUG", `{"quantity":1}`, 200},
				{"DELETE", "/api/cart/lines/MUG", "", 404},
				{"POST", "/api/staff/session", `{}`, 400},
				{"DELETE", "/api/staff/session", "", 204},
			} {
				before := s.rows(t)
				r := s.request(t, change.method, change.path, change.body)
				for name, value := range test.header {
					r.Header.Set(name, value)
				}
				got := s.browser(t).send(t, r)
				switch {
				case test.ok && got.status != change.status:
					t.Errorf("%s %s: got %d, want %d", change.method, change.path, got.status, change.status)
				case !test.ok:
					problem(t, got, http.StatusForbidden, shared.CodeCrossOrigin)
					if after := s.rows(t); !equal(before, after) {
						t.Errorf("%s %s: got rows %v, want %v", change.method, change.path, after, before)
					}
				}
			}
			r := s.request(t, "GET", "/api/cart", "")
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			got := s.browser(t).send(t, r)
			if got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("reading: got %d, Access-Control-Allow-Origin %q, want 200 and none", got.status, got.header.Get("Access-Control-Allow-Origin"))
			}
		})
	}
}

func TestNewRefusesTrustedOrigin(t *testing.T) {
	if _, err := New(Config{TrustedOrigin: "shop.example"}); err == nil {
		t.Error("got no error for what is no origin")
	}
}

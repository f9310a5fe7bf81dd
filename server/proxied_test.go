package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"cartline/shared"
	"cartline/shared/live"
)

func TestSettle(t *testing.T) {
	for _, test := range []struct {
		public, base string
		want         [2]string // the origin and the base
		wrong        string    // part of what is said
	}{
		{"", "", [2]string{"", ""}, ""},
		{"https://shop.example", "", [2]string{"https://shop.example", ""}, ""},
		{"https://shop.example/", "", [2]string{"https://shop.example/", ""}, ""},
		{"https://shop.example/live", "", [2]string{"https://shop.example", "/live"}, ""},
		{"https://shop.example/live/", "/live", [2]string{"https://shop.example", "/live"}, ""},
		{"https://shop.example", "/live/", [2]string{"https://shop.example", "/live"}, ""},
		{"https://shop.example/a/b-c.d", "", [2]string{"https://shop.example", "/a/b-c.d"}, ""},
		{"", "/", [2]string{"", ""}, ""},
		{"https://shop.example/live", "/other", [2]string{}, "must agree"},
		{"", "live", [2]string{}, "like /live"},
		{"", "/live/../x", [2]string{}, "like /live"},
		{"", "//evil.example", [2]string{}, "like /live"},
		{"", "/a b", [2]string{}, "like /live"},
		{"", `/a"b`, [2]string{}, "like /live"},
		{"https://shop.example/%2e%2e", "", [2]string{}, "like /live"},
		{"", "/" + strings.Repeat("a", maxBase), [2]string{}, "like /live"},
		{"", "/shop", [2]string{}, "can't begin with /shop"},
		{"", "/api/x", [2]string{}, "can't begin with /api"},
	} {
		flags, public := placeFlags{BasePath: test.base}, test.public
		err := flags.settle(&public)
		if (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%q, %q: got %v, want %q", test.public, test.base, err, test.wrong)
		}
		if got := [2]string{public, flags.BasePath}; err == nil && got != test.want {
			t.Errorf("%q, %q: got %q, want %q", test.public, test.base, got, test.want)
		}
	}
}

func TestPlaceAndTLSFlagsThatAreWrong(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	for args, want := range map[string]string{
		"--trusted-proxy nobody":                                      "--trusted-proxy is a network",
		"--trusted-proxy 10.0.0.0/33":                                 "--trusted-proxy is a network",
		"--trusted-proxy ::ffff:10.0.0.0/104":                         "--trusted-proxy is a network",
		"--trusted-proxy ::ffff:10.0.0.1":                             "--trusted-proxy is a network",
		"--proxy-headers x-real-ip":                                   "--proxy-headers",
		"--base-path shop":                                            "--base-path is a path",
		"--heartbeat 1ms":                                             "--heartbeat is from",
		"--tls-cert a.pem":                                            "go together",
		"--tls-key a.key":                                             "go together",
		"--tls-cert a --tls-key b --acme-domain shop.example":         "not both",
		"--http-redirect :80":                                         "takes --tls-cert or --acme-domain",
		"--acme-domain shop.example --http-redirect 80":               "--http-redirect is HOST:PORT",
		"--acme-domain *.example":                                     "--acme-domain is a name",
		"--acme-domain localhost":                                     "--acme-domain is a name",
		"--acme-domain 192.0.2.1":                                     "--acme-domain is a name",
		"--acme-domain shop.example:443":                              "--acme-domain is a name",
		"--acme-domain bücher.example":                                "--acme-domain is a name",
		"--acme-domain .shop.example":                                 "--acme-domain is a name",
		"--acme-domain shop.example --public-url http://shop.example": "--public-url begins with http://",
		"--tls-cert a --tls-key b --public-url HTTP://shop.example":   "--public-url begins with http://",
		"--acme-domain shop.example --acme-directory http://x":        "--acme-directory is an address",
	} {
		status, _, log := call(t, "", append([]string{"--listen", "127.0.0.1:0", "--database", database}, strings.Fields(args)...)...)
		if status != 2 || !strings.Contains(log, want) || strings.Count(log, "\n") != 1 {
			t.Errorf("%s: got status %d, %q; want %q", args, status, log, want)
		}
	}
	status, _, log := call(t, "", "--listen", "127.0.0.1:0", "--database", database, "--tls-cert", "missing.pem", "--tls-key", "missing.key")
	if status != 1 || !strings.Contains(log, "the certificate can't be read") {
		t.Errorf("without the files: got status %d, %q", status, log)
	}
}

// TestBelow: a request is served with the base, and without it if a proxy took that off.
func TestBelow(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		_, _ = w.Write([]byte(r.URL.EscapedPath() + " of " + r.RequestURI))
	})
	handler := below("/live", mux)
	for target, want := range map[string]string{
		"/live/":                      "200 / of /live/",
		"/live/desk?a=b":              "200 /desk of /live/desk?a=b",
		"/live/a%2Fb":                 "200 /a%2Fb of /live/a%2Fb",
		"/desk":                       "200 /desk of /desk",
		"/lively":                     "200 /lively of /lively",
		"/live/live/x":                "200 /live/x of /live/live/x",
		"/live":                       "308 /live/",
		"/live?a=b":                   "308 /live/?a=b",
		"/live/?to=/events":           "302 /live/events",
		"/?to=/events":                "302 /live/events",
		"/live/?to=//evil.example":    "302 //evil.example",
		"/live/?to=https://a.example": "302 https://a.example",
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		got := w.Result().Status[:3] + " " + w.Body.String()
		if w.Code >= 300 {
			got = w.Result().Status[:3] + " " + w.Header().Get("Location")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

// TestServeBelow goes through the whole program: cookies, API and sockets below a base,
// by a proxy that leaves it on and by one that takes it off.
func TestServeBelow(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), "--base-path", "/live")
	for _, prefix := range []string{"/live", ""} {
		v := s.visitor(t)
		response := v.ask(t, "PUT", prefix+"/api/cart/lines/MUG-BLUE", `{"quantity":1}`, &shared.Cart{})
		cookies := response.Cookies()
		if len(cookies) != 1 || cookies[0].Path != "/live" {
			t.Errorf("%q: got cookies %v, want one for /live", prefix, cookies)
		}
		if got := v.open(t, prefix+"/echo").next(t); got != "Echo Initiated" {
			t.Errorf("%q: got greeting %q", prefix, got)
		}
	}
}

// TestServeTrustedProxy: limits count whom a trusted proxy names in the header that it
// writes, and nobody else.
func TestServeTrustedProxy(t *testing.T) {
	for _, test := range []struct {
		flags, header, prefix string
		believed              bool
	}{
		{"--trusted-proxy 127.0.0.0/8", "X-Forwarded-For", "", true},
		{"", "X-Forwarded-For", "", false},
		{"--trusted-proxy 127.0.0.0/8 --proxy-headers forwarded", "Forwarded", "for=", true},
		{"--trusted-proxy 127.0.0.0/8 --proxy-headers forwarded", "X-Forwarded-For", "", false},
		{"--trusted-proxy 127.0.0.0/8", "Forwarded", "for=", false},
	} {
		args := []string{"--database", "sqlite:" + filepath.Join(t.TempDir(), "shop.db"), "--max-connections-per-address", "1"}
		s := start(t, append(args, strings.Fields(test.flags)...)...)
		dial := func(chain ...string) error {
			value := test.prefix + strings.Join(chain, ", "+test.prefix)
			conn, err := live.Dial(t.Context(), s.url+"/echo", live.Options{Header: map[string][]string{test.header: {value}}})
			if err == nil {
				t.Cleanup(conn.Abandon)
			}
			return err
		}
		if err := dial("192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if err := dial("192.0.2.2"); (err == nil) != test.believed {
			t.Errorf("%s, %s: another address got %v", test.flags, test.header, err)
		}
		var refused *live.RefusedError
		if err := dial("203.0.113.9", "192.0.2.1"); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
			t.Errorf("%s, %s: the same address got %v, want it refused", test.flags, test.header, err)
		}
	}
}

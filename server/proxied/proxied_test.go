package proxied_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"cartline/server/httplog"
	"cartline/server/proxied"
)

// seen is what a handler sees of a request.
type seen struct{ address, scheme, host string }

// look sends a request through a Handler that trusts 10.0.0.0/8 and 2001:db8:1::/48.
func look(kind proxied.Kind, r *http.Request) (got seen) {
	proxied.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = seen{httplog.RemoteHost(r), proxied.Scheme(r), r.Host}
	}), proxied.Config{
		Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")},
		Kind:    kind,
	}).ServeHTTP(httptest.NewRecorder(), r)
	return got
}

// request is from an address, with header lines, each "Name: value".
func request(from string, lines ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://inner.example/", nil)
	r.RemoteAddr = from
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

const proxy = "10.0.0.1:4321"

func TestXForwarded(t *testing.T) {
	for _, test := range []struct {
		name, from string
		lines      []string
		want       seen
	}{
		{"nothing is told", proxy, nil, seen{"10.0.0.1", "http", "inner.example"}},
		{"all is told", proxy, []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example"},
			seen{"192.0.2.7", "https", "shop.example"}},
		{"by nobody we trust", "192.0.2.1:1", []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example"},
			seen{"192.0.2.1", "http", "inner.example"}},
		{"by an address without a port", "10.0.0.1", []string{"X-Forwarded-For: 192.0.2.7"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"over a Unix socket", "@", []string{"X-Forwarded-For: 192.0.2.7"}, seen{"@", "http", "inner.example"}},
		{"the client wrote more before", proxy, []string{"X-Forwarded-For: 127.0.0.1, 10.9.9.9, 192.0.2.7"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"two proxies", proxy, []string{"X-Forwarded-For: 198.51.100.1, 192.0.2.7, 10.0.0.2"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"in several lines", proxy, []string{"X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 10.0.0.2"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"all are proxies", proxy, []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, seen{"10.0.0.3", "http", "inner.example"}},
		{"nonsense", proxy, []string{"X-Forwarded-For: not an address"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"nonsense behind a proxy", proxy, []string{"X-Forwarded-For: 192.0.2.7, unknown, 10.0.0.2"}, seen{"10.0.0.2", "http", "inner.example"}},
		{"an empty one", proxy, []string{"X-Forwarded-For: "}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a comma at the end", proxy, []string{"X-Forwarded-For: 192.0.2.7,"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"with a port", proxy, []string{"X-Forwarded-For: 192.0.2.7:999"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"IPv6", proxy, []string{"X-Forwarded-For: 2001:db8::7"}, seen{"2001:db8::7", "http", "inner.example"}},
		{"IPv6 in brackets", proxy, []string{"X-Forwarded-For: [2001:db8::7]"}, seen{"2001:db8::7", "http", "inner.example"}},
		{"IPv6 with a port", proxy, []string{"X-Forwarded-For: [2001:db8::7]:999"}, seen{"2001:db8::7", "http", "inner.example"}},
		{"IPv6 without the end", proxy, []string{"X-Forwarded-For: [2001:db8::7"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"IPv6 with a zone", proxy, []string{"X-Forwarded-For: fe80::1%eth0"}, seen{"fe80::1", "http", "inner.example"}},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:5", []string{"X-Forwarded-For: ::ffff:192.0.2.7"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"a proxy with IPv6", "[2001:db8:1::9]:5", []string{"X-Forwarded-For: 192.0.2.7"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"very long", proxy, []string{"X-Forwarded-For: " + strings.Repeat("x", 30000) + ", 192.0.2.7"}, seen{"192.0.2.7", "http", "inner.example"}},
		{"very many", proxy, []string{"X-Forwarded-For: 198.51.100.1" + strings.Repeat(", 10.0.0.2", 3000)}, seen{"10.0.0.2", "http", "inner.example"}},
		{"the nearest proxy's scheme", proxy, []string{"X-Forwarded-Proto: https, http"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a socket's scheme", proxy, []string{"X-Forwarded-Proto: WSS"}, seen{"10.0.0.1", "https", "inner.example"}},
		{"an odd scheme", proxy, []string{"X-Forwarded-Proto: javascript"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a host with a port", proxy, []string{"X-Forwarded-Host: shop.example:8443"}, seen{"10.0.0.1", "http", "shop.example:8443"}},
		{"a host with more", proxy, []string{"X-Forwarded-Host: shop.example/path"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a host with a user", proxy, []string{"X-Forwarded-Host: me@shop.example"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a host with a quote", proxy, []string{`X-Forwarded-Host: shop.example"x`}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a host that is too long", proxy, []string{"X-Forwarded-Host: " + strings.Repeat("a", 300)}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a host without one", proxy, []string{"X-Forwarded-Host: :80"}, seen{"10.0.0.1", "http", "inner.example"}},
		{"Forwarded isn't what is written", proxy, []string{"Forwarded: for=192.0.2.7;proto=https;host=shop.example"}, seen{"10.0.0.1", "http", "inner.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := look(proxied.XForwarded, request(test.from, test.lines...)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestForwarded(t *testing.T) {
	for _, test := range []struct {
		name, from string
		lines      []string
		want       seen
	}{
		{"nothing is told", proxy, nil, seen{"10.0.0.1", "http", "inner.example"}},
		{"all is told", proxy, []string{`Forwarded: for=192.0.2.7;proto=https;host=shop.example;by=10.0.0.1`}, seen{"192.0.2.7", "https", "shop.example"}},
		{"by nobody we trust", "192.0.2.1:1", []string{`Forwarded: for=192.0.2.7;proto=https`}, seen{"192.0.2.1", "http", "inner.example"}},
		{"quoted", proxy, []string{`Forwarded: For="[2001:db8::7]:4711"; Proto=HTTPS; Host="shop.example:8443"`}, seen{"2001:db8::7", "https", "shop.example:8443"}},
		{"escaped", proxy, []string{`Forwarded: for="192\.0.2.7"`}, seen{"192.0.2.7", "http", "inner.example"}},
		{"not quoted, though it should be", proxy, []string{`Forwarded: for=[2001:db8::7]:4711`}, seen{"2001:db8::7", "http", "inner.example"}},
		{"the client wrote more before", proxy, []string{`Forwarded: for=127.0.0.1;proto=https;host=evil.example, for=192.0.2.7;proto=http`}, seen{"192.0.2.7", "http", "inner.example"}},
		{"two proxies", proxy, []string{`Forwarded: for=198.51.100.1, for=192.0.2.7;proto=http, for=10.0.0.2;proto=https`}, seen{"192.0.2.7", "https", "inner.example"}},
		{"in several lines", proxy, []string{`Forwarded: for=198.51.100.1`, `Forwarded: for=192.0.2.7`, `Forwarded: for=10.0.0.2`}, seen{"192.0.2.7", "http", "inner.example"}},
		{"a comma in quotes", proxy, []string{`Forwarded: for=192.0.2.7;ext="a, for=127.0.0.1"`}, seen{"192.0.2.7", "http", "inner.example"}},
		{"unknown", proxy, []string{`Forwarded: for=unknown;proto=https`}, seen{"10.0.0.1", "https", "inner.example"}},
		{"hidden", proxy, []string{`Forwarded: for=192.0.2.7, for=_hidden, for=10.0.0.2`}, seen{"10.0.0.2", "http", "inner.example"}},
		{"without an end", proxy, []string{`Forwarded: for="192.0.2.7`}, seen{"10.0.0.1", "http", "inner.example"}},
		{"a line that the client broke, before the proxy's", proxy, []string{`Forwarded: for="`, `Forwarded: for=192.0.2.7`}, seen{"192.0.2.7", "http", "inner.example"}},
		{"twice the same", proxy, []string{`Forwarded: for=192.0.2.7;for=127.0.0.1`}, seen{"10.0.0.1", "http", "inner.example"}},
		{"no value", proxy, []string{`Forwarded: for`}, seen{"10.0.0.1", "http", "inner.example"}},
		{"an empty one", proxy, []string{`Forwarded: `}, seen{"10.0.0.1", "http", "inner.example"}},
		{"X-Forwarded-For isn't what is written", proxy, []string{"X-Forwarded-For: 192.0.2.7"}, seen{"10.0.0.1", "http", "inner.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := look(proxied.Forwarded, request(test.from, test.lines...)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestNobodyIsTrusted: without a trusted proxy, nothing is believed, whoever says it.
func TestNobodyIsTrusted(t *testing.T) {
	var got seen
	handler := proxied.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = seen{httplog.RemoteHost(r), proxied.Scheme(r), r.Host}
	}), proxied.Config{})
	handler.ServeHTTP(httptest.NewRecorder(), request("127.0.0.1:1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example", "Forwarded: for=192.0.2.7"))
	if want := (seen{"127.0.0.1", "http", "inner.example"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestScheme: what a trusted proxy tells counts more than how it came itself.
func TestScheme(t *testing.T) {
	r := request(proxy)
	r.TLS = new(tls.ConnectionState)
	if got := look(proxied.XForwarded, r); got.scheme != "https" {
		t.Errorf("over TLS: got %s", got.scheme)
	}
	r.Header.Set("X-Forwarded-Proto", "http")
	if got := look(proxied.XForwarded, r); got.scheme != "http" {
		t.Errorf("over TLS from a proxy that was asked without: got %s", got.scheme)
	}
	// A client can write a whole address into its request's first line.
	r = request("192.0.2.1:1")
	r.URL.Scheme = "https"
	if got := look(proxied.XForwarded, r); got.scheme != "http" {
		t.Errorf("an address with a scheme: got %s", got.scheme)
	}
}

// holds checks what is true whatever the headers say.
func holds(t *testing.T, kind proxied.Kind, name, value string, private bool) {
	r := request(proxy)
	r.Header[name] = []string{value}
	if private { // what a proxy of ours adds for a client
		tail := "192.0.2.7"
		if kind == proxied.Forwarded {
			tail = "for=192.0.2.7"
		}
		r.Header[name] = append(r.Header[name], tail)
	}
	got := look(kind, r)
	if _, err := netip.ParseAddr(got.address); err != nil {
		t.Errorf("%q: got address %q", value, got.address)
	}
	if private && got.address != "192.0.2.7" {
		t.Errorf("%q: got address %q, want the proxy's word", value, got.address)
	}
	if got.scheme != "http" && got.scheme != "https" || got.host == "" || strings.ContainsAny(got.host, "/@\\ \r\n\t,;\"") {
		t.Errorf("%q: got %+v", value, got)
	}
}

func FuzzXForwarded(f *testing.F) {
	for _, seed := range []string{"192.0.2.7", "10.0.0.2, 192.0.2.7:1", "[::1]:80,", ",,,", "[", "fe80::1%a,b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		holds(t, proxied.XForwarded, "X-Forwarded-For", value, false)
		holds(t, proxied.XForwarded, "X-Forwarded-For", value, true)
		// Some proxies add to the client's line.
		if got := look(proxied.XForwarded, request(proxy, "X-Forwarded-For: "+value+", 192.0.2.7")); got.address != "192.0.2.7" {
			t.Errorf("%q: got address %q, want the proxy's word", value, got.address)
		}
		holds(t, proxied.XForwarded, "X-Forwarded-Host", value, false)
		holds(t, proxied.XForwarded, "X-Forwarded-Proto", value, false)
	})
}

func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{`for=192.0.2.7`, `for="[::1]:80";proto=https;host=a, for=10.0.0.2`, `for="`, `=;,`, `a="\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		holds(t, proxied.Forwarded, "Forwarded", value, false)
		holds(t, proxied.Forwarded, "Forwarded", value, true)
	})
}

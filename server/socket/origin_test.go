package socket

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"cartline/shared"
)

func TestNewOrigins(t *testing.T) {
	for _, test := range []struct {
		publicURL string
		own       string // "refused" if it is
	}{
		{"", ""},
		{"https://shop.example", "https://shop.example"},
		{"https://shop.example/", "https://shop.example"},
		{"HTTPS://Shop.Example:443", "https://shop.example"},
		{"http://shop.example:80", "http://shop.example"},
		{"http://shop.example:443", "http://shop.example:443"},
		{"http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"},
		{"shop.example", "refused"},
		{"//shop.example", "refused"},
		{"ftp://shop.example", "refused"},
		{"https://", "refused"},
		{"https:///path", "refused"},
		{"https://:443", "refused"},
		{"https://shop.example:", "refused"},
		{"https://shop.example:port", "refused"},
		{"https://shop.example/shop", "refused"},
		{"https://shop.example//", "refused"},
		{"https://shop.example?a=b", "refused"},
		{"https://shop.example#a", "refused"},
		{"https://ann:secret@shop.example", "refused"},
		{"https://bücher.example", "refused"},
		{"https://shop.example https://other.example", "refused"},
	} {
		o, err := NewOrigins(test.publicURL, nil)
		switch {
		case test.own == "refused" && err == nil:
			t.Errorf("public URL %q: got %q, want it refused", test.publicURL, o.Own())
		case test.own != "refused" && (err != nil || o.Own() != test.own):
			t.Errorf("public URL %q: got %v, %v, want %q", test.publicURL, o, err, test.own)
		}
		if _, err := NewOrigins("", []string{test.publicURL}); test.own == "refused" && err == nil && !strings.HasPrefix(test.publicURL, "ftp:") {
			t.Errorf("allowed origin %q: want it refused", test.publicURL)
		}
	}
	for _, bad := range []string{"*", "null", "", "https://*", "https://*.shop.example", "shop.example:443"} {
		if o, err := NewOrigins("", []string{"https://shop.example", bad}); err == nil {
			t.Errorf("allowed origin %q: got %v, want it refused", bad, o)
		}
	}
}

func TestCheckPresent(t *testing.T) {
	const host = "localhost:8080"
	allowed := []string{"https://shop.example", "http://other.example:80/", "chrome-extension://abcdef"}
	for _, test := range []struct {
		name      string
		publicURL string
		host      string // "localhost:8080" if empty
		tls       bool
		origin    []string
		want      bool
	}{
		{name: "own", origin: []string{"http://localhost:8080"}, want: true},
		{name: "own in capitals", origin: []string{"HTTP://LocalHost:8080"}, want: true},
		{name: "own on the scheme's port", host: "shop.test", origin: []string{"http://shop.test:80"}, want: true},
		{name: "own, port in the host only", host: "shop.test:80", origin: []string{"http://shop.test"}, want: true},
		{name: "own over TLS", tls: true, origin: []string{"https://localhost:8080"}, want: true},
		{name: "own over TLS on the scheme's port", tls: true, host: "shop.test:443", origin: []string{"https://shop.test"}, want: true},
		{name: "another port", origin: []string{"http://localhost:8081"}},
		{name: "no port", origin: []string{"http://localhost"}},
		{name: "https for http", origin: []string{"https://localhost:8080"}},
		{name: "http for https", tls: true, origin: []string{"http://localhost:8080"}},
		{name: "the other scheme's port", host: "shop.test", origin: []string{"http://shop.test:443"}},
		{name: "another name of the host", origin: []string{"http://127.0.0.1:8080"}},
		{name: "our name within another", host: "shop.test", origin: []string{"http://shop.test.evil.example"}},
		{name: "another name that ends in ours", host: "shop.test", origin: []string{"http://evilshop.test"}},
		{name: "a host below ours", host: "shop.test", origin: []string{"http://blog.shop.test"}},

		{name: "public", publicURL: "https://shop.test", origin: []string{"https://shop.test"}, want: true},
		{name: "public with port", publicURL: "https://shop.test", origin: []string{"https://shop.test:443"}, want: true},
		{name: "the host where there is a public address", publicURL: "https://shop.test", origin: []string{"http://localhost:8080"}},
		{name: "public by http", publicURL: "https://shop.test", origin: []string{"http://shop.test"}},

		{name: "allowed", origin: []string{"https://shop.example"}, want: true},
		{name: "allowed with port", origin: []string{"https://shop.example:443"}, want: true},
		{name: "allowed by http on port 80", origin: []string{"http://other.example"}, want: true},
		{name: "allowed extension", origin: []string{"chrome-extension://abcdef"}, want: true},
		{name: "allowed, but another scheme", origin: []string{"http://shop.example"}},
		{name: "allowed, but another port", origin: []string{"https://shop.example:8443"}},

		{name: "foreign", origin: []string{"https://evil.example"}},
		{name: "null", origin: []string{"null"}},
		{name: "none"},
		{name: "empty", origin: []string{""}},
		{name: "two, both good", origin: []string{"http://localhost:8080", "http://localhost:8080"}},
		{name: "two, good and bad", origin: []string{"http://localhost:8080", "https://evil.example"}},
		{name: "a list in one line", origin: []string{"http://localhost:8080 https://evil.example"}},
		{name: "a path", origin: []string{"http://localhost:8080/"}},
		{name: "a query", origin: []string{"http://localhost:8080?"}},
		{name: "a user", origin: []string{"http://evil.example@localhost:8080"}},
		{name: "no scheme", origin: []string{"//localhost:8080"}},
		{name: "no host", host: "shop.test", origin: []string{"http://"}},
		{name: "rubbish", origin: []string{"http://[::1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, err := NewOrigins(test.publicURL, allowed)
			if err != nil {
				t.Fatal(err)
			}
			r := &http.Request{Host: host, Header: http.Header{}}
			if test.host != "" {
				r.Host = test.host
			}
			if test.tls {
				r.TLS = new(tls.ConnectionState)
			}
			if test.origin != nil {
				r.Header["Origin"] = test.origin
			}
			err = o.CheckPresent(r)
			if got := err == nil; got != test.want {
				t.Errorf("CheckPresent: got %v, want allowed: %t", err, test.want)
			}
			if err != nil && (shared.ProblemOf(err).Code != shared.CodeCrossOrigin || err.Error() == "") {
				t.Errorf("got %v, want a sentence with code %s", err, shared.CodeCrossOrigin)
			}
			// Check differs where there is no Origin at all, and only there.
			if got, want := o.Check(r) == nil, test.want || test.origin == nil; got != want {
				t.Errorf("Check: got allowed: %t, want %t", got, want)
			}
		})
	}
}

// FuzzCheckPresent holds that whatever is let in differs from our own origin, or
// from one that is allowed, by no more than case and the scheme's own port.
func FuzzCheckPresent(f *testing.F) {
	for _, origin := range []string{
		"http://localhost:8080", "HTTP://LOCALHOST:8080", "https://shop.example:443", "null", "", "http://[::1]:80",
		"http://a@localhost:8080", "http://localhost:8080/", "http://localhost:8080#", "http://localhost%3A8080", "http://localhost:8080\x00",
	} {
		f.Add(origin, "localhost:8080")
	}
	f.Add("http://shop.test:80", "shop.test")
	f.Add("http://", "")
	o, err := NewOrigins("", []string{"https://shop.example"})
	if err != nil {
		f.Fatal(err)
	}
	plain := func(origin string) string {
		origin = strings.ToLower(origin)
		if strings.HasPrefix(origin, "http:") {
			return strings.TrimSuffix(origin, ":80")
		}
		return strings.TrimSuffix(origin, ":443")
	}
	f.Fuzz(func(t *testing.T, origin, host string) {
		r := &http.Request{Host: host, Header: http.Header{"Origin": {origin}}}
		err := o.CheckPresent(r)
		if err == nil && plain(origin) != plain("http://"+host) && plain(origin) != "https://shop.example" {
			t.Errorf("origin %q was let in by host %q", origin, host)
		}
		if (o.Check(r) == nil) != (err == nil) {
			t.Errorf("origin %q, host %q: Check and CheckPresent differ", origin, host)
		}
	})
}

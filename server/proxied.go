package main

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"cartline/server/proxied"
)

// placeFlags say where the server stands, as seen from outside.
type placeFlags struct {
	BasePath     string   `env:"CARTLINE_BASE_PATH" placeholder:"/PATH" help:"Path below which everything is served, like /live, beside something else on the same host; by default that of --public-url. The proxy may pass it on or take it off. (${env})"`
	TrustedProxy []string `env:"CARTLINE_TRUSTED_PROXY" placeholder:"CIDR" help:"Network of the proxies before this server, like 10.0.0.0/8 or 127.0.0.1, which are believed what they tell of a request's address, scheme and host; repeatable. Whoever else can connect from there can name any address as theirs. (${env}, separated by commas)"`
	ProxyHeaders string   `env:"CARTLINE_PROXY_HEADERS" enum:"x-forwarded,forwarded" default:"x-forwarded" placeholder:"KIND" help:"Where trusted proxies tell it: x-forwarded (X-Forwarded-For, -Proto and -Host) or forwarded (RFC 7239). Give the one that yours write: the other one they pass on as clients wrote it. (${default}, ${env})"`

	config proxied.Config `kong:"-"` // what they say, once they are settled
}

// settle finds what is wrong with the flags, and takes the path off the public URL.
func (f *placeFlags) settle(publicURL *string) error {
	if base, rest, ok := cutPath(*publicURL); ok {
		if f.BasePath != "" && strings.TrimRight(f.BasePath, "/") != base {
			return usagef("--public-url ends with %s, and --base-path is %s; they must agree", base, f.BasePath)
		}
		f.BasePath, *publicURL = base, rest
	}
	f.BasePath = strings.TrimRight(f.BasePath, "/")
	if err := checkBase(f.BasePath); err != nil {
		return err
	}
	var err error
	f.config, err = f.proxies()
	return err
}

// cutPath takes the path off an address, if it has one and nothing behind.
func cutPath(address string) (path, rest string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", "", false
	}
	path = strings.TrimRight(u.EscapedPath(), "/")
	rest, ok = strings.CutSuffix(strings.TrimRight(address, "/"), path)
	return path, rest, ok && path != ""
}

var basePattern = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

const maxBase = 100

// ownPaths begin the paths of this server, with which a base must not begin: a request
// that has come without the base, as some proxies take it off, couldn't be told from one
// with it.
var ownPaths = []string{"api", "desk", "echo", "events", "healthz", "readyz", "shop", "web"}

func checkBase(base string) error {
	if base == "" {
		return nil
	}
	if len(base) > maxBase || !basePattern.MatchString(base) {
		return usagef("--base-path is a path of letters, digits, and - _ . ~, like /live, not %q", base)
	}
	if first, _, _ := strings.Cut(base[1:], "/"); slices.Contains(ownPaths, first) {
		return usagef("the path of --base-path, or of --public-url, can't begin with /%s, which is an address of this server's own below it", first)
	}
	return nil
}

// proxies says whom to believe.
func (f *placeFlags) proxies() (proxied.Config, error) {
	config := proxied.Config{Kind: proxied.Kind(f.ProxyHeaders)}
	for _, text := range f.TrustedProxy {
		network, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil || network.Addr().Is4In6() { // of which no IPv4 address is one
			return config, usagef("--trusted-proxy is a network like 10.0.0.0/8, or an address, not %q", text)
		}
		config.Trusted = append(config.Trusted, network.Masked())
	}
	return config, nil
}

// outside puts around everything what the place of the server makes of a request, so that
// nothing else needs to know.
func (s *server) outside(next http.Handler) http.Handler {
	return proxied.Handler(below(s.command.BasePath, next), s.command.placeFlags.config)
}

// secure tells whether browsers reach us over TLS only.
func (s *server) secure() bool {
	if own := s.origins.Own(); own != "" {
		return strings.HasPrefix(own, "https:")
	}
	return s.command.tlsFlags.on()
}

// below serves what is below a base as if there were none. A request that is not below
// it is served as well: the proxy has taken the base off.
func below(base string, next http.Handler) http.Handler {
	if base == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &belowWriter{ResponseWriter: w, base: base}
		if r.URL.Path == base {
			// Browsers take what a page refers to, and a service worker's reach, from its
			// folder. The handler adds the base.
			target := url.URL{Path: "/", RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
			return
		}
		next.ServeHTTP(w, cutBase(base, r))
	})
}

// cutBase returns a request without the base.
func cutBase(base string, r *http.Request) *http.Request {
	path, under := strings.CutPrefix(r.URL.Path, base)
	raw, rawUnder := strings.CutPrefix(r.URL.RawPath, base)
	if !under || !strings.HasPrefix(path, "/") || r.URL.RawPath != "" && !rawUnder {
		return r
	}
	cut, address := *r, *r.URL
	address.Path, address.RawPath = path, raw
	cut.URL = &address
	return &cut
}

// belowWriter puts what is redirected to below the base again.
type belowWriter struct {
	http.ResponseWriter
	base string
}

// WriteHeader implements http.ResponseWriter.
func (w *belowWriter) WriteHeader(status int) {
	if location := w.Header().Get("Location"); strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") {
		w.Header().Set("Location", w.base+location)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController and the WebSocket handshake reach what is beneath.
func (w *belowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

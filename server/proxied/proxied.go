// Package proxied finds out what a request was before proxies passed it on: from which
// address it came, by which scheme, and for which host.
//
// Whoever connects can write the headers that tell so. They are believed only if the
// connection is from a proxy that the operator trusts, and of an address's way only what
// such proxies have written. What is too long, or makes no sense, is as if it weren't
// there, and never an error.
//
// The package knows nothing of what is served, and of limits or cookies. Start with
// Handler, which belongs around everything that asks who it talks to.
package proxied

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// Kind says in which headers the trusted proxies tell what they know.
type Kind string

// The two kinds. A proxy writes one of them, and passes on what the client has written
// into the other, so never both are believed.
const (
	XForwarded Kind = "x-forwarded" // X-Forwarded-For, -Proto and -Host
	Forwarded  Kind = "forwarded"   // Forwarded (RFC 7239)
)

// Config says whom to believe what.
type Config struct {
	// Trusted are the networks of proxies. Default: none, so that nobody is believed.
	//
	// Danger: whoever can connect from one of these networks without a proxy can name
	// any address as theirs.
	Trusted []netip.Prefix

	// Kind is what the proxies write. Default: XForwarded.
	//
	// Danger: if it is the other one than what they write, clients write it.
	Kind Kind
}

// Handler has next see each request as it was before trusted proxies passed it on:
// RemoteAddr and Host are the client's, and Scheme tells the scheme.
func Handler(next http.Handler, config Config) http.Handler {
	if len(config.Trusted) == 0 {
		return next
	}
	read := readXForwarded
	if config.Kind == Forwarded {
		read = readForwarded
	}
	trusted := trust(config.Trusted)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !trusted.has(peer.Addr()) {
			next.ServeHTTP(w, r)
			return
		}
		told := read(r.Header, trusted)
		next.ServeHTTP(w, told.apply(r))
	})
}

// told is what trusted proxies tell of a request. What they don't tell is zero.
type told struct {
	client netip.Addr
	scheme string // "http" or "https"
	host   string
}

// apply returns the request as it was.
func (t told) apply(r *http.Request) *http.Request {
	ctx := r.Context()
	if t.scheme != "" {
		ctx = context.WithValue(ctx, schemeKey{}, t.scheme)
	}
	r = r.WithContext(ctx) // a copy
	if t.client.IsValid() {
		// The client's port is known at best to the proxy.
		r.RemoteAddr = net.JoinHostPort(t.client.String(), "0")
	}
	if t.host != "" {
		r.Host = t.host
	}
	return r
}

type schemeKey struct{}

// Scheme returns by which scheme the client came, "http" or "https".
func Scheme(r *http.Request) string {
	if scheme, ok := r.Context().Value(schemeKey{}).(string); ok {
		return scheme
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// trust is a set of networks.
type trust []netip.Prefix

func (t trust) has(address netip.Addr) bool {
	address = plain(address)
	for _, network := range t {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// plain returns an address in its one form: an IPv4 address also where IPv6 carries it,
// and without the zone, in which it is the same network's.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

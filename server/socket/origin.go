package socket

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"cartline/server/proxied"
	"cartline/shared"
)

// Origins decides which web pages may open a socket. A browser sends cookies
// along with the handshake whatever page asked for it, and no same-origin policy
// keeps the page from reading the answer; so the server has to look (RFC 6455,
// section 10.2).
type Origins struct {
	// own is our origin as browsers see it, or "" for that of the request's Host.
	own     string
	allowed map[string]bool
}

// NewOrigins makes an Origins. PublicURL, which may be empty, is the address at
// which browsers reach us; allowed are other origins whose pages are let in.
//
// Danger: a page of an allowed origin can do with the socket whatever its
// visitor could.
func NewOrigins(publicURL string, allowed []string) (*Origins, error) {
	o := &Origins{allowed: make(map[string]bool)}
	if publicURL != "" {
		own, ok := parseOrigin(strings.TrimSuffix(publicURL, "/"))
		if !ok || !strings.HasPrefix(own, "http://") && !strings.HasPrefix(own, "https://") {
			return nil, fmt.Errorf("%q is not an address like https://shop.example", publicURL)
		}
		o.own = own
	}
	for _, text := range allowed {
		origin, ok := parseOrigin(strings.TrimSuffix(text, "/"))
		if !ok {
			return nil, fmt.Errorf("%q is not an origin like https://shop.example", text)
		}
		o.allowed[origin] = true
	}
	return o, nil
}

// Own returns our origin if it was configured, or "".
func (o *Origins) Own() string { return o.own }

// Check lets in our own pages, those of allowed origins, and programs, which send
// no Origin. The error is a *shared.Problem.
func (o *Origins) Check(r *http.Request) error {
	if len(r.Header.Values("Origin")) == 0 {
		return nil
	}
	return o.CheckPresent(r)
}

// CheckPresent is Check without the exception for programs.
func (o *Origins) CheckPresent(r *http.Request) error {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return crossOrigin("A request without an Origin is refused here. The server's operator can allow it with --allow-no-origin.")
	}
	origin, ok := parseOrigin(values[0])
	if !ok || len(values) > 1 {
		return crossOrigin("This page's origin can't be told, so it may not connect.")
	}
	if origin == o.ownOf(r) || o.allowed[origin] {
		return nil
	}
	return crossOrigin(fmt.Sprintf("Pages of %s may not connect. The server's operator can allow it with --allow-origin.", origin))
}

// verdict says in a sentence why a request was let in.
func (o *Origins) verdict(r *http.Request) string {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return "No Origin was sent, as programs do, and they are let in."
	}
	if origin, ok := parseOrigin(values[0]); ok && o.allowed[origin] && origin != o.ownOf(r) {
		return fmt.Sprintf("Pages of %s are let in by --allow-origin.", origin)
	}
	return "This is a page of the server's own origin."
}

func (o *Origins) ownOf(r *http.Request) string {
	if o.own != "" {
		return o.own
	}
	return originOf(&url.URL{Scheme: proxied.Scheme(r), Host: r.Host})
}

// parseOrigin reads an origin, which is a scheme, a host and perhaps a port, and
// nothing else (RFC 6454, section 7.1), and returns it in its one form. Browsers
// write names of other alphabets as xn--…, so a host is ASCII; and there are no
// wildcards, which a host with a star would be taken for.
func parseOrigin(text string) (origin string, ok bool) {
	scheme, host, found := strings.Cut(text, "://")
	if !found || scheme == "" || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 || r == '*' }) {
		return "", false
	}
	u, err := url.Parse(text)
	// A colon without a port behind it is one thing that url.Parse lets pass.
	if err != nil || u.Scheme != strings.ToLower(scheme) || u.Host != host || u.Hostname() == "" || strings.HasSuffix(host, ":") {
		return "", false
	}
	return originOf(u), true
}

// originOf writes an origin in its one form (RFC 6454, section 6.2): lower case,
// without the scheme's own port.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host
}

func crossOrigin(detail string) error {
	return &shared.Problem{Code: shared.CodeCrossOrigin, Detail: detail}
}

package terminal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Address reads the address of a WebSocket, of which http and https are other names of
// ws and wss.
func Address(text string) (*url.URL, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return nil, fmt.Errorf("%s has no scheme: try ws://%s", text, strings.TrimLeft(text, "/"))
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "ws", "wss":
	case "http":
		scheme = "ws"
	case "https":
		scheme = "wss"
	default:
		return nil, fmt.Errorf("%s is not the scheme of a WebSocket: that is ws or wss", scheme)
	}
	if strings.Contains(rest, "#") {
		return nil, errors.New("the address of a WebSocket has no fragment: leave out # and what follows, or write %23")
	}
	address, err := url.Parse(scheme + "://" + rest)
	var wrong *url.Error
	if errors.As(err, &wrong) {
		err = wrong.Err // the whole would tell a password that is in the address
	}
	if err != nil {
		return nil, fmt.Errorf("this is no address: %v", err)
	}
	if address.Hostname() == "" {
		return nil, errors.New("the address names no host")
	}
	return address, nil
}

// overHTTP is the address at which the host of a WebSocket answers HTTP.
func overHTTP(address *url.URL, path string) *url.URL {
	scheme := "http"
	if address.Scheme == "wss" {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: address.Host, Path: path}
}

// Header reads lines like "Name: value".
func Header(lines []string) (http.Header, error) {
	header := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if value = strings.Trim(value, " \t"); !ok || !isToken(name) || strings.ContainsFunc(value, notInHeader) {
			return nil, fmt.Errorf("a header is like 'Name: value', not %q", line)
		}
		name = http.CanonicalHeaderKey(name)
		switch {
		case name == "Sec-Websocket-Protocol":
			return nil, errors.New("sub-protocols are offered with --subprotocol")
		case name == "Host", name == "Connection", name == "Upgrade", name == "Content-Length", name == "Transfer-Encoding",
			strings.HasPrefix(name, "Sec-Websocket-"):
			return nil, fmt.Errorf("%s is set by the handshake itself", name)
		}
		header.Add(name, value)
	}
	return header, nil
}

// CheckSubprotocols looks at the names of sub-protocols (RFC 6455, section 4.1).
func CheckSubprotocols(names []string) error {
	for i, name := range names {
		if !isToken(name) {
			return fmt.Errorf("%q is no name of a sub-protocol: those have letters, digits and -._ but no spaces", name)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s is offered more than once", name)
		}
	}
	return nil
}

// isToken says whether a text is a token (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// notInHeader is what the value of a header can't have (RFC 9110, section 5.5).
func notInHeader(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

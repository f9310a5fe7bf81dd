package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"cartline/app/base"
)

// The paths of this server's own endpoints.
const (
	pathEcho   = "/echo"
	pathEvents = "/events/io"
)

// site is where the page came from.
type site struct {
	scheme string // "http" or "https"
	host   string // with its port, if that is not the scheme's own
}

// endpoint returns the address of one of this server's own endpoints, over TLS
// if the page came so.
func (s site) endpoint(path string) string {
	return s.socketScheme() + "://" + s.host + base.Of(path)
}

func (s site) socketScheme() string {
	if s.scheme == "https" {
		return "wss"
	}
	return "ws"
}

// origin is what the browser tells a server that it connects to.
func (s site) origin() string { return s.scheme + "://" + s.host }

// address is what can be connected to.
type address struct {
	url    string
	host   string
	path   string // below the base, if it is of our own server
	query  string // without its question mark, or ""
	secure bool   // wss
	own    bool   // an address of the server that the page came from
}

// fault tells what is wrong with an address, and offers one that is meant
// perhaps.
type fault struct {
	text       string
	suggestion string // or ""
}

// check reads what has been typed. An address has the scheme ws or wss and a
// host, and no fragment (RFC 6455, section 3).
func (s site) check(typed string) (address, *fault) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return address{}, &fault{"Enter the address of a WebSocket.", s.endpoint(pathEcho)}
	}
	if strings.HasPrefix(typed, "/") && !strings.HasPrefix(typed, "//") {
		path, _ := base.Below(typed)
		return address{}, &fault{"An address starts with ws:// or wss:// and names a host.", s.suggest(s.endpoint(path))}
	}
	u, err := url.Parse(typed)
	if err != nil && strings.Contains(typed, "://") {
		return address{}, &fault{text: "This address can't be read: " + reason(err) + "."}
	}
	if err != nil || !strings.Contains(typed, "://") {
		text := "An address starts with ws:// or wss://."
		return address{}, &fault{text, s.suggest(s.socketScheme() + "://" + strings.TrimPrefix(typed, "//"))}
	}
	switch u.Scheme {
	case "ws", "wss":
	case "http", "https":
		meant := *u
		meant.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
		return address{}, &fault{"This is the address of a web page. That of a WebSocket starts with ws:// or wss://.", s.suggest(meant.String())}
	default:
		return address{}, &fault{text: "A WebSocket's address starts with ws:// or wss://, not with " + u.Scheme + "://."}
	}
	if u.Hostname() == "" {
		return address{}, &fault{text: "This address names no host."}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return address{}, &fault{text: "This address has no port that exists: ports are from 1 to 65535."}
		}
	}
	if strings.Contains(typed, "#") {
		whole, _, _ := strings.Cut(typed, "#")
		return address{}, &fault{"A WebSocket's address has no fragment, the part that starts with #.", s.suggest(whole)}
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	own := u.Scheme == s.socketScheme() && withPort(u.Scheme, u) == withPort(u.Scheme, &url.URL{Host: s.host})
	if own { // but for what is served beside us, on the same host
		path, own = base.Below(path)
	}
	return address{
		url:    u.String(),
		host:   u.Host,
		path:   path,
		query:  u.RawQuery,
		secure: u.Scheme == "wss",
		own:    own,
	}, nil
}

// suggest returns a suggestion only if it would be taken.
func (s site) suggest(text string) string {
	if _, wrong := s.check(text); wrong != nil {
		return ""
	}
	return text
}

// endpointOf tells which of this server's own endpoints an address is, by its
// path, or "".
func (s site) endpointOf(typed string) string {
	a, wrong := s.check(typed)
	if wrong != nil || !a.own || (a.path != pathEcho && a.path != pathEvents) {
		return ""
	}
	return a.path
}

// withPort returns the host in one spelling, with the port that the scheme
// implies.
func withPort(scheme string, u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[scheme]
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// reason takes the address, which the visitor sees anyway, off an error of
// net/url.
func reason(err error) string {
	var parse *url.Error
	if errors.As(err, &parse) {
		return parse.Err.Error()
	}
	return err.Error()
}

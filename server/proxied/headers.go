package proxied

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// maxHops bounds how many proxies a request may have come through.
const maxHops = 16

// maxHost is the length of a host with its port, of which a name has 253 bytes at most.
const maxHost = 260

// way goes back from us towards the client, one proxy after the other, as each tells
// where it was asked from.
type way struct {
	trusted trust
	client  netip.Addr // the last that a trusted proxy told
	hops    int
	ended   bool
}

// back takes one step back. It ends at the first address that isn't trusted: that is the
// client, and what stands before it the client has written, or somebody whom we don't
// know. It also ends at what is no address: then the client is what was told last.
func (w *way) back(text string) {
	if w.ended {
		return
	}
	address, ok := parseAddress(text)
	if !ok {
		w.ended = true
		return
	}
	w.client = address
	w.hops++
	w.ended = w.hops == maxHops || !w.trusted.has(address)
}

// readXForwarded reads X-Forwarded-For, -Proto and -Host.
func readXForwarded(header http.Header, trusted trust) told {
	return told{
		client: readFor(header["X-Forwarded-For"], trusted),
		scheme: parseScheme(last(header["X-Forwarded-Proto"])),
		host:   parseHost(last(header["X-Forwarded-Host"])),
	}
}

// readFor reads the lines of X-Forwarded-For from their end, to which each proxy adds.
// So however much a client has written before that, it isn't looked at.
func readFor(lines []string, trusted trust) netip.Addr {
	w := way{trusted: trusted}
	for i := len(lines) - 1; i >= 0 && !w.ended; i-- {
		for rest, more := lines[i], true; more && !w.ended; {
			var text string
			rest, text, more = cutLast(rest)
			w.back(text)
		}
	}
	return w.client
}

// cutLast takes the last part of a list off.
func cutLast(list string) (rest, part string, more bool) {
	comma := strings.LastIndexByte(list, ',')
	if comma < 0 {
		return "", list, false
	}
	return list[:comma], list[comma+1:], true
}

// last returns the last part of a list, which the nearest proxy wrote.
func last(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	_, part, _ := cutLast(lines[len(lines)-1])
	return part
}

// parseAddress reads an address, with or without a port, as proxies write it: IPv6 with a
// port in brackets, and at times without one as well.
func parseAddress(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxHost {
		return netip.Addr{}, false
	}
	if both, err := netip.ParseAddrPort(text); err == nil {
		return plain(both.Addr()), true
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inner, "]"); !ok {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(text)
	return plain(address), err == nil
}

// parseScheme returns "http" or "https", or "" of anything else. Some proxies tell of a
// WebSocket's scheme.
func parseScheme(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "http", "ws":
		return "http"
	case "https", "wss":
		return "https"
	}
	return ""
}

// parseHost returns a host, with its port if it has one, or "" if it can't be one.
func parseHost(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxHost || strings.ContainsFunc(text, notInHost) {
		return ""
	}
	u, err := url.Parse("//" + text)
	if err != nil || u.Host != text || u.Hostname() == "" || strings.HasSuffix(text, ":") {
		return ""
	}
	return text
}

// notInHost finds what neither names, addresses nor ports are made of.
func notInHost(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("-._:[]", r)
}

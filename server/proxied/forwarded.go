package proxied

import (
	"net/http"
	"strings"
)

// readForwarded reads Forwarded (RFC 7239): in each element a proxy tells for whom it
// asks, and by which scheme and for which host it was asked itself.
func readForwarded(header http.Header, trusted trust) told {
	var t told
	w := way{trusted: trusted}
	lines := header["Forwarded"]
	for i := len(lines) - 1; i >= 0 && !w.ended; i-- {
		// A line is read as a whole, since a comma may be quoted. One that is broken
		// ends the way: where its elements begin can't be told.
		elements, ok := parseForwarded(lines[i])
		if !ok {
			break
		}
		for j := len(elements) - 1; j >= 0 && !w.ended; j-- {
			if w.hops == 0 { // the nearest proxy's
				t.scheme, t.host = parseScheme(elements[j].proto), parseHost(elements[j].host)
			}
			w.back(elements[j].client)
		}
	}
	t.client = w.client
	return t
}

// element is what one proxy has written.
type element struct{ client, proto, host string }

// parseForwarded reads one line of Forwarded (RFC 7239, section 4). It reports whether the
// line is one; parameters that it doesn't know are passed over.
func parseForwarded(line string) (elements []element, ok bool) {
	var e element
	seen := make(map[string]bool, 4)
	for rest := line; ; {
		rest = strings.TrimLeft(rest, " \t")
		name, after, found := strings.Cut(rest, "=")
		if !found || !isToken(name) || seen[strings.ToLower(name)] {
			return nil, false
		}
		value, after, found := cutValue(after)
		if !found {
			return nil, false
		}
		name = strings.ToLower(name)
		seen[name] = true
		switch name {
		case "for":
			e.client = value
		case "proto":
			e.proto = value
		case "host":
			e.host = value
		}
		after = strings.TrimLeft(after, " \t")
		switch {
		case after == "":
			return append(elements, e), true
		case after[0] == ',':
			elements, e = append(elements, e), element{}
			clear(seen)
		case after[0] != ';':
			return nil, false
		}
		rest = after[1:]
	}
}

// cutValue takes a token or a quoted string off (RFC 9110, sections 5.6.2 and 5.6.4).
func cutValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ",; \t")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:], isToken(text[:end])
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			i++
			if i == len(text) {
				return "", "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

// isToken reports whether a text is one. Colons and brackets are let pass: proxies write
// addresses with ports that way, though they belong into quotes.
func isToken(text string) bool {
	if text == "" {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~:[]", c) >= 0:
		default:
			return false
		}
	}
	return true
}

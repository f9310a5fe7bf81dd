package socket

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"cartline/shared"
)

// What a record has of a handshake at most. Together that is some 16 KiB.
const (
	maxRecordLine    = 2 << 10 // bytes of one line
	maxRecordHeaders = 12 << 10
	maxRecordLines   = 100
	maxOffered       = 20
)

// masked stands for what may be secret.
const masked = "•••"

// describe writes down what a handshake asks, without what may be secret.
func describe(record *shared.HandshakeRecord, r *http.Request) {
	short := func(text string) string {
		text, whole := legible(text, maxRecordLine)
		record.Truncated = record.Truncated || !whole
		return text
	}
	target, _ := maskAddress(r.RequestURI)
	record.Request = short(r.Method + " " + target + " " + r.Proto)
	record.Host = short(r.Host)
	room := maxRecordHeaders
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			line, any := headerLine(name, value)
			if !any {
				continue
			}
			line.Name, line.Value = short(spelled(line.Name)), short(line.Value)
			room -= len(line.Name) + len(line.Value)
			if room < 0 || len(record.Headers) == maxRecordLines {
				record.Truncated = true
				break
			}
			record.Headers = append(record.Headers, line)
		}
	}
	for name := range tokens(r.Header["Sec-Websocket-Protocol"]) {
		if len(record.Offered) == maxOffered {
			record.Truncated = true
			break
		}
		name, whole := legible(name, shared.MaxChannelName)
		record.Truncated = record.Truncated || !whole
		record.Offered = append(record.Offered, name)
	}
	extensions, whole := legible(strings.Join(r.Header["Sec-Websocket-Extensions"], ", "), 512)
	record.Extensions, record.Truncated = extensions, record.Truncated || !whole
}

// legible makes text of what may be bytes of any kind, cut to a length, and tells
// whether that is all of it. It is a copy, which doesn't hold on to the rest.
func legible(text string, most int) (_ string, whole bool) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= most {
		return strings.Clone(text), true
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.Clone(text[:most]), false
}

// spelled writes a header's name as RFC 6455 does, which net/http changes.
func spelled(name string) string {
	if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
		return "Sec-WebSocket-" + rest
	}
	return name
}

// headerLine is one line of a request's headers as it may be told. It returns false if
// there is nothing to tell.
func headerLine(name, value string) (line shared.HeaderLine, any bool) {
	line = shared.HeaderLine{Name: name, Value: value}
	switch lower := strings.ToLower(name); {
	case lower == "cookie":
		line.Value, line.Masked = maskCookies(value)
		return line, line.Value != ""
	case lower == "authorization", lower == "proxy-authorization":
		line.Value, line.Masked = maskCredentials(value), true
	case lower == "sec-websocket-key", lower == "sec-websocket-accept": // no secrets, for all their names
	case mayBeSecret(lower):
		line.Value, line.Masked = masked, true
	case lower == "referer", strings.HasSuffix(lower, "-url"), strings.HasSuffix(lower, "-uri"):
		line.Value, line.Masked = maskAddress(value)
	}
	return line, true
}

// mayBeSecret says whether what has this name may be nobody else's business. Proxies that
// sign people in put proofs of that into headers, which no page could read otherwise.
func mayBeSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{
		"token", "secret", "key", "auth", "session", "password", "passwd", "passphrase", "pwd",
		"jwt", "assertion", "credential", "cookie", "signature", "oidc", "saml", "csrf", "xsrf", "principal",
	}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// maskCookies leaves the names of cookies, but for the one that asks for the record. A
// cookie without a name is masked as a whole.
func maskCookies(value string) (cookies string, some bool) {
	var kept []string
	for cookie := range strings.SplitSeq(value, ";") {
		name, _, named := strings.Cut(strings.TrimSpace(cookie), "=")
		switch {
		case strings.TrimSpace(cookie) == "", named && name == shared.CookieHandshake:
		case named:
			kept = append(kept, name+"="+masked)
		default:
			kept = append(kept, masked)
		}
	}
	return strings.Join(kept, "; "), len(kept) > 0
}

// maskCredentials leaves the scheme, if it is one that is common.
func maskCredentials(value string) string {
	scheme, _, found := strings.Cut(value, " ")
	if found && slices.Contains([]string{"basic", "bearer", "digest", "negotiate"}, strings.ToLower(scheme)) {
		return scheme + " " + masked
	}
	return masked
}

// maskAddress masks in an address, whole or only from its path on, who it is for, and
// the parameters that may be secret.
func maskAddress(address string) (_ string, some bool) {
	address, fragment, hasFragment := strings.Cut(address, "#")
	if hasFragment && fragment != "" { // browsers send none, so who knows what it is
		fragment, some = "#"+masked, true
	}
	address, query, hasQuery := strings.Cut(address, "?")
	if scheme, rest, found := strings.Cut(address, "://"); found {
		host, path, hasPath := strings.Cut(rest, "/")
		if at := strings.LastIndex(host, "@"); at >= 0 {
			host, some = masked+host[at:], true
		}
		if address = scheme + "://" + host; hasPath {
			address += "/" + path
		}
	}
	if !hasQuery {
		return address + fragment, some
	}
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		name, _, _ := strings.Cut(parameter, "=")
		plain, err := url.QueryUnescape(name)
		// What can't be read might be anything, also with a semicolon in it.
		if err == nil && !mayBeSecret(plain) && !strings.Contains(parameter, ";") {
			continue
		}
		if parameters[i], some = name+"="+masked, true; err != nil || strings.Contains(name, ";") {
			parameters[i] = masked
		}
	}
	return address + "?" + strings.Join(parameters, "&") + fragment, some
}

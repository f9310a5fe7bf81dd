package socket

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cartline/shared"
)

// TestMasking shows nobody a secret.
func TestMasking(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        string // "" if there is no such line
		masked      bool
	}{
		{"Cookie", "cartline_staff=secret; theme=dark", "cartline_staff=•••; theme=•••", true},
		{"Cookie", "a=b=secret", "a=•••", true},
		{"Cookie", "secret", "•••", true},
		{"Cookie", "=secret", "=•••", true},
		{"Cookie", `a="secret; b=secret`, `a=•••; b=•••`, true},
		{"Cookie", shared.CookieHandshake + "=" + id, "", false},
		{"Cookie", "a=secret; " + shared.CookieHandshake + "=" + id + "; b=secret", "a=•••; b=•••", true},
		{"Cookie", " ; ;", "", false},
		{"Authorization", "Basic c2VjcmV0", "Basic •••", true},
		{"Authorization", "bearer secret", "bearer •••", true},
		{"Authorization", "secret", "•••", true},
		{"Authorization", "secret secret", "•••", true},
		{"Proxy-Authorization", "Basic secret", "Basic •••", true},
		{"X-Api-Key", "secret", "•••", true},
		{"X-Csrf-Token", "secret", "•••", true},
		{"X-SESSION-ID", "secret", "•••", true},
		{"X-Password", "secret", "•••", true},
		{"Client-Secret", "secret", "•••", true},
		{"X-Auth", "secret", "•••", true},
		{"Cf-Access-Jwt-Assertion", "secret", "•••", true},
		{"X-Amzn-Oidc-Data", "secret", "•••", true},
		{"X-Ms-Client-Principal", "secret", "•••", true},
		{"X-Original-Cookie", "secret", "•••", true},
		{"X-Signature", "secret", "•••", true},
		{"X-User-Credentials", "secret", "•••", true},
		{"Referer", "/?pwd=secret&jwt=secret", "/?pwd=•••&jwt=•••", true},
		{"Sec-Websocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA==", false},
		{"Sec-Websocket-Accept", "x", "x", false},
		{"Sec-Websocket-Protocol", "fault.drop-1", "fault.drop-1", false},
		{"User-Agent", "Mozilla/5.0", "Mozilla/5.0", false},
		{"Referer", "https://shop.example/shop?q=mug", "https://shop.example/shop?q=mug", false},
		{"Referer", "https://shop.example/?token=secret&q=mug", "https://shop.example/?token=•••&q=mug", true},
		{"Referer", "https://shop.example?q=mug&Access_Token=secret", "https://shop.example?q=mug&Access_Token=•••", true},
		{"Referer", "https://ann:secret@shop.example/a@b", "https://•••@shop.example/a@b", true},
		{"Referer", "https://shop.example/#secret", "https://shop.example/#•••", true},
		{"Referer", "/?%74oken=secret", "/?%74oken=•••", true},
		{"Referer", "/?%zz=secret", "/?•••", true},
		{"Referer", "/?a=b;token=secret", "/?a=•••", true},
		{"Referer", "/?a;token=secret", "/?•••", true},
		{"Referer", "/?key", "/?key=•••", true},
		{"X-Original-Url", "/echo?token=secret", "/echo?token=•••", true},
		{"X-Forwarded-Uri", "/echo?token=secret", "/echo?token=•••", true},
	} {
		line, any := headerLine(test.name, test.value)
		if any != (test.want != "") || any && (line.Value != test.want || line.Masked != test.masked || line.Name != test.name) {
			t.Errorf("%s: %s: got %+v, want %q, masked: %t", test.name, test.value, line, test.want, test.masked)
		}
		if strings.Contains(line.Value, "secret") {
			t.Errorf("%s: %s: got %q", test.name, test.value, line.Value)
		}
	}
}

// TestDescribeBounds keeps little of a handshake, however large it is, and only text.
func TestDescribeBounds(t *testing.T) {
	big := strings.Repeat("€", 100_000)
	many := http.Header{"User-Agent": {"x"}}
	for i := range 5000 {
		many.Add(fmt.Sprint("X-", i), "value")
	}
	for _, test := range []struct {
		name      string
		header    http.Header
		target    string
		truncated bool
	}{
		{"small", http.Header{"User-Agent": {"x"}, "Accept": {"a", "b"}}, "/echo", false},
		{"a long line", http.Header{"User-Agent": {big}}, "/echo", true},
		{"long lines", http.Header{"A": {big, big, big, big}, "B": {big, big, big}, "C": {big}}, "/echo", true},
		{"a long name", http.Header{big: {"x"}}, "/echo", true},
		{"many lines", many, "/echo", true},
		{"a long address", http.Header{}, "/echo?" + big, true},
		{"many sub-protocols", http.Header{"Sec-Websocket-Protocol": {strings.Repeat("a,", 1000)}}, "/echo", true},
		{"a long sub-protocol", http.Header{"Sec-Websocket-Protocol": {big}}, "/echo", true},
		{"long extensions", http.Header{"Sec-Websocket-Extensions": {strings.Repeat("a", 1000)}}, "/echo", true},
		{"no text", http.Header{"User-Agent": {"\xff\x80", strings.Repeat("\xff", 1000)}, "Referer": {"\xff?\xff"}}, "/echo?\xff", false},
	} {
		var record shared.HandshakeRecord
		describe(&record, &http.Request{Method: "GET", RequestURI: test.target, Proto: "HTTP/1.1", Host: "shop.example", Header: test.header})
		if record.Truncated != test.truncated {
			t.Errorf("%s: got truncated: %t, want %t", test.name, record.Truncated, test.truncated)
		}
		size := len(record.Request) + len(record.Host) + len(record.Extensions)
		text := []string{record.Request, record.Host, record.Extensions}
		var names []string
		for _, line := range record.Headers {
			size += len(line.Name) + len(line.Value)
			text = append(text, line.Name, line.Value)
			names = append(names, line.Name)
		}
		for _, name := range record.Offered {
			size += len(name)
			text = append(text, name)
		}
		if size > 20<<10 || len(record.Headers) > maxRecordLines || len(record.Offered) > maxOffered {
			t.Errorf("%s: got %d bytes, %d lines, %d sub-protocols", test.name, size, len(record.Headers), len(record.Offered))
		}
		if !utf8.ValidString(strings.Join(text, "")) {
			t.Errorf("%s: got what is no text", test.name)
		}
		if !slices.IsSorted(names) {
			t.Errorf("%s: got names %q, want them in order", test.name, names)
		}
		if _, err := json.Marshal(record); err != nil {
			t.Error(err)
		}
	}
	tlsRequest := httptest.NewRequest("GET", "https://shop.example/echo", nil)
	tlsRequest.TLS, tlsRequest.Header = new(tls.ConnectionState), with(upgrade())
	w, _ := witnessAt(t)
	if _, seen := w.look(httptest.NewRecorder(), tlsRequest); seen == nil || !seen.record.TLS {
		t.Error("TLS is not told")
	}
}

// TestDescribeSpells writes the names as the standard has them, which net/http doesn't.
func TestDescribeSpells(t *testing.T) {
	r := httptest.NewRequest("GET", "/echo", nil)
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("User-Agent", "x")
	var record shared.HandshakeRecord
	describe(&record, r)
	if got, want := fmt.Sprint(record.Headers), "[{Sec-WebSocket-Version 13 false} {User-Agent x false}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

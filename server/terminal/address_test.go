package terminal_test

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"cartline/server/terminal"
)

func TestAddress(t *testing.T) {
	for _, test := range []struct {
		text string
		want string // the address, or what is wrong
		ok   bool
	}{
		{"ws://localhost:8080/echo?a=b%23", "ws://localhost:8080/echo?a=b%23", true},
		{"wss://shop.example", "wss://shop.example", true},
		{"http://[::1]:8080/", "ws://[::1]:8080/", true},
		{"HTTPS://shop.example/x", "wss://shop.example/x", true},
		{"localhost:8080/echo", "try ws://localhost:8080/echo", false},
		{"//localhost/echo", "try ws://localhost/echo", false},
		{"/echo", "has no scheme", false},
		{"", "has no scheme", false},
		{"ftp://localhost", "ftp is not the scheme", false},
		{"ws://localhost/#", "no fragment", false},
		{"ws://localhost/echo#top", "no fragment", false},
		{"ws:///echo", "names no host", false},
		{"ws://:8080/echo", "names no host", false},
		{"ws://ann:secret@localhost:port/echo", "no address", false},
		{"ws://local host/", "no address", false},
	} {
		got, err := terminal.Address(test.text)
		switch {
		case test.ok && (err != nil || got.String() != test.want):
			t.Errorf("%s: got %v, %v; want %s", test.text, got, err, test.want)
		case !test.ok && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: got %v, %v; want an error that says %q", test.text, got, err, test.want)
		}
	}
}

func TestHeader(t *testing.T) {
	got, err := terminal.Header([]string{"x-one:  1 ", "X-One:2", "Cookie: a=b; c=d:e", "Empty:"})
	if err != nil || !slices.Equal(got["X-One"], []string{"1", "2"}) || got.Get("Cookie") != "a=b; c=d:e" || len(got["Empty"]) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := terminal.Header(nil); err != nil || got == nil {
		t.Errorf("got %v, %v; want one to add to", got, err)
	}
	for _, line := range []string{"", "x", ": x", "a b: c", "ä: c", "a: b\nc: d", "a: \x00", "a: b\x7f", "host: x", "Connection: x", "upgrade: x", "sec-websocket-key: x", "Sec-WebSocket-Protocol: x", "Content-Length: 1"} {
		if _, err := terminal.Header([]string{line}); err == nil {
			t.Errorf("%q: want an error", line)
		}
	}
}

func TestCheckSubprotocols(t *testing.T) {
	if err := terminal.CheckSubprotocols([]string{"a", "fault.delay-200", "V2"}); err != nil {
		t.Error(err)
	}
	for _, names := range [][]string{{""}, {"a,b"}, {"a b"}, {"ä"}, {"a", "b", "a"}} {
		if err := terminal.CheckSubprotocols(names); err == nil {
			t.Errorf("%q: want an error", names)
		}
	}
}

func TestFirstLine(t *testing.T) {
	for _, test := range []struct {
		in, line, rest string
		ok             bool
	}{
		{"secret\nmore\n", "secret", "more\n", true},
		{"secret\r\nmore", "secret", "more", true},
		{"secret", "secret", "", true},
		{"\nmore", "", "more", true},
		{"", "", "", true},
		{"12345678\n", "12345678", "", true},
		{"12345678\r\n", "12345678", "", true},
		{"123456789\n", "", "", false},
		{"1234567890\n", "", "", false},
	} {
		in := bufio.NewReader(strings.NewReader(test.in))
		line, err := terminal.FirstLine(in, 8)
		if !test.ok {
			if err == nil {
				t.Errorf("%q: got %q, want an error", test.in, line)
			}
			continue
		}
		rest, readErr := io.ReadAll(in)
		if err != nil || readErr != nil || line != test.line || string(rest) != test.rest {
			t.Errorf("%q: got %q, %v, and then %q; want %q and %q", test.in, line, err, rest, test.line, test.rest)
		}
	}
	if _, err := terminal.FirstLine(bufio.NewReader(iotest.ErrReader(errors.New("no disk"))), 8); err == nil {
		t.Error("want the error of the input")
	}
}

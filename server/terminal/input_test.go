package terminal_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/coder/websocket"

	"cartline/server/terminal"
)

func TestSlash(t *testing.T) {
	s := sit(t, serve(t, echo), func(s *terminal.Session) { s.Slash = true })
	s.types(t, "/hex 00 ff", "/base64 AP8=", "//hex", "/ping")
	s.notes.waitFor(t, "Pong after ")
	s.out.waitFor(t, "/hex\n")
	s.types(t, "/nope", "/ping now", "/hex 0", "/base64 ä", "/close 1005", "/close now", "/close 4000 "+strings.Repeat("x", 124), "/close 4000 \xff", "\xff")
	s.types(t, "/close")
	s.wants(t, "9 lines were not sent")
	if got, want := s.out.String(), "Echo Initiated\nhex 00 ff\nhex 00 ff\n/hex\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, want := range []string{"there are /ping,", "takes nothing", "half a byte", "no base64", "not 1005", "not now", "at most 123 bytes", "the reason is not UTF-8", "it is not UTF-8"} {
		if got := s.notes.String(); strings.Count(got, want) != 1 {
			t.Errorf("got the notes %s, want %q once", got, want)
		}
	}
}

// Without --slash, a slash is a character like any other.
func TestNoSlash(t *testing.T) {
	s := sit(t, serve(t, echo), nil)
	s.types(t, "/close", "//x", "\xff", "end")
	s.out.waitFor(t, "end")
	_ = s.keys.Close() // never fails
	s.stop()
	s.wants(t, "")
	if got := s.out.String(); got != "Echo Initiated\n/close\n//x\nend\n" {
		t.Errorf("got %q", got)
	}
}

// What keeps a line from being sent is told, and fails a script.
func TestBadInput(t *testing.T) {
	for _, test := range []struct {
		name  string
		in    io.Reader
		sent  int // bytes
		error string
	}{
		{"one line", strings.NewReader("a\n\xff\n"), 1, "one line was not sent"},
		{"as long as can be", strings.NewReader(strings.Repeat("x", 16<<20) + "\n"), 16 << 20, ""},
		{"too long", strings.NewReader("a\n" + strings.Repeat("x", 16<<20+3)), 1, "a line has more than 16 MiB"},
		{"broken", io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(errors.New("no disk"))), 1, "standard input: no disk"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent := make(chan int, 1)
			s := sit(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
				total := 0
				for {
					_, data, err := conn.Read(ctx)
					if err != nil {
						sent <- total
						return
					}
					total += len(data)
				}
			}), func(s *terminal.Session) { s.In, s.Wait = test.in, 0 })
			s.wants(t, test.error)
			if got := receive(t, "what was sent", sent); got != test.sent {
				t.Errorf("got %d bytes, want %d", got, test.sent)
			}
		})
	}
}

// A line for which there is no connection any more is told of, once, and fails a script.
func TestLineAfterTheEnd(t *testing.T) {
	lines := strings.Repeat("a\n", 10_000)
	s := sit(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.CloseNow() // it is open
	}), func(s *terminal.Session) { s.In = strings.NewReader(lines) })
	s.wants(t, "closed with code 1006")
	if got := strings.Count(s.notes.String(), "This line was not sent"); got > 1 {
		t.Errorf("got told of %d lines, want one at most", got)
	}
}

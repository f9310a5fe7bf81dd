package terminal_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
	"cartline/shared"
	"cartline/shared/lab"
)

func TestLinesAreSentAndMessagesPrinted(t *testing.T) {
	s := sit(t, serve(t, echo), func(s *terminal.Session) { s.Options.Subprotocols = []string{"zero", "two"} })
	s.types(t, "hello", "", "Grüße\r", "last")
	s.out.waitFor(t, "last\n")
	s.stop()
	s.wants(t, "")
	s.wantsOutput(t, "Echo Initiated\nhello\n\nGrüße\nlast\n", "Connected, with the sub-protocol two.\nClosed with code 1000 (normal closure).\n")
}

// The end of the input is not yet the end.
func TestWait(t *testing.T) {
	answer := make(chan struct{})
	url := serve(t, func(ctx context.Context, conn *websocket.Conn) {
		_, data, err := conn.Read(ctx)
		select {
		case <-answer:
		case <-ctx.Done():
		}
		if err != nil || conn.Write(ctx, websocket.MessageText, data) != nil {
			t.Errorf("got %v, want to answer", err)
		}
		_, _, _ = conn.Read(ctx) // until the client closes
	})
	for _, wait := range []time.Duration{-1, patience} {
		in, keys := io.Pipe()
		s := sit(t, url, func(s *terminal.Session) { s.Wait, s.In = wait, in })
		if _, err := io.WriteString(keys, "late"); err != nil {
			t.Fatal(err)
		}
		_ = keys.Close() // never fails
		answer <- struct{}{}
		s.out.waitFor(t, "late")
		s.stop()
		s.wants(t, "")
		s.wantsOutput(t, "late\n", "Connected.\nClosed with code 1000 (normal closure).\n")
	}
	url, ended := ends(t)
	s := sit(t, url, func(s *terminal.Session) { s.Wait, s.In = time.Millisecond, strings.NewReader("a\nb") })
	wantsClose(t, ended, 1000, "")
	s.wants(t, "")
}

// It closes properly, whatever ends it.
func TestHowWeClose(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    func(*sitting)
		code   int
		reason string
		says   string
	}{
		{"by Ctrl-C", func(s *sitting) { s.stop() }, 1000, "", "Closed with code 1000 (normal closure).\n"},
		{"at the end of the input", func(s *sitting) { _ = s.keys.Close() }, 1000, "", "Closed with code 1000 (normal closure).\n"},
		{"by command", func(s *sitting) { s.types(t, "/close") }, 1000, "", "Closed with code 1000 (normal closure).\n"},
		{"with a code", func(s *sitting) { s.types(t, "/close 4999") }, 4999, "", "Closed with code 4999 (code 4999).\n"},
		{"with a reason", func(s *sitting) { s.types(t, "/close 1011 out of  mugs ") }, 1011, "out of  mugs", "Closed with code 1011 (internal error): out of  mugs.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, ended := ends(t)
			s := sit(t, url, func(s *terminal.Session) { s.Slash, s.Wait = true, 0 })
			s.notes.waitFor(t, "Connected")
			test.end(s)
			wantsClose(t, ended, test.code, test.reason)
			s.wants(t, "")
			s.wantsOutput(t, "", "Connected.\n"+test.says)
		})
	}
}

// A code that says that all is well is no failure; any other is.
func TestHowTheServerCloses(t *testing.T) {
	for _, test := range []struct {
		code         int
		reason       string
		notes, error string
	}{
		{1000, "", "Closed with code 1000 (normal closure).\n", ""},
		{1001, "later", "Closed with code 1001 (going away): later.\n", ""},
		{1005, "", "Closed with code 1005 (no status received).\n", ""},
		{1006, "", "", "closed with code 1006 (abnormal closure)"},
		{1011, "", "", "closed with code 1011 (internal error)"},
		{3501, "signed out", "", "closed with code 3501 (session ended): signed out"},
		{4000, "\x1b[2J\n", "", `closed with code 4000 (code 4000): \x1b[2J`},
	} {
		for _, recorded := range []bool{false, true} {
			s := sit(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
				switch test.code {
				case 1005:
					_ = conn.Close(websocket.StatusNoStatusRcvd, "") // there is no code in the answer
				case 1006:
					_ = conn.CloseNow()
				default:
					_ = conn.Close(websocket.StatusCode(test.code), test.reason) // the client may be gone by then
				}
			}), func(s *terminal.Session) { s.JSON = recorded })
			s.wants(t, test.error)
			if !recorded {
				s.wantsOutput(t, "", "Connected.\n"+test.notes)
				continue
			}
			entries, err := lab.DecodeRecording([]byte(s.out.String()))
			if err != nil || len(entries) != 2 || entries[1].Way != lab.Closed || entries[1].Code != test.code || entries[1].Reason != test.reason {
				t.Errorf("%d: got %+v, %v", test.code, entries, err)
			}
		}
	}
}

// The lines of --json are a recording, with everything that happened, in order.
func TestJSONIsARecording(t *testing.T) {
	s := sit(t, serve(t, echo), func(s *terminal.Session) { s.JSON, s.Slash, s.Options.Subprotocols = true, true, []string{"one"} })
	s.out.waitFor(t, "Echo Initiated")
	began := time.Now().Add(-patience)
	s.types(t, "Grüße", "/hex 00 ff")
	testenv.Eventually(t, patience, "both echoes", func() bool { return strings.Count(s.out.String(), "\n") == 6 })
	s.types(t, "/close 4000 enough")
	s.wants(t, "")
	entries, err := lab.DecodeRecording([]byte(s.out.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := []lab.Entry{
		{Way: lab.Opened, Subprotocol: "one"},
		{Way: lab.Received, Data: []byte("Echo Initiated")},
		{Way: lab.Sent, Data: []byte("Grüße")},
		{Way: lab.Received, Data: []byte("Grüße")},
		{Way: lab.Sent, Data: []byte{0, 255}, Binary: true},
		{Way: lab.Received, Data: []byte{0, 255}, Binary: true},
		{Way: lab.Closed, Code: 4000, Reason: "enough"},
	}
	if len(entries) != len(want) {
		t.Fatalf("got %d entries, want %d", len(entries), len(want))
	}
	var sent int
	for i, e := range entries {
		w := want[i]
		if e.Way == lab.Sent {
			sent++
		}
		// An echo may be faster than the next line, but not than its own.
		if e.Way != w.Way && (e.Way != lab.Sent && w.Way != lab.Sent) || e.At.Before(began) || e.At.Location() != time.UTC {
			t.Errorf("entry %d: got %+v, want %+v", i, e, w)
		}
		if e.Way == w.Way && (string(e.Data) != string(w.Data) || e.Binary != w.Binary || e.Code != w.Code || e.Reason != w.Reason || e.Subprotocol != w.Subprotocol) {
			t.Errorf("entry %d: got %+v, want %+v", i, e, w)
		}
	}
	if !strings.HasPrefix(entries[0].URL, "ws://127.0.0.1:") || sent != 2 {
		t.Errorf("got %s and %d sent", entries[0].URL, sent)
	}
	if got := s.notes.String(); got != "" {
		t.Errorf("got the notes %q, want all in the recording", got)
	}
}

func TestRefusedHandshake(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(http.ResponseWriter)
		want   string
	}{
		{"with a sentence", func(w http.ResponseWriter) { http.Error(w, "Can't monitor events", http.StatusForbidden) }, "refused with 403 Forbidden: Can't monitor events"},
		{"without", func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }, "refused with 200 OK"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := serveHTTP(t, func(_ context.Context, w http.ResponseWriter, _ *http.Request) { test.answer(w) })
			for _, listen := range [][]shared.Request{nil, {{Listen: "a"}}} {
				s := sit(t, url, func(s *terminal.Session) { s.Listen = listen })
				s.wants(t, url+": "+test.want)
				s.wantsOutput(t, "", "")
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	var arrived atomic.Int64
	url := serveHTTP(t, func(ctx context.Context, _ http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		select {
		case <-r.Context().Done():
		case <-ctx.Done():
		}
	})
	for _, listen := range [][]shared.Request{nil, {{Listen: "a"}}} {
		s := sit(t, url, func(s *terminal.Session) { s.Listen, s.Timeout = listen, time.Millisecond })
		s.wants(t, url+": no connection within 1ms")
		s = sit(t, strings.Replace(url, "ws://", "wss://ann:secret@", 1), func(s *terminal.Session) { s.Listen, s.Timeout = listen, time.Millisecond })
		s.wants(t, "wss://ann:xxxxx@")
		s = sit(t, "ws://127.0.0.1:1", func(s *terminal.Session) { s.Listen = listen })
		s.wants(t, "ws://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused")

		// Ctrl-C while it connects is an end like any other.
		before := arrived.Load()
		s = sit(t, url, func(s *terminal.Session) { s.Listen = listen })
		testenv.Eventually(t, patience, "the handshake", func() bool { return arrived.Load() > before })
		s.stop()
		s.wants(t, "")
		s.wantsOutput(t, "", "")
	}
}

// Where somebody looks, what was received is marked, and can't write where it wants.
func TestOnAScreen(t *testing.T) {
	s := sit(t, serve(t, echo), func(s *terminal.Session) { s.Screen, s.Slash = true, true })
	s.types(t, "a\x1b[2Jb\tc\u202e\x7f", "/base64 YQpiDQ==", "end")
	s.out.waitFor(t, "end")
	s.stop()
	s.wants(t, "")
	want := "< Echo Initiated\n" + `< a\x1b[2Jb` + "\tc" + `\u202e\x7f` + "\n< hex 61 0a 62 0d\n< end\n"
	if got := s.out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s = sit(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte("a\nb")) // the client waits for it
		_ = conn.Close(1000, "")
	}), func(s *terminal.Session) { s.Screen = true })
	s.wants(t, "")
	if got := s.out.String(); got != "< a\n  b\n" {
		t.Errorf("got %q", got)
	}
}

package console

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/transcript"
	"cartline/shared"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// logOf writes a log on one line.
func logOf(entries []transcript.Entry) string {
	var parts []string
	for _, e := range entries {
		text := e.Note
		if text == "" {
			text = string(e.Data)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}

func TestExport(t *testing.T) {
	_, p := page()
	m := p.model
	p.name = "Left side"
	m.connect(ownEcho, []string{"a"})
	m.opened("a")
	large := bytes.Repeat([]byte("é"), transcript.MaxMessage)
	m.took([]transcript.Entry{
		message(m.now(), lab.Sent, live.Message{Data: []byte("hello\n\"<b>")}),
		message(m.now(), lab.Received, live.Message{Binary: true, Data: []byte{0, 255}}),
		message(m.now(), lab.Received, live.Message{Data: large}),
	}, 3)
	m.ended(1011, "out of tea")
	if got, want := tallyOf(m.log.Entries()), (tally{lines: 5, sent: 1, received: 2, cut: 1, again: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	text, lines := p.insight.recording()
	entries, err := lab.DecodeRecording(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Connection != p.name {
			t.Errorf("the connection is named %q, want %q", e.Connection, p.name)
		}
		got = append(got, fmt.Sprintf("%s %s %s %d %s %.8q %d", e.Way, e.URL, e.Subprotocol, e.Code, e.Reason, e.Data, e.Cut))
	}
	want := []string{
		"opened " + ownEcho + ` a 0  "" 0`,
		`sent   0  "hello\n\"<" 0`, // eight characters of each are looked at
		`received   0  "\x00\xff" 0`,
		`received   0  "éééééééé" 1048576`,
		`closed   1011 out of tea "" 0`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || lines != len(want) {
		t.Errorf("got %d lines\n%s\nwant\n%s", lines, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// Back again, the log shows the same.
	_, q := page()
	q.insight.took("x.jsonl", entries, nil)
	back := q.model.log.Entries()
	if got, want := len(back), 6; got != want {
		t.Fatalf("after importing it there are %d entries, want %d", got, want)
	}
	if got, want := logOf(back[:3]), "Imported 3 messages from x.jsonl | Connected to "+ownEcho+", with the sub-protocol a | hello\n\"<b>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := back[5].Note, "Disconnected (code 1011, internal error): out of tea"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if back[4].Cut != len(large)-transcript.MaxMessage {
		t.Errorf("%d bytes were cut, want %d", back[4].Cut, len(large)-transcript.MaxMessage)
	}
	q.name = "Another"
	again, _ := q.insight.recording()
	if !bytes.Equal(again, text) {
		t.Errorf("exported again it is\n%.300s\nwant\n%.300s", again, text)
	}
}

func TestRecordingName(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 7, 0, time.UTC)
	for name, want := range map[string]string{
		"Connection 1":    "cartline-connection-1-20261121-090507.jsonl",
		"../../etc/x":     "cartline-etc-x-20261121-090507.jsonl",
		"Größe <b>":       "cartline-gr-e-b-20261121-090507.jsonl",
		"☕":               "cartline-20261121-090507.jsonl",
		"a\x00\u202eb\n.": "cartline-a-b-20261121-090507.jsonl",
	} {
		if got := recordingName(name, at); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestImportRefused(t *testing.T) {
	_, decoding := lab.DecodeRecording([]byte("{\"way\":\"sent\",\"text\":\"x\"}\nnonsense"))
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no recording", decoding, "Nothing was imported from x.jsonl. Line 2 of the recording can't be read"},
		{"too large", &browser.TooLargeError{Size: 33 << 20, Most: 32 << 20}, "x.jsonl has 33.0 MiB, and a recording has 32.0 MiB at most."},
		{"gone", errors.New("NotReadableError"), "x.jsonl can't be read. It may have changed since it was chosen."},
		{"none chosen", fmt.Errorf("wrapped: %w", browser.ErrNoFile), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, p := page()
			p.insight.took("x.jsonl", nil, test.err)
			if got := p.insight.reel.wrong; !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := len(p.model.log.Entries()); got != 0 || p.insight.reel.from != "" {
				t.Errorf("%d entries were appended of %q", got, p.insight.reel.from)
			}
		})
	}
}

// Of more than the log keeps, it is told how much is missing; a replay has all of it.
func TestImportOfALot(t *testing.T) {
	_, p := page()
	entries := make([]lab.Entry, transcript.MaxEntries+500)
	for i := range entries {
		entries[i] = lab.Entry{Way: lab.Sent, Data: fmt.Append(nil, i)}
	}
	p.insight.took("x.jsonl", entries, nil)
	log := p.model.log
	if got, want := len(log.Entries())+log.Dropped(), len(entries)+1; got != want {
		t.Errorf("%d are kept or counted as dropped, want %d", got, want)
	}
	if got, want := len(p.insight.script()), len(entries); got != want {
		t.Errorf("a replay has %d, want %d", got, want)
	}
}

// The fold says what it can do, and why it can't.
func TestRecordingMarkup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := page()
		s := new(stage)
		p.mounted(s)
		p.unfold(foldRecording, true)
		html := app.HTMLString(c)
		for id, why := range map[string]string{"export": "There is nothing to export yet", "replay": "There is nothing to send"} {
			if got := tag(t, html, id); !strings.Contains(got, "disabled") || !strings.Contains(got, why) {
				t.Errorf("at first: got %s", got)
			}
		}
		if strings.Contains(html, "The import<") {
			t.Error("an import can be chosen though there is none")
		}
		p.insight.took(`<b>"'.jsonl`, []lab.Entry{
			{Way: lab.Sent, Data: []byte("x")}, {Way: lab.Sent, Data: []byte("y"), Cut: 5}, {Way: lab.Opened, URL: `<b>"`},
		}, nil)
		html = app.HTMLString(c)
		if strings.Contains(html, "<b>") {
			t.Errorf("a file's name or content is markup: %s", html)
		}
		for _, want := range []string{
			"Recorded so far: 2 sent, 0 received.", "1 message is too large and was cut.", ": 1 message.", "1 more is left out, as it was not kept whole.", "The import",
		} {
			if !strings.Contains(html, want) {
				t.Errorf("%q is missing in %s", want, html)
			}
		}
		if got := tag(t, html, "replay"); !strings.Contains(got, "Connect first") {
			t.Errorf("not connected: got %s", got)
		}
		if got := tag(t, html, "export"); strings.Contains(got, "disabled") {
			t.Errorf("with something to export: got %s", got)
		}
		connectTo(t, p, newFake().dial, ownEcho)
		if got := tag(t, app.HTMLString(c), "replay"); strings.Contains(got, "disabled") {
			t.Errorf("connected: got %s", got)
		}
		leave(p, s)
		p.insight.took("x", nil, &shared.Problem{Detail: "<b>"})
		if html = app.HTMLString(c); strings.Contains(html, "<b>") {
			t.Errorf("an error is markup: %s", html)
		}
	})
}

package console

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cartline/app/transcript"
	"cartline/shared/lab"
	"cartline/shared/live"
)

func testModel() *model {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return newModel(plain, func() time.Time { return at })
}

// look is what can be seen of a model: status, buttons that work, message line.
func look(m *model) string {
	var buttons []string
	for _, b := range []struct {
		name string
		on   bool
	}{{"connect", m.canConnect()}, {"disconnect", m.canDisconnect()}, {"send", m.canSend()}} {
		if b.on {
			buttons = append(buttons, b.name)
		}
	}
	return fmt.Sprintf("%s [%s] %s", m.phase.status(), strings.Join(buttons, " "), m.line.text)
}

func hear(m *model, texts ...string) {
	var entries []transcript.Entry
	for _, text := range texts {
		entries = append(entries, message(m.now(), lab.Received, live.Message{Data: []byte(text)}))
	}
	m.took(entries, 0)
}

func say(m *model, text string) {
	m.took([]transcript.Entry{message(m.now(), lab.Sent, live.Message{Data: []byte(text)})}, 0)
}

// TestStory walks the page through the first article's conversation and through
// what can go wrong.
func TestStory(t *testing.T) {
	m := testModel()
	steps := []struct {
		do   func()
		want string
	}{
		{func() {}, "Not Connected [connect] "},
		{func() { m.connect("ws://localhost:8080/echo", nil) }, "Connecting… [] "},
		{func() { m.opened("") }, "Connected [disconnect send] "},
		{func() { hear(m, "Echo Initiated") }, "Connected [disconnect send] Server Says: Echo Initiated"},
		{func() { say(m, "hello") }, "Connected [disconnect send] Server Says: Echo Initiated"},
		{func() { hear(m, "hello") }, "Connected [disconnect send] Server Says: hello"},
		{func() { hear(m, "one", "two") }, "Connected [disconnect send] Server Says: two"},
		{func() { hear(m, "") }, "Connected [disconnect send] Server Says: "},
		{func() { m.full() }, "Connected [disconnect send] Error: The messages before this one are still waiting to be sent."},
		{func() { m.disconnect() }, "Disconnecting… [] "},
		{func() { hear(m, "late") }, "Disconnecting… [] "},
		{func() { m.ended(1000, "") }, "Not Connected [connect] "},

		{func() { m.connect("http://localhost:8080/echo", nil) }, "Not Connected [connect] Error: This is the address of a web page. That of a WebSocket starts with ws:// or wss://."},
		{func() { m.connect("ws://localhost:8080/events/io", nil) }, "Connecting… [] "},
		{func() { m.failed(refusal{text: "Can't monitor events", signIn: true}) }, "Not Connected [connect] Error: Can't monitor events"},
		{func() { m.connect("ws://localhost:8080/echo", nil) }, "Connecting… [] "},
		{func() { m.opened("") }, "Connected [disconnect send] "},
		{func() { m.ended(1009, "too big") }, "Not Connected [connect] Disconnected: a message was too big (code 1009, message too big). The server says: too big"},
	}
	for i, step := range steps {
		step.do()
		if got := look(m); got != step.want {
			t.Fatalf("step %d: got\n%s\nwant\n%s", i, got, step.want)
		}
	}
}

func TestLog(t *testing.T) {
	m := testModel()
	m.connect("ws://localhost:8080/echo", []string{"a", "b"})
	m.opened("b")
	hear(m, "Echo Initiated")
	say(m, "hé")
	m.ended(1006, "")
	m.connect("ws://localhost:8080/echo", nil)
	m.opened("")
	m.disconnect()
	m.ended(3001, "enough")
	m.connect("ws://localhost:8080/events/io", nil)
	m.failed(refusal{text: "Can't monitor events"})
	var got []string
	for _, e := range m.log.Entries() {
		got = append(got, fmt.Sprintf("%s %t %s %s", e.Way, e.Trouble, e.Data, e.Note))
	}
	want := []string{
		" false  Connecting to ws://localhost:8080/echo, offering a, b",
		"opened false  Connected, with the sub-protocol b",
		"received false Echo Initiated ",
		"sent false hé ",
		"closed true  Disconnected: the connection broke off without a goodbye (code 1006, abnormal closure)",
		" false  Connecting to ws://localhost:8080/echo",
		"opened false  Connected",
		"closed false  Disconnected (code 3001)",
		" false  Connecting to ws://localhost:8080/events/io",
		" true  Can't monitor events",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLargeMessage(t *testing.T) {
	m := testModel()
	m.connect("ws://localhost:8080/echo", nil)
	m.opened("")
	hear(m, strings.Repeat("漢", 1<<20))
	e := m.log.Entries()[2]
	if len(e.Data) > transcript.MaxMessage || e.Cut != 3<<20-len(e.Data) || !utf8.Valid(e.Data) {
		t.Errorf("kept %d bytes and cut %d", len(e.Data), e.Cut)
	}
	if got := len(m.line.text); got > maxLine+len("Server Says: …") {
		t.Errorf("the message line has %d bytes", got)
	}
	if !strings.HasSuffix(m.line.text, "漢…") {
		t.Errorf("the message line doesn't tell that it was cut: %q", m.line.text)
	}
}

func TestBinaryMessage(t *testing.T) {
	m := testModel()
	m.connect("ws://localhost:8080/echo", nil)
	m.opened("")
	m.took([]transcript.Entry{message(m.now(), lab.Received, live.Message{Binary: true, Data: []byte("Hi\x00")})}, 0)
	if got, want := m.line.text, "Server Says: binary: 48 69 00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOnEvents(t *testing.T) {
	tests := []struct {
		url  string
		want bool
	}{
		{"ws://localhost:8080/events/io", true},
		{"ws://localhost:8080/echo", false},
		{"ws://elsewhere.example/events/io", false},
	}
	for _, test := range tests {
		m := testModel()
		m.connect(test.url, nil)
		if m.onEvents() {
			t.Errorf("%s: taken for events before it is open", test.url)
		}
		m.opened("")
		if got := m.onEvents(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.url, got, test.want)
		}
	}
}

func TestSuggestion(t *testing.T) {
	m := testModel()
	if _, ok := m.connect("localhost:8080/echo", nil); ok {
		t.Fatal("connected without a scheme")
	}
	if got, want := m.line.suggestion, "ws://localhost:8080/echo"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

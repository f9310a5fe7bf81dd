package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	var entries []entry
	for _, text := range texts {
		entries = append(entries, messageEntry(m.now(), live.Message{Data: []byte(text)}))
	}
	m.took(entries, 0)
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
		{func() { m.connect("ws://localhost:8080/echo") }, "Connecting… [] "},
		{func() { m.opened() }, "Connected [disconnect send] "},
		{func() { hear(m, "Echo Initiated") }, "Connected [disconnect send] Server Says: Echo Initiated"},
		{func() { m.took([]entry{textEntry(m.now(), sent, "hello")}, 0) }, "Connected [disconnect send] Server Says: Echo Initiated"},
		{func() { hear(m, "hello") }, "Connected [disconnect send] Server Says: hello"},
		{func() { hear(m, "one", "two") }, "Connected [disconnect send] Server Says: two"},
		{func() { hear(m, "") }, "Connected [disconnect send] Server Says: "},
		{func() { m.full() }, "Connected [disconnect send] Error: The messages before this one are still waiting to be sent."},
		{func() { m.disconnect() }, "Disconnecting… [] "},
		{func() { hear(m, "late") }, "Disconnecting… [] "},
		{func() { m.ended(1000, "") }, "Not Connected [connect] "},

		{func() { m.connect("http://localhost:8080/echo") }, "Not Connected [connect] Error: This is the address of a web page. That of a WebSocket starts with ws:// or wss://."},
		{func() { m.connect("ws://localhost:8080/events/io") }, "Connecting… [] "},
		{func() { m.failed(refusal{text: "Can't monitor events", signIn: true}) }, "Not Connected [connect] Error: Can't monitor events"},
		{func() { m.connect("ws://localhost:8080/echo") }, "Connecting… [] "},
		{func() { m.opened() }, "Connected [disconnect send] "},
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
	m.connect("ws://localhost:8080/echo")
	m.opened()
	hear(m, "Echo Initiated")
	m.took([]entry{textEntry(m.now(), sent, "hé")}, 0)
	m.ended(1006, "")
	var got []string
	for _, e := range m.log.Items() {
		_, name := e.way.sign()
		got = append(got, fmt.Sprintf("%d %s %s %s", e.id, name, e.size, e.text))
	}
	want := []string{
		"1 note  Connecting to ws://localhost:8080/echo",
		"2 note  Connected",
		"3 received 14 B Echo Initiated",
		"4 sent 3 B hé",
		"5 problem  Disconnected: the connection broke off without a goodbye (code 1006, abnormal closure)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	m.clear()
	if n := len(m.log.Items()); n != 0 {
		t.Errorf("%d entries after Clear", n)
	}
}

func TestLogIsBounded(t *testing.T) {
	m := testModel()
	for range 3 * maxEntries {
		hear(m, "x")
	}
	m.took(nil, 7)
	if got := len(m.log.Items()); got > maxEntries {
		t.Errorf("got %d entries, want at most %d", got, maxEntries)
	}
	if got, want := len(m.log.Items())+m.log.Dropped(), 3*maxEntries+7; got != want {
		t.Errorf("kept and dropped are %d, want %d", got, want)
	}
	if got := logCount(m); !strings.Contains(got, "older not kept") {
		t.Errorf("got %q, which doesn't tell of those that went", got)
	}
}

func TestLargeMessage(t *testing.T) {
	m := testModel()
	m.connect("ws://localhost:8080/echo")
	m.opened()
	hear(m, strings.Repeat("漢", 1<<20))
	e := m.log.Items()[2]
	if len(e.text) > maxEntryKept || e.left != 3<<20-len(e.text) || e.size != "3.0 MiB" {
		t.Errorf("kept %d bytes and left %d of %s", len(e.text), e.left, e.size)
	}
	if got := len(m.line.text); got > maxLine+len("Server Says: …") {
		t.Errorf("the message line has %d bytes", got)
	}
	if !strings.HasSuffix(m.line.text, "漢…") {
		t.Errorf("the message line doesn't tell that it was cut: %q", m.line.text)
	}
}

func TestBinaryMessage(t *testing.T) {
	e := messageEntry(time.Time{}, live.Message{Binary: true, Data: []byte("Hi\x00")})
	if got, want := e.text, "binary: 48 69 00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := e.size, "3 B"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestToggle(t *testing.T) {
	m := testModel()
	hear(m, "one", "two")
	m.toggle(2)
	if m.log.Items()[0].open || !m.log.Items()[1].open {
		t.Error("toggle(2) did not unfold the second entry alone")
	}
	m.toggle(2)
	m.toggle(99)
	if m.log.Items()[1].open {
		t.Error("toggle(2) did not fold again")
	}
}

func TestOffersListen(t *testing.T) {
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
		m.connect(test.url)
		if m.offersListen() {
			t.Errorf("%s: offered before it is open", test.url)
		}
		m.opened()
		if got := m.offersListen(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.url, got, test.want)
		}
	}
}

func TestSuggestion(t *testing.T) {
	m := testModel()
	if _, ok := m.connect("localhost:8080/echo"); ok {
		t.Fatal("connected without a scheme")
	}
	if got, want := m.line.suggestion, "ws://localhost:8080/echo"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

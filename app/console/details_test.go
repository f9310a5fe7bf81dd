package console

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
	"cartline/shared/live"
)

// knownOf writes what is known of a connection on one line.
func knownOf(p *pane) string {
	var parts []string
	for _, f := range p.insight.known() {
		parts = append(parts, f.name+": "+f.value)
	}
	return strings.Join(parts, "; ")
}

func TestKnown(t *testing.T) {
	tests := []struct {
		name string
		do   func(p *pane, m *model)
		want []string
		not  []string
	}{
		{"before the first", func(*pane, *model) {}, nil, []string{"Address"}},
		{"connecting", func(_ *pane, m *model) { m.connect(ownEcho, []string{"a", "b"}) },
			[]string{"Address: " + ownEcho, "State: Connecting…", "Sub-protocol: offering a, b", "Since: "}, []string{"Sent"}},
		{"never open", func(p *pane, m *model) {
			m.connect(ownEcho, nil)
			m.failed(refusal{text: "Nobody is there."})
			p.insight.failed()
			m.line = line{} // which others use, too
		}, []string{"It was never open: Nobody is there.", "Sub-protocol: none offered"}, []string{"Ended with", "Sent"}},
		{"open", func(_ *pane, m *model) {
			m.connect(ownEcho, []string{"a", "b"})
			m.opened("b")
		}, []string{"State: Connected", "Sub-protocol: b, of a, b", "Open since: ", "for 1 min 5 s", "Sent: 1 message, 5 B", "Received: 2 messages, 1.0 KiB", "Waiting in the browser: 0 B"}, []string{"Ended"}},
		{"none chosen", func(_ *pane, m *model) {
			m.connect(ownEcho, []string{"a", "b"})
			m.opened("")
		}, []string{"Sub-protocol: none chosen of a, b"}, nil},
		{"ended by the server", func(_ *pane, m *model) {
			m.connect(ownEcho, nil)
			m.opened("")
			m.ended(1011, "out of tea")
		}, []string{"State: Not Connected", "Ended with: code 1011, internal error", "Which means: something went wrong on the server", "Reason: “out of tea”", "It was open: from ", "for 0 s", "Sent: "}, []string{"Waiting"}},
		{"broken off", func(_ *pane, m *model) {
			m.connect(ownEcho, nil)
			m.opened("")
			m.ended(1006, "")
		}, []string{"Ended with: code 1006, abnormal closure", "without a goodbye", "Reason: none"}, nil},
		{"ended here", func(_ *pane, m *model) {
			m.connect(ownEcho, nil)
			m.opened("")
			m.disconnect()
			m.ended(1000, "")
		}, []string{"Ended with: code 1000, normal closure", "Which means: this page asked for the end"}, []string{"the server ended"}},
		{"closed here with a code", func(p *pane, m *model) {
			m.connect(ownEcho, nil)
			m.opened("")
			if !p.insight.closing.read("3001", "bye") {
				panic("3001 is refused")
			}
			m.disconnect()
			m.ended(3001, "")
		}, []string{"Ended with: code 3001", "Which means: this page closed it with 3001 and “bye”", "Reason: none"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, p := page()
			test.do(p, p.model)
			p.traffic.sent.add(5)
			p.traffic.received.add(1000)
			p.traffic.received.add(24)
			opened := p.model.now()
			p.model.now = func() time.Time { return opened.Add(65 * time.Second) }
			got := knownOf(p)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, without %q", got, want)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("got %q, with %q", got, not)
				}
			}
		})
	}
}

func TestBuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p, s := on(t, f.dial, ownEcho)
		f.hold(4096)
		if got, want := knownOf(p), "Waiting in the browser: 4.0 KiB"; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
		leave(p, s)
	})
}

func TestClosingRead(t *testing.T) {
	tests := []struct {
		code, reason string
		ok           bool
		wrong        string
	}{
		{"1000", "", true, ""},
		{" 3000 ", "bye", true, ""},
		{"4999", strings.Repeat("é", 61) + "x", true, ""},
		{"4999", strings.Repeat("é", 62), false, "A reason has at most 123 bytes in UTF-8, and this one has 124."},
		{"", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
		{"1001", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
		{"2999", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
		{"5000", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
		{"-3000", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
		{"3001x", "", false, "Browsers close with 1000, or a code from 3000 to 4999."},
	}
	for _, test := range tests {
		c := closing{wrong: "an earlier fault", code: 1}
		if ok := c.read(test.code, test.reason); ok != test.ok || c.wrong != test.wrong {
			t.Errorf("%q %q: got %v %q, want %v %q", test.code, test.reason, ok, c.wrong, test.ok, test.wrong)
		}
		if !test.ok && c.code != 0 {
			t.Errorf("%q: got the code %d", test.code, c.code)
		}
	}
}

// The fold says what it can, connected or not, and takes nothing for markup.
func TestDetailsMarkup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := page()
		s := new(stage)
		p.mounted(s)
		p.insight = newInsight(p) // which takes this server for one on this computer
		p.unfold(foldDetails, true)
		html := app.HTMLString(c)
		if !strings.Contains(html, "There has been no connection yet.") || !strings.Contains(tag(t, html, "close-with"), `title="Connect first"`) {
			t.Errorf("before the first connection: got %s", html)
		}
		f := newFake()
		connectTo(t, p, f.dial, ownEvents)
		at := time.Now()
		for i := range 3 {
			f.inbox <- live.Message{Data: told(t, "news<b>", i, &shared.Meta{Cursor: fmt.Sprintf(`c%d"><b>`, i), At: at})}
		}
		f.inbox <- live.Message{Data: told(t, shared.KindGap, shared.Gap{Channel: "news<b>"}, nil)}
		s.run()
		html = app.HTMLString(c)
		if strings.Contains(html, "<b>") {
			t.Errorf("what the server says is markup: %s", html)
		}
		for _, want := range []string{`aria-label="Events by channel"`, "news&lt;b&gt;", "c2&#34;&gt;&lt;b&gt;", "0.00 ms", "Close with a code"} {
			if !strings.Contains(html, want) {
				t.Errorf("%q is missing in %s", want, html)
			}
		}
		if strings.Contains(tag(t, html, "close-with"), "disabled") {
			t.Error("it can't be closed")
		}
		leave(p, s)
	})
}

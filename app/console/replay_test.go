package console

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cartline/app/transcript"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// A replay is of the import if there is one, else of the log, in which the import has no
// part.
func TestScript(t *testing.T) {
	_, p := page()
	m := p.model
	say := func(text string) {
		m.took([]transcript.Entry{message(m.now(), lab.Sent, words(text)), message(m.now(), lab.Received, words("re: "+text))}, 0)
	}
	check := func(when, want string) {
		t.Helper()
		var texts []string
		for _, e := range p.insight.script() {
			if e.Way == lab.Sent {
				texts = append(texts, string(e.Data))
			}
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	check("at first", "")
	say("one")
	check("of the log", "one")
	again := message(m.now(), lab.Sent, words("one"))
	again.Replayed = true
	m.took([]transcript.Entry{again}, 0)
	check("of the log after a replay", "one")
	if got := tallyOf(m.log.Entries()); got.again != 1 || got.sent != 2 {
		t.Errorf("counted %+v, want two sent and one to send again", got)
	}
	p.insight.took("x.jsonl", []lab.Entry{{Way: lab.Sent, Data: []byte("theirs")}, {Way: lab.Received, Data: []byte("answer")}}, nil)
	check("of the import", "theirs")
	say("two")
	p.insight.reel.log = true
	check("of the log, though there is an import", "one two")
	m.log.Clear()
	check("of an empty log", "")
	p.insight.reel.log = false
	check("of the import, though the log was cleared", "theirs")
	p.insight.took("empty.jsonl", nil, nil)
	check("of an empty import", "")
}

func TestReplay(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	entry := func(after time.Duration, way lab.Way, text string) lab.Entry {
		return lab.Entry{At: at.Add(after), Way: way, Data: []byte(text)}
	}
	recorded := []lab.Entry{
		{At: at, Way: lab.Opened, URL: ownEcho},
		entry(0, lab.Received, "Echo Initiated"),
		entry(time.Second, lab.Sent, "a"),
		entry(3*time.Second, lab.Sent, "b"),
		{At: at.Add(4 * time.Second), Way: lab.Sent, Data: []byte("torn"), Cut: 7},
		{At: at.Add(5 * time.Second), Way: lab.Sent, Binary: true, Data: []byte("c")},
		{At: at.Add(6 * time.Second), Way: lab.Closed, Code: 1000},
	}
	tests := []struct {
		name  string
		speed float64
		do    func(*pane, *stage, *fake)
		took  time.Duration
		wrote string
		said  string
	}{
		{"as it was", 1, nil, 4 * time.Second, "a b binary c", "All 3 sent."},
		{"faster", 10, nil, 400 * time.Millisecond, "a b binary c", "All 3 sent."},
		{"without pauses", 0, nil, 0, "a b binary c", "All 3 sent."},
		{"stopped", 1, func(p *pane, s *stage, _ *fake) {
			s.pass(2500 * time.Millisecond)
			p.insight.reel.job.stop(errStopped)
		}, 2500 * time.Millisecond, "a b", "Stopped after 2 of 3."},
		{"the page is left", 1, func(p *pane, s *stage, _ *fake) {
			s.pass(500 * time.Millisecond)
			p.stop()
		}, 500 * time.Millisecond, "a", "Stopped after 1 of 3."},
		{"the server ends it", 1, func(_ *pane, s *stage, f *fake) {
			s.pass(500 * time.Millisecond)
			f.end <- &live.CloseError{Code: 1001}
			s.run()
		}, 500 * time.Millisecond, "a", "The connection ended after 1 of 3."},
		{"disconnected", 1, func(p *pane, s *stage, _ *fake) {
			s.pass(2500 * time.Millisecond)
			p.disconnect(closeNormal, "")
			s.run()
		}, 2500 * time.Millisecond, "a b", "The connection ended after 2 of 3."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				p, s := on(t, f.dial, ownEcho)
				p.insight.took("x.jsonl", recorded, nil)
				if got, want := p.insight.reel.counted, (tally{lines: 7, sent: 4, received: 1, cut: 1, again: 3, torn: 1}); got != want {
					t.Errorf("counted %+v, want %+v", got, want)
				}
				p.insight.reel.speed = test.speed
				began := time.Now()
				p.insight.replay()
				p.insight.replay() // once is enough
				if test.do != nil {
					test.do(p, s, f)
				}
				<-p.insight.reel.job.done
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				s.run()
				if got := strings.Join(f.wrote, " "); got != test.wrote {
					t.Errorf("wrote %q, want %q", got, test.wrote)
				}
				if got := p.insight.reel.shown.said(); got != test.said {
					t.Errorf("got %q, want %q", got, test.said)
				}
				leave(p, s)
			})
		})
	}
}

// What waits in line when the connection ends was not sent, and isn't said to be.
func TestReplayCountsWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.gate = make(chan struct{})
		p, s := on(t, f.dial, ownEcho)
		var recorded []lab.Entry
		for i := range 1000 {
			recorded = append(recorded, lab.Entry{Way: lab.Sent, Data: fmt.Append(nil, i)})
		}
		p.insight.took("x.jsonl", recorded, nil)
		p.insight.reel.speed = 0
		p.insight.replay()
		s.run()
		if !p.insight.reel.job.runs() {
			t.Fatal("it has ended though nothing can be written")
		}
		f.mu.Lock()
		f.fail = true
		f.mu.Unlock()
		close(f.gate)
		<-p.link.done
		<-p.insight.reel.job.done
		s.run()
		if got, want := p.insight.reel.shown.said(), "The connection ended after 1 of 1,000."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		leave(p, s)
	})
}

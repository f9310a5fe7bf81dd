package console

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/compose"
	"cartline/shared/live"
)

// mute is a connection to a server that doesn't answer a close frame. The browser gives
// it up when gone is closed.
type mute struct {
	*fake
	gone chan struct{}
}

func (m *mute) Close(int, string) error {
	<-m.gone
	return nil
}

// Who leaves a server that doesn't answer is told soon, and once.
func TestLeavingUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, got := &mute{newFake(), make(chan struct{})}, new(story)
		l := open(func(context.Context, string, []string) (connection, error) { return m, nil }, "ws://x/", nil, got)
		synctest.Wait()
		l.send(words("last words"))
		began := time.Now()
		l.close(closeNormal, "")
		<-l.told
		if took := time.Since(began); took != goodbyePatience {
			t.Errorf("it took %v, want %v", took, goodbyePatience)
		}
		m.mu.Lock()
		if wrote := strings.Join(m.wrote, " "); wrote != "last words" {
			t.Errorf("wrote %q", wrote)
		}
		m.mu.Unlock()
		m.end <- &live.CloseError{Code: closeAbnormal}
		close(m.gone)
		<-l.done
		if got, want := got.String(), "opened, ended 1006 "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// What is left while it connects, or isn't confirmed, is told as what it was.
func TestLeavingWords(t *testing.T) {
	tests := []struct {
		name string
		do   func(*model)
		want string
		code int
	}{
		{"given up", func(m *model) { m.disconnect(); m.ended(closeNormal, "") }, gaveUp, 0},
		{"unanswered", func(m *model) { m.opened(""); m.disconnect(); m.ended(closeAbnormal, "") }, "Disconnected, though the server did not confirm it", closeAbnormal},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := testModel()
			m.connect(ownEcho, nil)
			test.do(m)
			entries := m.log.Entries()
			if last := entries[len(entries)-1]; last.Note != test.want || last.Trouble {
				t.Errorf("got %q, trouble %v, want %q", last.Note, last.Trouble, test.want)
			}
			if m.phase != idle || m.line != (line{}) || m.life.code != test.code {
				t.Errorf("got phase %v, line %+v, code %d", m.phase, m.line, m.life.code)
			}
		})
	}
}

// A button that doesn't work says why, once the program runs.
func TestMarkupOfReasons(t *testing.T) {
	c, p := page()
	check := func(id, want string) {
		t.Helper()
		if got := tag(t, app.HTMLString(c), id); strings.Contains(got, " disabled") != (want != "") || !strings.Contains(got, `title="`+want+`"`) && want != "" {
			t.Errorf("%s: got %s, want it to say %q", id, got, want)
		}
	}
	check(idOpen, "")
	check(idClose, "There is no connection")
	check(idSend, "Connect first")
	p.model.connect(ownEcho, nil)
	check(idOpen, "It is connecting already")
	check(idClose, "It is not connected yet")
	p.model.slow()
	if html := app.HTMLString(c); !strings.Contains(html, ">Give up<") {
		t.Error("there is no way to give up")
	}
	p.model.opened("")
	check(idOpen, "It is connected already")
	check(idClose, "")
	check(idSend, "")
}

// What goes on in a fold that is closed shows at its name.
func TestMarkupOfWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := on(t, newFake().dial, ownEcho)
		if p.runs(foldRecording) || p.runs(foldDetails) || p.runs(foldCompose) {
			t.Error("something runs at first")
		}
		p.insight.measure()
		if !p.runs(foldDetails) {
			t.Error("measuring doesn't show")
		}
		p.insight.gauge.job.stop(errStopped)
		<-p.insight.gauge.job.done
		s.run()
		if p.runs(foldDetails) {
			t.Error("it shows after its end")
		}
		leave(p, s)
	})
	if got := len(compose.Mark(false)); got != 0 {
		t.Errorf("what doesn't run has %d marks", got)
	}
	if got := app.HTMLString(app.Div().Body(compose.Mark(true)...)); !strings.Contains(got, ", running") {
		t.Errorf("got %s", got)
	}
}

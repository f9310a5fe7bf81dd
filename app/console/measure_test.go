package console

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared/lab"
	"cartline/shared/live"
)

// logged returns the texts of the messages in a log.
func logged(p *pane) string {
	var texts []string
	for _, e := range p.model.log.Entries() {
		if e.Way == lab.Sent || e.Way == lab.Received {
			texts = append(texts, string(e.Data))
		}
	}
	return strings.Join(texts, " ")
}

func TestMeasure(t *testing.T) {
	const wait = 20 * time.Millisecond
	nothing := func(int, string) (time.Duration, []string) { return 0, nil }
	tests := []struct {
		name   string
		url    string
		answer func(n int, text string) (time.Duration, []string)
		count  int
		took   time.Duration
		want   measured // answered and lost
		said   string
	}{
		{"echo", ownEcho, echo(wait), 10, 10 * wait, measured{answered: 10}, "10 of 10 came back."},
		{"a thousand", ownEcho, echo(wait), 1000, 1000 * wait, measured{answered: 1000}, "1,000 of 1,000 came back."},
		{"someone else's echo", "ws://example.org/", echo(wait), 10, 10 * wait, measured{answered: 10}, "10 of 10 came back."},
		{"it drops some", ownEcho, func(n int, text string) (time.Duration, []string) {
			if n%3 == 0 {
				return 0, nil
			}
			return wait, []string{text}
		}, 10, 7*wait + 3*probePatience, measured{answered: 7, lost: 3}, "7 of 10 came back."},
		{"it sends everything three times", ownEcho, func(_ int, text string) (time.Duration, []string) {
			return wait, []string{text, text, text}
		}, 10, 10 * wait, measured{answered: 10}, "10 of 10 came back."},
		{"it fills everything up", ownEcho, func(_ int, text string) (time.Duration, []string) {
			return wait, []string{strings.Repeat(text, 1000)}
		}, 10, 10 * wait, measured{answered: 10}, "10 of 10 came back."},
		{"nothing comes back", "ws://example.org/", nothing, 100, 3 * probePatience, measured{lost: 3},
			"Nothing came back within 5 s. Round trips can be measured with an echo, and with this server's events."},
		{"nothing comes any more", ownEcho, func(n int, text string) (time.Duration, []string) {
			if n > 5 {
				return 0, nil
			}
			return wait, []string{text}
		}, 100, 5*wait + 10*probePatience, measured{answered: 5, lost: 10}, "Given up, as ten in a row had no answer within 5 s: 5 of 15 came back."},
		{"answers are too late", ownEcho, echo(probePatience + wait), 100, 3 * probePatience, measured{lost: 3}, "Nothing came back within 5 s. Round trips can be measured with an echo, and with this server's events."},
		{"events", ownEvents, func(_ int, text string) (time.Duration, []string) {
			return wait, []string{strings.Replace(strings.TrimSuffix(text, "}")+"]", `{"ping":`, `["pong",`, 1)}
		}, 10, 10*wait + 9*eventsPace, measured{answered: 10}, "10 of 10 came back."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAnswering(test.answer)
				p, s := on(t, a.dial, test.url)
				p.insight.gauge.count = test.count
				began := time.Now()
				p.insight.measure()
				p.insight.measure() // once is enough
				<-p.insight.gauge.job.done
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				s.pass(probePatience) // for what is late
				got := p.insight.gauge.shown
				if got.answered != test.want.answered || got.lost != test.want.lost || got.said() != test.said {
					t.Errorf("got %d answered, %d lost, %q, want %d, %d, %q",
						got.answered, got.lost, got.said(), test.want.answered, test.want.lost, test.said)
				}
				if got.answered > 0 && (got.p50 != wait || got.p99 != wait || got.least != wait || got.longest != wait || len(got.bars) == 0) {
					t.Errorf("got p50 %v, p99 %v, least %v, most %v in %d bars, want %v in some", got.p50, got.p99, got.least, got.longest, len(got.bars), wait)
				}
				if text := logged(p); text != "" {
					t.Errorf("the log has %q", text)
				}
				if sent := p.traffic.sent.messages.Load(); int(sent) != got.answered+got.lost {
					t.Errorf("counted %d that were sent, want %d", sent, got.answered+got.lost)
				}
				leave(p, s)
			})
		})
	}
}

// What the visitor sends meanwhile, or sent before, is theirs, though it may look like
// a probe.
func TestMeasureLeavesTheRestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(echo(10 * time.Millisecond))
		p, s := on(t, a.dial, ownEcho)
		p.link.send(words("cartline-probe-1-00000000"))
		s.pass(time.Second)
		p.insight.measure()
		s.pass(100 * time.Millisecond)
		p.link.send(words("hello"))
		<-p.insight.gauge.job.done
		s.pass(time.Second)
		if got, want := logged(p), "cartline-probe-1-00000000 cartline-probe-1-00000000 hello hello"; got != want {
			t.Errorf("the log has %q, want %q", got, want)
		}
		if got, want := p.insight.gauge.shown.answered, 100; got != want {
			t.Errorf("%d were answered, want %d", got, want)
		}
		leave(p, s)
	})
}

func TestMeasureEnds(t *testing.T) {
	tests := []struct {
		name string
		do   func(*pane, *answering)
		want string
	}{
		{"stopped", func(p *pane, _ *answering) { p.insight.gauge.job.stop(errStopped) }, "Stopped: 4 of 4 came back."},
		{"the page is left", func(p *pane, _ *answering) { p.stop() }, "Stopped: 4 of 4 came back."},
		{"disconnected", func(p *pane, _ *answering) { p.disconnect(closeNormal, "") }, "The connection ended: 4 of 4 came back."},
		{"the server ends it", func(_ *pane, a *answering) {
			a.leave()
			a.end <- &live.CloseError{Code: 1001}
		}, "The connection ended: 4 of 4 came back."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAnswering(echo(100 * time.Millisecond))
				p, s := on(t, a.dial, ownEcho)
				p.insight.measure()
				s.pass(450 * time.Millisecond)
				if !p.insight.gauge.job.runs() || p.insight.gauge.shown.said() != "" {
					t.Fatalf("got %q already", p.insight.gauge.shown.said())
				}
				test.do(p, a)
				s.run()
				<-p.insight.gauge.job.done
				s.run()
				if got := p.insight.gauge.shown.said(); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				leave(p, s)
			})
		})
	}
}

// It can be measured only while there is a connection, and its button says so.
func TestMeasureMarkup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(func(n int, text string) (time.Duration, []string) {
			return time.Duration(n) * time.Millisecond, []string{text}
		})
		p, s := on(t, a.dial, ownEcho)
		draw := func() string { return app.HTMLString(&details{Pane: p}) }
		if html := draw(); strings.Contains(tag(t, html, "measure"), "disabled") || strings.Contains(html, "histogram") {
			t.Errorf("connected: got %s", html)
		}
		p.insight.measure()
		s.pass(800 * time.Millisecond)
		if got, want := text(t, draw(), "measure"), "Stop"; strings.TrimSpace(got) != want {
			t.Errorf("the button is named %q while it measures, want %q", got, want)
		}
		<-p.insight.gauge.job.done
		s.run()
		html := draw()
		for _, want := range []string{"100 of 100 came back.", "50.0 ms", "95.0 ms", "99.0 ms", "<th scope=\"row\">", "█"} {
			if !strings.Contains(html, want) {
				t.Errorf("%q is missing in %s", want, html)
			}
		}
		leave(p, s)
		if got := tag(t, draw(), "measure"); !strings.Contains(got, "disabled") || !strings.Contains(got, `title="Connect first"`) {
			t.Errorf("not connected: got %s", got)
		}
	})
}

// A probe is not sent before the one before has been answered.
func TestMeasureOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, most := 0, 0
		a := newAnswering(nil)
		a.answer = func(_ int, text string) (time.Duration, []string) {
			a.mu.Lock()
			defer a.mu.Unlock()
			out++
			most = max(most, out)
			go func() {
				time.Sleep(time.Millisecond)
				a.mu.Lock()
				out--
				a.mu.Unlock()
				a.inbox <- words(text)
			}()
			return 0, nil
		}
		p, s := on(t, a.dial, ownEcho)
		p.insight.measure()
		<-p.insight.gauge.job.done
		s.run()
		if got := p.insight.gauge.shown.answered; got != 100 || most != 1 {
			t.Errorf("%d were answered, and %d on their way at once, want 100 and 1", got, most)
		}
		leave(p, s)
	})
}

func TestMeasuredSaid(t *testing.T) {
	for _, test := range []struct {
		m    measured
		want string
	}{
		{measured{}, ""},
		{measured{answered: 3, lost: 1}, ""},
		{measured{answered: 3, lost: 1, over: true}, "3 of 4 came back."},
		{measured{over: true, why: fmt.Errorf("wrapped: %w", errLinkOver)}, "The connection ended: 0 of 0 came back."},
	} {
		if got := test.m.said(); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.m, got, test.want)
		}
	}
}

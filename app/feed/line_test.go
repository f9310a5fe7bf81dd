package feed

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
	"cartline/shared/live"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.Local)

func TestLine(t *testing.T) {
	now := noon
	var l Line
	moved := func(p live.Phase, err error) func() {
		return func() { l.Moved(live.State{Phase: p, Retry: now.Add(2500 * time.Millisecond), Err: err}, now) }
	}
	pass := func(d time.Duration) func() { return func() { now = now.Add(d) } }
	steps := []struct {
		name          string
		do            func()
		words, detail string
		mark          string
	}{
		{"at first", func() {}, "Connecting…", "", "busy"},
		{"no server", moved(live.Waiting, errors.New("refused")), "Can't connect", " · next try in\u00a03\u00a0s", "busy"},
		{"another attempt", moved(live.Connecting, nil), "Connecting…", "", "busy"},
		{"refused", func() { l.Refused("You have 50 connections already.") }, "You have 50 connections already", "", "busy"},
		{"refused again", moved(live.Waiting, errors.New("refused")), "You have 50 connections already", " · next try in\u00a03\u00a0s", "busy"},
		{"not any more", func() { l.Refused("") }, "Can't connect", " · next try in\u00a03\u00a0s", "busy"},
		{"refused once more", func() { l.Refused("Not now.") }, "Not now", " · next try in\u00a03\u00a0s", "busy"},
		{"open", moved(live.Live, nil), "Connecting…", "", "busy"},
		{"refused, too late", func() { l.Refused("Not now.") }, "Connecting…", "", "busy"},
		{"all there", l.Caught, "Connected", "", "on"},
		{"later", pass(time.Hour), "Connected", "", "on"},
		{"lost", moved(live.Waiting, &live.CloseError{Code: 1001}), "Reconnecting…", " · as of 13:00:00 · next try in\u00a03\u00a0s", "busy"},
		{"late to try", pass(5 * time.Second), "Reconnecting…", " · as of 13:00:00 · next try in\u00a00\u00a0s", "busy"},
		{"trying", moved(live.Connecting, nil), "Reconnecting…", " · as of 13:00:00", "busy"},
		{"open again", moved(live.Live, nil), "Reconnecting…", " · as of 13:00:00", "busy"},
		{"at once", pass(patience - 1), "Reconnecting…", " · as of 13:00:00", "busy"},
		{"after a second", pass(1), "Catching up…", " · as of 13:00:00", "busy"},
		{"all there again", l.Caught, "Connected", "", "on"},
		{"something is lacking", func() { l.Missed(now) }, "Connected", "", "on"},
		{"for long", pass(patience), "Catching up…", " · as of 13:00:06", "busy"},
		{"in vain", func() { l.Failed("It can't be read.") }, "It can't be read.", " · as of 13:00:06", "off"},
		{"all read", l.Caught, "Connected", "", "on"},
		{"read while all is there", func() { l.Read(now) }, "Connected", "", "on"},
		{"for good", moved(live.Ended, &live.CloseError{Code: 1008}), "Disconnected: policy violation (code 1008)", " · as of 13:00:07", "off"},
		{"all there, too late", l.Caught, "Disconnected: policy violation (code 1008)", " · as of 13:00:07", "off"},
		{"later still", pass(time.Minute), "Disconnected: policy violation (code 1008)", " · as of 13:00:07", "off"},
		{"read once more", func() { l.Read(now) }, "Disconnected: policy violation (code 1008)", " · as of 13:01:07", "off"},
	}
	for _, step := range steps {
		step.do()
		if words, detail := l.Words(now), l.Detail(now); words != step.words || detail != step.detail || l.mark(now) != step.mark {
			t.Errorf("%s: got %q, %q, %q; want %q, %q, %q", step.name, words, detail, l.mark(now), step.words, step.detail, step.mark)
		}
		if want := strings.Contains(step.detail, "as of"); l.CutOff(now) != want {
			t.Errorf("%s: cut off is %v", step.name, !want)
		}
		if want := step.words == "Catching up…" || step.name == "in vain"; l.Late(now) != want {
			t.Errorf("%s: late is %v", step.name, !want)
		}
	}
}

// A connection that died in silence did so long before that is noticed.
func TestSilentLine(t *testing.T) {
	var l Line
	l.Moved(live.State{Phase: live.Live}, noon)
	l.Caught()
	now := noon.Add(time.Minute)
	l.Moved(live.State{Phase: live.Waiting, Retry: now, Err: live.ErrSilent, Heard: noon.Add(time.Second)}, now)
	if got, want := l.Detail(now), " · as of 12:00:01 · next try in\u00a00\u00a0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhy(t *testing.T) {
	for err, want := range map[error]string{
		&live.CloseError{Code: 1001}: "going away (code 1001)",
		&live.CloseError{Code: 1006}: "the server could not be reached",
		errors.New("refused"):        "the server could not be reached",
		live.ErrSilent:               "the server didn't answer any more",
		&live.ProtocolError{}:        "the server is of another version; load this page again",
		&shared.Problem{Code: shared.CodeInvalid, Detail: "This is no cursor of ours."}: "the server refused what was listened to: This is no cursor of ours",
	} {
		if got := Why(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

func TestDraw(t *testing.T) {
	tests := []struct {
		state         live.State
		want, without string
	}{
		{live.State{Phase: live.Live}, `id="x"`, "<button"},
		{live.State{Phase: live.Waiting, Retry: noon}, "Try now", "Connect again"},
		{live.State{Phase: live.Ended, Err: errors.New("lost")}, "Connect again", "Try now"},
	}
	for _, test := range tests {
		var l Line
		l.Moved(test.state, noon)
		html := app.HTMLString(New(Config{}).Draw("x", &l, noon))
		if !strings.Contains(html, test.want) || strings.Contains(html, test.without) {
			t.Errorf("%v: got %s", test.state.Phase, html)
		}
	}
}

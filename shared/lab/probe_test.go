package lab_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"cartline/shared"
	"cartline/shared/lab"
	"cartline/shared/live"
)

func text(s string) live.Message { return live.Message{Data: []byte(s)} }

func TestProbeOfAnEcho(t *testing.T) {
	now := noon
	p := lab.Prober{Now: func() time.Time { return now }}
	if _, ok := p.Answer(text("")); ok || p.Pending() {
		t.Error("an answer to nothing")
	}
	first := p.Next()
	if !strings.HasPrefix(string(first.Data), "cartline-probe-1-") || first.Binary || !p.Pending() {
		t.Errorf("got %s, binary %v", first.Data, first.Binary)
	}
	now = now.Add(time.Second)
	for _, other := range []live.Message{text("Echo Initiated"), text(""), text("cartline-probe-1-"), {Binary: true, Data: first.Data}} {
		if _, ok := p.Answer(other); ok {
			t.Errorf("%q is taken for the answer", other.Data)
		}
	}
	if took, ok := p.Answer(first); !ok || took != time.Second || p.Pending() {
		t.Errorf("got %v, %v; want a second", took, ok)
	}
	if _, ok := p.Answer(first); ok {
		t.Error("a second echo is taken for an answer")
	}

	second, third := p.Next(), p.Next()
	now = now.Add(time.Millisecond)
	if _, ok := p.Answer(second); ok {
		t.Error("the answer to one that was given up is taken for that to the next")
	}
	// The echo was asked to fill up.
	if took, ok := p.Answer(text(strings.Repeat(string(third.Data), 3))); !ok || took != time.Millisecond {
		t.Errorf("got %v, %v; want a millisecond", took, ok)
	}
	p.Next()
	now = now.Add(-time.Hour)
	if took, ok := p.Answer(p.Next()); !ok || took != 0 {
		t.Errorf("got %v, %v; want no time less than none", took, ok)
	}
	var another lab.Prober
	if string(another.Next().Data) == string(first.Data) {
		t.Error("two probers send the same")
	}
}

func TestProbeOfTheEventsEndpoint(t *testing.T) {
	now := noon
	p := lab.Prober{Events: true, Now: func() time.Time { return now }}
	sent := p.Next()
	if request, err := shared.ParseRequest(sent.Data); err != nil || request.Ping != "probe-1" {
		t.Errorf("got %s, %v", sent.Data, err)
	}
	now = now.Add(time.Second)
	for _, other := range []string{string(sent.Data), `["pong","beat"]`, `["pong","probe-2"]`, `["pong",1]`, `["probe-1",1]`, "", `["pong","probe-1"]` + strings.Repeat(" ", 300)} {
		if _, ok := p.Answer(text(other)); ok {
			t.Errorf("%q is taken for the answer", other)
		}
	}
	if took, ok := p.Answer(text(`["pong","probe-1"]`)); !ok || took != time.Second {
		t.Errorf("got %v, %v; want a second", took, ok)
	}
	if sent := p.Next(); string(sent.Data) != `{"ping":"probe-2"}` {
		t.Errorf("got %s", sent.Data)
	}
}

// By the clock of the machine, too.
func TestProbeTakesTime(t *testing.T) {
	var p lab.Prober
	sent := p.Next()
	if took, ok := p.Answer(sent); !ok || took > time.Minute {
		t.Errorf("got %v, %v", took, ok)
	}
}

func TestIsProbe(t *testing.T) {
	for _, events := range []bool{false, true} {
		p := lab.Prober{Events: events}
		if m := p.Next(); !lab.IsProbe(m) {
			t.Errorf("%s is not taken for a probe", m.Data)
		}
	}
	for m, want := range map[string]bool{
		`["pong","probe-7"]`: true, `["pong","beat"]`: false, `{"ping":"mine"}`: false, "": false, "cartline": false,
	} {
		if got := lab.IsProbe(text(m)); got != want {
			t.Errorf("%q: got %v, want %v", m, got, want)
		}
	}
	var p lab.Prober
	if m := p.Next(); lab.IsProbe(live.Message{Binary: true, Data: m.Data}) {
		t.Error("a binary message is taken for a probe")
	}
}

func TestReplay(t *testing.T) {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	recording := []lab.Entry{
		{At: at(0), Way: lab.Opened},
		{At: at(time.Second), Way: lab.Sent, Data: []byte("a")},
		{At: at(2 * time.Second), Way: lab.Received, Data: []byte("b")},
		{At: at(3 * time.Second), Way: lab.Sent, Data: []byte("c"), Binary: true},
		{At: at(4 * time.Second), Way: lab.Sent, Data: []byte("d"), Cut: 1},
		{At: at(2 * time.Second), Way: lab.Sent, Data: []byte("e")}, // the clock was put back
		{At: at(time.Hour), Way: lab.Sent, Data: []byte("f")},
		{At: at(time.Hour), Way: lab.Closed},
	}
	for _, test := range []struct {
		speed float64
		after []time.Duration
	}{
		{1, []time.Duration{0, 2 * time.Second, 0, time.Minute}},
		{2, []time.Duration{0, time.Second, 0, time.Minute}},
		{1000, []time.Duration{0, 2 * time.Millisecond, 0, 3598 * time.Millisecond}},
		{0, make([]time.Duration, 4)},
		{-1, make([]time.Duration, 4)},
		{math.Inf(1), make([]time.Duration, 4)},
		{math.NaN(), make([]time.Duration, 4)},
		{1e-300, []time.Duration{0, time.Minute, 0, time.Minute}},
	} {
		steps, incomplete := lab.Replay(recording, test.speed)
		if len(steps) != 4 || incomplete != 1 {
			t.Fatalf("%v: got %d steps, %d incomplete; want 4 and 1", test.speed, len(steps), incomplete)
		}
		for i, step := range steps {
			if want := "acef"[i : i+1]; step.After != test.after[i] || string(step.Message.Data) != want || step.Message.Binary != (want == "c") {
				t.Errorf("%v, step %d: got %v, %q; want %v, %s", test.speed, i, step.After, step.Message.Data, test.after[i], want)
			}
		}
	}
	if steps, incomplete := lab.Replay(nil, 1); steps != nil || incomplete != 0 {
		t.Errorf("got %v, %d; want nothing", steps, incomplete)
	}
}

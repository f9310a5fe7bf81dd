package nats

import (
	"strings"
	"testing"
	"time"
)

// What is said of how the log comes, by what was heard last.
func TestState(t *testing.T) {
	for _, test := range []struct {
		name  string
		alter func(*beat)
		want  string
	}{
		{"all well", func(*beat) {}, "the log and notifications come over NATS from one"},
		{"more channels than here", func(b *beat) { b.Channels = []string{"prices", "news"} }, "the log and notifications come"},
		{"other channels", func(b *beat) { b.Channels = []string{"prices"} }, "give all processes the same --channel"},
		{"it doesn't hear", func(b *beat) { b.Listening = false }, "can't hear notifications"},
		{"it can't publish", func(b *beat) { b.Sound = false }, "read from the database once a second"},
		{"it has left", func(b *beat) { b.Left = true }, "nobody is heard"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := said(1, 5, 0)
			b.Channels = []string{"news"}
			test.alter(&b)
			r := &Relay{config: Config{Channels: []string{"news"}}}
			r.pulse.beats(b, time.Now())
			if got := r.State(); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What goes on for hours is told now and then.
func TestFew(t *testing.T) {
	var f few
	taken := 0
	for i := range 1200 { // of ten minutes
		if f.take(noon.Add(time.Duration(i) * beatInterval)) {
			taken++
		}
	}
	if want := 10 * mostInMinute; taken != want {
		t.Errorf("got %d, want %d", taken, want)
	}
}

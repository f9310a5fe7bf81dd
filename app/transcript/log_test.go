package transcript

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/app/part"
	"cartline/shared/lab"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func text(way lab.Way, data string) Entry {
	return Entry{Entry: lab.Entry{At: noon, Way: way, Data: []byte(data)}}
}

func note(words string) Entry { return Entry{Entry: lab.Entry{At: noon}, Note: words} }

func logOf(entries ...Entry) *Log {
	l := NewLog()
	l.Append(entries, 0)
	return l
}

// shown is what a log shows.
func shown(l *Log) []string {
	list := []string{}
	for i := range l.Shown() {
		e := l.At(i)
		list = append(list, e.copyText())
	}
	return list
}

// However appending, dropping, filtering, pausing and clearing fall together, what is
// shown is what a look at each entry would find.
func TestLogShowsWhatALookAtEachWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const limit = 20
		l := NewLog()
		l.entries = part.NewRoll(limit, 200, func(e Entry) int { return len(e.Data) + len(e.Note) })
		var frozen []Entry
		paused, waiting := false, 0
		drawn := []int{} // ids that were shown at the last look
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			cleared, filtered := false, false
			switch rapid.IntRange(0, 7).Draw(t, "step") {
			case 0:
				l.SetFilter(Filter{
					Direction: rapid.SampledFrom([]Direction{All, Sent, Received, Notes}).Draw(t, "direction"),
					Text:      rapid.SampledFrom([]string{"", "a", "AB", "abc", "é", "É", "x"}).Draw(t, "text"),
				})
				filtered = true
			case 1:
				if paused = !paused; paused {
					l.Pause()
					frozen, waiting = l.Entries(), 0
				} else {
					l.Resume()
				}
			case 2:
				l.Clear()
				frozen, waiting, cleared = nil, 0, true
			default:
				entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entry {
					words := rapid.SampledFrom([]string{"", "a", "ab", "xABCx", "É", "É a", "no"}).Draw(t, "data")
					if way := rapid.SampledFrom([]lab.Way{"", lab.Sent, lab.Received}).Draw(t, "way"); way != "" {
						return text(way, words)
					}
					return note(words + "!")
				}), 0, 2*limit).Draw(t, "entries")
				l.Append(entries, 0)
				waiting += len(entries)
			}
			source := l.Entries()
			if paused {
				source = frozen
			}
			want, ids := []string{}, []int{}
			f := l.Filter()
			for _, e := range source {
				if (f.Direction == All || f.Direction == e.direction()) && strings.Contains(strings.ToLower(e.copyText()), strings.ToLower(f.Text)) {
					want, ids = append(want, e.copyText()), append(ids, e.id)
				}
			}
			if got := shown(l); !slices.Equal(got, want) {
				t.Fatalf("%+v: got %q, want %q", f, got, want)
			}
			if l.Total() != len(source) {
				t.Fatalf("got a total of %d, want %d", l.Total(), len(source))
			}
			for i, id := range ids {
				if at, ok := l.find(id); at != i || !ok {
					t.Fatalf("found %d at %d, %v, want %d", id, at, ok, i)
				}
			}
			if paused && l.Waiting() != waiting || !paused && l.Waiting() != 0 {
				t.Fatalf("got %d waiting, want %d", l.Waiting(), waiting)
			}
			// What was shown and isn't any more has gone from the top.
			if !cleared && !filtered {
				kept := slices.IndexFunc(drawn, func(id int) bool { return slices.Contains(ids, id) })
				if kept < 0 {
					kept = len(drawn)
				}
				if l.gone != kept {
					t.Fatalf("got %d gone, want %d of %v, as %v is shown", l.gone, kept, drawn, ids)
				}
			}
			drawn, l.gone = ids, 0
		}
	})
}

func TestLogIsBounded(t *testing.T) {
	l := NewLog()
	l.SetFilter(Filter{Text: "x"})
	for range 3 {
		batch := make([]Entry, MaxEntries)
		for i := range batch {
			batch[i] = text(lab.Received, "x")
		}
		l.Append(batch, 1)
	}
	if got := l.Shown(); got > MaxEntries || got < MaxEntries/2 {
		t.Errorf("shows %d entries, want nearly %d", got, MaxEntries)
	}
	if got, want := len(l.Entries())+l.Dropped(), 3*MaxEntries+3; got != want {
		t.Errorf("kept and dropped are %d, want %d", got, want)
	}
	l.Append([]Entry{text(lab.Sent, strings.Repeat("x", maxKept+1))}, 0)
	if got := l.Shown(); got != 1 {
		t.Errorf("shows %d entries beside one that fills the log, want it alone", got)
	}
}

// What stands still while it is paused stays whole, whatever comes and goes.
func TestPauseKeepsWhatIsShown(t *testing.T) {
	l := logOf(text(lab.Sent, "before"))
	l.Pause()
	l.Pause()
	for range 3 * MaxEntries {
		l.Append([]Entry{text(lab.Received, "after")}, 0)
	}
	if got, want := fmt.Sprint(shown(l)), "[before]"; got != want {
		t.Errorf("shows %s while paused, want %s", got, want)
	}
	if got, want := l.countWords(), "1 entry, 20,001 older not kept · Paused · 30,000 new"; !strings.HasSuffix(got, "Paused · 30,000 new") {
		t.Errorf("got %q, want it like %q", got, want)
	}
	l.Resume()
	if got := l.Shown(); got != len(l.Entries()) || l.Paused() || l.Waiting() != 0 {
		t.Errorf("shows %d of %d after that", got, len(l.Entries()))
	}
}

func TestCountWords(t *testing.T) {
	l := logOf(text(lab.Sent, "one"), text(lab.Received, "two"))
	tests := []struct {
		do   func()
		want string
	}{
		{func() {}, "2 entries"},
		{func() { l.SetFilter(Filter{Text: "TWO"}) }, "1 of 2"},
		{func() { l.Pause() }, "1 of 2 · Paused"},
		{func() { l.Append([]Entry{text(lab.Sent, "two")}, 0) }, "1 of 2 · Paused · 1 new"},
		{func() { l.Resume() }, "2 of 3"},
		{func() { l.SetFilter(Filter{}) }, "3 entries"},
		{func() { l.Append(nil, 4) }, "3 entries, 4 older not kept"},
		{func() { l.Clear() }, "0 entries"},
	}
	for i, test := range tests {
		test.do()
		if got := l.countWords(); got != test.want {
			t.Errorf("step %d: got %q, want %q", i, got, test.want)
		}
	}
}

package transcript

import (
	"testing"

	"pgregory.net/rapid"
)

// The list goes on at its end, stops there when one scrolls up, and goes on when one is
// back.
func TestPlaceFollows(t *testing.T) {
	p := place{frame: 100, row: 10}
	p.grow(50, 0)
	p.follow(50)
	if p.top != 400 {
		t.Fatalf("top is %d at the end of 50 rows, want 400", p.top)
	}
	p.scrolled(397, 3) // the beginning of a way up
	if !p.away || p.news {
		t.Fatalf("scrolled up: %+v", p)
	}
	p.grow(60, 0)
	p.follow(60)
	if p.top != 397 || !p.news {
		t.Errorf("news while away: %+v, want to stay at 397", p)
	}
	// Twenty rows go from the top: what is read stays in view.
	p.grow(40, 20)
	if p.top != 197 {
		t.Errorf("top is %d after 20 rows have gone, want 197", p.top)
	}
	p.scrolled(280, 20)
	if p.away || p.news {
		t.Errorf("back at the end: %+v", p)
	}
	p.grow(41, 20)
	p.follow(41)
	if p.top != 310 {
		t.Errorf("top is %d, want 310", p.top)
	}
	// A list that has become short moves up by itself.
	p.scrolled(0, 0)
	if p.away {
		t.Error("a short list is taken for one that was scrolled")
	}
}

// What is scrolled before the browser tells of it isn't undone by a drawing.
func TestPlaceCatchesUp(t *testing.T) {
	tests := []struct {
		name       string
		before     place
		top, below int
		want       place
	}{
		{"up from the end", place{top: 400, seen: 400}, 300, 100, place{top: 300, seen: 400, away: true}},
		{"not at all, while more came", place{top: 500, seen: 400}, 400, 100, place{top: 500, seen: 400}},
		{"a list that became shorter", place{top: 200, seen: 400}, 200, 0, place{top: 200, seen: 400}},
		{"further up", place{top: 300, seen: 300, away: true}, 280, 120, place{top: 280, seen: 300, away: true}},
		{"further up, while rows went", place{top: 200, seen: 300, away: true}, 280, 120, place{top: 180, seen: 300, away: true}},
		{"down", place{top: 300, seen: 300, away: true}, 340, 60, place{top: 340, seen: 300, away: true}},
		{"a list that is back", place{top: 400, seen: nowhere}, 0, 400, place{top: 400, seen: nowhere}},
		{"a list that is back where one reads", place{top: 300, seen: nowhere, away: true}, 0, 400, place{top: 300, seen: nowhere, away: true}},
		{"not at all", place{top: 300, seen: 300, away: true}, 300, 60, place{top: 300, seen: 300, away: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.before
			got.caught(test.top, test.below)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// The window has every row that can be seen, and few others.
func TestPlaceWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := place{
			top:   rapid.IntRange(0, 300_000).Draw(t, "top"),
			frame: rapid.IntRange(0, 1200).Draw(t, "frame"),
			row:   rapid.IntRange(0, 60).Draw(t, "row"),
			away:  rapid.Bool().Draw(t, "away"),
		}
		if p.row > 0 && p.row < 20 {
			p.row += 20
		}
		n := rapid.IntRange(0, 10_000).Draw(t, "n")
		p.follow(n)
		first, last := p.window(n)
		if first < 0 || last < first || last > n {
			t.Fatalf("window is %d to %d of %d", first, last, n)
		}
		if last-first > 100 {
			t.Fatalf("%d rows are drawn", last-first)
		}
		for i := range n {
			upper := i * p.height()
			if seen := upper < p.top+p.size() && upper+p.height() > p.top; seen && (i < first || i >= last) {
				t.Fatalf("row %d can be seen and isn't in %d to %d", i, first, last)
			}
		}
	})
}

// What is read stays in view when rows become higher.
func TestPlaceMeasures(t *testing.T) {
	p := place{away: true, top: 300}
	if !p.measured(400, 30) || p.top != 300 || p.frame != 400 || p.row != 30 {
		t.Errorf("measured at first: %+v", p)
	}
	if p.measured(400, 30) {
		t.Error("what is as before is taken for new")
	}
	if !p.measured(300, 50) || p.top != 500 {
		t.Errorf("top is %d in rows of 50, want 500", p.top)
	}
}

func TestPlaceReveals(t *testing.T) {
	tests := []struct {
		at, want int
		away     bool
	}{
		{0, 0, true},
		{19, 100, true}, // in view
		{9, 90, true},
		{20, 110, true},
		{49, 400, false},
	}
	for _, test := range tests {
		p := place{top: 100, frame: 100, row: 10}
		p.reveal(test.at, 50)
		if p.top != test.want || p.away != test.away {
			t.Errorf("row %d: top is %d, away %v, want %d, %v", test.at, p.top, p.away, test.want, test.away)
		}
	}
}

package lab_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cartline/shared/lab"
)

func TestNoRoundTrips(t *testing.T) {
	var r lab.RoundTrips
	if r.Count() != 0 || r.Percentile(50) != 0 || r.Longest() != 0 || r.Histogram(10) != nil {
		t.Errorf("got %d, %v, %v, %v; want nothing", r.Count(), r.Percentile(50), r.Longest(), r.Histogram(10))
	}
	r.Add(-time.Second)
	if r.Count() != 1 || r.Percentile(50) != 0 {
		t.Errorf("got %d, %v; want a time before its beginning to be no time", r.Count(), r.Percentile(50))
	}
	if got := r.Histogram(0); got != nil {
		t.Errorf("got %v, want no bars", got)
	}
}

// Percentiles are those of nearest rank, and each time is in the bar that says so.
func TestRoundTripsAreAsInAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		longest := rapid.SampledFrom([]int64{1, 1000, int64(time.Second), int64(time.Hour), 1 << 62}).Draw(t, "longest")
		times := rapid.SliceOfN(rapid.Int64Range(0, longest), 1, 200).Draw(t, "times")
		bars := rapid.IntRange(1, 20).Draw(t, "bars")
		var r lab.RoundTrips
		for i, d := range times {
			r.Add(time.Duration(d))
			if i%7 == 3 {
				r.Percentile(50) // looking changes nothing
			}
		}
		sorted := slices.Clone(times)
		slices.Sort(sorted)
		for p := 0; p <= 100; p++ {
			rank := max(1, (p*len(sorted)+99)/100)
			if got, want := r.Percentile(float64(p)), time.Duration(sorted[rank-1]); got != want {
				t.Fatalf("p%d of %d: got %v, want %v", p, len(sorted), got, want)
			}
		}
		if got, want := r.Longest(), time.Duration(sorted[len(sorted)-1]); got != want || r.Count() != len(times) {
			t.Fatalf("got %d, the longest %v; want %d and %v", r.Count(), got, len(times), want)
		}
		histogram := r.Histogram(bars)
		if len(histogram) == 0 || len(histogram) > bars {
			t.Fatalf("got %d bars, want 1 to %d", len(histogram), bars)
		}
		for i, bar := range histogram {
			count := 0
			for _, d := range times {
				if d := time.Duration(d); d >= bar.From && d < bar.To {
					count++
				}
			}
			if bar.Count != count || bar.From >= bar.To || i > 0 && bar.From != histogram[i-1].To {
				t.Fatalf("bar %d of %+v: want %d and no gap", i, histogram, count)
			}
		}
		if first, last := histogram[0], histogram[len(histogram)-1]; int64(first.From) > sorted[0] || int64(last.To) <= sorted[len(sorted)-1] {
			t.Fatalf("got %+v, want it to hold %v", histogram, sorted)
		}
	})
}

// However many there are, the percentiles stay near, and the longest is known.
func TestManyRoundTrips(t *testing.T) {
	var r lab.RoundTrips
	const n = 1 << 19
	random := rand.New(rand.NewPCG(1, 2))
	for _, i := range random.Perm(n) {
		r.Add(time.Duration(i + 1))
	}
	if r.Count() != n || r.Longest() != n {
		t.Errorf("got %d, the longest %d; want %d", r.Count(), r.Longest(), n)
	}
	for _, p := range []float64{1, 50, 95, 99} {
		if got, want := float64(r.Percentile(p)), n*p/100; got < want-n/100 || got > want+n/100 {
			t.Errorf("p%v: got %v, want about %v", p, got, want)
		}
	}
	kept := 0
	for _, bar := range r.Histogram(10) {
		kept += bar.Count
	}
	if kept > 1<<16 || kept < 1<<15 {
		t.Errorf("got %d kept, want no more than 65536 and no fewer than half", kept)
	}
}

func TestHistogramHasRoundBounds(t *testing.T) {
	var r lab.RoundTrips
	for i := range 100 {
		r.Add(time.Duration(1200+i*30) * time.Microsecond)
	}
	r.Add(time.Second)
	got := r.Histogram(5)
	want := []lab.Bar{{From: 1 * time.Millisecond, To: 2 * time.Millisecond, Count: 27}, {From: 2 * time.Millisecond, To: 3 * time.Millisecond, Count: 33}, {From: 3 * time.Millisecond, To: 4 * time.Millisecond, Count: 34}, {From: 4 * time.Millisecond, To: 5 * time.Millisecond, Count: 6}, {From: 5 * time.Millisecond, To: time.Second + 1, Count: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBlocks(t *testing.T) {
	for _, test := range []struct {
		count, most, width int
		want               string
	}{
		{0, 10, 8, ""},
		{-1, 10, 8, ""},
		{1, 0, 8, ""},
		{1, 1, 0, ""},
		{10, 10, 4, "████"},
		{20, 10, 4, "████"},
		{5, 10, 4, "██"},
		{5, 10, 3, "█▌"},
		{1, 1_000_000, 4, "▏"},
	} {
		got := lab.Blocks(test.count, test.most, test.width)
		if got != test.want {
			t.Errorf("%d of %d in %d: got %q, want %q", test.count, test.most, test.width, got, test.want)
		}
		if n := utf8.RuneCountInString(got); n > test.width {
			t.Errorf("%d of %d: got %d characters, want at most %d", test.count, test.most, n, test.width)
		}
	}
}

func TestMillis(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                         "0.00 ms",
		1234 * time.Microsecond:   "1.23 ms",
		9994 * time.Microsecond:   "9.99 ms",
		9996 * time.Microsecond:   "10.0 ms",
		99_940 * time.Microsecond: "99.9 ms",
		99_960 * time.Microsecond: "100 ms",
		12 * time.Second:          "12000 ms",
	} {
		if got := lab.Millis(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

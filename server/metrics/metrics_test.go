package metrics

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	for _, test := range []struct {
		d  time.Duration
		le string
	}{
		{-time.Second, "0.001"},
		{0, "0.001"},
		{time.Millisecond, "0.001"},
		{time.Millisecond + 1, "0.0025"},
		{7 * time.Millisecond, "0.01"},
		{time.Minute, "60"},
		{time.Hour, "+Inf"},
	} {
		var h Histogram
		h.Observe(test.d)
		var d Distribution
		d.Add(&h)
		var page Page
		page.Histogram("x_seconds", "A test.", Durations{Distribution: &d})
		first := ""
		for line := range strings.Lines(string(page.Bytes())) {
			if strings.HasPrefix(line, "x_seconds_bucket") && strings.HasSuffix(line, " 1\n") {
				first = line
				break
			}
		}
		if want := `x_seconds_bucket{le="` + test.le + `"} 1` + "\n"; first != want {
			t.Errorf("%v: got %q, want %q", test.d, first, want)
		}
		if got := d.Count(); got != 1 {
			t.Errorf("%v: got a count of %d, want 1", test.d, got)
		}
	}
}

// What is on the way of each event costs no memory.
func TestObserveAllocatesNothing(t *testing.T) {
	var h Histogram
	if got := testing.AllocsPerRun(1000, func() { h.Observe(3 * time.Millisecond) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func TestDistributionsAddUp(t *testing.T) {
	var a, b Histogram
	a.Observe(2 * time.Second)
	b.Observe(3 * time.Second)
	var d Distribution
	d.Add(&a)
	d.Add(&b)
	var page Page
	page.Histogram("x_seconds", "A test.", Durations{Distribution: &d})
	for _, want := range []string{"x_seconds_sum 5\n", "x_seconds_count 2\n", `x_seconds_bucket{le="2.5"} 1` + "\n", `x_seconds_bucket{le="5"} 2` + "\n", `x_seconds_bucket{le="+Inf"} 2` + "\n"} {
		if !strings.Contains(string(page.Bytes()), want) {
			t.Errorf("no %q in\n%s", want, page.Bytes())
		}
	}
}

func TestCountsTogether(t *testing.T) {
	var counts Counts[string]
	var histograms Histograms[string]
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 100 {
				counts.Add("a")
				histograms.Of("a").Observe(time.Second)
			}
		})
	}
	done.Wait()
	if got := counts.All()["a"]; got != 400 {
		t.Errorf("got %d, want 400", got)
	}
	if got := histograms.All()["a"].Count(); got != 400 {
		t.Errorf("got %d durations, want 400", got)
	}
}

func TestPage(t *testing.T) {
	var page Page
	page.Gauge("b", "Has a \\ and a\nline.", Sample{Value: 1.5})
	page.Counter("a_total", "Help.", Sample{Labels{"x", `quo"te`, "y", "new\nline\\\xff"}, 3}, Sample{Labels{"x", "a"}, 1e9})
	page.Counter("none_total", "Nothing yet.")
	want := `# HELP b Has a \\ and a\nline.
# TYPE b gauge
b 1.5
# HELP a_total Help.
# TYPE a_total counter
a_total{x="a"} 1e+09
a_total{x="quo\"te",y="new\nline\\�"} 3
# HELP none_total Nothing yet.
# TYPE none_total counter
`
	if got := string(page.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

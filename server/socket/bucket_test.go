package socket

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBucket(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	b := bucket{rate: 10}
	for _, step := range []struct {
		at   time.Duration
		want int // how many pass
	}{
		{0, 20}, // two seconds' worth, to begin with
		{0, 0},
		{99 * time.Millisecond, 0},
		{100 * time.Millisecond, 1},
		{100 * time.Millisecond, 0},
		{time.Second, 9},
		{500 * time.Millisecond, 0}, // a clock that was put back gives nothing
		{time.Second, 0},
		{1100 * time.Millisecond, 1},
		{time.Hour, 20}, // and no more than that after a pause
	} {
		passed := 0
		for range 100 {
			if b.take(start.Add(step.at)) {
				passed++
			}
		}
		if passed != step.want {
			t.Errorf("at %v: got %d passed, want %d", step.at, passed, step.want)
		}
	}
	unlimited := bucket{}
	for range 1000 {
		if !unlimited.take(start) {
			t.Fatal("a bucket without a rate refused something")
		}
	}
}

// TestBucketBound holds that whatever comes whenever, no stretch of time lets more
// pass than its length allows and the burst; and that who keeps to the rate is never
// refused.
func TestBucketBound(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 1000).Draw(t, "rate")
		b := bucket{rate: float64(rate)}
		var passed []time.Time
		now := start
		for range rapid.IntRange(1, 300).Draw(t, "how many") {
			now = now.Add(time.Duration(rapid.IntRange(0, int(3*time.Second)/rate).Draw(t, "pause")))
			if b.take(now) {
				passed = append(passed, now)
			}
		}
		for i, from := range passed {
			for j, to := range passed[i:] {
				if most := float64(rate)*to.Sub(from).Seconds() + float64(rate*burst); float64(j+1) > most+1e-6 {
					t.Fatalf("%d passed within %v, at a rate of %d", j+1, to.Sub(from), rate)
				}
			}
		}
		steady := bucket{rate: float64(rate)}
		for i := range 300 {
			if !steady.take(start.Add(time.Duration(i) * time.Second / time.Duration(rate))) {
				t.Fatalf("number %d was refused at a steady rate of %d", i, rate)
			}
		}
	})
}

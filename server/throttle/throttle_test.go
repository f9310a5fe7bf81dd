package throttle

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func begin(t *testing.T, throttle *Throttle, key string, want time.Duration) {
	t.Helper()
	if got := throttle.Begin(key); got != want {
		t.Errorf("%s: got a wait of %v, want %v", key, got, want)
	}
}

func TestThrottleLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(3, time.Hour)
		for range 3 {
			begin(t, throttle, "ann", 0)
			time.Sleep(10 * time.Minute)
		}
		begin(t, throttle, "ann", 30*time.Minute) // the first was half an hour ago
		begin(t, throttle, "bob", 0)              // another key
		time.Sleep(30*time.Minute - time.Nanosecond)
		begin(t, throttle, "ann", time.Nanosecond) // being refused doesn't prolong it
		time.Sleep(time.Nanosecond)
		begin(t, throttle, "ann", 0) // in the place of the first
		begin(t, throttle, "ann", 10*time.Minute)
		time.Sleep(time.Hour)
		for range 3 {
			begin(t, throttle, "ann", 0)
		}
		begin(t, throttle, "ann", time.Hour)
	})
}

// Failures that are long ago don't add up, however much goes on in between: many people
// at one address are not shut out for a few who mistype now and then.
func TestOldFailuresDoNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(3, time.Hour)
		for range 20 {
			begin(t, throttle, "office", 0) // a failure
			for range 10 {
				time.Sleep(3 * time.Minute)
				begin(t, throttle, "office", 0)
				throttle.Return("office") // a success
			}
		}
	})
}

func TestThrottleForgives(t *testing.T) {
	throttle := New(2, time.Hour)
	begin(t, throttle, "ann", 0)
	begin(t, throttle, "ann", 0)
	throttle.Forgive("ann")
	begin(t, throttle, "ann", 0)
	begin(t, throttle, "ann", 0)
	if throttle.Begin("ann") == 0 {
		t.Error("forgiveness was given twice")
	}
	throttle.Forgive("nobody") // harmless
}

func TestThrottleReturnsOneTry(t *testing.T) {
	throttle := New(2, time.Hour)
	throttle.Return("ann") // none was taken
	begin(t, throttle, "ann", 0)
	begin(t, throttle, "ann", 0)
	throttle.Return("ann")
	begin(t, throttle, "ann", 0)
	if throttle.Begin("ann") == 0 {
		t.Error("more was returned than the one try")
	}
	for range 5 {
		throttle.Return("ann")
	}
	begin(t, throttle, "ann", 0)
	begin(t, throttle, "ann", 0)
	if throttle.Begin("ann") == 0 {
		t.Error("more was returned than had been taken")
	}
}

func TestThrottleConcurrently(t *testing.T) {
	const limit = 7
	throttle := New(limit, time.Hour)
	var passed atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if throttle.Begin("ann") == 0 {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got != limit {
		t.Errorf("%d passed, want %d", got, limit)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	clock := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	throttle := New(1, time.Hour)
	throttle.SetClock(func() time.Time { return clock })
	for i := range maxThrottled {
		clock = clock.Add(time.Millisecond)
		begin(t, throttle, fmt.Sprint(i), 0)
	}
	begin(t, throttle, "one more", 0)
	if got := len(throttle.tries); got != maxThrottled {
		t.Errorf("keeps %d keys, want %d", got, maxThrottled)
	}
	if _, ok := throttle.tries["0"]; ok {
		t.Error("the oldest key is still kept")
	}
	if throttle.Begin("1") == 0 || throttle.Begin("one more") == 0 {
		t.Error("a younger key was forgotten")
	}
	clock = clock.Add(time.Hour)
	begin(t, throttle, "later", 0)
	if got := len(throttle.tries); got != 1 {
		t.Errorf("keeps %d keys, want only the one that has not run out", got)
	}
}

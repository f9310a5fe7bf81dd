package compose

import (
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cartline/shared/live"
)

func numbered(n int) live.Message { return live.Message{Data: []byte(strconv.Itoa(n))} }

func numbers(n int) []string {
	var texts []string
	for i := range n {
		texts = append(texts, strconv.Itoa(i+1))
	}
	return texts
}

func TestRepeat(t *testing.T) {
	for _, test := range []struct {
		name  string
		every time.Duration
		count int
		// during is what happens, from the start on.
		during func(*job, *target)
		want   progress
	}{
		{"to its number", 10 * time.Millisecond, 5, func(j *job, _ *target) { <-j.done }, progress{sent: 5, of: 5, over: true}},
		{"once", time.Hour, 1, func(j *job, _ *target) { <-j.done }, progress{sent: 1, of: 1, over: true}},
		{"until stopped", time.Second, 0, func(j *job, _ *target) {
			time.Sleep(3500 * time.Millisecond)
			j.stop(errAsked)
			j.stop(errEnded) // the first reason counts
		}, progress{sent: 4, over: true, why: errAsked}},
		{"stopped at once", time.Second, 0, func(j *job, _ *target) { j.stop(errAsked) }, progress{sent: 1, over: true, why: errAsked}},
		{"skips while it is full", time.Second, 4, func(j *job, to *target) {
			time.Sleep(1500 * time.Millisecond)
			to.set(true, true)
			time.Sleep(3 * time.Second)
			to.set(true, false)
			<-j.done
		}, progress{sent: 4, skipped: 3, of: 4, over: true}},
		{"the connection ends", time.Hour, 0, func(_ *job, to *target) {
			time.Sleep(time.Second)
			to.set(false, false)
			time.Sleep(2 * lookEvery)
		}, progress{sent: 1, over: true, why: errEnded}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &target{ready: true}
				j := start(to, test.every, test.count, numbered, func() {})
				synctest.Wait()
				test.during(j, to)
				synctest.Wait()
				select {
				case <-j.done:
				default:
					t.Fatal("it hasn't ended")
				}
				if got := j.progress(); got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				if got, want := to.texts(), numbers(test.want.sent); !slices.Equal(got, want) {
					t.Errorf("sent %q, want %q", got, want)
				}
			})
		})
	}
}

// Messages go at their times, and the page isn't told more often than it can draw.
func TestRepeatPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &target{ready: true}
		var told atomic.Int32
		j := start(to, 10*time.Millisecond, 0, numbered, func() { told.Add(1) })
		time.Sleep(10*time.Second + 5*time.Millisecond)
		if got := j.progress().sent; got != 1001 {
			t.Errorf("in ten seconds %d went, want 1001", got)
		}
		if got := told.Load(); got < 90 || got > 110 {
			t.Errorf("in ten seconds the page was told %d times, want about 100", got)
		}
		j.stop(errAsked)
		<-j.done
		before := told.Load()
		time.Sleep(time.Minute)
		if told.Load() != before {
			t.Error("after the end the page is told")
		}
	})
}

func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &target{ready: true}
		var last atomic.Value
		var j *job
		begun := make(chan struct{})
		j = start(to, 0, 10_000, numbered, func() {
			<-begun
			last.Store(j.progress())
		})
		close(begun)
		<-j.done
		if got, want := to.texts(), numbers(10_000); !slices.Equal(got, want) {
			t.Errorf("%d went, want 10,000 in their order", len(got))
		}
		if got, want := last.Load(), (progress{sent: 10_000, of: 10_000, over: true}); got != want {
			t.Errorf("the page was told %+v at last, want %+v", got, want)
		}
	})
}

// A burst waits for room, and while it waits it is stopped or the connection ends.
func TestBurstWaits(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*job, *target)
		want error
	}{
		{"stopped", func(j *job, _ *target) { j.stop(errAsked) }, errAsked},
		{"ended, as it was told", func(j *job, _ *target) { j.stop(errEnded) }, errEnded},
		{"ended, as the target tells", func(_ *job, to *target) {
			to.set(false, false)
			to.room <- struct{}{}
		}, errors.New("the connection has ended")},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &target{ready: true, room: make(chan struct{})}
				j := start(to, 0, 10, numbered, func() {})
				for range 3 {
					to.room <- struct{}{}
				}
				synctest.Wait()
				if got := j.progress(); got.sent != 3 || got.over {
					t.Errorf("while it waits: got %+v", got)
				}
				test.end(j, to)
				<-j.done
				got := j.progress()
				if got.why == nil || got.why.Error() != test.want.Error() {
					t.Errorf("it ended as %v, want %v", got.why, test.want)
				}
				if got.why = nil; got != (progress{sent: 3, of: 10, over: true}) {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

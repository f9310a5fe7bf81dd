package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/cart"
)

// However often one who doesn't read begins anew, one catching up is left, and the log
// isn't read for it.
func TestBeginningAnewEndsTheLastCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		ann := &roomy{room: make(chan struct{})}
		const times = 100
		var done [times]chan error
		for i := range done {
			done[i] = f.catchUp(f.join(ann, Manner{Anew: true}), f.at(1))
			synctest.Wait()
		}
		for i, d := range done[:times-1] {
			select {
			case err := <-d:
				if err != nil {
					t.Errorf("%d: got %v, want nothing: it is no failure", i, err)
				}
			default:
				t.Fatalf("%d: is still catching up", i)
			}
		}
		if looks := f.log.takeLooks(); len(looks) != 0 {
			t.Errorf("the log was read %d times for one who has no room", len(looks))
		}
		close(ann.room)
		if err := <-done[times-1]; err != nil {
			t.Fatal(err)
		}
		f.wants("the last", &ann.listener, "2", "3", "4", "5")
	})
}

// As much is read as there is room for: what is read is held until it is delivered.
func TestCatchUpReadsWhatThereIsRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5000)
		ann := &roomy{room: make(chan struct{}, 3)}
		done := f.catchUp(f.join(ann, plain), f.at(0))
		for range 3 { // times, there is room for three
			for range cap(ann.room) {
				ann.room <- struct{}{}
			}
			synctest.Wait()
		}
		if want := []int{firstPart, 3, 6}; !slices.Equal(f.log.limits, want) {
			t.Errorf("asked for %d, want %d", f.log.limits, want)
		}
		f.log.limits = nil
		close(ann.room) // it is as fast as the log is
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if most := slices.Max(f.log.limits); most != batch {
			t.Errorf("asked for %d, want %d in the end", most, batch)
		}
		got := ann.take()
		for i, text := range got {
			if text != fmt.Sprint(i+1) {
				t.Fatalf("got %s at %d", text, i)
			}
		}
		if len(got) != 5000 {
			t.Errorf("got %d of 5000", len(got))
		}
	})
}

// Over a link that is too slow for many at a time, fewer come through.
func TestCatchUpAsksForFewerAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		f.log.onAfter = func() { f.log.fail = errors.New("too slow") }
		var ann listener
		done := f.catchUp(f.join(&ann, plain), f.at(1))
		time.Sleep(3*retryPause + retryPause/2)
		synctest.Wait()
		if want := []int{firstPart, firstPart / 2, fewest, fewest}; !slices.Equal(f.log.limits, want) {
			t.Errorf("asked for %d, want %d", f.log.limits, want)
		}
		f.log.set(func() { f.log.onAfter, f.log.fail = nil, nil })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		f.wants("all", &ann, "2", "3", "4", "5")
	})
}

// busyLog counts who reads it at once, and takes its time.
type busyLog struct {
	*fakeLog
	readers, most atomic.Int32
}

func (l *busyLog) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	l.most.Store(max(l.most.Load(), l.readers.Add(1)))
	defer l.readers.Add(-1)
	time.Sleep(time.Millisecond)
	return l.fakeLog.After(ctx, after, scope, limit)
}

// A crowd that comes back leaves the database to others as well.
func TestFewCatchUpAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t, numbers("cart/1", nil), 5)
		log := &busyLog{fakeLog: f.log}
		const crowd = 50
		done := make(chan error, crowd)
		var listeners [crowd]listener
		for i := range listeners {
			s := f.join(&listeners[i], plain)
			go func() { done <- f.CatchUp(t.Context(), log, f.feed, s, f.at(1)) }()
		}
		for range crowd {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most := log.most.Load(); most != turns {
			t.Errorf("%d read at once, want %d", most, turns)
		}
		for i := range listeners {
			f.wants(fmt.Sprint(i), &listeners[i], "2", "3", "4", "5")
		}
	})
}

package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

func texts(taken []Delivery) []string {
	all := make([]string, len(taken))
	for i, d := range taken {
		all[i] = textOf(d)
	}
	return all
}

// next is what a reader does who is done with what it took before.
func next(q *Queue, reuse []Delivery) []Delivery {
	if q.Settle() != More {
		clear(reuse)
		return nil
	}
	return q.Take(reuse)
}

func TestQueueGivesInOrder(t *testing.T) {
	q := NewQueue(100)
	push := func(text string, want Pushed) {
		t.Helper()
		if got := q.Push(Plain([]byte(text))); got != want {
			t.Errorf("push %q: got %d, want %d", text, got, want)
		}
	}
	var buffer []Delivery
	take := func(want ...string) {
		t.Helper()
		if buffer = next(q, buffer); !slices.Equal(texts(buffer), want) {
			t.Errorf("take: got %q, want %q", texts(buffer), want)
		}
	}
	push("a", Begin)
	push("b", Queued)
	take("a", "b")
	push("c", Queued) // they are being written
	take("c")
	take()
	push("d", Begin)
	push("e", Queued)
	take("d", "e")
	take()
	if got := q.Bytes(); got != 0 {
		t.Errorf("got %d bytes, want 0", got)
	}
}

func TestQueueLimit(t *testing.T) {
	tests := []struct {
		name  string
		sizes []int
		take  int // after so many texts, they are taken
		want  []Pushed
		bytes int
	}{
		{"exactly full", []int{4, 6}, -1, []Pushed{Begin, Queued}, 10},
		{"one too many", []int{4, 6, 1}, -1, []Pushed{Begin, Queued, Overflow}, 0},
		{"nothing afterwards", []int{4, 7, 1}, -1, []Pushed{Begin, Overflow, Closed}, 0},
		{"too large, but alone", []int{11}, -1, []Pushed{Begin}, 11},
		{"too large, and another", []int{11, 1}, -1, []Pushed{Begin, Overflow}, 0},
		{"what is on its way counts", []int{6, 5}, 1, []Pushed{Begin, Overflow}, 0},
		{"up to the limit", []int{6, 4}, 1, []Pushed{Begin, Queued}, 10},
	}
	for _, test := range tests {
		q := NewQueue(10)
		for i, size := range test.sizes {
			if i == test.take {
				next(q, nil)
			}
			if got := q.Push(Plain(make([]byte, size))); got != test.want[i] {
				t.Errorf("%s: push %d: got %d, want %d", test.name, i, got, test.want[i])
			}
		}
		if got := q.Bytes(); got != test.bytes {
			t.Errorf("%s: got %d bytes, want %d", test.name, got, test.bytes)
		}
	}
}

func TestTakenTextsAreForgottenWhenSettled(t *testing.T) {
	q := NewQueue(10)
	q.Push(Plain(make([]byte, 10)))
	taken := next(q, nil)
	if got := q.Bytes(); got != 10 {
		t.Errorf("on its way: got %d bytes, want 10", got)
	}
	if rest := next(q, taken); len(rest) != 0 || q.Bytes() != 0 || taken[0].text != nil {
		t.Errorf("got %d texts, %d bytes, the old text %v; want none of them", len(rest), q.Bytes(), taken[0])
	}
	if got := q.Push(Plain(make([]byte, 10))); got != Begin {
		t.Errorf("got %d, want Begin", got)
	}
}

func TestCloseQueue(t *testing.T) {
	q := NewQueue(10)
	q.Push(Plain([]byte("a")))
	q.Close()
	q.Close()
	if got := next(q, nil); len(got) != 0 || q.Bytes() != 0 {
		t.Errorf("got %q, %d bytes; want nothing", texts(got), q.Bytes())
	}
	if got := q.Push(Plain([]byte("b"))); got != Closed {
		t.Errorf("got %d, want Closed", got)
	}
}

// The queue beside a model: two plain lists, of what waits and what is on its
// way.
func TestQueueFollowsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, 40).Draw(t, "limit")
		q := NewQueue(limit)
		var waiting, taken []string
		var buffer []Delivery
		var draining, closed bool
		n := 0
		size := func() (total int) {
			for _, text := range slices.Concat(waiting, taken) {
				total += len(text)
			}
			return total
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				text := fmt.Sprintf("%0*d", rapid.IntRange(1, 15).Draw(t, "length"), n)
				n++
				want := Begin
				switch {
				case closed:
					want = Closed
				case size() > 0 && size()+len(text) > limit:
					want, closed = Overflow, true
					waiting, taken = nil, nil
				default:
					if draining {
						want = Queued
					}
					draining = true
					waiting = append(waiting, text)
				}
				if got := q.Push(Plain([]byte(text))); got != want {
					t.Fatalf("push %q: got %d, want %d", text, got, want)
				}
			},
			"take": func(t *rapid.T) {
				if !draining {
					t.Skip("only who was told to begin takes")
				}
				taken, waiting = waiting, nil
				draining = len(taken) > 0
				if buffer = next(q, buffer); !slices.Equal(texts(buffer), taken) {
					t.Fatalf("take: got %q, want %q", texts(buffer), taken)
				}
			},
			"": func(t *rapid.T) {
				if got := q.Bytes(); got != size() {
					t.Fatalf("got %d bytes, want %d", got, size())
				}
			},
		})
	})
}

// Many push at once. There is never more than one who drains, and everything
// arrives, each pusher's texts in their order.
func TestOneDrainsAtATime(t *testing.T) {
	const pushers, each = 8, 500
	q := NewQueue(1 << 20)
	got := make(map[int][]int) // guarded by nothing but the queue's promise
	var busy atomic.Bool
	drain := func() {
		for buffer := next(q, nil); len(buffer) > 0; buffer = next(q, buffer) {
			if !busy.CompareAndSwap(false, true) {
				t.Error("two drain at once")
				return
			}
			for _, text := range texts(buffer) {
				var pusher, i int
				if _, err := fmt.Sscan(text, &pusher, &i); err != nil {
					t.Error(err)
				}
				got[pusher] = append(got[pusher], i)
			}
			busy.Store(false)
		}
	}
	var wg sync.WaitGroup
	for pusher := range pushers {
		wg.Go(func() {
			for i := range each {
				switch pushed := q.Push(Plain(fmt.Append(nil, pusher, " ", i))); pushed {
				case Begin:
					wg.Go(drain)
				case Queued:
				default:
					t.Errorf("got %d", pushed)
				}
			}
		})
	}
	wg.Wait()
	for pusher := range pushers {
		if len(got[pusher]) != each || !slices.IsSorted(got[pusher]) {
			t.Errorf("pusher %d: got %v, want 0 to %d", pusher, got[pusher], each-1)
		}
	}
	if q.Bytes() != 0 {
		t.Errorf("got %d bytes, want 0: the last drain has not ended", q.Bytes())
	}
}

// A queue that is finished gives what it holds, and takes nothing.
func TestFinishQueue(t *testing.T) {
	q := NewQueue(10)
	if q.Finish() {
		t.Error("an empty queue is being drained")
	}
	q = NewQueue(10)
	q.Push(Plain([]byte("a")))
	for range 2 {
		if !q.Finish() {
			t.Error("nobody drains")
		}
	}
	if got := q.Push(Plain([]byte("b"))); got != Closed {
		t.Errorf("got %d, want Closed", got)
	}
	taken := next(q, nil)
	if got := texts(taken); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q, want what it held", got)
	}
	if taken = next(q, taken); len(taken) != 0 || q.Finish() {
		t.Errorf("got %q, want the end of the draining", texts(taken))
	}
}

// Room waits until less than half is held, and no longer than the queue takes anything.
func TestRoom(t *testing.T) {
	for _, test := range []struct {
		name    string
		release func(q *Queue, taken []Delivery)
	}{
		{"taken and written", func(q *Queue, taken []Delivery) { next(q, taken) }},
		{"closed", func(q *Queue, _ []Delivery) { q.Close() }},
		{"finished", func(q *Queue, _ []Delivery) { q.Finish() }},
		{"overflowed", func(q *Queue, _ []Delivery) { q.Push(Plain(make([]byte, 10))) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(10)
				room := func() chan error {
					done := make(chan error, 1)
					go func() { done <- q.Room(t.Context()) }()
					synctest.Wait()
					return done
				}
				q.Push(Plain(make([]byte, 4)))
				if err := <-room(); err != nil {
					t.Fatal(err)
				}
				q.Push(Plain(make([]byte, 1)))
				first, second := room(), room()
				taken := next(q, nil)
				synctest.Wait()
				if len(first) != 0 {
					t.Error("there is room while all that was taken is being written")
				}
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := q.Room(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want the context's error", err)
				}
				test.release(q, taken)
				for _, done := range []chan error{first, second} {
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
	// A text that is larger than all of it still gets through.
	if err := NewQueue(0).Room(t.Context()); err != nil {
		t.Error(err)
	}
}

package event

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func texts(t [][]byte) []string {
	all := make([]string, len(t))
	for i, text := range t {
		all[i] = string(text)
	}
	return all
}

func TestQueueGivesInOrder(t *testing.T) {
	q := NewQueue(100)
	push := func(text string, want Pushed) {
		t.Helper()
		if got := q.Push([]byte(text)); got != want {
			t.Errorf("push %q: got %d, want %d", text, got, want)
		}
	}
	var buffer [][]byte
	take := func(want ...string) {
		t.Helper()
		if buffer = q.Take(buffer); !slices.Equal(texts(buffer), want) {
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
				q.Take(nil)
			}
			if got := q.Push(make([]byte, size)); got != test.want[i] {
				t.Errorf("%s: push %d: got %d, want %d", test.name, i, got, test.want[i])
			}
		}
		if got := q.Bytes(); got != test.bytes {
			t.Errorf("%s: got %d bytes, want %d", test.name, got, test.bytes)
		}
	}
}

func TestTakenTextsAreForgottenAtTheNextTake(t *testing.T) {
	q := NewQueue(10)
	q.Push(make([]byte, 10))
	taken := q.Take(nil)
	if got := q.Bytes(); got != 10 {
		t.Errorf("on its way: got %d bytes, want 10", got)
	}
	if rest := q.Take(taken); len(rest) != 0 || q.Bytes() != 0 || taken[0] != nil {
		t.Errorf("got %d texts, %d bytes, the old text %v; want none of them", len(rest), q.Bytes(), taken[0])
	}
	if got := q.Push(make([]byte, 10)); got != Begin {
		t.Errorf("got %d, want Begin", got)
	}
}

func TestCloseQueue(t *testing.T) {
	q := NewQueue(10)
	q.Push([]byte("a"))
	q.Close()
	q.Close()
	if got := q.Take(nil); len(got) != 0 || q.Bytes() != 0 {
		t.Errorf("got %q, %d bytes; want nothing", texts(got), q.Bytes())
	}
	if got := q.Push([]byte("b")); got != Closed {
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
		var buffer [][]byte
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
				if got := q.Push([]byte(text)); got != want {
					t.Fatalf("push %q: got %d, want %d", text, got, want)
				}
			},
			"take": func(t *rapid.T) {
				if !draining {
					t.Skip("only who was told to begin takes")
				}
				taken, waiting = waiting, nil
				draining = len(taken) > 0
				if buffer = q.Take(buffer); !slices.Equal(texts(buffer), taken) {
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
		for buffer := q.Take(nil); len(buffer) > 0; buffer = q.Take(buffer) {
			if !busy.CompareAndSwap(false, true) {
				t.Error("two drain at once")
				return
			}
			for _, text := range buffer {
				var pusher, i int
				if _, err := fmt.Sscan(string(text), &pusher, &i); err != nil {
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
				switch pushed := q.Push(fmt.Append(nil, pusher, " ", i)); pushed {
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

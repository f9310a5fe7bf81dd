package part

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// group is one call of flush, on the bubble's clock.
type group struct {
	at      time.Duration
	items   []int
	dropped int
}

func (g group) String() string { return fmt.Sprintf("%v %v -%d", g.at, g.items, g.dropped) }

// groups notes what a Gather hands on.
type groups struct {
	began time.Time
	mu    sync.Mutex
	all   []group
}

func (g *groups) flush(items []int, dropped int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, group{time.Since(g.began), items, dropped})
}

func (g *groups) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var lines []string
	for _, one := range g.all {
		lines = append(lines, one.String())
	}
	return strings.Join(lines, "\n")
}

func TestGather(t *testing.T) {
	const interval = 50 * time.Millisecond
	tests := []struct {
		name string
		do   func(*Gather[int])
		want string
	}{
		{"the first at once", func(g *Gather[int]) {
			g.Add(1)
		}, "0s [1] -0"},
		{"the rest together", func(g *Gather[int]) {
			g.Add(1)
			synctest.Wait()
			g.Add(2)
			time.Sleep(10 * time.Millisecond)
			g.Add(3)
		}, "0s [1] -0\n50ms [2 3] -0"},
		{"at once after a pause", func(g *Gather[int]) {
			g.Add(1)
			time.Sleep(time.Second)
			g.Add(2)
		}, "0s [1] -0\n1s [2] -0"},
		{"the oldest go", func(g *Gather[int]) {
			g.Add(0)
			synctest.Wait()
			for i := range 6 {
				g.Add(i + 1)
			}
		}, "0s [0] -0\n50ms [3 4 5 6] -2"},
		{"flush", func(g *Gather[int]) {
			g.Add(1)
			synctest.Wait()
			g.Add(2)
			g.Flush()
			g.Flush()
		}, "0s [1] -0\n0s [2] -0"},
		{"stop", func(g *Gather[int]) {
			g.Add(1)
			synctest.Wait()
			g.Add(2)
			g.Stop()
			g.Add(3)
			g.Flush()
		}, "0s [1] -0"},
		{"slow drawings are kept apart", func(g *Gather[int]) {
			g.Spent(100 * time.Millisecond)
			g.Add(1)
			synctest.Wait()
			g.Add(2)
		}, "0s [1] -0\n300ms [2] -0"},
		{"but not for ever", func(g *Gather[int]) {
			g.Spent(time.Minute)
			g.Add(1)
			synctest.Wait()
			g.Add(2)
		}, "0s [1] -0\n500ms [2] -0"},
		{"and fast ones are not hurried", func(g *Gather[int]) {
			g.Spent(time.Millisecond)
			g.Add(1)
			synctest.Wait()
			g.Add(2)
		}, "0s [1] -0\n50ms [2] -0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := &groups{began: time.Now()}
				g := NewGather(4, interval, got.flush)
				test.do(g)
				time.Sleep(time.Second)
				synctest.Wait()
				if got.String() != test.want {
					t.Errorf("got\n%v\nwant\n%v", got, test.want)
				}
			})
		})
	}
}

// Items added by one goroutine arrive in their order, once, whoever flushes.
func TestGatherKeepsOrder(t *testing.T) {
	const n = 2000
	var got []int // guarded by the Gather: one flush at a time
	g := NewGather(n, time.Microsecond, func(items []int, dropped int) {
		if dropped > 0 {
			t.Errorf("%d dropped", dropped)
		}
		got = append(got, items...)
	})
	var flushers sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		flushers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					g.Flush()
				}
			}
		})
	}
	var want []int
	for i := range n {
		g.Add(i)
		want = append(want, i)
	}
	close(stop)
	flushers.Wait()
	g.Flush()
	g.Stop()
	if !slices.Equal(got, want) {
		t.Errorf("got %d items, out of order or not all", len(got))
	}
}

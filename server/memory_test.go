package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestMemoryIsGivenBack has a process allocate so much before each look, and tells at
// which of them memory is given back.
func TestMemoryIsGivenBack(t *testing.T) {
	const little, much = quietBytes, muchBytes
	for _, test := range []struct {
		name  string
		looks []uint64
		want  []uint64
	}{
		{"nothing", []uint64{0, 0, 0, 0}, nil},
		{"a rush, then quiet", []uint64{much + 1, little, little, little, 0}, []uint64{3}},
		{"a longer one", []uint64{much, much, much, little, little}, []uint64{5}},
		{"a pause is no quiet", []uint64{much, little, little + 1, little, much, 0, 0}, []uint64{7}},
		{"a small one", []uint64{much - 2*little, little, little, 0}, nil},
		{"little, for long", slices.Repeat([]uint64{little}, 20), []uint64{9, 18}},
		{"much, for long", slices.Repeat([]uint64{little + 1}, 20), nil},
		{"two", []uint64{much + 1, 0, 0, 0, much + 1, 0, 0, 0}, []uint64{3, 7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var allocated, look atomic.Uint64
				var got []uint64
				m := memory{
					allocated: func() uint64 { return allocated.Load() },
					giveBack:  func() { got = append(got, look.Load()) },
				}
				ctx, stop := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { m.run(ctx) })
				synctest.Wait()
				for _, bytes := range test.looks {
					allocated.Add(bytes)
					look.Add(1)
					time.Sleep(lookInterval)
					synctest.Wait()
				}
				stop()
				running.Wait()
				if !slices.Equal(got, test.want) {
					t.Errorf("memory was given back at the looks %v, want %v", got, test.want)
				}
			})
		})
	}
}

// TestAllocatedBytes counts what is allocated, also when it is garbage by now.
func TestAllocatedBytes(t *testing.T) {
	before := allocatedBytes()
	for range 10 {
		runtime.KeepAlive(make([]byte, 1<<20))
	}
	giveBackMemory()
	if got := allocatedBytes() - before; got < 10<<20 {
		t.Errorf("got %d bytes allocated, want 10 MiB at least", got)
	}
}

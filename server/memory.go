package main

import (
	"context"
	"runtime"
	"runtime/debug"
	numbers "runtime/metrics"
	"time"
)

const (
	// lookInterval is how often memory is looked at, and quietLooks how many of them in a
	// row must find little to do.
	lookInterval = 10 * time.Second
	quietLooks   = 2

	// quietBytes is how much is allocated between two looks while little happens, at most,
	// and muchBytes how much must have been since memory was given back, to do it again.
	quietBytes = 4 << 20
	muchBytes  = 32 << 20
)

// memory gives back to the system what a rush has left. Ten thousand handshakes take
// several times the memory of ten thousand connections, and Go keeps what it once had for
// as long as nothing more is allocated, as that would have it look for garbage.
type memory struct {
	allocated func() uint64 // bytes by this process, ever
	giveBack  func()
}

func newMemory() memory { return memory{allocated: allocatedBytes, giveBack: giveBackMemory} }

// run looks until the context ends.
func (m memory) run(ctx context.Context) {
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	last := m.allocated()
	given, quiet := last, 0
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := m.allocated()
		if quiet++; now-last > quietBytes {
			quiet = 0
		}
		if quiet >= quietLooks && now-given > muchBytes {
			m.giveBack()
			now = m.allocated()
			given = now
		}
		last = now
	}
}

// allocatedBytes costs nothing to speak of, and stops nobody.
func allocatedBytes() uint64 {
	sample := []numbers.Sample{{Name: "/gc/heap/allocs:bytes"}}
	numbers.Read(sample)
	return sample[0].Value.Uint64()
}

// giveBackMemory collects garbage twice, as pools keep what they hold over one time.
func giveBackMemory() {
	runtime.GC()
	debug.FreeOSMemory()
}

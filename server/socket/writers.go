package socket

import (
	"bytes"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"cartline/server/event"
	"cartline/shared"
)

const (
	// gatherCycle is the time from the beginning of one round to that of the next, so that
	// what an event finds on its way is written with it. It is the most that gathering
	// adds to its way. A round that takes longer is followed by the next at once.
	gatherCycle = 8 * time.Millisecond

	// gatherShare is by how much longer a writer rests than it wrote, up to the cycle. So
	// gathering takes effect where writing is work; one that wrote to a few has no rest
	// that could be noticed, and one that had nothing to do has none at all.
	gatherShare = 16

	// shortestRest is what the system's timers can do. What is less is no rest.
	shortestRest = 500 * time.Microsecond
)

// writers write what is queued for sessions: one for every two processors, as a goroutine
// and a deadline for each connection would cost more than the writing, and more writers
// get in each other's way within the kernel: on two processors, two of them took a tenth
// more for each event than one. None of them ever waits
// for a client: one whose send buffer is full gets a goroutine of its own, until it has
// taken what was written.
type writers struct {
	all  []*writer
	next atomic.Uint32
	held atomic.Int32 // how many events are being handed out
}

func newWriters() *writers {
	w := &writers{all: make([]*writer, max(1, runtime.GOMAXPROCS(0)/2))}
	for i := range w.all {
		w.all[i] = &writer{held: &w.held}
	}
	return w
}

// one gives a session its writer. It has the same one for life, so that what is queued is
// written in order.
func (w *writers) one() *writer { return w.all[int(w.next.Add(1))%len(w.all)] }

// Hold implements event.Gatherer: a round begins with all who are to hear of an event.
// One that began with the first of them would be a small one, and the others wait for its
// rest to pass.
func (w *writers) Hold() { w.held.Add(1) }

// Release implements event.Gatherer. It starts the writers even while another event is
// being handed out, so that no stream of events holds up what is there.
func (w *writers) Release() {
	w.held.Add(-1)
	for _, one := range w.all {
		one.start()
	}
}

// stop has nothing written any more, and waits for the goroutines.
func (w *writers) stop() {
	for _, one := range w.all {
		one.mu.Lock()
		one.stopped = true
		one.ready = nil
		one.mu.Unlock()
		one.running.Wait()
	}
}

// writer writes for its sessions, in rounds, in a goroutine that is there while there is
// something to write.
type writer struct {
	held *atomic.Int32 // see writers

	mu      sync.Mutex
	ready   []*session // something is queued for them
	active  bool       // the goroutine is there
	stopped bool
	running sync.WaitGroup

	tally tally // of what was written

	// These belong to the goroutine.
	round []*session
	taken []event.Delivery
	encoder
	wrote int       // sessions in this round
	clock time.Time // when some of the last of them were
}

// add has a session written for in the next round.
func (w *writer) add(s *session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return
	}
	w.ready = append(w.ready, s)
	if !w.active && w.held.Load() == 0 {
		w.active = true
		w.running.Go(w.run)
	}
}

// start begins to write, if there is something to be written.
func (w *writer) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ready) > 0 && !w.active {
		w.active = true
		w.running.Go(w.run)
	}
}

// begin takes who is ready, or ends the goroutine.
func (w *writer) begin() bool {
	clear(w.round)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.round, w.ready = w.ready, w.round[:0]
	w.active = len(w.round) > 0
	return w.active
}

func (w *writer) run() {
	for w.begin() {
		now := time.Now()
		w.wrote = 0
		for _, s := range w.round {
			w.writeFor(s, now)
		}
		w.forget()
		clear(w.taken)
		took := time.Since(now)
		rest := min(gatherShare*took, gatherCycle-took)
		if rest >= shortestRest {
			time.Sleep(rest)
		}
	}
}

// writeFor writes what is queued for a session. The session's time is looked at each time,
// as the look that ends those whose time is up comes only now and then.
func (w *writer) writeFor(s *session, now time.Time) {
	defer s.survive()
	if s.expired(now) {
		s.end(shared.CloseSessionEnded, "the session has expired")
		return
	}
	w.taken = s.queue.Take(w.taken)
	if len(w.taken) > 0 {
		frames, err := w.encode(w.taken)
		if err != nil {
			s.log().Error("events message can't be encoded", "error", err)
		}
		left, done, err := s.conn.Offer(frames)
		switch {
		case err != nil:
			s.queue.Close() // The reader is woken, and tells how the connection ended.
		case !done:
			left, late := bytes.Clone(left), w.load.clone()
			s.help(func() { s.writeSlowly(left, late) })
			return
		default:
			s.wrote(&w.load, w.now())
		}
	}
	s.settle()
}

// clockEvery is how many sessions are written for between two looks at the clock, which
// takes longer than all that is counted. It makes no difference to what is measured by it.
const clockEvery = 16

// now tells the time to that precision.
func (w *writer) now() time.Time {
	if w.wrote%clockEvery == 0 {
		w.clock = time.Now()
	}
	w.wrote++
	return w.clock
}

// writeSlowly writes what there was no room for, and waits for the client with it.
func (s *session) writeSlowly(frames []byte, load load) {
	if s.conn.WriteFrames(frames) != nil {
		s.queue.Close()
	} else {
		s.wrote(&load, time.Now())
	}
	s.settle()
}

// settle goes on after what was taken from the queue has been written.
func (s *session) settle() {
	switch s.queue.Settle() {
	case event.More:
		s.writer.add(s)
	case event.Finished:
		s.help(s.sayFarewell) // which waits for the client
	case event.Idle:
	}
}

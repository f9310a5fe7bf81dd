package event

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/cart"
)

// fakeStream brings links, and keeps or not, as it is told.
type fakeStream struct {
	links chan Link
	keeps atomic.Bool
}

func (s *fakeStream) Links() <-chan Link       { return s.links }
func (s *fakeStream) Keeps(cart.Position) bool { return s.keeps.Load() }

// link brings the link from one number of a log to the next.
func (s *fakeStream) link(epoch string, after, to int64) {
	s.links <- Link{
		After: cart.Position{Epoch: epoch, Seq: after},
		Entry: cart.Entry{Position: cart.Position{Epoch: epoch, Seq: to}},
	}
}

// streamed runs a tail that takes what a stream brings, after setting it up.
func streamed(t *testing.T, log *fakeLog, set func(*Tail)) (*running, *fakeStream) {
	s := &fakeStream{links: make(chan Link)}
	s.keeps.Store(true)
	r := &running{t: t}
	r.Tail = NewTail(log, r, silent)
	r.Take(s)
	set(r.Tail)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	r.stop = func() {
		cancel()
		<-done
	}
	synctest.Wait()
	log.takeLooks()
	return r, s
}

func asIs(*Tail) {}

// While a stream keeps, nobody reads the log, whoever wakes the tail.
func TestStreamSparesReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 5
		r, s := streamed(t, log, asIs)
		defer r.stop()
		s.link("e", 5, 6)
		s.link("e", 6, 8) // what is between isn't in the log
		r.Wake()
		time.Sleep(10 * pollInterval)
		r.want("by the stream", 6, 8)
		if looks := log.takeLooks(); len(looks) > 0 {
			t.Errorf("the log was read at %v", looks)
		}
		// What the stream doesn't bring is read as soon as it doesn't keep.
		log.set(func() { log.size = 10 })
		s.keeps.Store(false)
		time.Sleep(pollInterval)
		r.want("by reading", 9, 10)
		s.link("e", 8, 9)
		s.link("e", 9, 10)
		s.link("e", 10, 11)
		r.want("what was read comes later", 11)
	})
}

// Links that keep coming don't put off reading, if more is missing than they bring.
func TestStreamDoesNotPutOffReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r, s := streamed(t, log, asIs)
		defer r.stop()
		s.keeps.Store(false)
		log.set(func() { log.size = 3 })
		for range 12 {
			s.link("e", 0, 0)
			time.Sleep(pollInterval / 10)
		}
		r.want("meanwhile", 1, 2, 3)
	})
}

// What doesn't follow what was handed on last has the log read.
func TestStreamWithGaps(t *testing.T) {
	position := func(seq int64) cart.Entry { return cart.Entry{Position: cart.Position{Epoch: "e", Seq: seq}} }
	for _, test := range []struct {
		name string
		link Link
		want []int64
	}{
		{"the next", Link{After: position(5).Position, Entry: position(6)}, []int64{6}},
		{"one further", Link{After: position(6).Position, Entry: position(7)}, []int64{6, 7, 8}},
		{"from before", Link{After: position(3).Position, Entry: position(4)}, nil},
		{"across", Link{After: position(4).Position, Entry: position(6)}, []int64{6, 7, 8}},
		{"nothing but a position", Link{After: position(5).Position, Entry: position(6), Bare: true}, []int64{6, 7, 8}},
		{"begun anew where nothing is amiss", Link{Entry: position(7), Anew: true}, []int64{6, 7, 8}},
		{"not in the log", Link{After: position(11).Position, Entry: position(12)}, []int64{6, 7, 8}},
		{"after another that was here", Link{After: cart.Position{Epoch: "e", Seq: 5, Mark: 9}, Entry: position(6)}, []int64{6, 7, 8}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFakeLog()
				log.size = 5
				r, s := streamed(t, log, asIs)
				defer r.stop()
				log.set(func() { log.size = 8 })
				s.links <- test.link
				r.want("then", test.want...)
				r.wantResets("since the beginning", "e.0.5.0")
			})
		})
	}
}

// After the log has begun anew, what a stream still has of the one before is passed
// over, and that is looked for once.
func TestStreamOfThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 5
		r, s := streamed(t, log, asIs)
		defer r.stop()
		log.set(func() { log.epoch, log.size = "f", 2 })
		s.link("f", 2, 3)
		r.wantResets("of the new one", "e.0.5.0", "f.0.2.0")
		log.takeLooks()
		for i := range int64(100) {
			s.link("e", 5+i, 6+i)
		}
		r.want("the past")
		if looks := log.takeLooks(); len(looks) > 1 {
			t.Errorf("the log was read %d times for what has passed", len(looks))
		}
		s.link("f", 2, 3)
		r.want("the present", 3)
	})
}

// What is taken for the past may be the future, if this process still reads a database
// that the others have left. It follows the stream as soon as it has left it too.
func TestStreamOfTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 5
		r, s := streamed(t, log, asIs)
		defer r.stop()
		s.link("f", 2, 3)
		s.link("f", 3, 4)
		r.want("where it is not known yet")
		log.set(func() { log.epoch, log.size = "f", 4 })
		s.keeps.Store(false)
		time.Sleep(pollInterval)
		r.wantResets("of the new one", "e.0.5.0", "f.0.4.0")
		s.keeps.Store(true)
		s.link("f", 4, 5)
		r.want("by the stream", 5)
	})
}

// A log that was put back is noticed when a stream says that it begins anew.
func TestStreamBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 9
		r, s := streamed(t, log, asIs)
		defer r.stop()
		log.set(func() { log.size, log.other = 7, 6 }) // 6 and 7 are others than they were
		s.links <- Link{Entry: cart.Entry{Position: cart.Position{Epoch: "e", Seq: 6}}, Anew: true}
		r.wantResets("there is less of it", "e.0.9.0", "e.0.7.0")
		log.set(func() { log.other = 0 })
		s.link("e", 7, 8)
		r.want("then", 8)
	})
}

// While the database is away, the stream goes on.
func TestStreamWithoutDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 5
		r, s := streamed(t, log, asIs)
		defer r.stop()
		log.set(func() { log.fail = errors.New("away") })
		s.link("e", 7, 8) // what is between can't be read
		r.want("with a gap")
		s.link("e", 5, 6)
		r.want("without a gap", 6)
		log.set(func() { log.fail, log.size = nil, 9 })
		s.link("e", 8, 9)
		r.want("when it is back", 7, 8, 9)
	})
}

func TestTailBeginsAfterAPosition(t *testing.T) {
	for _, test := range []struct {
		name   string
		after  cart.Position
		want   []int64
		resets []string
	}{
		{"in the log", cart.Position{Epoch: "e", Seq: 3}, []int64{4, 5}, nil},
		{"at its end", cart.Position{Epoch: "e", Seq: 5}, nil, nil},
		{"beyond", cart.Position{Epoch: "e", Seq: 6}, nil, []string{"e.0.5.0"}},
		{"of another", cart.Position{Epoch: "d", Seq: 3}, nil, []string{"e.0.5.0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFakeLog()
				log.size = 5
				r, s := streamed(t, log, func(tail *Tail) { tail.Begin(test.after) })
				defer r.stop()
				s.keeps.Store(false)
				r.Wake()
				r.want("from there", test.want...)
				r.wantResets("at the beginning", test.resets...)
			})
		})
	}
}

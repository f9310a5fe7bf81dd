package event

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/cart"
)

// fakeLog is a log of numbers, from 1 on. It notes when it was read.
type fakeLog struct {
	mu      sync.Mutex
	epoch   string
	size    int64
	trimmed int64   // so many of the oldest are forgotten
	other   int64   // from this on they are others than they were, if it isn't 0
	asked   []int64 // of which positions it was asked whether it contains them
	held    int64   // so many of the newest can't be seen yet
	fail    error
	looks   []time.Duration // since the beginning
	limits  []int
	most    int // more take too long; 0: none do
	began   time.Time
	onAfter func() // called within After, before it looks
	onHead  func() // and within Head
}

func newFakeLog() *fakeLog { return &fakeLog{epoch: "e", began: time.Now()} }

func (l *fakeLog) Head(ctx context.Context) (cart.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.onHead != nil {
		l.onHead()
	}
	l.looks = append(l.looks, time.Since(l.began))
	return cart.Position{Epoch: l.epoch, Seq: l.size - l.held}, errors.Join(l.fail, ctx.Err())
}

func (l *fakeLog) Contains(ctx context.Context, position cart.Position) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, position.Seq)
	return l.reads(position) && position.Seq <= l.size-l.held && (l.other == 0 || position.Seq < l.other), errors.Join(l.fail, ctx.Err())
}

func (l *fakeLog) reads(position cart.Position) bool {
	return position.Epoch == l.epoch && position.Seq >= l.trimmed
}

func (l *fakeLog) Behind(context.Context, cart.Position) (time.Time, error) {
	panic("no tail asks for this")
}

func (l *fakeLog) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	if scope != (cart.Scope{}) {
		return nil, errors.New("a tail reads everything")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.onAfter != nil {
		l.onAfter()
	}
	l.looks = append(l.looks, time.Since(l.began))
	l.limits = append(l.limits, limit)
	if err := errors.Join(l.fail, ctx.Err()); err != nil {
		return nil, err
	}
	if l.most > 0 && limit > l.most {
		return nil, context.DeadlineExceeded
	}
	if !l.reads(after) {
		return nil, cart.ErrGone
	}
	var entries []cart.Entry
	for seq := after.Seq + 1; seq <= l.size-l.held && len(entries) < limit; seq++ {
		entries = append(entries, cart.Entry{Position: cart.Position{Epoch: l.epoch, Seq: seq}})
	}
	return entries, nil
}

func (l *fakeLog) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// takeLooks returns when the log was read since the last time.
func (l *fakeLog) takeLooks() []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	looks := l.looks
	l.looks = nil
	return looks
}

// running is a tail in a synctest bubble, and what it has handed on.
type running struct {
	*Tail
	t    *testing.T
	stop func() // and wait until it has

	mu     sync.Mutex
	got    []int64
	resets []string // the cursors
}

func runTail(t *testing.T, log *fakeLog) *running {
	r := &running{t: t}
	r.Tail = NewTail(log, r, silent)
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
	return r
}

func (r *running) Reset(head cart.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resets = append(r.resets, head.Cursor())
}

func (r *running) Publish(e cart.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, e.Position.Seq)
}

// want checks what was handed on since the last time.
func (r *running) want(step string, want ...int64) {
	r.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.got, want) {
		r.t.Errorf("%s: got %v, want %v", step, r.got, want)
	}
	r.got = nil
}

// wantResets checks at which heads the log was followed from anew, since the last time.
func (r *running) wantResets(step string, want ...string) {
	r.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.resets, want) {
		r.t.Errorf("%s: got resets at %q, want %q", step, r.resets, want)
	}
	r.resets = nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func upTo(from, to int64) (all []int64) {
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

func TestTailBeginsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 7
		r := runTail(t, log)
		defer r.stop()
		r.want("what was there before")
		if !isClosed(r.Started()) {
			t.Error("it has not started")
		}
		log.set(func() { log.size = 9 })
		r.Wake()
		r.want("what is new", 8, 9)
	})
}

func TestTailIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r := runTail(t, log)
		defer r.stop()
		r.want("at first")
		for i := range int64(5) {
			log.set(func() { log.size++ })
			r.Wake()
			r.Wake() // without need
			before := time.Now()
			r.want("woken", i+1)
			if waited := time.Since(before); waited != 0 {
				t.Errorf("it took %v, want no time", waited)
			}
		}
	})
}

// Nobody wakes it: the change is handed on within the poll interval.
func TestTailPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r := runTail(t, log)
		defer r.stop()
		r.want("at first")
		for i := range int64(3) {
			log.set(func() { log.size++ })
			r.want("at once")
			time.Sleep(pollInterval)
			r.want("a poll later", i+1)
		}
		if looks, want := log.takeLooks(), []time.Duration{0, pollInterval, 2 * pollInterval, 3 * pollInterval}; !slices.Equal(looks, want) {
			t.Errorf("looked at %v, want %v", looks, want)
		}
	})
}

// The log may hold a change back for a moment. So a wake that finds nothing is
// followed by quick looks, ever further apart, and then by the poll again.
func TestTailLooksAgainAfterAWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r := runTail(t, log)
		defer r.stop()
		synctest.Wait()
		log.takeLooks()
		log.set(func() { log.size, log.held = 1, 1 })
		r.Wake()
		r.want("while it is held back")
		time.Sleep(20 * time.Millisecond)
		log.set(func() { log.held = 0 })
		r.want("before the next look")
		time.Sleep(lastLook)
		r.want("after it", 1)
		time.Sleep(2 * pollInterval)
		synctest.Wait()
		var want []time.Duration
		at := time.Duration(0)
		want = append(want, at)
		for pause := firstLook; pause <= lastLook; pause *= 2 {
			at += pause
			want = append(want, at)
		}
		want = append(want, at+pollInterval, at+2*pollInterval)
		if got := log.takeLooks(); !slices.Equal(got, want) {
			t.Errorf("looked at %v, want %v", got, want)
		}
	})
}

func TestTailReadsInBatches(t *testing.T) {
	for _, size := range []int64{1, batch - 1, batch, batch + 1, 3*batch + 7} {
		synctest.Test(t, func(t *testing.T) {
			log := newFakeLog()
			r := runTail(t, log)
			defer r.stop()
			synctest.Wait()
			log.set(func() { log.size = size })
			r.Wake()
			r.want("all", upTo(1, size)...)
			if got := slices.Max(log.limits); got != batch {
				t.Errorf("asked for %d at once, want %d", got, batch)
			}
		})
	}
}

// Over a link that is too slow for many at a time, fewer come through, and once nothing is
// left, as many as ever are tried.
func TestTailAsksForFewerAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r := runTail(t, log)
		defer r.stop()
		synctest.Wait()
		log.set(func() { log.size, log.most = 3*batch+7, 30 })
		time.Sleep(6 * pollInterval)
		r.want("all", upTo(1, 3*batch+7)...)
		time.Sleep(pollInterval)
		synctest.Wait()
		if got := log.limits[len(log.limits)-1]; got != batch {
			t.Errorf("asked for %d in the end, want %d", got, batch)
		}
		log.set(func() { log.fail = errors.New("away") })
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := slices.Min(log.limits); got != fewest {
			t.Errorf("asked for %d at least, want %d", got, fewest)
		}
	})
}

// The log grows while it is read, also between two batches: nothing is lost and
// nothing comes twice.
func TestTailWhileTheLogGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		r := runTail(t, log)
		defer r.stop()
		synctest.Wait()
		grown := 0
		log.set(func() {
			log.size = batch
			log.onAfter = func() {
				if grown++; grown <= 10 {
					log.size += batch / 3
				}
			}
		})
		r.Wake()
		time.Sleep(2 * pollInterval)
		r.want("all", upTo(1, batch+10*(batch/3))...)
	})
}

func TestTailTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		broken := errors.New("the database is gone")
		log.fail, log.size = broken, 3
		r := runTail(t, log)
		defer r.stop()
		time.Sleep(5*pollInterval + pollInterval/2)
		r.want("without a position")
		if isClosed(r.Started()) {
			t.Error("it claims to have found its place")
		}
		if got := len(log.takeLooks()); got != 6 {
			t.Errorf("asked %d times, want once a poll interval", got)
		}
		log.set(func() { log.fail = nil })
		time.Sleep(pollInterval)
		r.want("found its place, after the three")
		if !isClosed(r.Started()) {
			t.Error("it has not started")
		}
		log.set(func() { log.fail, log.size = broken, 5 })
		r.Wake()
		time.Sleep(3 * pollInterval)
		r.want("while it can't read")
		log.set(func() { log.fail, log.size = nil, 6 })
		time.Sleep(pollInterval)
		r.want("when it can again", 4, 5, 6)
	})
}

func TestTailStops(t *testing.T) {
	for name, fail := range map[string]error{"while it waits": nil, "before it has started": errors.New("gone")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFakeLog()
				log.fail = fail
				r := runTail(t, log)
				time.Sleep(pollInterval + pollInterval/2)
				before := time.Now()
				r.stop() // the bubble fails if a goroutine is left
				if took := time.Since(before); took != 0 {
					t.Errorf("it took %v to stop, want no time", took)
				}
				log.takeLooks()
				r.Wake() // still harmless
				time.Sleep(10 * pollInterval)
				if got := log.takeLooks(); len(got) != 0 {
					t.Errorf("looked at %v after its end", got)
				}
			})
		})
	}
}

// A log that began another epoch, or forgot what would have come next, is followed from
// its head on, and whoever listens is told.
func TestTailStartsAgain(t *testing.T) {
	for name, change := range map[string]func(*fakeLog){
		"another epoch":                     func(l *fakeLog) { l.epoch = "f" },
		"what would come next is forgotten": func(l *fakeLog) { l.trimmed = 6 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFakeLog()
				log.size = 5
				r := runTail(t, log)
				defer r.stop()
				r.wantResets("at first", "e.0.5.0")
				log.set(func() { change(log); log.size = 8 })
				r.Wake()
				r.want("what is lost")
				r.wantResets("at the change", log.epoch+".0.8.0")
				log.set(func() { log.size = 10 })
				r.Wake()
				r.want("what comes then", 9, 10)
				r.wantResets("then")
			})
		})
	}
}

// The head can't be read when the tail would start again: it tries until it can.
func TestTailStartsAgainLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.size = 5
		r := runTail(t, log)
		defer r.stop()
		r.wantResets("at first", "e.0.5.0")
		broken := errors.New("the database is gone")
		log.set(func() {
			log.epoch, log.size = "f", 2
			log.onAfter = func() { log.fail = nil; log.onHead = func() { log.fail = broken } }
		})
		r.Wake()
		r.wantResets("while the head can't be read")
		log.set(func() { log.fail, log.onAfter, log.onHead, log.size = nil, nil, nil, 3 })
		time.Sleep(pollInterval)
		r.want("what is lost")
		r.wantResets("when it can", "f.0.3.0")
	})
}

// After a failure much can have happened to the database. A log that was put back to an
// older state is of the same epoch, and would be read from a place that it has yet to
// reach: what it has until then would be lost without a word.
func TestTailLooksWhetherTheLogWasPutBack(t *testing.T) {
	for _, test := range []struct {
		name string
		size int64 // after the failure
		want []int64
		at   []string // resets
	}{
		{"as it was", 5, nil, nil},
		{"grown", 7, []int64{6, 7}, nil},
		{"put back", 4, nil, []string{"e.0.4.0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFakeLog()
				log.size = 5
				r := runTail(t, log)
				defer r.stop()
				r.wantResets("at first", "e.0.5.0")
				log.set(func() { log.fail = errors.New("the database is gone") })
				time.Sleep(3 * pollInterval)
				log.set(func() { log.fail, log.size = nil, test.size })
				time.Sleep(pollInterval)
				r.want("afterwards", test.want...)
				r.wantResets("afterwards", test.at...)
				log.set(func() { log.asked = nil; log.size++ })
				r.Wake()
				r.want("then", test.size+1)
				r.wantResets("then")
				if len(log.asked) != 0 {
					t.Errorf("asked for %v though nothing has failed", log.asked)
				}
			})
		})
	}
}

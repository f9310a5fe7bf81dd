package compose

import (
	"context"
	"errors"
	"sync"
	"time"

	"cartline/app/part"
	"cartline/shared/live"
)

const (
	// drawEvery paces how often a page hears of a job.
	drawEvery = 100 * time.Millisecond
	// lookEvery is how soon a job that waits for its turn sees that the connection
	// has ended.
	lookEvery = 100 * time.Millisecond
	// A browser can't draw while a burst runs, so the burst pauses now and then.
	runAtMost, breath = 8 * time.Millisecond, time.Millisecond
)

// Why a job ends before it is done.
var (
	errAsked = errors.New("you stopped it")
	errEnded = errors.New("the connection has ended")
)

// progress is how far a job has come.
type progress struct {
	sent    int
	skipped int // turns at which too much was waiting
	of      int // how many messages are to be sent; 0 is without end
	over    bool
	why     error // why it ended before it was done
}

// job sends messages by itself, on one goroutine that ends when the job is stopped,
// when it is done, or when the connection ends.
type job struct {
	target  Target
	message func(n int) live.Message // n counts from 1
	cancel  context.CancelCauseFunc
	news    *part.Gather[struct{}]
	done    chan struct{}

	mu  sync.Mutex
	now progress
}

// start begins a job: one message each interval, of which a turn is skipped when too
// much is waiting; or, with an interval of 0, all as fast as the target takes them.
// Changed is called on other goroutines, seldom enough to draw each time, and after the
// end.
func start(target Target, every time.Duration, count int, message func(int) live.Message, changed func()) *job {
	ctx, cancel := context.WithCancelCause(context.Background())
	j := &job{target: target, message: message, cancel: cancel, done: make(chan struct{}), now: progress{of: count}}
	j.news = part.NewGather(1, drawEvery, func([]struct{}, int) {
		defer part.Guard()
		changed()
	})
	go func() {
		defer close(j.done)
		defer cancel(nil)
		defer part.Guard()
		why := errors.New("something broke") // unless the next line returns
		defer func() { j.end(why) }()
		if every > 0 {
			why = j.repeat(ctx, every)
		} else {
			why = j.burst(ctx)
		}
	}()
	return j
}

// stop asks for the end and gives the reason. It doesn't wait, and may be called again.
func (j *job) stop(why error) { j.cancel(why) }

// progress tells how far the job is. It may be called from any goroutine.
func (j *job) progress() progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now
}

func (j *job) repeat(ctx context.Context, every time.Duration) error {
	turns, look := time.NewTicker(every), time.NewTicker(lookEvery)
	defer turns.Stop()
	defer look.Stop()
	for {
		if !j.target.Ready() {
			return errEnded
		}
		// Who receives them sees no number left out: a turn that is skipped has none.
		if j.count(j.target.Send(j.message(j.progress().sent + 1))) {
			return nil
		}
		for waiting := true; waiting; {
			select {
			case <-turns.C:
				waiting = false
			case <-look.C:
				if !j.target.Ready() {
					return errEnded
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if ctx.Err() != nil { // both were there
			return context.Cause(ctx)
		}
	}
}

func (j *job) burst(ctx context.Context) error {
	began := time.Now()
	for n := 1; ; n++ {
		if err := j.target.SendWait(ctx, j.message(n)); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		if j.count(true) {
			return nil
		}
		if time.Since(began) >= runAtMost {
			time.Sleep(breath)
			began = time.Now()
		}
	}
}

// count notes what became of one message, and says whether it was the last.
func (j *job) count(sent bool) (last bool) {
	j.mu.Lock()
	if sent {
		j.now.sent++
	} else {
		j.now.skipped++
	}
	last = j.now.of > 0 && j.now.sent >= j.now.of
	j.mu.Unlock()
	j.news.Add(struct{}{})
	return last
}

// end tells the page for the last time.
func (j *job) end(why error) {
	j.mu.Lock()
	j.now.over, j.now.why = true, why
	j.mu.Unlock()
	j.news.Add(struct{}{})
	j.news.Flush()
	j.news.Stop()
}

package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"cartline/shared/lab"
	"cartline/shared/live"
)

// Bench is what echo-bench is told.
type Bench struct {
	Address     *url.URL
	Options     live.Options
	Connections int
	Size        int // bytes of each message, at least 1
	Binary      bool
	Duration    time.Duration
	// Notes gets the progress, each second.
	Notes io.Writer
}

const (
	// benchDialing is how many connections are opened at the same time: more would
	// measure who waits for whom.
	benchDialing = 64
	// benchDial bounds the opening of one.
	benchDial = 10 * time.Second
	// benchOther is how large what is no echo may be, like a greeting. Thousands of
	// connections must not each hold what a server likes to send.
	benchOther = 64 << 10
	// benchGrace is how long echoes that are under way at the end are awaited. They are
	// not counted, but their connections can be closed in order then.
	benchGrace = 2 * time.Second
)

// These are no constants for the sake of tests.
var (
	// benchPatience is how long an echo is awaited. Then its connection is given up.
	benchPatience = 10 * time.Second
	// benchLook is how often connections are looked at for an echo that doesn't come.
	benchLook = 500 * time.Millisecond
)

var (
	errNoEcho    = errors.New("an echo did not come in time")
	errWrongEcho = errors.New("an echo was not what had been sent")
)

// bench is a measurement under way.
type bench struct {
	Bench
	living context.Context // of all connections
	begin  chan struct{}   // closed when the measurement begins
	over   chan struct{}   // closed when it is over

	opened   atomic.Int64
	messages atomic.Int64
	others   atomic.Int64

	mu     sync.Mutex
	round  lab.RoundTrips
	result Result
	ended  bool // what comes from now on is not counted
}

// Run opens the connections and takes one echo over each, which is not counted. Then
// each connection sends a message, waits for its echo, and sends the next, for the
// duration or until the context ends. It returns when all connections are closed, and
// leaves no goroutine behind.
func (b Bench) Run(ctx context.Context) *Result {
	if b.Options.ReadLimit == 0 {
		b.Options.ReadLimit = int64(max(b.Size, benchOther))
	}
	living, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	w := &bench{Bench: b, living: living, begin: make(chan struct{}), over: make(chan struct{})}
	w.result = Result{
		URL: b.Address.Redacted(), Connections: b.Connections, Size: b.Size, Binary: b.Binary,
	}
	watching, stopWatching := context.WithCancel(living)
	var watch, workers, opening sync.WaitGroup
	defer watch.Wait()
	defer stopWatching()
	all := make([]*bencher, b.Connections)
	for i := range all {
		all[i] = newBencher(w, i)
	}
	watch.Go(func() { w.progress(watching) })
	watch.Go(func() { w.look(watching, all) })

	dialing := make(chan struct{}, benchDialing)
	opening.Add(b.Connections)
	for _, one := range all {
		workers.Go(func() { one.live(ctx, dialing, opening.Done) })
	}
	gone := make(chan struct{}) // no connection is left: there is nothing to wait for
	watch.Go(func() {
		workers.Wait()
		close(gone)
	})
	opening.Wait()
	began := time.Now()
	if ctx.Err() == nil && w.opened.Load() > 0 {
		close(w.begin)
		timer := time.NewTimer(b.Duration)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-gone:
		}
		timer.Stop()
	}
	w.finish(time.Since(began))

	grace := time.AfterFunc(benchGrace, kill)
	workers.Wait()
	grace.Stop()
	return &w.result
}

// finish stops counting, and reckons.
func (w *bench) finish(took time.Duration) {
	close(w.over)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.result.Opened = int(w.opened.Load())
	w.result.OtherMessages = int(w.others.Load())
	w.result.reckon(took, &w.round)
}

// count takes the round trip of one echo.
func (w *bench) count(took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.round.Add(took)
		w.messages.Add(1)
	}
}

// failed notes why a connection was not opened, or is no more.
func (w *bench) failed(opened bool, why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return // whoever is late is cut
	}
	switch {
	case errors.Is(why, errWrongEcho):
		w.result.WrongEchoes++
	case opened:
		w.result.Broken++
	default:
		w.result.Failed++
	}
	if w.result.FirstFailure == "" {
		w.result.FirstFailure = visible(why.Error(), " ")
	}
}

// progress tells each second how far it has come.
func (w *bench) progress(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var before int64
	for second := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-w.over:
			return
		case <-tick.C:
		}
		select {
		case <-w.begin:
			second++
			now := w.messages.Load()
			w.note("%3d s  %d messages", second, now-before)
			before = now
		default:
			w.note("%d of %d connections are open", w.opened.Load(), w.Connections)
		}
	}
}

func (w *bench) note(format string, args ...any) {
	_, _ = fmt.Fprintf(w.Notes, format+"\n", args...) // there is nowhere left to tell that it fails
}

// look gives up connections whose echo doesn't come.
func (w *bench) look(ctx context.Context, all []*bencher) {
	tick := time.NewTicker(benchLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		for _, one := range all {
			if since := one.since.Load(); since != nil && now.Sub(*since) > benchPatience {
				one.giveUp(errNoEcho)
			}
		}
	}
}

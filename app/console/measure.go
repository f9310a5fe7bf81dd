package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"cartline/app/part"
	"cartline/shared/lab"
	"cartline/shared/live"
)

const (
	// probePatience is how long the answer to a probe is waited for.
	probePatience = 5 * time.Second
	// maxLostAtFirst is how many answers may be missing before any has come, and
	// maxLostInRow afterwards, one after the other, before there is no point in going
	// on. An echo that drops some is measured all the same.
	maxLostAtFirst, maxLostInRow = 3, 10
	// eventsPace keeps probes of the events endpoint below what it takes of one client.
	eventsPace = 25 * time.Millisecond
	// progressEvery paces what is told of work that goes on.
	progressEvery = 100 * time.Millisecond
	// histogramBars is how many bars show how round trips differ.
	histogramBars = 12
)

// probeCounts are the numbers of probes to choose from.
var probeCounts = []int{10, 100, 1000}

// Why a job ends before it is done, beside errLinkOver.
var (
	errStopped = errors.New("it was stopped")
	errNoEcho  = errors.New("nothing comes back")
)

// gauge measures round trips on demand. It is for the goroutine of the page.
type gauge struct {
	count int // how many probes are sent the next time
	job   *job
	shown measured
}

// measured is what a measuring has found so far.
type measured struct {
	total, answered, lost int
	over                  bool
	why                   error // why it was over before it was done
	least, p50, p95, p99  time.Duration
	longest               time.Duration
	bars                  []lab.Bar
}

// measure begins to measure.
func (i *insight) measure() {
	p := i.pane
	if i.gauge.job.runs() || !p.model.canSend() {
		return
	}
	of, link := i.contact, p.link
	pace := time.Duration(0)
	of.probes.start(p.model.onEvents())
	if p.model.onEvents() {
		pace = eventsPace
	}
	n := i.gauge.count
	i.gauge.shown = measured{total: n}
	i.gauge.job = startJob(func(ctx context.Context) {
		probe(ctx, n, pace, &of.probes, link.queue, func(m measured) {
			p.dispatch(func() {
				i.gauge.shown = m
				i.version++
			})
		})
	})
	i.version++
}

// probe sends probes, each once the one before has been answered or is given up, and
// tells now and then, and in the end, what it has found.
func probe(ctx context.Context, n int, pace time.Duration, probes *probes, send func(context.Context, live.Message) error, tell func(measured)) {
	m := measured{total: n}
	var trips lab.RoundTrips
	told := time.Now()
	lostInRow := 0
	for m.answered+m.lost < n && m.why == nil {
		took, err := one(ctx, probes, send)
		switch {
		case err != nil:
			m.why = err
		case took < 0:
			m.lost++
			if lostInRow++; lostInRow == maxLostInRow || m.answered == 0 && lostInRow == maxLostAtFirst {
				m.why = errNoEcho
			}
		default:
			lostInRow = 0
			m.answered++
			trips.Add(took)
		}
		if time.Since(told) >= progressEvery {
			told = time.Now()
			tell(m.with(&trips))
		}
		if m.why == nil && m.answered+m.lost < n {
			m.why = pause(ctx, pace)
		}
	}
	m.over = true
	tell(m.with(&trips))
}

// one measures one round trip; it is less than nothing if there was no answer.
func one(ctx context.Context, probes *probes, send func(context.Context, live.Message) error) (time.Duration, error) {
	message, answer := probes.next()
	if err := send(ctx, message); err != nil {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return 0, err
	}
	patience := time.NewTimer(probePatience)
	defer patience.Stop()
	select {
	case took := <-answer:
		return took, nil
	case <-patience.C:
		return -1, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// pause waits, and returns why the context ended if it did before.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m measured) with(trips *lab.RoundTrips) measured {
	m.least, m.longest = trips.Percentile(0), trips.Longest()
	m.p50, m.p95, m.p99 = trips.Percentile(50), trips.Percentile(95), trips.Percentile(99)
	m.bars = trips.Histogram(histogramBars)
	return m
}

// said tells how a measuring ended, or "" while it goes on.
func (m measured) said() string {
	if !m.over {
		return ""
	}
	answered := part.Number(m.answered) + " of " + part.Number(m.answered+m.lost) + " came back"
	switch {
	case errors.Is(m.why, errNoEcho) && m.answered == 0:
		return "Nothing came back within " + part.Duration(probePatience) + ". Round trips can be measured with an echo, and with this server's events."
	case errors.Is(m.why, errNoEcho):
		return "Given up, as ten in a row had no answer within " + part.Duration(probePatience) + ": " + answered + "."
	case errors.Is(m.why, errLinkOver):
		return "The connection ended: " + answered + "."
	case m.why != nil:
		return "Stopped: " + answered + "."
	default:
		return answered + "."
	}
}

// probes tells probes and their answers from what is said on one connection. It may be
// used from any goroutine.
type probes struct {
	mu     sync.Mutex
	prober *lab.Prober // nil before the first measuring
	answer chan time.Duration
}

// start gets ready to measure. Probes are numbered through for as long as the connection
// lasts, so that a late answer is no other's.
func (p *probes) start(events bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prober == nil {
		p.prober = &lab.Prober{Events: events}
	}
}

// next makes a probe and gives up the one before. The channel gets its answer.
func (p *probes) next() (live.Message, <-chan time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = make(chan time.Duration, 1)
	return p.prober.Next(), p.answer
}

// sent tells whether a message that is sent is a probe.
func (p *probes) sent(m live.Message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.prober != nil && lab.IsProbe(m)
}

// received tells whether a message answers a probe, be it a late one or once again, and
// takes it.
func (p *probes) received(m live.Message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prober == nil {
		return false
	}
	if took, ok := p.prober.Answer(m); ok {
		p.answer <- took
		return true
	}
	return lab.IsProbe(m)
}

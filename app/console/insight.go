package console

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"cartline/app/part"
)

// beatEvery is how often counts, and what depends on the time, are drawn again.
const beatEvery = 250 * time.Millisecond

// insight is what a pane finds out of its connections beside what its log shows, and
// does with the log as a whole: what the folds Details and Recording are about. It is
// for the goroutine of the page.
type insight struct {
	pane    *pane
	clock   *clock
	contact *contact // of the present or last connection
	closing closing
	gauge   gauge
	reel    reel
	beat    *job
	// version counts what has changed, so that the fold is drawn again for that only.
	version int
}

// contact is what is kept of one connection. The tap, the probes and the open connection
// may be used from any goroutine.
type contact struct {
	handshake handshake
	failure   string // why it was never open
	tap       *tap
	probes    probes
	open      atomic.Pointer[connection]
}

func newInsight(p *pane) *insight {
	i := &insight{pane: p, clock: newClock(p.model.site), gauge: gauge{count: probeCounts[1]}, reel: reel{speed: 1}}
	i.contact = i.newContact()
	return i
}

func (i *insight) newContact() *contact { return &contact{tap: newTap(i.clock)} }

// begin is called before a connection is dialed. Those to our own endpoints are
// witnessed.
func (i *insight) begin(to address) {
	i.contact, i.closing, i.gauge.shown = i.newContact(), closing{}, measured{}
	if to.own && (to.path == pathEcho || to.path == pathEvents) {
		i.contact.handshake.id = newHandshakeID()
	}
	i.version++
}

// opened, failed and ended follow the connection.
func (i *insight) opened() {
	i.look(i.contact)
	i.keepBeat()
}

func (i *insight) failed() {
	i.contact.failure = strings.TrimPrefix(i.pane.model.line.text, "Error: ")
	i.look(i.contact)
	i.version++
}

func (i *insight) ended() {
	if i.pane.model.life.opened.IsZero() {
		i.contact.failure = gaveUp
	}
	i.gauge.job.stop(errLinkOver)
	i.reel.job.stop(errLinkOver)
	i.keepBeat()
}

// stop ends all that runs, for good.
func (i *insight) stop() {
	i.gauge.job.stop(errStopped)
	i.reel.job.stop(errStopped)
	i.beat.stop(errStopped)
}

// keepBeat lets the fold Details be drawn again and again while it is open and there is
// something to follow, and no longer.
func (i *insight) keepBeat() {
	i.version++
	want := i.pane.folds[foldDetails] && i.pane.model.phase == connected
	switch {
	case want && !i.beat.runs():
		i.beat = startJob(func(ctx context.Context) {
			tick := time.NewTicker(beatEvery)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					i.pane.dispatch(func() { i.version++ })
				case <-ctx.Done():
					return
				}
			}
		})
	case !want:
		i.beat.stop(errStopped)
	}
}

// buffered is how many bytes wait in the browser to be sent.
func (c *contact) buffered() int {
	if conn := c.open.Load(); conn != nil {
		return (*conn).Buffered()
	}
	return 0
}

// job is a goroutine that does something until it is done or stopped. A nil job has
// ended.
type job struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// startJob starts one. The cause of its context's end is what stop was given.
func startJob(work func(context.Context)) *job {
	ctx, cancel := context.WithCancelCause(context.Background())
	j := &job{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(j.done)
		defer part.Nudge() // as its timers have been stopped
		defer cancel(nil)
		defer part.Guard()
		work(ctx)
	}()
	return j
}

// stop asks for the end and doesn't wait for it. It may be called again.
func (j *job) stop(why error) {
	if j != nil {
		j.cancel(why)
	}
}

// runs tells whether it has been neither done nor stopped.
func (j *job) runs() bool {
	if j == nil {
		return false
	}
	select {
	case <-j.done:
		return false
	default:
		return true
	}
}

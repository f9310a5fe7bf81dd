package console

import (
	"context"
	"errors"
	"time"

	"cartline/app/part"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// speeds are what to choose from: so many times as fast as it was, or without pauses.
var speeds = []struct {
	name  string
	speed float64
}{{"As it was", 1}, {"10 × as fast", 10}, {"No pauses", 0}}

// replayed is how far a replay has come.
type replayed struct {
	sent, total int
	over        bool
	why         error // why it was over before it was done
}

// script returns what a replay would take: the import if there is one and it was
// chosen, else what was sent in the log since it began, but for what replays have sent:
// the second would send everything twice.
func (i *insight) script() []lab.Entry {
	if i.reel.ofImport() {
		return i.reel.imported
	}
	var entries []lab.Entry
	for _, e := range i.pane.model.log.Entries() {
		if e.Way == lab.Sent && !e.Imported && !e.Replayed {
			entries = append(entries, e.Entry)
		}
	}
	return entries
}

// replay begins to send what was sent.
func (i *insight) replay() {
	p := i.pane
	if i.reel.job.runs() || !p.model.canSend() {
		return
	}
	steps, _ := lab.Replay(i.script(), i.reel.speed)
	link := p.link
	i.reel.shown = replayed{total: len(steps)}
	i.reel.job = startJob(func(ctx context.Context) {
		replay(ctx, steps, link, func(r replayed) {
			p.dispatch(func() { i.reel.shown = r })
		})
	})
}

// replay sends messages after their pauses, and tells now and then, and in the end, how
// many are sent. It ends with the connection.
func replay(ctx context.Context, steps []lab.Step, link *link, tell func(replayed)) {
	r := replayed{total: len(steps)}
	told := time.Now()
	for _, step := range steps {
		if r.why = pause(ctx, step.After); r.why != nil {
			break
		}
		if r.why = queue(ctx, link, step.Message); r.why != nil {
			break
		}
		if r.sent++; time.Since(told) >= progressEvery {
			told = time.Now()
			tell(r)
			if step.After == 0 {
				r.why = pause(ctx, time.Millisecond) // in which the page is drawn
			}
		}
	}
	r.over = true
	if errors.Is(r.why, errLinkOver) {
		// What waited in line when the connection ended was not sent.
		select {
		case <-link.told:
		case <-link.done:
		}
		r.sent = max(0, r.sent-len(link.outbox))
	}
	tell(r)
}

func queue(ctx context.Context, link *link, m live.Message) error {
	err := link.again(ctx, m)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// progress tells how far a replay is that goes on, and said how it ended.
func (r replayed) progress() string {
	if r.total == 0 || r.over {
		return ""
	}
	return part.Number(r.sent) + " of " + part.Number(r.total) + " sent."
}

func (r replayed) said() string {
	done := part.Number(r.sent) + " of " + part.Number(r.total)
	switch {
	case !r.over:
		return ""
	case errors.Is(r.why, errLinkOver):
		return "The connection ended after " + done + "."
	case r.why != nil:
		return "Stopped after " + done + "."
	default:
		return "All " + part.Number(r.total) + " sent."
	}
}

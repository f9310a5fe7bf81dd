package nats

import (
	"context"
	"math/rand/v2"
	"time"
)

// standPause is how long it is waited at least after an election that was lost, or an
// office that ended, before the next.
const standPause = time.Second

// stand has this process stand for election whenever nothing is heard of an elected one.
// So those who aren't elected don't ask the database for anything.
func (r *Relay) stand(ctx context.Context) {
	errs := once{logger: r.config.Logger}
	for r.vacant(ctx) {
		office, err := r.config.Elect(ctx)
		errs.log(ctx, "can't stand for being the one that publishes the log on NATS; trying again", err)
		if err == nil && office != nil {
			r.serve(ctx, office)
		}
		if !pause(ctx, standPause+rand.N(standPause)) {
			return
		}
	}
}

// vacant waits until nobody is heard, and NATS answers, without which there is nothing to
// be elected for. It returns false when the context ends.
func (r *Relay) vacant(ctx context.Context) bool {
	for began := time.Now(); ; {
		_, fresh := r.pulse.state(time.Now())
		// Who has just come may not have heard yet.
		if !fresh && time.Since(began) > beatInterval && r.answers(ctx) {
			return true
		}
		if !pause(ctx, beatInterval/4+rand.N(beatInterval/4)) {
			return false
		}
	}
}

// answers tells whether NATS does.
func (r *Relay) answers(ctx context.Context) bool {
	if !r.conn.IsConnected() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, beatInterval)
	defer cancel()
	if r.conn.FlushWithContext(ctx) != nil {
		return false
	}
	_, fresh := r.pulse.state(time.Now())
	return !fresh // it has told all that it had to tell by now
}

package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
)

// faults breaks things, and counts it. Killing goes on at the same time as breaking, so
// that they fall together in every way.
type faults struct {
	gateways []*Gateway
	clients  []*testenv.Link // between listeners and each of these
	db       *Database
	nats     *nats // nil if there is none

	mu     sync.Mutex
	counts map[string]int
	rounds int   // how often everything was broken that can be
	err    error // why something could not be mended
}

// Names under which faults are counted.
const (
	killed     = "server killed"
	terminated = "server terminated"
)

func (f *faults) count(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[name]++
}

// state returns what was done so far.
func (f *faults) state() (counts map[string]int, rounds int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts = make(map[string]int, len(f.counts))
	for name, n := range f.counts {
		counts[name] = n
	}
	return counts, f.rounds, f.err
}

// kill ends the server at random instants, also while it starts. Over NATS it takes some
// seconds until another is elected, and a process that follows it; so there is more time.
func (f *faults) kill(ctx context.Context) {
	most := 1500 * time.Millisecond
	if f.nats != nil {
		most = 8 * time.Second
	}
	for {
		pause(ctx, upTo(most))
		if ctx.Err() != nil {
			return
		}
		gateway := one(f.gateways)
		if chance(20) {
			if gateway.Terminate() {
				f.count(terminated)
			}
		} else if gateway.Kill() {
			f.count(killed)
		}
	}
}

// fault breaks something and mends it.
type fault struct {
	name string
	do   func(ctx context.Context) error
}

// lasts is how long something stays broken.
func lasts(ctx context.Context, most time.Duration) { pause(ctx, upTo(most)) }

// all lists what can be broken.
func (f *faults) all() []fault {
	list := []fault{
		{"listeners cut off", func(ctx context.Context) error { return cut(ctx, one(f.clients)) }},
		{"one listener cut off", func(context.Context) error { one(f.clients).CutOne(); return nil }},
		{"listeners' lines stalled", func(ctx context.Context) error { return stall(ctx, one(f.clients)) }},
		{"listeners' lines dead", func(ctx context.Context) error { return die(ctx, one(f.clients)) }},
	}
	if f.nats != nil {
		list = append(list, f.nats.faults()...)
	}
	if f.db.cluster == nil {
		return list
	}
	return append(list,
		fault{"database stopped, fast", func(ctx context.Context) error { return f.restart(ctx, f.db.cluster.StopFast) }},
		fault{"database stopped, at once", func(ctx context.Context) error { return f.restart(ctx, f.db.cluster.StopImmediate) }},
		fault{"listening backend ended", func(ctx context.Context) error { return f.terminate(ctx, `= 'cartline listener'`) }},
		fault{"all backends ended", func(ctx context.Context) error { return f.terminate(ctx, `IS NOT NULL`) }},
		fault{"database cut off", func(ctx context.Context) error { return cut(ctx, f.db.link) }},
		fault{"database's line stalled", func(ctx context.Context) error { return stall(ctx, f.db.link) }},
		fault{"database's line dead", func(ctx context.Context) error { return die(ctx, f.db.link) }},
	)
}

// breakAll breaks one thing after the other, in another order each time.
func (f *faults) breakAll(ctx context.Context) {
	all := f.all()
	for {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, fault := range all {
			pause(ctx, upTo(600*time.Millisecond))
			if ctx.Err() != nil {
				return
			}
			err := fault.do(ctx)
			f.mu.Lock()
			f.counts[fault.name]++
			f.err = errors.Join(f.err, err)
			f.mu.Unlock()
			if err != nil {
				return
			}
		}
		f.mu.Lock()
		f.rounds++
		f.mu.Unlock()
	}
}

// one returns one of several, whichever.
func one[T any](of []T) T { return of[rand.IntN(len(of))] }

func cut(ctx context.Context, link *testenv.Link) error {
	link.Cut()
	lasts(ctx, 500*time.Millisecond)
	link.Mend()
	return nil
}

func stall(ctx context.Context, link *testenv.Link) error {
	link.Stall()
	lasts(ctx, 1500*time.Millisecond)
	link.Mend()
	return nil
}

func die(ctx context.Context, link *testenv.Link) error {
	link.Die()
	lasts(ctx, 3*time.Second)
	link.Bury()
	return nil
}

func (f *faults) restart(ctx context.Context, stop func() error) error {
	err := stop()
	lasts(ctx, 300*time.Millisecond)
	return errors.Join(err, f.db.cluster.Start())
}

// terminate ends the backends of the programs whose name fulfils a condition.
func (f *faults) terminate(ctx context.Context, condition string) error {
	conn, err := pgx.Connect(ctx, f.db.direct)
	if err == nil {
		_, err = conn.Exec(ctx, `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name `+condition)
		_ = conn.Close(context.WithoutCancel(ctx))
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

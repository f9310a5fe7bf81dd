//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"cartline/server/bench/load"
)

// fanOut is how much is told to how many.
type fanOut struct {
	clients, perSecond, perTransaction int
}

var fanOutColumns = []column{
	{name: "cpu", title: "CPU µs per delivery", digits: 2, ratio: true, spread: true},
	{name: "core", title: "% of a core", digits: 0},
	{name: "p50", title: "p50 ms", digits: 2},
	{name: "p99", title: "p99 ms", digits: 2, spread: true},
	{name: "max", title: "max ms", digits: 1},
	{name: "delivered", title: "delivered %", digits: 1},
	{name: "gone", title: "clients cut"},
}

// fanOuts measures what it takes to tell many, and how fast they know.
func fanOuts() []scenario {
	var all []scenario
	for _, one := range []fanOut{{1000, 50, 1}, {100, 1000, 1}, {100, 10000, 100}} {
		how := "each in a transaction of its own"
		if one.perTransaction > 1 {
			how = fmt.Sprintf("%d to a transaction", one.perTransaction)
		}
		all = append(all, scenario{
			name:       fmt.Sprintf("fanout-%dx%d", one.clients, one.perSecond),
			title:      fmt.Sprintf("%s clients, %s events a second", grouped(one.clients), grouped(one.perSecond)),
			about:      fmt.Sprintf("PostgreSQL notifies events of %d bytes, %s, and all clients get each of them. Latency is from before the NOTIFY's COMMIT until a client has read it.", eventSize, how),
			contenders: everyone,
			baseline:   baseline,
			beside:     "raw",
			oneCore:    one.perSecond >= 10000,
			columns:    fanOutColumns,
			takes:      func(b *bench) time.Duration { return warmUp(b) + b.Duration },
			measure:    one.measure,
		})
	}
	return all
}

// warmUp is how long something is done before it is measured.
func warmUp(b *bench) time.Duration { return min(time.Second, b.Duration/2) }

// What is still under way after the last event was sent is awaited for a while: before
// the measurement until it has come, as it would be taken for something else; after it
// only for so long, and what comes later counts as not delivered.
const (
	graceBefore = 30 * time.Second
	graceAfter  = 3 * time.Second
)

// silence is after which nothing more is awaited.
const silence = 2 * time.Second

func (f fanOut) measure(ctx context.Context, b *bench, c contender) (_ values, err error) {
	clients := b.scaled(f.clients)
	s, crowd, err := b.listeners(ctx, c, b.main, clients)
	if err != nil {
		return nil, err
	}
	defer func() {
		crowd.Close()
		err = s.ended(err)
	}()
	from, err := newPublisher(ctx, b.main)
	if err != nil {
		return nil, err
	}
	defer from.close()
	send := func(d time.Duration) (int, error) {
		return from.run(ctx, f.interval(), f.perTransaction, d)
	}
	v, err := deliveries(ctx, b, s, crowd, clients, send)
	if err == nil {
		v["commit"] = millis(from.took.Quantile(0.99))
	}
	return v, err
}

// interval is the time between two transactions.
func (f fanOut) interval() time.Duration {
	return time.Duration(f.perTransaction) * time.Second / time.Duration(f.perSecond)
}

// listeners starts a contender, and connects clients to it.
func (b *bench) listeners(ctx context.Context, c contender, d *database, clients int) (*server, *load.Crowd, error) {
	s, err := b.start(c, relaying, d)
	if err != nil {
		return nil, nil, err
	}
	crowd, err := load.Open(ctx, clients, func(int) load.Target { return s.target })
	if err != nil {
		return nil, nil, s.ended(err)
	}
	return s, crowd, nil
}

// deliveries measures what it takes a server to tell a crowd what is sent, all of it to
// each of them.
func deliveries(ctx context.Context, b *bench, s *server, crowd *load.Crowd, clients int, send func(time.Duration) (int, error)) (values, error) {
	warm, err := send(warmUp(b))
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, crowd, int64(warm)*int64(clients), graceBefore); err != nil {
		return nil, err
	}
	crowd.Reset()
	before, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	sent, err := send(b.Duration)
	if err != nil {
		return nil, err
	}
	wanted := int64(sent) * int64(clients)
	if err := settle(ctx, crowd, wanted, graceAfter); err != nil {
		return nil, err
	}
	took := time.Since(begun)
	after, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	count := crowd.Count()
	if count.Messages == 0 {
		return nil, fmt.Errorf("nothing was delivered of %d events: %s", sent, s.logEnd())
	}
	v := latencies(&count.Latency)
	v["cpu"] = float64((after - before).Nanoseconds()) / 1e3 / float64(count.Messages)
	v["core"] = 100 * float64(after-before) / float64(took)
	v["delivered"] = 100 * float64(count.Messages) / float64(wanted)
	v["sent"] = float64(sent) / b.Duration.Seconds()
	if count.Gone > 0 {
		b.logf("  %d clients have gone: %s", count.Gone, count.Why)
		v["gone"] = float64(count.Gone)
	}
	v["reads"] = float64(count.Reads) / float64(count.Messages)
	return v, nil
}

// settle waits until all has arrived, no more comes, or the time is up.
func settle(ctx context.Context, crowd *load.Crowd, wanted int64, atMost time.Duration) error {
	begun := time.Now()
	last, since := int64(-1), begun
	for {
		now := crowd.Count().Messages
		if now != last {
			last, since = now, time.Now()
		}
		if now >= wanted || time.Since(since) > silence || time.Since(begun) > atMost {
			return nil
		}
		if err := wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// latencies are the columns of a histogram.
func latencies(h *load.Histogram) values {
	return values{"p50": millis(h.Quantile(0.5)), "p99": millis(h.Quantile(0.99)), "max": millis(h.Max())}
}

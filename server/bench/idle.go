//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cartline/server/bench/load"
)

// idles measures what it takes to keep clients who listen and hear nothing. The most is
// about what a limit of 20,000 open files allows, which is a common one.
func idles() []scenario {
	all := titled(without(everyone, cartlineBatch.name), map[string]string{
		baseline:      "raw TCP",
		"gorilla":     "gorilla/websocket 1.5.3",
		"gws":         "lxzan/gws 1.8.9",
		"coder":       "coder/websocket 1.8.15",
		cartline.name: "**Cartline**",
	})
	few := slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return c.name != baseline && c.name != cartline.name })
	return []scenario{idle(1000, all), idle(10000, all), idle(19000, few)}
}

func idle(clients int, among []contender) scenario {
	return scenario{
		name:       fmt.Sprintf("idle-%d", clients),
		title:      fmt.Sprintf("%s idle listeners", grouped(clients)),
		about:      "What a server has in memory more than before they came, some time after the last of them, and what it takes of a core then. The kernel's share of a connection is not in it, and Cartline's heartbeats are.",
		contenders: among,
		baseline:   baseline,
		beside:     "raw",
		columns: []column{
			{name: "kib", title: "KiB per connection", digits: 2, ratio: true},
			{name: "before", title: "MiB before", digits: 1},
			{name: "rss", title: "MiB then", digits: 1},
			{name: "core", title: "% of a core", digits: 2},
		},
		once: true,
		// All of them together must not need more files than one process may have.
		together: clients <= 1000,
		takes:    func(b *bench) time.Duration { return b.settling() + b.watching() },
		measure: func(ctx context.Context, b *bench, c contender) (values, error) {
			return measureIdle(ctx, b, c, b.scaled(clients))
		},
	}
}

// settling is how long after the last client memory is looked at, and watching how long
// the processor's time after that.
func (b *bench) settling() time.Duration { return b.quickly(60*time.Second, b.Duration) }
func (b *bench) watching() time.Duration { return b.quickly(20*time.Second, b.Duration) }

func measureIdle(ctx context.Context, b *bench, c contender, clients int) (_ values, err error) {
	const others = 200 // files besides the connections
	if clients+others > int(b.files) {
		return nil, fmt.Errorf("%d connections need more than the %d files that a process may have open (ulimit -Hn)", clients, b.files)
	}
	s, err := b.start(c, relaying, b.main)
	if err != nil {
		return nil, err
	}
	defer func() { err = s.ended(err) }()
	// One client has been served, so that what the first of all takes isn't counted.
	first, err := load.Open(ctx, 1, func(int) load.Target { return s.target })
	if err != nil {
		return nil, err
	}
	defer first.Close()
	if err := wait(ctx, b.quickly(3*time.Second, 0)); err != nil {
		return nil, err
	}
	before, err := resident(s.pid)
	if err != nil {
		return nil, err
	}
	crowd, err := load.Open(ctx, clients, func(int) load.Target { return s.target })
	if err != nil {
		return nil, err
	}
	defer crowd.Close()
	if err := wait(ctx, b.settling()); err != nil {
		return nil, err
	}
	after, err := resident(s.pid)
	if err != nil {
		return nil, err
	}
	cpu, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := wait(ctx, b.watching()); err != nil {
		return nil, err
	}
	cpuThen, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	if count := crowd.Count(); count.Gone > 0 {
		return nil, fmt.Errorf("of %d clients, %d have gone: %s", clients, count.Gone, count.Why)
	}
	const mib = 1 << 20
	return values{
		"kib":    float64(after-before) / 1024 / float64(clients),
		"before": float64(before) / mib,
		"rss":    float64(after) / mib,
		"core":   100 * float64(cpuThen-cpu) / float64(time.Since(begun)),
	}, nil
}

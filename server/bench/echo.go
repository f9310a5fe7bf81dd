//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"cartline/server/bench/load"
)

// echoClients is how many send a message and wait for it, over and over.
const echoClients = 64

// echoes measures how much a server sends back for what it takes.
func echoes() []scenario {
	var all []scenario
	for _, size := range []int{32, 4096} {
		all = append(all, scenario{
			name:  fmt.Sprintf("echo-%d", size),
			title: fmt.Sprintf("Echo, %d clients, %s bytes", echoClients, grouped(size)),
			about: fmt.Sprintf("Each client sends a text of %s bytes and waits until it has come back. The WebSocket servers refuse what is above 1 MiB or not UTF-8.", grouped(size)),
			// An echo has no batches.
			contenders: titled(without(everyone, cartlineBatch.name), map[string]string{
				baseline:      "raw TCP",
				"gorilla":     "gorilla/websocket 1.5.3",
				"gws":         "lxzan/gws 1.8.9",
				"coder":       "coder/websocket 1.8.15, a pooled buffer",
				"coder-queue": "coder/websocket, Conn.Read",
				cartline.name: "**Cartline**",
			}),
			baseline: baseline,
			beside:   "raw",
			columns: []column{
				{name: "percpu", title: "messages per CPU second", ratio: true, spread: true},
				{name: "second", title: "messages a second"},
				{name: "p50", title: "p50 ms", digits: 2},
				{name: "p99", title: "p99 ms", digits: 2},
			},
			takes: func(b *bench) time.Duration { return warmUp(b) + b.Duration },
			measure: func(ctx context.Context, b *bench, c contender) (values, error) {
				return measureEcho(ctx, b, c, size)
			},
		})
	}
	return all
}

func measureEcho(ctx context.Context, b *bench, c contender, size int) (_ values, err error) {
	s, err := b.start(c, echoing, b.main)
	if err != nil {
		return nil, err
	}
	defer func() { err = s.ended(err) }()
	crowd, err := load.Echo(ctx, echoClients, size, s.target)
	if err != nil {
		return nil, err
	}
	defer crowd.Close()
	if err := wait(ctx, warmUp(b)); err != nil {
		return nil, err
	}
	crowd.Reset()
	begun := time.Now()
	before, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, b.Duration); err != nil {
		return nil, err
	}
	count := crowd.Count()
	after, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	took := time.Since(begun)
	if count.Gone > 0 || count.Messages == 0 {
		return nil, fmt.Errorf("of %d clients, %d have gone: %s", echoClients, count.Gone, count.Why)
	}
	v := latencies(&count.Latency)
	v["percpu"] = float64(count.Messages) / (after - before).Seconds()
	v["second"] = float64(count.Messages) / took.Seconds()
	return v, nil
}

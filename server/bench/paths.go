//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// paths compares how an event gets to the gateway: by itself, or as a wake-up and a row
// of the log.
func paths() scenario {
	f := fanOut{clients: 1000, perSecond: 50, perTransaction: 1}
	return scenario{
		name:  "paths",
		title: "From the log, and from a bare NOTIFY: 1,000 clients, 50 events a second",
		about: "Of a cart's change, the time is taken in its transaction, right before the cart and the activity are written and committed. The event is the cart's whole row, some 800 bytes in place of 100. COMMIT is from there until PostgreSQL has acknowledged it.",
		contenders: []contender{
			{name: baseline, title: "raw TCP, bare NOTIFY", rival: "raw"},
			{name: "cartline", title: "**Cartline**, bare NOTIFY"},
			{name: "log", title: "**Cartline**, carts change: log and wake-up", log: true},
		},
		baseline: baseline,
		beside:   "raw",
		columns:  append(slices.Clone(fanOutColumns), column{name: "commit", title: "of it COMMIT, p99 ms", digits: 2}),
		takes:    func(b *bench) time.Duration { return warmUp(b) + b.Duration },
		measure: func(ctx context.Context, b *bench, c contender) (values, error) {
			if c.log {
				return f.measureLog(ctx, b, c)
			}
			return f.measure(ctx, b, c)
		},
	}
}

// measureLog is measure with changes of a few carts.
func (f fanOut) measureLog(ctx context.Context, b *bench, c contender) (_ values, err error) {
	clients := b.scaled(f.clients)
	s, crowd, err := b.listeners(ctx, c, b.main, clients)
	if err != nil {
		return nil, err
	}
	defer func() {
		crowd.Close()
		err = s.ended(err)
	}()
	from := newWriter(b.main)
	defer from.close()
	shoppers := make([]string, 10)
	for i := range shoppers {
		shoppers[i] = fmt.Sprint("shopper", i)
	}
	v, err := deliveries(ctx, b, s, crowd, clients, func(d time.Duration) (int, error) {
		return from.run(ctx, f.interval(), shoppers, d)
	})
	if err == nil {
		v["commit"] = millis(from.took.Quantile(0.99))
	}
	return v, err
}

// perDelivery compares what a delivery costs a few clients and many, with the same
// number of deliveries a second, and what it costs the bare relay.
func perDelivery() scenario {
	const perSecond = 30000
	var all []contender
	for _, clients := range []int{100, 1000, 10000} {
		all = append(all,
			contender{name: fmt.Sprintf("raw-%d", clients), title: "raw TCP, " + grouped(clients) + " clients", rival: "raw", clients: clients},
			contender{name: fmt.Sprintf("clients-%d", clients), title: "**Cartline**, " + grouped(clients) + " clients", clients: clients})
	}
	return scenario{
		name:       "delivery",
		title:      "The same number of deliveries, to few and to many",
		about:      fmt.Sprintf("Events of %d bytes are notified so often that %s a second are delivered. Ratios are to the bare relay with 100 clients.", eventSize, grouped(perSecond)),
		contenders: all,
		baseline:   all[0].name,
		beside:     "raw, 100",
		columns:    fanOutColumns,
		takes:      func(b *bench) time.Duration { return warmUp(b) + b.Duration },
		measure: func(ctx context.Context, b *bench, c contender) (values, error) {
			return fanOut{clients: c.clients, perSecond: perSecond / c.clients, perTransaction: 1}.measure(ctx, b, c)
		},
	}
}

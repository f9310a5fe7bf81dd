//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cartline/server/bench/load"
	"cartline/server/identity"
	"cartline/shared"
)

// Shoppers who each listen to their own cart, those of them whose carts change, and how
// many changes there are.
const (
	mostShoppers     = 10000
	changingCarts    = 1000
	changesPerSecond = 1000
)

// marksOfOwnCart is how often a mark stands in what a shopper is told: in the activity's
// row, and in the cart.
const marksOfOwnCart = 2

// interest shows what a change costs when there are ever more who listen to something
// else.
func interest() scenario {
	all := []contender{{name: "shoppers-0", title: "nobody"}}
	for _, clients := range []int{changingCarts, mostShoppers} {
		title := grouped(clients) + " shoppers"
		if clients > changingCarts {
			title += fmt.Sprintf(", %s of their carts change", grouped(changingCarts))
		}
		all = append(all, contender{name: fmt.Sprintf("shoppers-%d", clients), title: title, clients: clients})
	}
	all = append(all, contender{name: "shoppers-all", title: grouped(mostShoppers) + " shoppers, all their carts change", clients: mostShoppers, all: true})
	return scenario{
		name:       "interest",
		title:      fmt.Sprintf("%s cart changes a second, and shoppers who each listen to their own cart", grouped(changesPerSecond)),
		about:      "Each change is made by the store's own transaction in another process, concerns one cart, and is told to its shopper alone, with the whole cart.",
		contenders: all,
		baseline:   all[1].name,
		beside:     all[1].title,
		columns: []column{
			{name: "change", title: "CPU µs per change", digits: 0, ratio: true, spread: true},
			{name: "core", title: "% of a core", digits: 0},
			{name: "second", title: "changes a second", digits: 0},
			{name: "p50", title: "p50 ms", digits: 1},
			{name: "p99", title: "p99 ms", digits: 1},
			{name: "delivered", title: "delivered %", digits: 1},
			{name: "gone", title: "clients cut"},
		},
		takes:   func(b *bench) time.Duration { return b.quickly(8*time.Second, 0) + warmUp(b) + b.Duration },
		measure: measureInterest,
	}
}

// shopper is one who has a session and a cart.
type shopper struct {
	id, cookie string
}

// shoppersOf makes so many shoppers with a cart in a database of their own, the first
// time.
func (b *bench) shoppersOf(ctx context.Context) ([]shopper, error) {
	if b.shoppers != nil {
		return b.shoppers, nil
	}
	n := b.scaled(mostShoppers)
	b.logf("  making %s shoppers", grouped(n))
	d, err := b.newDatabase(ctx, "interest")
	if err != nil {
		return nil, err
	}
	b.interest = d
	w := newWriter(d)
	defer w.close()
	sessions := identity.NewShoppers(d.store)
	made := make([]shopper, n)
	_, err = w.each(ctx, func(ctx context.Context, i int) (more bool, err error) {
		if i >= n {
			return false, nil
		}
		token, one, err := sessions.Begin(ctx)
		if err != nil {
			return false, err
		}
		made[i] = shopper{id: one.ID, cookie: (&http.Cookie{Name: "cartline_shopper", Value: token}).String()}
		return true, w.change(ctx, one.ID)
	})
	if err == nil {
		b.shoppers = made
	}
	return made, err
}

func measureInterest(ctx context.Context, b *bench, c contender) (_ values, err error) {
	shoppers, err := b.shoppersOf(ctx)
	if err != nil {
		return nil, err
	}
	s, err := b.start(c, relaying, b.interest)
	if err != nil {
		return nil, err
	}
	defer func() { err = s.ended(err) }()
	s.target.Say = fmt.Sprintf(`{"listen":%q}`, shared.ChannelMyCart)
	listening := min(b.scaled(c.clients), len(shoppers))
	crowd, err := load.Open(ctx, listening, func(i int) load.Target {
		t := s.target
		t.Header = []string{"Cookie: " + shoppers[i].cookie}
		return t
	})
	if err != nil {
		return nil, err
	}
	defer crowd.Close()

	changing := shoppers[:min(b.scaled(changingCarts), len(shoppers))]
	if c.all {
		changing = shoppers
	}
	ids := make([]string, len(changing))
	for i, one := range changing {
		ids[i] = one.id
	}
	from := newWriter(b.interest)
	defer from.close()
	return changes(ctx, b, s, crowd, min(1, listening), func(d time.Duration) (int, error) {
		return from.run(ctx, time.Second/changesPerSecond, ids, d)
	})
}

// changes measures what changes take of a server, each of which is told to so many.
func changes(ctx context.Context, b *bench, s *server, crowd *load.Crowd, tells int, send func(time.Duration) (int, error)) (values, error) {
	warm, err := send(warmUp(b))
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, crowd, int64(warm)*int64(tells)*marksOfOwnCart, graceBefore); err != nil {
		return nil, err
	}
	crowd.Reset()
	begun := time.Now()
	before, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	sent, err := send(b.Duration)
	if err != nil {
		return nil, err
	}
	sending := time.Since(begun)
	wanted := int64(sent) * int64(tells) * marksOfOwnCart
	if err := settle(ctx, crowd, wanted, graceAfter); err != nil {
		return nil, err
	}
	after, err := cpuTime(s.pid)
	if err != nil {
		return nil, err
	}
	if sent == 0 {
		return nil, errors.New("there was no change")
	}
	v := values{
		"change": float64((after - before).Nanoseconds()) / 1e3 / float64(sent),
		"core":   100 * float64(after-before) / float64(time.Since(begun)),
		"second": float64(sent) / sending.Seconds(),
	}
	count := crowd.Count()
	if wanted > 0 {
		for name, value := range latencies(&count.Latency) {
			v[name] = value
		}
		v["delivered"] = 100 * float64(count.Messages) / float64(wanted)
	}
	if count.Gone > 0 {
		b.logf("  %d clients have gone: %s", count.Gone, count.Why)
		v["gone"] = float64(count.Gone)
	}
	return v, nil
}

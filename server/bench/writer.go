//go:build linux

package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cartline/server/bench/load"
	"cartline/server/cart"
	"cartline/server/postgres"
	"cartline/shared"
)

// writers is how many change carts at the same time.
const writers = 8

// writer changes carts as another process of Cartline would: with the store's own
// transaction, and a wake-up after it.
type writer struct {
	service *cart.Service
	stop    context.CancelFunc
	waking  sync.WaitGroup

	mu   sync.Mutex
	took load.Histogram // from a mark until its change is committed
}

// newWriter makes a writer, which must be closed.
func newWriter(d *database) *writer {
	waker := postgres.NewWaker(d.store, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	w := &writer{service: cart.NewService(d.store, d.store, waker.Wake), stop: stop}
	w.waking.Go(func() { waker.Run(ctx) })
	return w
}

func (w *writer) close() {
	w.stop()
	w.waking.Wait()
}

// run makes a change in each interval, in one shopper's cart after the other, and
// returns how many there were. If it falls behind, it makes up for it.
func (w *writer) run(ctx context.Context, interval time.Duration, shoppers []string, d time.Duration) (int, error) {
	begun := time.Now()
	return w.each(ctx, func(ctx context.Context, i int) (more bool, err error) {
		due := time.Duration(i) * interval
		if due >= d || time.Since(begun) > 2*d {
			return false, nil
		}
		if behind := time.Since(begun) - due; behind < 0 {
			if err := wait(ctx, -behind); err != nil {
				return false, err
			}
		}
		return true, w.change(ctx, shoppers[i%len(shoppers)])
	})
}

// each calls do for 0, 1, 2 and so on, by several goroutines, until it says that there is
// no more, and returns for how many it did something.
func (w *writer) each(ctx context.Context, do func(ctx context.Context, i int) (more bool, err error)) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, done atomic.Int64
	var working sync.WaitGroup
	for range writers {
		working.Go(func() {
			for ctx.Err() == nil {
				more, err := do(ctx, int(next.Add(1)-1))
				if err != nil {
					cancel(err)
				}
				if !more || err != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	working.Wait()
	return int(done.Load()), context.Cause(ctx)
}

// change changes the quantity in a shopper's cart, which is made if there is none. The
// mark stands where the shopper's page would: in a place that every audience is told.
func (w *writer) change(ctx context.Context, shopper string) error {
	var begun time.Time
	_, err := w.service.Apply(ctx, w.service.Own(cart.Shopper{ID: shopper}), cart.ShopperActor, func(r *cart.Record) (*cart.Outcome, error) {
		activity := &shared.Activity{Kind: shared.LineChanged}
		if len(r.Lines) == 0 {
			activity.Kind = shared.LineAdded
			r.Lines = []shared.Line{{SKU: "MUG-BLUE", Slug: "blue-mug", Name: "Blue mug", UnitPrice: shared.Money{Amount: 1250, Currency: "EUR"}}}
		}
		line := &r.Lines[0]
		activity.Line = &shared.LineChange{SKU: line.SKU, Name: line.Name, OldQuantity: line.Quantity, NewQuantity: line.Quantity%9 + 1}
		line.Quantity, line.Version = activity.Line.NewQuantity, 0
		begun = time.Now()
		r.Seen, r.Page, r.PageAt = true, "/shop?"+load.Mark(begun), cart.Now()
		return &cart.Outcome{Activity: activity}, nil
	})
	if err != nil {
		return fmt.Errorf("change a cart: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took.Add(time.Since(begun))
	return nil
}

package assist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Run keeps those present whom `present` returns, and releases those who have gone or
// did nothing for too long, until the context ends. Every process that serves the
// desk runs it.
func (d *Desk) Run(ctx context.Context, present func() []Presence) {
	ticker := time.NewTicker(d.config.Absence / 3)
	defer ticker.Stop()
	// While this process couldn't note who is present, nobody was absent.
	trusted := d.now()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if err := d.keepAlive(ctx, present()); err != nil {
			if ctx.Err() == nil {
				d.config.Log.Error("can't note who is present", "error", err)
			}
			trusted = d.now()
			continue
		}
		if d.now().Sub(trusted) < d.config.Absence {
			continue
		}
		if err := d.ReleaseLapsed(ctx); err != nil && ctx.Err() == nil {
			d.config.Log.Error("can't release who has gone", "error", err)
		}
	}
}

// storeTimeout bounds how long Run waits for the database, whose link may be dead.
const storeTimeout = 10 * time.Second

// keepAlive notes who is present. It is an error as well if that took so long that
// what has been noted is out of date by now: the database stood still, and others
// couldn't note anything either.
func (d *Desk) keepAlive(ctx context.Context, present []Presence) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	began := d.now()
	if err := d.config.Store.KeepAlive(ctx, present, began); err != nil {
		return err
	}
	if took := d.now().Sub(began); took >= d.config.Absence/3 {
		return fmt.Errorf("it took %s", took)
	}
	return nil
}

// ReleaseLapsed releases those who have gone, or did nothing for too long.
func (d *Desk) ReleaseLapsed(ctx context.Context) error {
	now := d.now()
	lapsed, err := d.config.Store.Lapsed(ctx, now.Add(-d.config.Absence), now.Add(-d.config.Idle))
	if err != nil {
		return err
	}
	for _, lapse := range lapsed {
		reason := shared.ReleasedDisconnected
		if lapse.Idle {
			reason = shared.ReleasedIdle
		}
		rule := released(lapse.Staff, reason)
		_, err := d.config.Carts.Apply(ctx, cart.Which{ID: lapse.CartID}, shared.Actor{Kind: shared.ActorServer}, func(r *cart.Record) (*cart.Outcome, error) {
			attendant, _ := r.Attendant(lapse.Staff)
			outcome, err := rule(r)
			if outcome != nil {
				outcome.Audit = &shared.AuditEntry{
					At: now, Staff: lapse.Staff, Action: "released_" + string(reason), CartID: r.ID, Cart: r.Name,
					Customer: r.Customer, Consent: attendant.Consent, Outcome: shared.AuditDone,
				}
			}
			return outcome, err
		})
		var problem *shared.Problem
		if err != nil && !errors.As(err, &problem) { // a cart that has gone has nobody
			return err
		}
	}
	return nil
}

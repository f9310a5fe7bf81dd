package main

import (
	"context"
	"time"

	"cartline/server/cart"
)

// retentionFlags say how long things are kept.
type retentionFlags struct {
	KeepUnseen time.Duration `env:"CARTLINE_KEEP_UNSEEN" default:"1h" placeholder:"DURATION" help:"How long a cart is kept that nothing changes, if no browser ever reported a page view for it: most of them are bots'. (${default}, ${env})"`
	KeepCarts  time.Duration `env:"CARTLINE_KEEP_CARTS" default:"2160h" placeholder:"DURATION" help:"How long any other open cart is kept that nothing changes. (${default}, ${env})"`
	KeepLog    time.Duration `env:"CARTLINE_KEEP_LOG" default:"720h" placeholder:"DURATION" help:"How long the log of carts' changes is kept, and with it their timelines. (${default}, ${env})"`
	KeepAudit  time.Duration `env:"CARTLINE_KEEP_AUDIT" default:"8760h" placeholder:"DURATION" help:"How long the audit of what staff did is kept. (${default}, ${env})"`
}

func (f *retentionFlags) check() error {
	for flag, keep := range map[string]time.Duration{
		"keep-unseen": f.KeepUnseen, "keep-carts": f.KeepCarts, "keep-log": f.KeepLog, "keep-audit": f.KeepAudit,
	} {
		if keep < time.Minute {
			return usagef("--%s is a minute or more, like 720h", flag)
		}
	}
	return nil
}

// How often what is too old is looked for.
const (
	sweepInterval  = time.Hour
	expireInterval = time.Minute
)

// runSweep forgets what is too old: expired sessions, and the ends of log and audit.
func (s *server) runSweep(ctx context.Context) {
	every(ctx, sweepInterval, func() {
		for _, old := range []struct {
			what   string
			forget func(ctx context.Context, before time.Time) (int64, error)
			keep   time.Duration
		}{
			{"sessions", s.database.Sweep, 0},
			// A session is begun before its first cart; an hour is more than that takes.
			{"guests without a cart", s.database.SweepGuests, sweepInterval},
			{"activities", s.database.Trim, s.command.KeepLog},
			{"audit entries", s.database.TrimAudit, s.command.KeepAudit},
		} {
			forgotten, err := old.forget(ctx, time.Now().Add(-old.keep))
			switch {
			case err != nil && ctx.Err() == nil:
				s.logger.Error("can't forget what is too old", "what", old.what, "error", err)
			case forgotten > 0:
				s.logger.Info("forgotten", "what", old.what, "count", forgotten)
			}
		}
	})
}

// runExpire deletes carts that were left.
func (s *server) runExpire(ctx context.Context) {
	keep := cart.Retention{Unseen: s.command.KeepUnseen, Seen: s.command.KeepCarts}
	every(ctx, expireInterval, func() {
		expired, err := s.expireAll(ctx, keep)
		switch {
		case err != nil && ctx.Err() == nil:
			s.logger.Error("can't delete carts that were left", "error", err)
		case expired > 0:
			s.logger.Info("carts that were left are deleted", "carts", expired)
		}
	})
}

// expireAll deletes carts that were left until there are no more, so that no bot makes
// them faster than they go.
func (s *server) expireAll(ctx context.Context, keep cart.Retention) (all int, err error) {
	for {
		expired, err := s.carts.Expire(ctx, keep)
		all += expired
		if expired == 0 || err != nil {
			return all, err
		}
	}
}

// every does something at once and then after each interval, until the context ends.
func every(ctx context.Context, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		do()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

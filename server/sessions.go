package main

import (
	"context"
	"errors"
	"log/slog"

	"cartline/server/identity"
	"cartline/server/redis"
)

// sessionsFlag is shared by all commands that have to do with shoppers' sessions.
type sessionsFlag struct {
	Sessions string `env:"CARTLINE_SESSIONS" placeholder:"URL" help:"Where shoppers' sessions are kept, if not in the database, like redis://HOST:6379/0, so that bots don't fill it. Carts and staff stay in the database. When it is changed, everybody who shops is a new guest. (${env})"`
}

func (f *sessionsFlag) check() error {
	if f.Sessions == "" {
		return nil
	}
	if err := redis.CheckURL(f.Sessions); err != nil {
		return usagef("--sessions: %w", err)
	}
	return nil
}

// elsewhere is a store with the shoppers' sessions in Redis. One of a customer is worth
// nothing once their account is gone, whatever Redis has.
type elsewhere struct {
	store
	shoppers *redis.Shoppers
}

// AddShopper implements identity.Store.
func (e *elsewhere) AddShopper(ctx context.Context, shopper identity.Shopper, replaces []byte) error {
	if err := e.checkAccount(ctx, shopper); err != nil {
		return err
	}
	return e.shoppers.AddShopper(ctx, shopper, replaces)
}

// checkAccount returns identity.ErrNotFound for a customer's session without account.
func (e *elsewhere) checkAccount(ctx context.Context, shopper identity.Shopper) error {
	if shopper.Customer == "" {
		return nil
	}
	_, err := e.Customer(ctx, shopper.Customer)
	return err
}

// Shopper implements identity.Store.
func (e *elsewhere) Shopper(ctx context.Context, hash []byte) (identity.Shopper, error) {
	shopper, err := e.shoppers.Shopper(ctx, hash)
	if err == nil {
		err = e.checkAccount(ctx, shopper)
	}
	if err != nil {
		return identity.Shopper{}, err
	}
	return shopper, nil
}

// ShoppersOf implements identity.Store.
func (e *elsewhere) ShoppersOf(ctx context.Context, customer string) ([]identity.Shopper, error) {
	return e.shoppers.ShoppersOf(ctx, customer)
}

// EndShopper implements identity.Store.
func (e *elsewhere) EndShopper(ctx context.Context, hash []byte) error {
	return e.shoppers.EndShopper(ctx, hash)
}

// EraseCustomer implements identity.Store. The sessions go first, so that nothing has
// happened if they can't; and again after the account, as one may have begun meanwhile.
func (e *elsewhere) EraseCustomer(ctx context.Context, id string) error {
	if err := e.shoppers.EndShoppersOf(ctx, id); err != nil {
		return err
	}
	if err := e.store.EraseCustomer(ctx, id); err != nil {
		return err
	}
	return e.shoppers.EndShoppersOf(ctx, id)
}

// EndedShoppers implements store.
func (e *elsewhere) EndedShoppers(ctx context.Context, after int64, limit int) (hashes [][]byte, last int64, err error) {
	return e.shoppers.EndedShoppers(ctx, after, limit)
}

// EndedHead implements store. Who can't ask when they begin hears of all that is remembered.
func (e *elsewhere) EndedHead(ctx context.Context) (int64, error) {
	head, err := e.shoppers.EndedHead(ctx)
	if redis.Unavailable(err) {
		return 0, nil
	}
	return head, err
}

// Close implements store.
func (e *elsewhere) Close() error { return errors.Join(e.store.Close(), e.shoppers.Close()) }

// with returns a store with the shoppers' sessions where the flag says.
func (f *sessionsFlag) with(s store) (store, error) {
	if f.Sessions == "" {
		return s, nil
	}
	shoppers, err := redis.OpenShoppers(f.Sessions)
	if err != nil {
		return nil, usagef("--sessions: %w", err)
	}
	return &elsewhere{store: s, shoppers: shoppers}, nil
}

// move has an open database keep shoppers' sessions where the flag says. That Redis
// doesn't answer now is no error: until it does, whoever shops is told to try again, and
// the rest goes on.
func (f *sessionsFlag) move(ctx context.Context, d *database, ended func(), logger *slog.Logger) error {
	redis.LogTo(logger)
	moved, err := f.with(d.store)
	if err != nil {
		return err
	}
	e, ok := moved.(*elsewhere)
	if !ok {
		return nil
	}
	d.store, d.sessions = e, e.shoppers.Ping
	d.tasks = append(d.tasks, func(ctx context.Context) { e.shoppers.Watch(ctx, ended, logger) })
	if err := e.shoppers.Ping(ctx); err != nil {
		logger.Warn("shoppers' sessions can't be looked up; nobody can shop until they can", "error", err)
	}
	return nil
}

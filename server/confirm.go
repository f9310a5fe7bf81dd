package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cartline/server/socket"
)

// confirmer has an existing application confirm those whose sockets are open: all of them
// now and then, and one at once when the application says that something has changed.
type confirmer struct {
	authority interface{ Forget(user string) }
	events    *socket.Events
	interval  time.Duration
	logger    *slog.Logger
	wake      chan struct{}

	mu    sync.Mutex
	users map[string]bool // of whom it was said
	all   bool            // it may be anybody
}

const (
	// maxToldUsers is how many users are remembered by name.
	maxToldUsers = 1000
	// confirmPause is how long the application is left alone when it couldn't be asked.
	confirmPause = 5 * time.Second
)

func newConfirmer(a *authority, events *socket.Events, interval time.Duration, logger *slog.Logger) *confirmer {
	return &confirmer{authority: a, events: events, interval: interval, logger: logger, wake: make(chan struct{}, 1), users: make(map[string]bool)}
}

// Told notes that the application says that a user's sessions have changed; "" is
// anybody's. It never blocks.
func (c *confirmer) Told(user string) {
	c.mu.Lock()
	if user == "" || len(c.users) >= maxToldUsers {
		c.all = true
	} else {
		c.users[user] = true
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take returns of whom it was said since it was last asked.
func (c *confirmer) take() (users map[string]bool, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	users, all = c.users, c.all
	c.users, c.all = make(map[string]bool), false
	return users, all
}

// Run confirms until the context ends.
func (c *confirmer) Run(ctx context.Context) {
	var ends sync.WaitGroup
	defer ends.Wait()
	ends.Go(func() { c.runEnds(ctx) })
	ticker := time.NewTicker(c.interval)
	defer ticker.Stop()
	again := time.NewTimer(c.interval)
	again.Stop()
	defer again.Stop()
	failing := false // so that a long failure is logged once
	for {
		select {
		case <-c.wake:
		case <-again.C:
		case <-ticker.C:
			c.Told("")
		case <-ctx.Done():
			return
		}
		err := c.confirm(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			c.logger.Error("those whose sockets are open can't be confirmed; trying again", "error", err)
		case err == nil && failing:
			c.logger.Info("those whose sockets are open can be confirmed again")
		}
		failing = err != nil
		if failing {
			again.Reset(confirmPause)
		}
	}
}

// confirm asks about those of whom it was said that something has changed. About whom it
// can't be asked, it has to be again.
func (c *confirmer) confirm(ctx context.Context) error {
	users, all := c.take()
	if all {
		c.authority.Forget("")
		err := bounded(ctx, c.events.RecheckStaff)
		if err != nil {
			c.tellAgain("")
		}
		return err
	}
	var failed error
	for user := range users {
		c.authority.Forget(user)
		err := bounded(ctx, func(ctx context.Context) error { return c.events.RecheckUser(ctx, user) })
		if err != nil {
			c.tellAgain(user)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// tellAgain is Told for the next round, which it leaves to its time.
func (c *confirmer) tellAgain(user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users[user] = true
	c.all = c.all || user == ""
}

// runEnds ends the sockets whose time is up, also while the application keeps us waiting.
func (c *confirmer) runEnds(ctx context.Context) {
	every(ctx, recheckInterval, func() {
		now := time.Now()
		c.events.EndExpired(now)
		c.events.EndUnconfirmed(now)
	})
}

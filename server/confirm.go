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
	sockets   confirmed
	interval  time.Duration
	logger    *slog.Logger

	wakeAll, wakeUsers chan struct{}

	mu    sync.Mutex
	users map[string]bool // of whom it was said
}

// confirmed are the sockets of those who are confirmed.
type confirmed interface {
	RecheckStaff(ctx context.Context) error
	RecheckUser(ctx context.Context, username string) error
	EndExpired(now time.Time)
	EndUnconfirmed(now time.Time)
}

var _ confirmed = (*socket.Events)(nil)

const (
	// maxToldUsers is how many users are remembered by name.
	maxToldUsers = 1000
	// confirmPause is how long the application is left alone when it couldn't be asked.
	confirmPause = 5 * time.Second
)

func newConfirmer(a *authority, events *socket.Events, interval time.Duration, logger *slog.Logger) *confirmer {
	return &confirmer{
		authority: a, sockets: events, interval: interval, logger: logger,
		wakeAll: make(chan struct{}, 1), wakeUsers: make(chan struct{}, 1), users: make(map[string]bool),
	}
}

// Told notes that the application says that a user's sessions have changed; "" is
// anybody's. What it answered before is forgotten. It never blocks.
func (c *confirmer) Told(user string) {
	c.authority.Forget(user)
	wake := c.wakeUsers
	if user == "" || !c.note(user) {
		wake = c.wakeAll
	}
	select {
	case wake <- struct{}{}:
	default:
	}
}

// note remembers a user's name, and tells whether there was room for it.
func (c *confirmer) note(user string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.users) >= maxToldUsers && !c.users[user] {
		return false
	}
	c.users[user] = true
	return true
}

// take returns of whom it was said since it was last asked.
func (c *confirmer) take() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	users := c.users
	c.users = make(map[string]bool)
	return users
}

// Run confirms until the context ends. Those of whom something was said don't wait for the
// round of all, which takes long where there are many or the application is slow; nor do
// the ends of those whose time is up.
func (c *confirmer) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { c.repeat(ctx, c.wakeAll, c.sockets.RecheckStaff) })
	running.Go(func() { c.repeat(ctx, c.wakeUsers, c.confirmUsers) })
	running.Go(func() { every(ctx, c.interval, func() { c.Told("") }) })
	every(ctx, recheckInterval, func() {
		now := time.Now()
		c.sockets.EndExpired(now)
		c.sockets.EndUnconfirmed(now)
	})
}

// repeat confirms each time that it is woken, and again after a pause if it has failed.
// Each question has its own time; how many there are is up to how many sockets are open.
func (c *confirmer) repeat(ctx context.Context, wake <-chan struct{}, confirm func(context.Context) error) {
	again := time.NewTimer(confirmPause)
	again.Stop()
	defer again.Stop()
	failing := false // so that a long failure is logged once
	for {
		select {
		case <-wake:
		case <-again.C:
		case <-ctx.Done():
			return
		}
		err := confirm(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			c.logger.Error("those whose sockets are open can't be confirmed; trying again", "error", err)
		case err == nil && failing:
			c.logger.Info("those whose sockets are open can be confirmed again")
		}
		if failing = err != nil; failing {
			again.Reset(confirmPause)
		}
	}
}

// confirmUsers asks about those of whom it was said that something has changed. About whom
// it can't be asked, it has to be again.
func (c *confirmer) confirmUsers(ctx context.Context) error {
	var failed error
	for user := range c.take() {
		if err := c.sockets.RecheckUser(ctx, user); err != nil {
			failed = errors.Join(failed, err)
			if !c.note(user) {
				c.Told("")
			}
		}
	}
	return failed
}

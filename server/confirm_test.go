package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// openSockets notes who is confirmed; it is a confirmed, and an authority as well.
type openSockets struct {
	mu         sync.Mutex
	forgotten  []string
	users      []string
	all, looks int
	hangs      bool  // the round of all lasts until its context ends
	fails      error // of what is asked about one user
}

func (o *openSockets) Forget(user string) {
	o.with(func() { o.forgotten = append(o.forgotten, user) })
}

func (o *openSockets) RecheckStaff(ctx context.Context) error {
	hangs := false
	o.with(func() { o.all++; hangs = o.hangs })
	if hangs {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (o *openSockets) RecheckUser(_ context.Context, user string) (err error) {
	o.with(func() { o.users = append(o.users, user); err = o.fails })
	return err
}

func (o *openSockets) EndExpired(time.Time)     { o.with(func() { o.looks++ }) }
func (o *openSockets) EndUnconfirmed(time.Time) {}

func (o *openSockets) with(do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do()
}

// confirming runs a confirmer in a bubble.
func confirming(t *testing.T, sockets *openSockets, interval time.Duration) *confirmer {
	t.Helper()
	c := newConfirmer(nil, nil, interval, slog.New(slog.DiscardHandler))
	c.authority, c.sockets = sockets, sockets
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	synctest.Wait()
	return c
}

// Who signs out while all are being asked about doesn't wait until that is over, nor do
// those whose time is up; and what the application said of them counts no more at once.
func TestConfirmsBesideTheRoundOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sockets := &openSockets{hangs: true}
		c := confirming(t, sockets, time.Hour)
		c.Told("ann")
		synctest.Wait()
		sockets.with(func() {
			if sockets.all != 1 || !slices.Equal(sockets.users, []string{"ann"}) || !slices.Contains(sockets.forgotten, "ann") {
				t.Errorf("got %d rounds of all, %v asked about, %q forgotten; want one, and ann", sockets.all, sockets.users, sockets.forgotten)
			}
			sockets.looks = 0
		})
		time.Sleep(10 * recheckInterval)
		sockets.with(func() {
			if sockets.looks < 9 {
				t.Errorf("got %d looks at whose time is up, want ten", sockets.looks)
			}
		})
	})
}

// About whom the application can't be asked, it is asked again until it can.
func TestConfirmsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sockets := &openSockets{fails: errors.New("away")}
		c := confirming(t, sockets, time.Hour)
		c.Told("ann")
		time.Sleep(confirmPause + time.Second)
		sockets.with(func() { sockets.fails = nil })
		time.Sleep(10 * confirmPause)
		sockets.with(func() {
			if want := []string{"ann", "ann", "ann"}; !slices.Equal(sockets.users, want) {
				t.Errorf("asked about %v, want %v", sockets.users, want)
			}
		})
	})
}

// Of more users than are remembered by name, all are asked about.
func TestConfirmsAllOfMany(t *testing.T) {
	c := newConfirmer(nil, nil, time.Hour, slog.New(slog.DiscardHandler))
	c.authority = &openSockets{}
	for i := range maxToldUsers {
		c.Told(string(rune('a' + i)))
	}
	if len(c.wakeAll) != 0 || len(c.wakeUsers) != 1 {
		t.Fatalf("got %d and %d, want users to be asked about", len(c.wakeAll), len(c.wakeUsers))
	}
	c.Told("one more")
	if len(c.wakeAll) != 1 || len(c.take()) != maxToldUsers {
		t.Error("want all to be asked about")
	}
}

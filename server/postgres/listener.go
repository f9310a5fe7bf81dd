package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// The listening connection's times.
const (
	// pingInterval is how long it may be silent before it is asked whether it
	// still stands, since reading alone never notices a dead link.
	pingInterval = 5 * time.Second
	// listenTimeout bounds each exchange with the database.
	listenTimeout = 5 * time.Second
	minReconnect  = 200 * time.Millisecond
	maxReconnect  = 10 * time.Second
)

// Listener hears notifications on one connection, however many listen to however
// many channels: the first to listen to a channel causes LISTEN, the last to
// leave it UNLISTEN. When the connection breaks, it connects again, with growing
// pauses, and listens to everything anew. It implements event.Source.
//
// PostgreSQL signals every listening connection at each notification (before
// version 19), so a process must not have more than one of these.
type Listener struct {
	config *pgx.ConnConfig
	heard  func(channel, payload string)
	again  func()
	logger *slog.Logger

	mu        sync.Mutex
	wanted    map[string]int             // channel: how many want it
	active    map[string]bool            // channels for which LISTEN is in effect
	waiting   map[string][]chan struct{} // who waits for a channel to become active
	changes   int                        // counts changes of wanted
	standing  bool                       // what is notified now is heard
	interrupt context.CancelFunc         // ends the wait for notifications
}

// NewListener makes a listener, which does nothing until Run. It hands each
// notification to heard, in order and one at a time, and calls again after each
// reconnection, since notifications sent meanwhile are lost.
func NewListener(dsn string, heard func(channel, payload string), again func(), logger *slog.Logger) (*Listener, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config, "cartline listener")
	return &Listener{
		config:  config,
		heard:   heard,
		again:   again,
		logger:  logger,
		wanted:  make(map[string]int),
		active:  make(map[string]bool),
		waiting: make(map[string][]chan struct{}),
	}, nil
}

// Listen adds one who wants the channel, and returns once LISTEN is in effect:
// what is notified after that is heard. If the context ends before, it returns
// the context's error and nothing has been added.
func (l *Listener) Listen(ctx context.Context, channel string) error {
	l.mu.Lock()
	l.wanted[channel]++
	if l.active[channel] {
		l.mu.Unlock()
		return nil
	}
	effective := make(chan struct{})
	l.waiting[channel] = append(l.waiting[channel], effective)
	l.changed()
	l.mu.Unlock()
	select {
	case <-effective:
		return nil
	case <-ctx.Done():
		l.giveUp(channel, effective)
		return ctx.Err()
	}
}

// giveUp undoes a Listen that was not waited for.
func (l *Listener) giveUp(channel string, effective chan struct{}) {
	l.mu.Lock()
	l.waiting[channel] = slices.DeleteFunc(l.waiting[channel], func(c chan struct{}) bool { return c == effective })
	if len(l.waiting[channel]) == 0 {
		delete(l.waiting, channel)
	}
	l.mu.Unlock()
	l.Unlisten(channel)
}

// Unlisten removes one who wanted the channel. It never blocks.
func (l *Listener) Unlisten(channel string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wanted[channel]--; l.wanted[channel] <= 0 {
		delete(l.wanted, channel)
		l.changed()
	}
}

// changed interrupts the wait for notifications. The caller holds the lock.
func (l *Listener) changed() {
	l.changes++
	if l.interrupt != nil {
		l.interrupt()
	}
}

// Channels returns the channels for which LISTEN is in effect.
func (l *Listener) Channels() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	channels := make([]string, 0, len(l.active))
	for channel := range l.active {
		channels = append(channels, channel)
	}
	return channels
}

// Standing says whether the listening connection stands, as far as that is known: a
// link that is dead is noticed within ten seconds.
func (l *Listener) Standing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.standing
}

// Run listens until the context ends.
func (l *Listener) Run(ctx context.Context) {
	wait := minReconnect
	for first := true; ; first = false {
		connected, err := l.session(ctx, first)
		l.forget()
		if ctx.Err() != nil {
			return
		}
		if connected {
			wait = minReconnect
		}
		delay := wait - time.Duration(rand.Int64N(int64(wait)/2))
		wait = min(2*wait, maxReconnect)
		l.logger.Warn("the listening connection is down", "error", err, "retry_in", delay)
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// session lives through one connection.
func (l *Listener) session(ctx context.Context, first bool) (connected bool, err error) {
	connectCtx, cancel := context.WithTimeout(ctx, listenTimeout)
	conn, err := pgx.ConnectConfig(connectCtx, l.config)
	cancel()
	if err != nil {
		return false, err
	}
	defer func() {
		closeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if closeErr := conn.Close(closeCtx); closeErr != nil && err == nil {
			err = closeErr
		}
	}()
	for {
		seen, err := l.reconcile(ctx, conn)
		if err != nil {
			return connected, err
		}
		if !connected {
			connected = true
			l.stands()
			if !first {
				l.logger.Info("the listening connection is back")
				l.again()
			}
		}
		if err := l.hear(ctx, conn, seen); err != nil {
			return connected, err
		}
	}
}

// reconcile makes the database listen to what is wanted, and wakes those who
// waited for it. It returns the count of changes that it has taken into account.
func (l *Listener) reconcile(ctx context.Context, conn *pgx.Conn) (seen int, err error) {
	l.mu.Lock()
	seen = l.changes
	var listen, unlisten []string
	for channel := range l.wanted {
		if !l.active[channel] {
			listen = append(listen, channel)
		}
	}
	for channel := range l.active {
		if l.wanted[channel] == 0 {
			unlisten = append(unlisten, channel)
		}
	}
	l.mu.Unlock()
	for _, channel := range listen {
		if err := exec(ctx, conn, `LISTEN `+pgx.Identifier{channel}.Sanitize()); err != nil {
			return 0, err
		}
		l.mu.Lock()
		l.active[channel] = true
		for _, effective := range l.waiting[channel] {
			close(effective)
		}
		delete(l.waiting, channel)
		l.mu.Unlock()
	}
	for _, channel := range unlisten {
		l.mu.Lock()
		wanted := l.wanted[channel] > 0 // again, since we looked
		if !wanted {
			// Not active before it is done: a Listen that comes now waits for
			// the next LISTEN.
			delete(l.active, channel)
		}
		l.mu.Unlock()
		if wanted {
			continue
		}
		if err := exec(ctx, conn, `UNLISTEN `+pgx.Identifier{channel}.Sanitize()); err != nil {
			return 0, err
		}
	}
	return seen, nil
}

func exec(ctx context.Context, conn *pgx.Conn, command string) error {
	ctx, cancel := context.WithTimeout(ctx, listenTimeout)
	defer cancel()
	_, err := conn.Exec(ctx, command)
	return err
}

// hear hands on notifications until what is wanted has changed, and asks after
// the connection when it has been silent.
func (l *Listener) hear(ctx context.Context, conn *pgx.Conn, seen int) error {
	for {
		waitCtx, cancel := context.WithTimeout(ctx, pingInterval)
		l.mu.Lock()
		l.interrupt = cancel
		changed := l.changes != seen
		l.mu.Unlock()
		if changed {
			cancel()
			return nil
		}
		notification, err := conn.WaitForNotification(waitCtx)
		timedOut := errors.Is(waitCtx.Err(), context.DeadlineExceeded)
		cancel()
		switch {
		case err == nil:
			l.heard(notification.Channel, notification.Payload)
		case ctx.Err() != nil:
			return ctx.Err()
		case conn.IsClosed():
			return err
		case timedOut:
			pingCtx, cancel := context.WithTimeout(ctx, listenTimeout)
			err := conn.Ping(pingCtx)
			cancel()
			if err != nil {
				return err
			}
		default: // interrupted
			return nil
		}
	}
}

// stands notes that the connection is made, and listens to what is wanted.
func (l *Listener) stands() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.standing = true
}

// forget notes that nothing is in effect any more.
func (l *Listener) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.active)
	l.standing = false
	l.interrupt = nil
}

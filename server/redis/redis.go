// Package redis keeps the sessions of shoppers in Redis, and looks into sessions that an
// existing application keeps there.
//
// It implements identity.ShopperStore but for what hangs on customers' accounts, which are
// in SQL, and foreign.Source. It knows no rule of either.
//
// Start with shoppers.go, which keeps ours; visitors.go looks up theirs.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The times of a call.
const (
	dialTimeout = 2 * time.Second
	callTimeout = 2 * time.Second
)

// Error is an error of Redis, or of the way there.
type Error struct{ cause error }

// Error implements error.
func (e *Error) Error() string { return "redis: " + e.cause.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Unavailable tells whether an error of this package means that Redis can't be reached, or
// can't answer, at the moment.
func Unavailable(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

// failed makes an error ours. That there is no such key is none.
func failed(err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return nil
	}
	return &Error{err}
}

// isTimeout tells whether nothing came in the time that there was.
func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// CheckURL tells whether an address can be used. The error doesn't show the password.
func CheckURL(address string) error {
	_, err := options(address)
	return err
}

func options(address string) (*redis.Options, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("this is not the address of a Redis, like redis://USER:PASSWORD@localhost:6379/0 or rediss://…")
	}
	if options.DialTimeout == 0 {
		options.DialTimeout = dialTimeout
	}
	if options.ReadTimeout == 0 {
		options.ReadTimeout = callTimeout
	}
	if options.WriteTimeout == 0 {
		options.WriteTimeout = callTimeout
	}
	options.ContextTimeoutEnabled = true
	// Once more, for a connection of the pool that has died meanwhile.
	options.MaxRetries = 1
	options.DialerRetries = 1 // or a Redis that is away would keep each request for seconds
	options.ClientName = "cartline"
	options.DisableIdentity = true // old servers don't know it
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return options, nil
}

// dial makes a client, which connects when it is first used.
func dial(address string) (*redis.Client, error) {
	options, err := options(address)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(options), nil
}

// logTo has the library, which would write to standard error, write to our log.
type logTo struct{ logger atomic.Pointer[slog.Logger] }

// Printf implements the library's logger.
func (l *logTo) Printf(_ context.Context, format string, values ...any) {
	l.logger.Load().Debug("redis", "message", fmt.Sprintf(format, values...))
}

// The library has one logger, which may be given to it but once, as nothing guards it.
var (
	log     logTo
	giveLog sync.Once
)

// LogTo has what the library has to say written to a log, of the whole process: that of
// the last call. It may be called at any time, by any goroutine.
func LogTo(logger *slog.Logger) {
	log.logger.Store(logger)
	giveLog.Do(func() { redis.SetLogger(&log) })
}

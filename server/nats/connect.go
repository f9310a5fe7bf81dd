package nats

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	lib "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The connection's times.
const (
	dialTimeout  = 2 * time.Second
	writeTimeout = 2 * time.Second
	// pingInterval is how often NATS is asked whether it is there. After two questions
	// without an answer another connection is made.
	pingInterval  = 2 * time.Second
	reconnectWait = 250 * time.Millisecond
	requestTime   = 2 * time.Second // for one question to JetStream
)

// CheckURL tells whether a text lists addresses of NATS servers. The error doesn't show
// what was given, which may hold a password.
func CheckURL(list string) error {
	for address := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
			return errors.New("give nats://HOST:PORT, or tls://HOST:PORT, or several of them separated by commas")
		}
	}
	return nil
}

// connect connects, or begins to try for as long as the relay runs.
func (r *Relay) connect(ctx context.Context) (err error) {
	logger := r.config.Logger
	// One goroutine calls all these.
	var first sync.Once // it is tried four times a second
	var complaints few
	options := []lib.Option{
		lib.Name("cartline " + r.config.Process),
		lib.RetryOnFailedConnect(true), lib.MaxReconnects(-1), lib.ReconnectWait(reconnectWait),
		lib.SetCustomDialer(dialer{ctx}), lib.Timeout(dialTimeout), lib.FlusherTimeout(writeTimeout),
		lib.PingInterval(pingInterval), lib.MaxPingsOutstanding(2),
		lib.IgnoreAuthErrorAbort(), // else it gives up after the second refusal
		lib.ClosedHandler(func(*lib.Conn) { close(r.closed) }),
		// What can't be said now is of no use later.
		lib.ReconnectBufSize(-1),
		lib.DisconnectErrHandler(func(_ *lib.Conn, err error) {
			if err != nil && ctx.Err() == nil {
				logger.Warn("the connection to NATS is down", "error", err)
			}
		}),
		lib.ReconnectErrHandler(func(_ *lib.Conn, err error) {
			if ctx.Err() == nil {
				first.Do(func() { logger.Warn("can't connect to NATS; trying again", "error", err) })
			}
		}),
		lib.ReconnectHandler(func(*lib.Conn) { logger.Info("the connection to NATS is back") }),
		lib.ErrorHandler(func(_ *lib.Conn, _ *lib.Subscription, err error) {
			if ctx.Err() == nil && complaints.take(time.Now()) {
				logger.Warn("NATS", "error", err)
			}
		}),
	}
	if r.config.Credentials != "" {
		options = append(options, lib.UserCredentials(r.config.Credentials))
	}
	if r.conn, err = lib.Connect(r.config.URL, options...); err != nil {
		return err
	}
	if r.js, err = jetstream.New(r.conn, jetstream.WithPublishAsyncMaxPending(2*window), jetstream.WithPublishAsyncTimeout(ackTimeout)); err == nil {
		_, err = r.conn.Subscribe(r.now("*"), r.take)
	}
	if err != nil {
		r.disconnect()
	}
	return err
}

// few is so many in a minute. A user with too few rights is refused something several
// times a second.
type few struct {
	since time.Time
	taken int
}

const mostInMinute = 5

// take tells whether there may be one more.
func (f *few) take(now time.Time) bool {
	if now.Sub(f.since) >= time.Minute {
		*f = few{since: now}
	}
	f.taken++
	return f.taken <= mostInMinute
}

// disconnect returns when nothing is left of the connection.
func (r *Relay) disconnect() {
	r.conn.Close()
	<-r.closed
}

// dialer gives up when the relay stops.
type dialer struct{ ctx context.Context }

func (d dialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, dialTimeout)
	defer cancel()
	return new(net.Dialer).DialContext(ctx, network, address)
}

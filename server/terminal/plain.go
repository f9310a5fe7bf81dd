package terminal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"cartline/shared/live"
)

// plain runs a session over one connection.
func (r *run) plain(ctx context.Context) error {
	dialing, cancel := context.WithTimeout(ctx, r.Timeout)
	conn, err := live.Dial(dialing, r.Address.String(), r.Options)
	cancel()
	if err != nil {
		return r.notConnected(ctx, err)
	}
	defer conn.Abandon()
	r.carrier = connection{conn}
	if err := r.print.opened(r.Address.Redacted(), conn.Subprotocol()); err != nil {
		return outputError(err)
	}
	// Not until ctx ends, which would cut the connection rather than close it.
	go func() { r.ended <- r.read(context.WithoutCancel(ctx), conn) }()
	r.ready <- true
	return r.converse(ctx)
}

// notConnected tells why there was no connection; if the context has ended, that was
// why.
func (r *run) notConnected(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return whyNot(err, r.Address, r.Timeout)
}

// whyNot makes one line of an error of live.Dial.
func whyNot(err error, address *url.URL, timeout time.Duration) error {
	var refused *live.RefusedError
	var asking *url.Error // which repeats the address
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%s: %w", address.Redacted(), refused)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no connection within %v", address.Redacted(), timeout)
	case errors.As(err, &asking):
		return fmt.Errorf("%s: %w", address.Redacted(), asking.Err)
	default:
		return fmt.Errorf("%s: %w", address.Redacted(), err)
	}
}

// read prints all that comes, and returns how the connection ended.
func (r *run) read(ctx context.Context, conn *live.Conn) error {
	for {
		m, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := r.print.received(m); err != nil {
			return outputError(err)
		}
	}
}

// connection carries messages over one connection.
type connection struct{ *live.Conn }

func (c connection) send(ctx context.Context, m live.Message) error {
	if m.Binary {
		return c.WriteBinary(ctx, m.Data)
	}
	return c.WriteText(ctx, string(m.Data))
}

func (c connection) ping(ctx context.Context) (time.Duration, error) { return c.Ping(ctx) }

func (c connection) hangUp(code int, reason string) error { return c.Close(code, reason) }

func (c connection) drop() { c.Abandon() }

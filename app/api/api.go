// Package api speaks the gateway's HTTP JSON API for the pages.
//
// It knows the messages of package shared and nothing of browsers: how a request
// travels is a function that it is given. It keeps nothing between calls.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"cartline/shared"
)

// Timeout bounds each call.
const Timeout = 15 * time.Second

// ErrUnreachable is in the error of every call that got no answer.
var ErrUnreachable = errors.New("the server can't be reached")

// Fetch sends one request to the page's own server and returns the answer's
// status and body. Its error means that there was no answer.
type Fetch func(ctx context.Context, method, path string, body []byte) (status int, reply []byte, err error)

// Client makes the calls. Each of them blocks; its error is a *shared.Problem if
// the server refused, and is ErrUnreachable if it did not answer. A Client may
// be used by several goroutines.
type Client struct{ fetch Fetch }

// New makes a client that sends its requests by way of fetch.
func New(fetch Fetch) *Client { return &Client{fetch: fetch} }

// Session tells who is signed in as staff.
func (c *Client) Session(ctx context.Context) (shared.StaffSession, error) {
	return call[shared.StaffSession](ctx, c, "GET", "/api/staff/session", nil)
}

// SignIn signs in as staff. What can be told to be wrong without the server, is.
func (c *Client) SignIn(ctx context.Context, in shared.SignIn) (shared.StaffSession, error) {
	if err := in.Validate(); err != nil {
		return shared.StaffSession{}, err
	}
	return call[shared.StaffSession](ctx, c, "POST", "/api/staff/session", in)
}

// SignOut ends the staff session, and with it every socket that hangs on it.
func (c *Client) SignOut(ctx context.Context) error {
	_, err := call[struct{}](ctx, c, "DELETE", "/api/staff/session", nil)
	return err
}

// ChangePassword gives who is signed in another password, and ends their other sessions.
func (c *Client) ChangePassword(ctx context.Context, change shared.ChangePassword) error {
	if err := change.Validate(); err != nil {
		return err
	}
	return c.do(ctx, "PUT", "/api/staff/password", change, nil)
}

// Gateway tells which process answers and what it serves.
func (c *Client) Gateway(ctx context.Context) (shared.GatewayStatus, error) {
	return call[shared.GatewayStatus](ctx, c, "GET", "/api/gateway", nil)
}

// Sessions tells of the gateway's sessions whose name contains a text how far they were
// told.
func (c *Client) Sessions(ctx context.Context, name string) (shared.GatewaySessions, error) {
	query := url.Values{}
	if name != "" {
		query.Set("name", name)
	}
	return call[shared.GatewaySessions](ctx, c, "GET", withQuery("/api/gateway/sessions", query), nil)
}

// Handshake tells whether this server would let this browser open the socket at
// path. The error is the refusal that browsers hide.
func (c *Client) Handshake(ctx context.Context, path string) (shared.Handshake, error) {
	return call[shared.Handshake](ctx, c, "GET", "/api/handshake?path="+url.QueryEscape(path), nil)
}

// Record tells how this server saw the handshake that had an id in its cookie
// shared.CookieHandshake. It tells that once.
func (c *Client) Record(ctx context.Context, id string) (shared.HandshakeRecord, error) {
	return call[shared.HandshakeRecord](ctx, c, "GET", "/api/handshake/"+url.PathEscape(id), nil)
}

func call[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var answer, none T
	if err := c.do(ctx, method, path, body, &answer); err != nil {
		return none, err
	}
	return answer, nil
}

// do makes a call and decodes what is answered, if anything is, into answer, unless
// that is nil. It is
// apart from call so that the program has it once, not for each type.
func (c *Client) do(ctx context.Context, method, path string, body, answer any) error {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encode the body of %s %s: %w", method, path, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	status, reply, err := c.fetch(ctx, method, path, encoded)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if status < 200 || status > 299 {
		return problem(status, reply)
	}
	if len(reply) == 0 || answer == nil {
		return nil
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		return fmt.Errorf("the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// problem reads an error's body. Something in between, like a proxy, may have
// answered in place of our server, with a page of its own.
func problem(status int, reply []byte) *shared.Problem {
	p := new(shared.Problem)
	if err := json.Unmarshal(reply, p); err != nil || p.Detail == "" {
		return &shared.Problem{
			Status: status,
			Code:   shared.CodeUnavailable,
			Detail: fmt.Sprintf("The server answered with status %d and no reason.", status),
		}
	}
	if p.Status == 0 {
		p.Status = status
	}
	if p.Code == shared.CodeInternal && p.Request != "" {
		p.Detail += " If you ask about it, say " + p.Request + "."
	}
	return p
}

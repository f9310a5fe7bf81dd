package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"cartline/server/foreign"
	"cartline/server/forward"
	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/server/postgres"
	"cartline/server/redis"
	"cartline/shared"
)

// authorityFlags say who knows the users of an existing application, beside which the
// gateway runs.
type authorityFlags struct {
	Auth              string        `env:"CARTLINE_AUTH" placeholder:"WHERE" help:"Who knows which user of an existing application a request is from, with --serve gateway: forward:URL of the application, postgres://USER:PASSWORD@HOST/DATABASE with --auth-sql, or redis://HOST:6379/0 with --auth-redis-key. (${env})"`
	AuthCookie        []string      `env:"CARTLINE_AUTH_COOKIE" placeholder:"NAME" help:"Name of the application's session cookie. Of --auth forward it is repeatable; without it, all cookies are handed on, also those that are not meant for the application. (${env}, separated by commas)"`
	AuthForwardHeader []string      `env:"CARTLINE_AUTH_FORWARD_HEADER" placeholder:"NAME" help:"Header of the request, like Authorization, that --auth forward hands on besides cookies; repeatable. (${env}, separated by commas)"`
	AuthSQL           string        `env:"CARTLINE_AUTH_SQL" placeholder:"QUERY" help:"With --auth postgres://…: returns user, roles and, optionally, when the session expires, for the cookie's value, which is $$1. (${env})"`
	AuthRedisKey      string        `env:"CARTLINE_AUTH_REDIS_KEY" placeholder:"KEY" help:"With --auth redis://…: key of a session, like sess:{cookie}. What can have other keys that begin so can make itself a session. (${env})"`
	AuthRedisUser     string        `env:"CARTLINE_AUTH_REDIS_USER" default:"user" placeholder:"PATH" help:"Where the user is in a session's JSON, like user.name. (${default}, ${env})"`
	AuthRedisRoles    string        `env:"CARTLINE_AUTH_REDIS_ROLES" default:"roles" placeholder:"PATH" help:"Where the roles are in a session's JSON, like user.roles. (${default}, ${env})"`
	AuthRedisExpires  string        `env:"CARTLINE_AUTH_REDIS_EXPIRES" placeholder:"PATH" help:"Where it is said in a session's JSON when it expires, if it is said there. It ends with its key in any case. (${env})"`
	AuthRole          []string      `env:"CARTLINE_AUTH_ROLE" placeholder:"THEIRS=OURS" help:"Role of ours that a role of the application gives, like sales=event_listener; repeatable. A role that has our name needs none. (${env}, separated by commas)"`
	AuthTimeout       time.Duration `env:"CARTLINE_AUTH_TIMEOUT" default:"3s" placeholder:"DURATION" help:"How long a question to --auth may take. (${default}, ${env})"`
	AuthCache         time.Duration `env:"CARTLINE_AUTH_CACHE" default:"5s" placeholder:"DURATION" help:"How long an answer of --auth stands; 0s asks each time. For so long somebody still gets in who has signed out, unless the application notifies cartline_sessions. (${default}, ${env})"`
	Recheck           time.Duration `env:"CARTLINE_RECHECK" default:"60s" placeholder:"DURATION" help:"How often --auth is asked about those whose sockets are open. For so long they hear what they may have lost the right to, unless the application notifies cartline_sessions. (${default}, ${env})"`
	AuthGrace         time.Duration `env:"CARTLINE_AUTH_GRACE" default:"5m" placeholder:"DURATION" help:"How long sockets stay open while --auth can't be asked; longer than --recheck. For so long nobody can be shut out. (${default}, ${env})"`
}

// Bounds of the times, so that a slip of the pen doesn't leave doors open.
const (
	maxAuthTimeout = 9 * time.Second // a handshake waits for ten
	maxAuthCache   = time.Minute
	minRecheck     = time.Second
	maxAuthGrace   = 24 * time.Hour
)

// check finds what is wrong with the flags. They are for the mode gateway, which needs
// them; the others know their users themselves.
func (f *authorityFlags) check(gateway bool) error {
	if !gateway {
		if f.Auth != "" {
			return usagef("--auth goes with --serve gateway: the other modes have staff of their own")
		}
		return nil
	}
	if f.Auth == "" {
		return usagef("--serve gateway needs --auth: forward:URL, postgres://… or redis://…")
	}
	for _, bound := range []struct {
		flag                  string
		value, least, atLarge time.Duration
	}{
		{"--auth-timeout", f.AuthTimeout, time.Millisecond, maxAuthTimeout},
		{"--auth-cache", f.AuthCache, 0, maxAuthCache},
		{"--recheck", f.Recheck, minRecheck, maxAuthGrace},
		{"--auth-grace", f.AuthGrace, f.Recheck + time.Second, maxAuthGrace},
	} {
		if bound.value < bound.least || bound.value > bound.atLarge {
			return usagef("%s is from %v to %v, not %v", bound.flag, bound.least, bound.atLarge, bound.value)
		}
	}
	for flag, of := range map[string]struct{ value, scheme string }{
		"--auth-sql":            {f.AuthSQL, "postgres"},
		"--auth-redis-key":      {f.AuthRedisKey, "redis"},
		"--auth-forward-header": {strings.Join(f.AuthForwardHeader, ","), "forward"},
	} {
		if of.value != "" && !strings.HasPrefix(f.Auth, of.scheme) {
			return usagef("%s goes with --auth %s:…", flag, of.scheme)
		}
	}
	_, err := f.roles()
	return err
}

// roles are ours by the application's names for them.
func (f *authorityFlags) roles() (map[string][]string, error) {
	roles := make(map[string][]string)
	for _, pair := range f.AuthRole {
		theirs, ours, _ := strings.Cut(pair, "=")
		if theirs == "" || !slices.Contains(shared.Roles(), ours) {
			return nil, usagef("--auth-role is THEIRS=OURS, like sales=%s; of ours there are %s", shared.RoleEventListener, strings.Join(shared.Roles(), ", "))
		}
		roles[theirs] = append(roles[theirs], ours)
	}
	return roles, nil
}

// authority asks an existing application who somebody is. It implements
// httpauth.Authority.
type authority struct {
	*foreign.Authority
	source source
}

type source interface {
	foreign.Source
	Close() error
}

// newAuthority makes what the flags describe, and tries it. That it doesn't answer now is
// no error, as it may later; nobody gets in before. It is to be closed.
func newAuthority(ctx context.Context, c *serveCommand, logger *slog.Logger) (*authority, error) {
	roles, err := c.roles()
	if err != nil {
		return nil, err
	}
	from, err := c.openSource(ctx, logger)
	if err != nil {
		return nil, err
	}
	a := &authority{source: from, Authority: foreign.New(foreign.Config{
		Source: from, Timeout: c.AuthTimeout, Keep: c.AuthCache, Roles: roles,
	})}
	switch err := a.Try(ctx); {
	case errors.Is(err, foreign.ErrOpen):
		return nil, errors.Join(usagef("--auth can't be used: %w", err), a.Close())
	case postgres.Mistaken(err):
		return nil, errors.Join(usagef("--auth-sql: %w", err), a.Close())
	case err != nil:
		logger.Warn("it can't be found out who somebody is; nobody gets in until it can", "error", err)
	}
	return a, nil
}

func (f *authorityFlags) openSource(ctx context.Context, logger *slog.Logger) (source, error) {
	scheme, rest, _ := strings.Cut(f.Auth, ":")
	switch scheme {
	case "forward":
		s, err := forward.New(forward.Config{URL: rest, Cookies: f.AuthCookie, Headers: f.AuthForwardHeader, UserAgent: "cartline/" + version})
		if err != nil {
			return nil, usagef("--auth forward: %w", err)
		}
		return s, nil
	case "postgres", "postgresql":
		cookie, err := f.oneCookie()
		if err != nil {
			return nil, err
		}
		if f.AuthSQL == "" {
			return nil, usagef("--auth postgres://… needs --auth-sql, like SELECT user_name, roles, expires FROM sessions WHERE token = $1")
		}
		if err := postgres.CheckDSN(f.Auth); err != nil {
			return nil, usagef("--auth: %w", err)
		}
		return postgres.OpenVisitors(ctx, f.Auth, f.AuthSQL, cookie)
	case "redis", "rediss":
		cookie, err := f.oneCookie()
		if err != nil {
			return nil, err
		}
		redis.LogTo(logger)
		s, err := redis.NewVisitors(redis.VisitorsConfig{
			URL: f.Auth, Cookie: cookie, Key: f.AuthRedisKey,
			User: f.AuthRedisUser, Roles: f.AuthRedisRoles, Expires: f.AuthRedisExpires,
		})
		if err != nil {
			return nil, usagef("--auth redis: %w", err)
		}
		return s, nil
	}
	// What was given may hold a password; so it is not repeated.
	return nil, usagef("--auth begins with forward:, postgres:// or redis://")
}

func (f *authorityFlags) oneCookie() (string, error) {
	if len(f.AuthCookie) != 1 {
		return "", usagef("--auth needs one --auth-cookie, the name of the application's session cookie")
	}
	return f.AuthCookie[0], nil
}

// Staff implements httpauth.Authority, and has the log of requests name the user.
func (a *authority) Staff(r *http.Request) (identity.Session, error) {
	session, err := a.Authority.Staff(r)
	if err == nil {
		httplog.SetUser(r, session.Username)
	}
	return session, err
}

// Close lets go of what it asks over.
func (a *authority) Close() error {
	if err := a.source.Close(); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	return nil
}

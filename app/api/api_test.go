package api_test

import (
	"context"
	"errors"
	"testing"

	"cartline/app/api"
	"cartline/shared"
)

// answering makes a fetch that always gives one answer and notes what was asked.
func answering(status int, reply string, asked *string) api.Fetch {
	return func(_ context.Context, method, path string, body []byte) (int, []byte, error) {
		*asked = method + " " + path + " " + string(body)
		return status, []byte(reply), nil
	}
}

func TestCalls(t *testing.T) {
	const session = `{"username":"ada","roles":["event_listener"],"expires_at":"2026-11-21T12:00:00Z"}`
	tests := []struct {
		name   string
		status int
		reply  string
		call   func(*api.Client) (string, error)
		asked  string
		got    string
	}{
		{"session", 200, session, func(c *api.Client) (string, error) {
			s, err := c.Session(t.Context())
			return s.Username, err
		}, "GET /api/staff/session ", "ada"},
		{"sign in", 200, session, func(c *api.Client) (string, error) {
			s, err := c.SignIn(t.Context(), shared.SignIn{Username: "ada", Password: "secret"})
			return s.Roles[0], err
		}, `POST /api/staff/session {"username":"ada","password":"secret"}`, "event_listener"},
		{"sign out", 204, "", func(c *api.Client) (string, error) {
			return "out", c.SignOut(t.Context())
		}, "DELETE /api/staff/session ", "out"},
		{"gateway", 200, `{"process":"box:1","connections":3}`, func(c *api.Client) (string, error) {
			g, err := c.Gateway(t.Context())
			return g.Process, err
		}, "GET /api/gateway ", "box:1"},
		{"sessions", 200, `{"process":"box:1","open":[{"name":"ada-1"}]}`, func(c *api.Client) (string, error) {
			g, err := c.Sessions(t.Context(), "a&b")
			return g.Open[0].Name, err
		}, "GET /api/gateway/sessions?name=a%26b ", "ada-1"},
		{"handshake", 200, `{"path":"/events/io","allowed":true}`, func(c *api.Client) (string, error) {
			h, err := c.Handshake(t.Context(), "/events/io")
			return h.Path, err
		}, "GET /api/handshake?path=%2Fevents%2Fio ", "/events/io"},
		{"record", 200, `{"request":"GET /echo HTTP/1.1","status":101}`, func(c *api.Client) (string, error) {
			r, err := c.Record(t.Context(), "0123456789abcdef")
			return r.Request, err
		}, "GET /api/handshake/0123456789abcdef ", "GET /echo HTTP/1.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var asked string
			got, err := test.call(api.New(answering(test.status, test.reply, &asked)))
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			if got != test.got {
				t.Errorf("got %q, want %q", got, test.got)
			}
			if asked != test.asked {
				t.Errorf("asked %q, want %q", asked, test.asked)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		status int
		reply  string
		code   shared.Code
		detail string
		retry  int
	}{
		{"problem", 429, `{"code":"too_many_attempts","detail":"Too many attempts.","retry_after":30}`, shared.CodeTooMany, "Too many attempts.", 30},
		{"our fault", 500, `{"code":"internal","detail":"Wrong.","request":"K7QF-2M9D"}`, shared.CodeInternal, "Wrong. If you ask about it, say K7QF-2M9D.", 0},
		{"page of a proxy", 502, `<html>Bad gateway</html>`, shared.CodeUnavailable, "The server answered with status 502 and no reason.", 0},
		{"nothing", 500, ``, shared.CodeUnavailable, "The server answered with status 500 and no reason.", 0},
		{"JSON of another kind", 404, `{"error":"no"}`, shared.CodeUnavailable, "The server answered with status 404 and no reason.", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var asked string
			_, err := api.New(answering(test.status, test.reply, &asked)).Session(t.Context())
			var p *shared.Problem
			if !errors.As(err, &p) {
				t.Fatalf("got error %v, want a problem", err)
			}
			if p.Code != test.code || p.Detail != test.detail || p.RetryAfter != test.retry || p.Status != test.status {
				t.Errorf("got %+v, want code %s, detail %q, retry after %d, status %d", p, test.code, test.detail, test.retry, test.status)
			}
			if errors.Is(err, api.ErrUnreachable) {
				t.Error("a refusal is also ErrUnreachable")
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	cause := errors.New("connection refused")
	client := api.New(func(ctx context.Context, _, _ string, _ []byte) (int, []byte, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("the call has no deadline")
		}
		return 0, nil, cause
	})
	_, err := client.Gateway(t.Context())
	if !errors.Is(err, api.ErrUnreachable) || !errors.Is(err, cause) {
		t.Errorf("got %v, want ErrUnreachable because of %v", err, cause)
	}
}

func TestNonsense(t *testing.T) {
	var asked string
	if _, err := api.New(answering(200, `hello`, &asked)).Gateway(t.Context()); err == nil {
		t.Error("an answer that is no JSON was taken")
	}
}

func TestSignInIsCheckedFirst(t *testing.T) {
	client := api.New(func(context.Context, string, string, []byte) (int, []byte, error) {
		t.Error("the server was asked")
		return 204, nil, nil
	})
	_, err := client.SignIn(t.Context(), shared.SignIn{Username: "ada"})
	var p *shared.Problem
	if !errors.As(err, &p) || p.Field != "password" {
		t.Errorf("got %v, want a problem with the password", err)
	}
}

package console

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cartline/app/api"
	"cartline/shared"
)

// answer is a server that always gives one answer.
type answer struct {
	err   error
	asked string
}

func (a *answer) Handshake(_ context.Context, path string) (shared.Handshake, error) {
	a.asked = path
	return shared.Handshake{Path: path, Allowed: a.err == nil}, a.err
}

func TestExplainOwn(t *testing.T) {
	tests := []struct {
		name   string
		url    string
		err    error
		want   string
		signIn bool
	}{
		{"not signed in", "ws://localhost:8080/events/io", &shared.Problem{Status: 401, Detail: "Can't monitor events: sign in first."}, "Can't monitor events: sign in first.", true},
		{"impossible faults", "ws://localhost:8080/echo?drop=200", &shared.Problem{Status: 400, Detail: "drop is a number from 1 to 100 (%)."}, "drop is a number", false},
		{"not allowed", "ws://localhost:8080/events/io", &shared.Problem{Status: 403, Detail: "Can't monitor events."}, "Can't monitor events.", true},
		{"no such endpoint", "ws://localhost:8080/nope", &shared.Problem{Status: 404, Detail: "No such endpoint."}, "No such endpoint.", false},
		{"foreign origin", "ws://localhost:8080/echo", &shared.Problem{Status: 403, Detail: "Another site."}, "Another site.", false},
		{"allowed all the same", "ws://localhost:8080/echo", nil, "This server would take the connection", false},
		{"gone", "ws://localhost:8080/echo", fmt.Errorf("%w: refused", api.ErrUnreachable), "This server can't be reached", false},
		{"nonsense", "ws://localhost:8080/echo", fmt.Errorf("invalid character"), "explanation can't be read", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			to, wrong := plain.check(test.url)
			if wrong != nil {
				t.Fatal(wrong.text)
			}
			server := &answer{err: test.err}
			got := explain(t.Context(), plain, to, nil, server)
			if !strings.Contains(got.text, test.want) || got.signIn != test.signIn {
				t.Errorf("got %+v, want %q and sign-in %v", got, test.want, test.signIn)
			}
			if want := strings.TrimPrefix(test.url, "ws://localhost:8080"); server.asked != want {
				t.Errorf("asked about %q, want %q", server.asked, want)
			}
		})
	}
}

func TestExplainForeign(t *testing.T) {
	tests := []struct {
		from site
		url  string
		want string
	}{
		{plain, "ws://echo.example/", "Could not connect to echo.example. Browsers don't tell why; likely nothing listens there, or it doesn't let pages of http://localhost:8080 in."},
		{plain, "wss://echo.example/", "Could not connect to echo.example. Browsers don't tell why; likely nothing listens there, it doesn't let pages of http://localhost:8080 in, or its certificate isn't trusted."},
		{secure, "ws://echo.example:81/", "Could not connect to echo.example:81. Browsers don't tell why; likely nothing listens there, it doesn't let pages of https://shop.example in, or browsers keep pages that came over https from ws:// addresses (try wss://)."},
	}
	for _, test := range tests {
		to, wrong := test.from.check(test.url)
		if wrong != nil {
			t.Fatal(wrong.text)
		}
		server := &answer{}
		if got := explain(t.Context(), test.from, to, nil, server); got.text != test.want || got.signIn {
			t.Errorf("%s: got %+v, want %q", test.url, got, test.want)
		}
		if server.asked != "" {
			t.Errorf("%s: our own server was asked about it", test.url)
		}
	}
}

// Browsers give up where none of the sub-protocols that they offer is chosen (RFC 6455,
// section 4.1, as browsers read it).
func TestExplainOffered(t *testing.T) {
	for url, want := range map[string]string{
		"ws://localhost:8080/echo": "takes none of the sub-protocols",
		"ws://echo.example/":       "it takes none of the sub-protocols that are offered.",
	} {
		to, wrong := plain.check(url)
		if wrong != nil {
			t.Fatal(wrong.text)
		}
		if got := explain(t.Context(), plain, to, []string{"graphql-ws"}, &answer{}); !strings.Contains(got.text, want) {
			t.Errorf("%s: got %q, want %q", url, got.text, want)
		}
	}
}

package console

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/shared"
)

// serve answers what the page asks its server.
func serve(p *pane, after time.Duration, status int, reply any, asked *[]string) {
	p.page.server = api.New(func(ctx context.Context, method, path string, _ []byte) (int, []byte, error) {
		*asked = append(*asked, method+" "+path)
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
		if status == 0 {
			return 0, nil, errors.New("refused")
		}
		data, err := json.Marshal(reply)
		return status, data, err
	})
}

// hostile is what a header may have in it.
const hostile = `"><img src=x onerror=alert(1)>'{}`

func TestHandshake(t *testing.T) {
	record := shared.HandshakeRecord{
		Request: "GET /echo?" + hostile + " HTTP/1.1", Host: "localhost:8080", Remote: "127.0.0.1", TLS: true,
		Headers: []shared.HeaderLine{
			{Name: "Cookie", Value: "cartline_staff=…", Masked: true},
			{Name: "X-" + hostile, Value: hostile},
		},
		Truncated:     true,
		OriginAllowed: true, OriginVerdict: "It is this server's own. " + hostile,
		Offered: []string{"fault.delay-20", hostile}, Chosen: "fault.delay-20", Extensions: "permessage-deflate",
		User: "demo", Faults: "delay=20", Status: 101,
	}
	refused := shared.HandshakeRecord{Request: "GET /events/io HTTP/1.1", OriginVerdict: "It is another's.", Status: 401, Refusal: "Sign in first."}
	tests := []struct {
		name   string
		url    string
		status int
		reply  any
		want   []string // parts of what is shown
	}{
		{"taken", ownEcho, 200, record, []string{
			"101, switched to WebSocket", "127.0.0.1, over TLS", "permessage-deflate", "fault.delay-20", "demo", "delay=20",
			"verdict good", ">masked<", "There were more headers", "This computer&#39;s clock agrees with the server&#39;s (±6.00 ms).",
		}},
		{"none chosen", ownEvents, 200, shared.HandshakeRecord{Status: 101, OriginAllowed: true, Offered: []string{"a"}}, []string{"at which browsers give up"}},
		{"refused", ownEvents, 200, refused, []string{"401: Sign in first.", "verdict error", "none"}},
		{"not kept", ownEcho, 404, shared.Problem{Code: shared.CodeNotFound, Detail: "There is none."}, []string{"keeps no record of this handshake"}},
		{"a problem", ownEcho, 503, shared.Problem{Code: shared.CodeUnavailable, Detail: "Too much " + hostile}, []string{"Too much "}},
		{"no answer", ownEcho, 0, nil, []string{"can&#39;t be reached to ask"}},
		{"nonsense", ownEcho, 200, "text", []string{"can&#39;t be read"}},
		{"another server's", "ws://example.org/" + "x?y=<b>", 200, record, []string{"Only this server", "ws://example.org/"}},
		{"another page of ours", "ws://localhost:8080/other", 200, record, []string{"Only this server"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, p := page()
				s := new(stage)
				p.mounted(s)
				var asked []string
				if r, ok := test.reply.(shared.HandshakeRecord); ok {
					r.Now = time.Now().Add(5 * time.Millisecond)
					test.reply = r
				}
				serve(p, 10*time.Millisecond, test.status, test.reply, &asked)
				connectTo(t, p, newFake().dial, test.url)
				own := p.insight.contact.handshake.id != ""
				if html := app.HTMLString(&details{Pane: p}); own && !strings.Contains(html, "The server is being asked") {
					t.Errorf("before the answer: got %s", html)
				}
				s.pass(time.Second)
				html := app.HTMLString(&details{Pane: p})
				for _, want := range test.want {
					if !strings.Contains(html, want) {
						t.Errorf("%q is missing in %s", want, html)
					}
				}
				if strings.Contains(html, "<img") || strings.Contains(html, "<b>") {
					t.Errorf("what others wrote is markup: %s", html)
				}
				switch {
				case own && len(asked) != 1:
					t.Errorf("asked %q, want one question", asked)
				case own && !regexp.MustCompile(`^GET /api/handshake/[0-9a-f]{32}$`).MatchString(asked[0]):
					t.Errorf("asked %q", asked)
				case !own && len(asked) > 0:
					t.Errorf("asked %q of a handshake that isn't ours", asked)
				}
				leave(p, s)
				if len(asked) > 1 {
					t.Errorf("asked %q, want one question", asked)
				}
			})
		})
	}
}

// What is known of one connection is not shown for the next.
func TestHandshakeOfTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p := page()
		s := new(stage)
		p.mounted(s)
		var asked []string
		serve(p, time.Second, 200, shared.HandshakeRecord{Request: "GET /late HTTP/1.1"}, &asked)
		connectTo(t, p, newFake().dial, ownEcho)
		first := p.insight.contact.handshake.id
		p.disconnect(closeNormal, "")
		s.run()
		connectTo(t, p, newFake().dial, "ws://example.org/")
		s.pass(2 * time.Second)
		if html := app.HTMLString(&details{Pane: p}); strings.Contains(html, "GET /late") {
			t.Errorf("the first one's is shown for the second: %s", html)
		}
		if len(asked) != 1 || !strings.HasSuffix(asked[0], first) {
			t.Errorf("asked %q, want for %s", asked, first)
		}
		leave(p, s)
	})
}

// Each handshake carries its own cookie, so those of one page take turns.
func TestHandshakesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{}, 1)
		to, _ := plain.check(ownEcho)
		underWay, most := 0, 0
		dial := func(ctx context.Context, _ string, _ []string) (connection, error) {
			underWay++
			most = max(most, underWay)
			defer func() { underWay-- }()
			select {
			case <-time.After(time.Second):
				return newFake(), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		began := time.Now()
		done := make(chan error)
		for range 4 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
				defer cancel()
				c := &contact{handshake: handshake{id: newHandshakeID()}}
				_, err := c.dialer(dial, to, turn)(ctx, ownEcho, nil)
				done <- err
			}()
		}
		failed := 0
		for range 4 {
			if err := <-done; err != nil {
				failed++
			}
		}
		if most != 1 || failed != 1 || len(turn) != 0 {
			t.Errorf("%d at once, %d of 4 failed, %d still have their turn, want 1, 1, 0", most, failed, len(turn))
		}
		// Others' need not wait.
		turn <- struct{}{}
		waited := time.Since(began)
		if _, err := new(contact).dialer(dial, to, turn)(t.Context(), "ws://example.org/", nil); err != nil {
			t.Error(err)
		}
		if took := time.Since(began) - waited; took != time.Second {
			t.Errorf("another server's took %v, want 1s", took)
		}
	})
}

func TestHandshakeIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		id := newHandshakeID()
		if len(id) != shared.HandshakeIDLength || seen[id] || strings.Trim(id, "0123456789abcdef") != "" {
			t.Fatalf("got %q", id)
		}
		seen[id] = true
	}
}

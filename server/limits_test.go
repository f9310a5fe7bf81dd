package main

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"cartline/shared"
	"cartline/shared/live"
)

// TestServeLimits breaks each limit of the sockets, which the flags set: the handshake
// is refused, a page that asks is told why, and it is counted.
func TestServeLimits(t *testing.T) {
	for _, test := range []struct {
		flags  string
		path   string
		opened int // how many fit, the one that watches included; 0: that depends on the time
		status int
		limit  shared.Limit
		code   shared.Code
	}{
		{"--max-connections 3", "/echo", 3, 503, shared.LimitConnections, shared.CodeTooManyConnections},
		{"--max-connections-per-address 3", "/events/io", 3, 429, shared.LimitAddress, shared.CodeTooManyConnections},
		{"--max-connections-per-user 3", "/events/io", 3, 429, shared.LimitUser, shared.CodeTooManyConnections},
		{"--handshake-rate 1", "/echo", 0, 503, shared.LimitHandshakes, shared.CodeTooFast},
	} {
		t.Run(test.flags, func(t *testing.T) {
			flags := append(strings.Fields(test.flags), "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
			v := start(t, flags...).visitor(t)
			v.signInDemo(t)
			watching := v.open(t, "/events/io")
			watching.listen(t, shared.ChannelGateway)
			opened, refusals := 1, 0
			var problem shared.Problem
			for ; problem.Code == ""; opened++ {
				_, err := v.dial(t, test.path, "")
				if err == nil {
					continue
				}
				var refused *live.RefusedError
				if !errors.As(err, &refused) || refused.Status != test.status {
					t.Fatalf("got %v, want it refused with %d", err, test.status)
				}
				refusals++
				problem = askWhy(t, v, test.path) // at once, for there may be room again soon
				opened--
			}
			if test.opened != 0 && opened != test.opened {
				t.Errorf("got %d in, want %d", opened, test.opened)
			}
			var gateway shared.GatewayStatus
			for gateway.Refused[test.limit] == 0 {
				message, err := shared.ParseMessage([]byte(watching.next(t)))
				if err != nil || message.Into(&gateway) != nil {
					t.Fatalf("got %+v, %v, want a status", message, err)
				}
			}
			if problem.Code != test.code || problem.Status != http.StatusTooManyRequests || problem.RetryAfter == 0 {
				t.Errorf("a page asks why: got %+v, want code %s", problem, test.code)
			}
			v.ask(t, "GET", "/api/gateway", "", &gateway)
			if gateway.Refused[test.limit] != int64(refusals) || len(gateway.Refused) != 8 {
				t.Errorf("got %v, want %d by %s", gateway.Refused, refusals, test.limit)
			}
		})
	}
}

// Those who are turned away can't fill the log.
func TestRefusedHandshakesAreLoggedOnce(t *testing.T) {
	s := start(t, "--max-connections", "1", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	v := s.visitor(t)
	v.open(t, "/echo")
	for range 20 {
		var refused *live.RefusedError
		if _, err := v.dial(t, "/echo", ""); !errors.As(err, &refused) {
			t.Fatalf("got %v, want it refused", err)
		}
	}
	if log := s.log.String(); strings.Count(log, "a limit was reached") != 1 || strings.Contains(log, "status=503") {
		t.Errorf("got more than one line of the limit:\n%s", log)
	}
}

// askWhy asks what a handshake would be answered.
func askWhy(t *testing.T, v *visitor, path string) (problem shared.Problem) {
	t.Helper()
	response, err := v.client.Get(v.url + "/api/handshake?path=" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	decode(t, response.Body, &problem)
	return problem
}

// TestServeMessageRate sets the rate of messages.
func TestServeMessageRate(t *testing.T) {
	v := start(t, "--message-rate", "1", "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db")).visitor(t)
	v.signInDemo(t)
	c := v.open(t, "/events/io")
	for range 10 {
		c.send(t, `{"ping":"x"}`)
	}
	for answer := ""; !strings.Contains(answer, `"code":"too_fast"`); {
		if answer = c.next(t); !strings.Contains(answer, `"pong"`) && !strings.Contains(answer, `"too_fast"`) {
			t.Fatalf("got %s", answer)
		}
	}
}

// TestServeWithoutLimits takes 0 for no limit.
func TestServeWithoutLimits(t *testing.T) {
	s := start(t, "--max-connections", "0", "--max-connections-per-address", "0", "--max-connections-per-user", "0", "--handshake-rate", "0", "--message-rate", "0",
		"--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	v := s.visitor(t)
	v.signInDemo(t)
	for range 60 { // more than one user has by default
		c := v.open(t, "/events/io")
		for range 10 {
			c.send(t, `{"ping":"x"}`)
		}
		for range 10 {
			if got := c.next(t); got != `["pong","x"]` {
				t.Fatalf("got %s", got)
			}
		}
	}
}

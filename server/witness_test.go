package main

import (
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/demo"
	"cartline/shared"
	"cartline/shared/live"
)

// handshakeID is one that a page would make anew each time.
const handshakeID = "0123456789abcdef0123456789abcdef"

// watched opens a socket as a page does that wants to know how the server sees it, and
// asks.
func (v *visitor) watched(t *testing.T, path, origin string) (record shared.HandshakeRecord, failed error) {
	t.Helper()
	address, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar.SetCookies(address, []*http.Cookie{{Name: shared.CookieHandshake, Value: handshakeID}})
	_, failed = v.dial(t, path, origin)
	v.ask(t, "GET", "/api/handshake/"+handshakeID, "", &record)
	return record, failed
}

// TestServeHandshakeRecord has a page find out how the server saw its handshakes.
func TestServeHandshakeRecord(t *testing.T) {
	v := start(t, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db")).visitor(t)
	v.signInDemo(t)
	began := time.Now()
	got, err := v.watched(t, "/events/io?token=secret", "")
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 101 || got.Request != "GET /events/io?token=••• HTTP/1.1" || got.User != demo.Username || !got.OriginAllowed ||
		"http://"+got.Host != v.url || got.Remote != "127.0.0.1" || got.At.Before(began.Add(-time.Millisecond)) || got.Now.Before(got.At) {
		t.Errorf("got %+v", got)
	}
	if !slices.Contains(got.Headers, shared.HeaderLine{Name: "Cookie", Value: "cartline_staff=•••", Masked: true}) {
		t.Errorf("got headers %+v, want the session masked, and nothing of the id", got.Headers)
	}

	got, err = v.watched(t, "/echo?delay=5", "")
	if err != nil || got.Status != 101 || got.Faults != "delay=5" || got.OriginVerdict != "This is a page of the server's own origin." {
		t.Errorf("got %+v, %v", got, err)
	}
	var refused *live.RefusedError
	got, err = v.watched(t, "/echo", "https://foe.example")
	if !errors.As(err, &refused) || got.Status != 403 || got.OriginAllowed || !strings.Contains(got.Refusal, "https://foe.example") {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = v.watched(t, "/echo?delay=0", "")
	if !errors.As(err, &refused) || got.Status != 400 || !got.OriginAllowed || !strings.Contains(got.Refusal, "delay is") {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := v.ask(t, "GET", "/api/handshake/"+handshakeID, "", nil).StatusCode; got != http.StatusNotFound {
		t.Errorf("what was told: got %d", got)
	}
}

// TestServeEchoFaults has the flag decide whether the echo may have faults.
func TestServeEchoFaults(t *testing.T) {
	for _, test := range []struct {
		args, env string
		status    int // 0 if faults may be had
	}{
		{"", "", 0},
		{"--echo-faults", "false", 0}, // the flag prevails
		{"--no-echo-faults", "", 403},
		{"--echo-faults=false", "", 403},
		{"", "false", 403},
	} {
		t.Run(test.args+test.env, func(t *testing.T) {
			if test.env != "" {
				t.Setenv("CARTLINE_ECHO_FAULTS", test.env)
			}
			v := start(t, append(strings.Fields(test.args), "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))...).visitor(t)
			v.open(t, "/echo")
			c, err := v.dial(t, "/echo?burst=2", "")
			why := askWhy(t, v, "/echo?burst=2")
			if test.status == 0 {
				if err != nil || why.Code != "" {
					t.Fatalf("got %v, and asked why: %+v", err, why)
				}
				c.send(t, "hello")
				for _, want := range []string{"Echo Initiated", "hello", "hello"} {
					if got := c.next(t); got != want {
						t.Errorf("got %q, want %q", got, want)
					}
				}
				return
			}
			var refused *live.RefusedError
			if !errors.As(err, &refused) || refused.Status != test.status || why.Code != shared.CodeForbidden || !strings.Contains(why.Detail, "--echo-faults") {
				t.Errorf("got %v, and asked why: %+v", err, why)
			}
		})
	}
}

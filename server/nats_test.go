package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Two servers share a database and NATS: one of them listens for both, and whoever is at
// the other hears the same, of the log, of notifications and of rights that were lost.
// Without NATS, the log is told all the same.
func TestOverNATS(t *testing.T) {
	server := testenv.NewNATS(t)
	database := testenv.Postgres(t)
	must(t, "correct horse\n", "staff", "add", "ann", "--role", "event_listener", "--role", "cart_editor", "--database", database)
	args := []string{"--database", database, "--nats", server.URL(), "--channel", "news"}
	servers := []*serving{start(t, args...), start(t, args...)}
	ready := func(want string) {
		t.Helper()
		for _, s := range servers {
			v := s.visitor(t)
			testenv.Eventually(t, patience, want, func() bool {
				var answer readyAnswer
				status, body := v.try(t, "GET", "/readyz", "")
				if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
					return false
				}
				for _, check := range answer.Checks {
					if check.Name == "nats" {
						return strings.Contains(check.Detail, want)
					}
				}
				return false
			})
		}
	}
	ready("the log and notifications come over NATS")
	conn := ok[*pgx.Conn](t)(pgx.Connect(t.Context(), database))
	defer conn.Close(context.WithoutCancel(t.Context()))
	testenv.Eventually(t, patience, "one of them alone to listen", func() bool {
		var listening int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cartline listener'`).Scan(&listening)
		return err == nil && listening == 1
	})

	var sockets []*wsClient
	var editor *visitor
	for _, s := range servers {
		v := s.visitor(t)
		if status := v.signIn(t, "ann", "correct horse"); status != http.StatusOK {
			t.Fatalf("sign-in: got %d", status)
		}
		editor = v
		socket := v.open(t, "/events/io")
		socket.listen(t, "news")
		socket.listen(t, shared.ChannelCartActivity)
		sockets = append(sockets, socket)
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_notify('news', 'hello'), pg_notify('cart_activity', 'as well')`); err != nil {
		t.Fatal(err)
	}
	for _, socket := range sockets {
		for _, want := range []string{`["news","hello"`, `["cart_activity","as well"`} {
			if got := socket.next(t); !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	change := func() {
		t.Helper()
		editor.ask(t, "POST", "/api/carts", `{"name":"Bob"}`, nil)
		var heard []string
		for _, socket := range sockets {
			heard = append(heard, socket.next(t))
		}
		if !strings.HasPrefix(heard[0], `["cart_activity",{`) || heard[0] != heard[1] {
			t.Errorf("got %q, want the same of both", heard)
		}
	}
	change()
	change()
	server.Kill()
	ready("nobody is heard")
	change()
	must(t, "", "staff", "role", "ann", "--none", "--database", database)
	for _, socket := range sockets {
		socket.wantClose(t, shared.CloseForbidden)
	}
}

// TestNATSUsage has each mistake answered with one line that names it.
func TestNATSUsage(t *testing.T) {
	postgres := "--database postgres://localhost/shop "
	for args, says := range map[string]string{
		"--nats nats://localhost":                                       "--database",
		postgres + "--nats localhost:4222":                              "--nats",
		postgres + "--nats nats://ann:secret@localhost:port":            "--nats",
		postgres + "--nats http://localhost":                            "--nats",
		postgres + "--nats nats://localhost --nats-stream a.b":          "--nats-stream",
		postgres + "--nats nats://localhost --nats-subject >":           "--nats-subject",
		postgres + "--nats nats://localhost --nats-max-age 1s":          "--nats-max-age",
		postgres + "--nats nats://localhost --nats-max-bytes 1000":      "--nats-max-bytes",
		postgres + "--nats nats://localhost --nats-replicas 2":          "--nats-replicas",
		postgres + "--nats nats://localhost --nats-credentials nowhere": "--nats-credentials",
		"--serve gateway --notify-database postgres://localhost/shop --auth forward:http://localhost/ --nats nats://localhost": "--nats",
	} {
		t.Run(args, func(t *testing.T) {
			status, _, stderr := call(t, "", strings.Fields(args)...)
			if status != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, says) || strings.Contains(stderr, "secret") {
				t.Errorf("got status %d, %q, want 2 and one line that says %s", status, stderr, says)
			}
		})
	}
}

// A process without sockets has nobody whom it would tell anything.
func TestNATSWithoutSockets(t *testing.T) {
	c := &serveCommand{}
	c.Nats = "nats://localhost"
	for mode, want := range map[string]bool{modeAll: true, modeEvents: true, modeApp: false} {
		c.Serve = mode
		if got := c.overNATS(); got != want {
			t.Errorf("--serve %s: got %v, want %v", mode, got, want)
		}
	}
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/demo"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/server/sqlite"
	"cartline/shared"
	"cartline/shared/live"
)

// stores are the databases to serve from: an empty one of each kind.
var stores = []struct {
	name, kind string
	open       func(*testing.T) string
}{
	{"sqlite", "SQLite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") }},
	{"postgres", "PostgreSQL", func(t *testing.T) string { return testenv.Postgres(t) }},
}

// TestServe goes the whole way, on each store: from the first page to the end.
func TestServe(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			database := store.open(t)
			s := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
			for _, line := range []string{"  Console    " + s.url + "/\n", "  Events     " + s.url + "/events\n", "  Database   " + store.kind + "\n"} {
				if !strings.Contains(s.out.String(), line) {
					t.Errorf("got %q, want the line %q", s.out.String(), line)
				}
			}
			staff := s.visitor(t)
			for path, want := range map[string]int{"/healthz": 200, "/": 200, "/events": 200, "/robots.txt": 200, "/nothing": 404, "/api/nothing": 404, "/echo": 400, "/events/io": 400} {
				if got := staff.ask(t, "GET", path, "", nil).StatusCode; got != want {
					t.Errorf("%s: got %d, want %d", path, got, want)
				}
			}
			wantRefused(t, staff, "")
			staff.signInDemo(t)
			wantRefused(t, staff, "none")
			wantRefused(t, staff, "https://evil.example")
			events := staff.open(t, "/events/io")
			events.listen(t, shared.ChannelCartActivity)

			echo := staff.open(t, "/echo")
			if got := echo.next(t); got != "Echo Initiated" {
				t.Errorf("got greeting %q", got)
			}
			echo.send(t, "hello")
			if got := echo.next(t); got != "hello" {
				t.Errorf("got echo %q", got)
			}
			var gateway shared.GatewayStatus
			staff.ask(t, "GET", "/api/gateway", "", &gateway)
			if gateway.Connections != 1 || gateway.Echo != 1 || gateway.Store != store.kind || gateway.Mode != "all" || gateway.Version != "dev" ||
				len(gateway.Sessions) != 1 || gateway.Sessions[0].Name != "demo-1" || gateway.StartedAt.IsZero() || !strings.Contains(gateway.Process, "/") {
				t.Errorf("got %+v", gateway)
			}

			// Each change arrives, once and in order.
			shopper := s.visitor(t)
			var cart shared.Cart
			for range 2 {
				for i, quantity := range []int{2, 3} {
					body := fmt.Sprintf(`{"quantity":%d}`, quantity)
					if line, ok := cart.Line("MUG-BLUE"); ok {
						body = fmt.Sprintf(`{"quantity":%d,"version":%d}`, quantity, line.Version)
					}
					shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", body, &cart)
					want := fmt.Sprint(cart.ID, " ", cart.Version)
					if got := nextActivity(t, events); got != want {
						t.Errorf("change %d: got %s, want %s", i, got, want)
					}
				}
			}
			if cart.Version != 4 {
				t.Errorf("got version %d, want 4", cart.Version)
			}
			if store.name == "postgres" {
				hearNotify(t, database, events)
			}
			shopper.ask(t, "DELETE", "/api/cart/lines/MUG-BLUE", "", &cart)
			if got, want := nextActivity(t, events), fmt.Sprint(cart.ID, " 5"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}

			// What another program takes away is lost here.
			must(t, "correct horse\n", "staff", "add", "ann", "--role", "event_listener", "--database", database)
			ann := s.visitor(t)
			if got := ann.signIn(t, "ann", "correct horse"); got != 200 {
				t.Fatalf("ann's sign-in: got %d", got)
			}
			leaving := ann.open(t, "/events/io")
			leaving.listen(t, shared.ChannelCartActivity)
			must(t, "", "staff", "role", "ann", "--role", "admin", "--database", database)
			leaving.wantClose(t, shared.CloseForbidden)
			must(t, "", "staff", "remove", demo.Username, "--database", database)
			events.wantClose(t, shared.CloseSessionEnded)
			wantRefused(t, staff, "")

			s.stop()
			echo.wantClose(t, 1001)
			s.end(t)
			wantLog(t, s.log.String(),
				`msg=request request=\S+ method=GET path=/events/io status=101 duration=\S+ user=demo remote=127\.0\.0\.1`,
				`msg=request request=\S+ method=PUT path=/api/cart/lines/MUG-BLUE status=200 duration=\S+ user="" remote=127\.0\.0\.1`,
				`msg="events rejected" request=\S+ user="" remote=127\.0\.0\.1 origin=\S+ code=unauthorized`,
				`msg="events connected" session=demo-1`,
				`msg="events disconnected" session=demo-1 duration=\S+ code=3501 by=server`,
				`msg="events disconnected" session=ann-1 duration=\S+ code=3503 by=server`,
				`msg=stopping`, `msg=stopped`)
			if regexp.MustCompile(`level=(ERROR|WARN) msg="?(can't|panic|request)`).MatchString(s.log.String()) {
				t.Errorf("something went wrong:\n%s", s.log.String())
			}
		})
	}
}

func wantRefused(t *testing.T, v *visitor, origin string) {
	t.Helper()
	var refused *live.RefusedError
	if _, err := v.dial(t, "/events/io", origin); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("/events/io, origin %q: got %v, want it refused with 403", origin, err)
	}
}

// nextActivity takes the next message, and tells which cart's which version it is.
func nextActivity(t *testing.T, s *wsClient) string {
	t.Helper()
	message, err := shared.ParseMessage([]byte(s.next(t)))
	if err != nil || message.Kind != shared.ChannelCartActivity || message.Meta == nil || message.Meta.Cursor == "" {
		t.Fatalf("got %+v, %v, want an activity with its cursor", message, err)
	}
	var activity shared.Activity
	if err := message.Into(&activity); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(activity.CartID, " ", activity.CartVersion)
}

// hearNotify notifies as psql would. The next message must be what was notified,
// so that none of the log's was told twice.
func hearNotify(t *testing.T, dsn string, s *wsClient) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for notified, want := range map[string]string{`{"hello":1}`: `{"hello":1}`, `plain text`: `"plain text"`} {
		if _, err := conn.Exec(ctx, `NOTIFY cart_activity, '`+notified+`'`); err != nil {
			t.Fatal(err)
		}
		message, err := shared.ParseMessage([]byte(s.next(t)))
		if err != nil || message.Kind != shared.ChannelCartActivity || string(message.Payload) != want || message.Meta.Cursor != "" {
			t.Errorf("got %+v, %v, want payload %s and no cursor", message, err, want)
		}
	}
}

func wantLog(t *testing.T, log string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(log) {
			t.Errorf("the log lacks %s:\n%s", pattern, log)
		}
	}
}

// TestServeWithoutDemo has nothing that nobody asked for.
func TestServeWithoutDemo(t *testing.T) {
	s := start(t, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	if strings.Contains(s.out.String(), "password") {
		t.Errorf("got %q", s.out.String())
	}
	var list shared.ProductList
	s.visitor(t).ask(t, "GET", "/api/products", "", &list)
	if len(list.Products) != 0 {
		t.Errorf("got %d products, want none", len(list.Products))
	}
}

// TestServeDemoAgain: a second start keeps what is there, and ends the sessions
// under the first one's password.
func TestServeDemoAgain(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	first := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
	visitor := first.visitor(t)
	visitor.signInDemo(t)
	var before, after shared.ProductList
	visitor.ask(t, "GET", "/api/products", "", &before)
	first.end(t)

	second := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
	visitor.serving = second
	if got := visitor.ask(t, "GET", "/api/staff/session", "", nil).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("the old session: got %d, want 401", got)
	}
	visitor.signInDemo(t)
	visitor.ask(t, "GET", "/api/products", "", &after)
	if len(before.Products) == 0 || len(after.Products) != len(before.Products) {
		t.Errorf("got %d products, then %d", len(before.Products), len(after.Products))
	}
	if strings.Contains(second.log.String(), passwordPattern.FindStringSubmatch(second.out.String())[1]) {
		t.Error("the log tells the password")
	}
}

// TestServePublicly stands behind a proxy that speaks TLS.
func TestServePublicly(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), "--public-url", "https://shop.example/")
	if !strings.Contains(s.out.String(), "https://shop.example/events\n") {
		t.Errorf("got %q, want the public address", s.out.String())
	}
	v := s.visitor(t)
	response := v.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, new(shared.Cart))
	if got := response.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-cartline_shopper=") || !strings.Contains(got, "; Secure") {
		t.Errorf("got cookie %q, want it secure", got)
	}
	for _, path := range []string{"/", "/api/products", "/healthz", "/nothing"} {
		if got := v.ask(t, "GET", path, "", nil).Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: got Strict-Transport-Security %q", path, got)
		}
	}
	if _, err := v.dial(t, "/echo", "https://shop.example"); err != nil {
		t.Errorf("our own page: %v", err)
	}
	if _, err := v.dial(t, "/echo", s.url); err == nil {
		t.Error("a page of the inner address may connect")
	}
}

// TestServeFlags shows what the other flags do.
func TestServeFlags(t *testing.T) {
	t.Setenv("CARTLINE_ECHO_LIMIT", "10")
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", testenv.Postgres(t), "--channel", "news", "--channel", "weather",
		"--allow-origin", "https://a.example", "--allow-origin", "https://b.example", "--allow-no-origin")
	v := s.visitor(t)
	v.signInDemo(t)
	for origin, allowed := range map[string]bool{"": true, "none": true, "https://a.example": true, "https://b.example": true, "https://c.example": false} {
		for _, path := range []string{"/echo", "/events/io"} {
			if _, err := v.dial(t, path, origin); (err == nil) != allowed {
				t.Errorf("%s, origin %q: got %v, want allowed: %t", path, origin, err, allowed)
			}
		}
	}
	echo := v.open(t, "/echo")
	echo.send(t, "0123456789")
	for _, want := range []string{"Echo Initiated", "0123456789"} {
		if got := echo.next(t); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	echo.send(t, "0123456789a")
	echo.wantClose(t, 1009)
	events := v.open(t, "/events/io")
	events.listen(t, "news")
	events.listen(t, "weather")
	events.listen(t, shared.ChannelGateway)
}

// TestServeAddressTaken ends at once, with one line.
func TestServeAddressTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	// Not even a demo may change anything before it is sure to serve: the server
	// that has the address may be the same demo, whose password is known.
	status, stdout, stderr := call(t, "", "--demo", "--listen", address, "--database", database)
	if accounts := must(t, "", "staff", "list", "--database", database); strings.Contains(accounts, "demo") {
		t.Errorf("the server that didn't serve has left an account: %s", accounts)
	}
	if want := "cartline: can't listen on " + address + ": bind: address already in use\n"; status != 1 || stdout != "" || stderr != want {
		t.Errorf("got status %d, %q, %q, want 1 and %q", status, stdout, stderr, want)
	}
}

// TestServeStoppedAtOnce is told to stop before it has begun.
func TestServeStoppedAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, log output
	run(ctx, []string{"--listen", "127.0.0.1:0", "--database", "sqlite:" + filepath.Join(t.TempDir(), "shop.db")}, strings.NewReader(""), &out, &log)
	// Whatever its status: it has ended, and left nothing running.
}

// TestServeSweeps forgets expired sessions when it starts.
func TestServeSweeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte("token"))
	past := time.Now().Add(-time.Hour)
	err = store.AddShopper(t.Context(), identity.Shopper{Hash: hash[:], ID: "shopper", CreatedAt: past, ExpiresAt: past}, nil)
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	start(t, "--database", "sqlite:"+path).waitLog(t, `msg=forgotten what=sessions count=1`)
}

// TestServeSlowRequest finishes a request that is under way when it is told to
// stop.
func TestServeSlowRequest(t *testing.T) {
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	address := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"quantity":1}`
	head := fmt.Sprintf("PUT /api/cart/lines/MUG-BLUE HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", address, len(body))
	if _, err := io.WriteString(conn, head+"Expect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// The server asks for the body: so the request is under way.
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
	got := make([]byte, len(goOn))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != goOn {
		t.Fatalf("got %q, %v", got, err)
	}
	s.stop()
	s.waitLog(t, "msg=stopping")
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	_, rest, _ := strings.Cut(string(answer), "\r\n\r\n")
	var cart shared.Cart
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || json.Unmarshal([]byte(rest), &cart) != nil || cart.Items != 1 {
		t.Errorf("got %q, %v, want the cart", answer, err)
	}
	s.end(t)
}

func TestDisplayHost(t *testing.T) {
	for configured, want := range map[string]string{
		"localhost:0":    "localhost:4711",
		":0":             "localhost:4711",
		"0.0.0.0:0":      "localhost:4711",
		"[::]:0":         "localhost:4711",
		"127.0.0.1:0":    "127.0.0.1:4711",
		"[::1]:0":        "[::1]:4711",
		"shop.example:0": "shop.example:4711",
	} {
		if got := displayHost(configured, &net.TCPAddr{IP: net.IPv4zero, Port: 4711}); got != want {
			t.Errorf("%s: got %s, want %s", configured, got, want)
		}
	}
}

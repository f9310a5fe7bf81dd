package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// application is one of somebody else's, which knows who its users are by its own cookie.
type application struct {
	url string

	mu    sync.Mutex
	roles map[string][]string // by user
}

func newApplication(t *testing.T) *application {
	t.Helper()
	a := &application{roles: map[string][]string{
		"ann": {shared.RoleEventListener}, "bob": {}, "cem": {shared.RoleAdmin},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("sid")
		a.mu.Lock()
		defer a.mu.Unlock()
		roles, known := []string(nil), false
		if err == nil {
			roles, known = a.roles[cookie.Value]
		}
		if !known {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"user": cookie.Value, "roles": roles})
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// forget ends a user's session there.
func (a *application) forget(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.roles, user)
}

// user is a browser in which somebody is signed in at the application.
func (a *application) user(t *testing.T, s *serving, name string) *visitor {
	t.Helper()
	v := s.visitor(t)
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar.SetCookies(address, []*http.Cookie{{Name: "sid", Value: name}})
	return v
}

// Beside an existing application, the gateway tells its users what the application
// notifies, and leaves no trace in its database: it doesn't even need the right to write.
func TestGatewayBesideAnApplication(t *testing.T) {
	database, shop := testenv.Postgres(t), newApplication(t)
	s := start(t, "--serve", "gateway", "--notify-database", withParameter(database, "default_transaction_read_only=on"),
		"--auth", "forward:"+shop.url, "--auth-cookie", "sid", "--auth-timeout", "9s", "--channel", "orders")
	becomesReady(t, s, http.StatusOK)
	ann := shop.user(t, s, "ann")
	socket := ann.open(t, "/events/io")
	for _, channel := range []string{"orders", shared.ChannelCartActivity} {
		socket.listen(t, channel)
		execute(t, database, `NOTIFY `+channel+`, '{"id":7}'`)
		if got, want := socket.next(t), `["`+channel+`",{"id":7},`; !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s…", got, want)
		}
	}
	for _, refused := range []*visitor{s.visitor(t), shop.user(t, s, "bob"), shop.user(t, s, "stranger")} {
		wantRefused(t, refused, "")
	}
	wantRefused(t, ann, "https://evil.example")

	// What takes a log of ours isn't there, and who quotes a cursor is told that it leads
	// nowhere.
	for _, channel := range []string{shared.ChannelMyCart, shared.ChannelOfCart(strings.Repeat("0", 32))} {
		socket.send(t, `{"listen":"`+channel+`"}`)
		if got, want := socket.next(t), `["error",{"code":"unknown_channel"`; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s…", channel, got, want)
		}
	}
	other := ann.open(t, "/events/io")
	other.send(t, `{"listen":"cart_activity","after":"e.1.2.3"}`)
	if got, want := other.next(t), `["listening",{"channel":"cart_activity","recovered":false`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}

	// Who has lost their session there loses their sockets here, as soon as it says so.
	shop.forget("ann")
	execute(t, database, `NOTIFY cartline_sessions, 'ann'`)
	socket.wantClose(t, shared.CloseSessionEnded)
	other.wantClose(t, shared.CloseSessionEnded)

	var tables, connections int
	query(t, database, countTables, &tables)
	query(t, database, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'cartline%'`, &connections)
	if tables != 0 || connections != 1 {
		t.Errorf("it has made %d tables and has %d connections, want none and one", tables, connections)
	}
}

func becomesReady(t *testing.T, s *serving, status int) {
	t.Helper()
	v := s.visitor(t)
	testenv.Eventually(t, patience, "/readyz to answer "+http.StatusText(status), func() bool {
		return v.ask(t, "GET", "/readyz", "", nil).StatusCode == status
	})
}

// What a gateway has besides its sockets: its page, and what that asks for. All else is
// answered in words.
func TestGatewayAnswers(t *testing.T) {
	database, shop := testenv.Postgres(t), newApplication(t)
	s := start(t, "--serve", "gateway", "--notify-database", database, "--auth", "forward:"+shop.url, "--auth-cookie", "sid", "--auth-timeout", "9s")
	for _, test := range []struct {
		method, path            string
		nobody, ann, bob, admin int
	}{
		{"GET", "/events", 200, 200, 200, 200},
		{"GET", "/web/app.css", 200, 200, 200, 200},
		{"GET", "/api/gateway", 401, 200, 403, 200},
		{"GET", "/api/staff/session", 401, 200, 200, 200},
		{"POST", "/api/staff/session", 421, 421, 421, 421},
		{"DELETE", "/api/staff/session", 421, 421, 421, 421},
		{"PUT", "/api/staff/password", 421, 421, 421, 421},
		{"GET", "/api/handshake?path=/events/io", 401, 200, 403, 403},
		{"GET", "/api/handshake?path=/echo", 200, 200, 200, 200},
		{"GET", "/healthz", 200, 200, 200, 200},
		{"GET", "/shop", 421, 421, 421, 421},
		{"GET", "/", 421, 421, 421, 421},
		{"GET", "/api/cart", 421, 421, 421, 421},
		{"GET", "/api/staff/nothing", 404, 404, 404, 404},
		{"PUT", "/api/gateway", 405, 405, 405, 405},
	} {
		for user, want := range map[string]int{"nobody": test.nobody, "ann": test.ann, "bob": test.bob, "cem": test.admin} {
			if got, answer := shop.user(t, s, user).try(t, test.method, test.path, "{}"); got != want {
				t.Errorf("%s %s by %s: got %d %.200s, want %d", test.method, test.path, user, got, answer, want)
			}
		}
	}
	var status shared.GatewayStatus
	shop.user(t, s, "ann").ask(t, "GET", "/api/gateway", "", &status)
	if status.Mode != modeGateway || status.All != nil || status.Process == "" {
		t.Errorf("got %+v", status)
	}
	if echo := s.visitor(t).open(t, "/echo"); echo.next(t) != "Echo Initiated" {
		t.Error("the echo doesn't begin")
	}
}

// A gateway that can't hear is not ready, tells those who listen that something may be
// missing, and goes on when the database is back. While nobody can be asked who somebody
// is, nobody gets in.
func TestGatewayWithoutWhatItStandsOn(t *testing.T) {
	database := testenv.Postgres(t)
	address := ok[*url.URL](t)(url.Parse(database))
	link := testenv.NewLink(t, address.Host)
	address.Host = link.Address()
	shop := newApplication(t)
	toShop := testenv.NewLink(t, strings.TrimPrefix(shop.url, "http://"))
	toShop.Cut()
	s := start(t, "--serve", "gateway", "--notify-database", address.String(),
		"--auth", "forward:http://"+toShop.Address(), "--auth-cookie", "sid", "--auth-timeout", "9s")
	ann := shop.user(t, s, "ann")
	var refused *live.RefusedError
	if _, err := ann.dial(t, "/events/io", ""); !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable {
		t.Errorf("while nobody can be asked: got %v, want 503", err)
	}
	if got, answer := ann.try(t, "GET", "/api/gateway", ""); got != http.StatusServiceUnavailable {
		t.Errorf("while nobody can be asked: got %d %s, want 503", got, answer)
	}
	toShop.Mend()
	becomesReady(t, s, http.StatusOK)
	socket := ann.open(t, "/events/io")
	socket.listen(t, shared.ChannelCartActivity)
	link.Cut()
	becomesReady(t, s, http.StatusServiceUnavailable)
	link.Mend()
	becomesReady(t, s, http.StatusOK)
	if got, want := socket.next(t), `["gap",{"channel":"cart_activity"`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
	execute(t, database, `NOTIFY cart_activity, 'back'`)
	if got, want := socket.next(t), `["cart_activity","back"`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
}

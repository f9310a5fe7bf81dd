package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"cartline/server/internal/testenv"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// theirs is an application of somebody's own: it knows its users by the cookie sid.
type theirs interface {
	// flags are those of a gateway beside it.
	flags() []string
	signIn(t *testing.T, sid, user string)
	signOut(t *testing.T, sid string)
}

// webApplication is asked over HTTP.
type webApplication struct {
	url string

	mu    sync.Mutex
	users map[string]string
	hangs bool
}

func newWebApplication(t *testing.T) *webApplication {
	a := &webApplication{users: make(map[string]string)}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *webApplication) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	user, hangs := "", a.hangs
	if cookie, err := r.Cookie("sid"); err == nil {
		user = a.users[cookie.Value]
	}
	a.mu.Unlock()
	switch {
	case hangs:
		<-r.Context().Done()
	case user == "":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"user": user, "roles": []string{"sales"}})
	}
}

func (a *webApplication) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *webApplication) flags() []string { return []string{"--auth", "forward:" + a.url + "/whoami"} }

func (a *webApplication) signIn(_ *testing.T, sid, user string) {
	a.set(func() { a.users[sid] = user })
}
func (a *webApplication) signOut(_ *testing.T, sid string) { a.set(func() { delete(a.users, sid) }) }

// sqlApplication keeps sessions in a table.
type sqlApplication struct{ dsn string }

func (a *sqlApplication) flags() []string {
	return []string{"--auth", a.dsn, "--auth-cookie", "sid", "--auth-sql", "SELECT name, 'sales' FROM app_session WHERE id = $1"}
}

func (a *sqlApplication) signIn(t *testing.T, sid, user string) {
	execute(t, a.dsn, `INSERT INTO app_session VALUES ('`+sid+`', '`+user+`')`)
}

func (a *sqlApplication) signOut(t *testing.T, sid string) {
	execute(t, a.dsn, `DELETE FROM app_session WHERE id = '`+sid+`'`)
}

// redisApplication keeps sessions in Redis.
type redisApplication struct {
	url    string
	client *goredis.Client
}

func (a *redisApplication) flags() []string {
	return []string{"--auth", a.url, "--auth-cookie", "sid", "--auth-redis-key", "sess:{cookie}", "--auth-redis-user", "user.name", "--auth-redis-roles", "user.team"}
}

func (a *redisApplication) signIn(t *testing.T, sid, user string) {
	if err := a.client.Set(t.Context(), "sess:"+sid, `{"user":{"name":"`+user+`","team":["sales"]}}`, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func (a *redisApplication) signOut(t *testing.T, sid string) {
	if err := a.client.Del(t.Context(), "sess:"+sid).Err(); err != nil {
		t.Fatal(err)
	}
}

// startGateway starts a gateway beside an application, whose role sales listens. A busy
// machine may be slow to answer.
func startGateway(t *testing.T, dsn string, a theirs, args ...string) *serving {
	args = append([]string{"--serve", "gateway", "--notify-database", dsn, "--channel", "news", "--auth-role", "sales=event_listener", "--auth-timeout", "9s"}, args...)
	return start(t, append(args, a.flags()...)...)
}

// carrying is a browser that carries a cookie of the application.
func (s *serving) carrying(t *testing.T, sid string) *visitor {
	v := s.visitor(t)
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar.SetCookies(address, []*http.Cookie{{Name: "sid", Value: sid}})
	return v
}

// Whichever way the application is asked: its user gets in, nobody else does, and who
// signs out there is out here as soon as the application says so.
func TestWaysToAsk(t *testing.T) {
	const annsSession, bobsSession = "a-secret-of-ann", "a-secret-of-bob"
	for name, open := range map[string]func(t *testing.T, dsn string) theirs{
		"forward": func(t *testing.T, _ string) theirs { return newWebApplication(t) },
		"SQL": func(t *testing.T, dsn string) theirs {
			a := &sqlApplication{dsn}
			execute(t, dsn, `CREATE TABLE app_session (id text PRIMARY KEY, name text)`)
			return a
		},
		"Redis": func(t *testing.T, _ string) theirs {
			server := testenv.Redis(t)
			client := goredis.NewClient(&goredis.Options{Addr: server.Address()})
			t.Cleanup(func() { _ = client.Close() })
			return &redisApplication{server.URL(), client}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := testenv.Postgres(t)
			app := open(t, dsn)
			// Nothing but what the application says can end a socket as quickly as is waited for.
			s := startGateway(t, dsn, app, "--recheck", "1h", "--auth-grace", "2h")
			app.signIn(t, annsSession, "ann")
			app.signIn(t, bobsSession, "bob")
			ann, bob := s.carrying(t, annsSession).open(t, "/events/io"), s.carrying(t, bobsSession).open(t, "/events/io")
			for _, c := range []*wsClient{ann, bob} {
				c.listen(t, "news")
			}
			execute(t, dsn, `NOTIFY news, '{"a":1}'`)
			for _, c := range []*wsClient{ann, bob} {
				if got := c.next(t); !strings.HasPrefix(got, `["news",{"a":1}`) {
					t.Errorf("got %s, want the news", got)
				}
			}
			for _, sid := range []string{"", "three"} {
				if _, err := s.carrying(t, sid).dial(t, "/events/io", ""); err == nil || !strings.Contains(err.Error(), "403") {
					t.Errorf("with the cookie %q: got %v, want 403", sid, err)
				}
			}
			app.signOut(t, annsSession)
			execute(t, dsn, `NOTIFY cartline_sessions, 'ann'`)
			ann.wantClose(t, shared.CloseSessionEnded)
			if _, err := s.carrying(t, annsSession).dial(t, "/events/io", ""); err == nil || !strings.Contains(err.Error(), "403") {
				t.Errorf("who signed out: got %v, want 403", err)
			}
			bob.listen(t, "news")
			app.signOut(t, bobsSession)
			execute(t, dsn, `NOTIFY cartline_sessions`) // anybody
			bob.wantClose(t, shared.CloseSessionEnded)
			for _, secret := range []string{annsSession, bobsSession} {
				if strings.Contains(s.log.String(), secret) {
					t.Errorf("the log has somebody's cookie:\n%s", s.log.String())
				}
			}
		})
	}
}

// Nobody says that a user has signed out: it is found out all the same.
func TestRecheckInterval(t *testing.T) {
	app := newWebApplication(t)
	s := startGateway(t, testenv.Postgres(t), app, "--recheck", "1s", "--auth-grace", "10m")
	app.signIn(t, "one", "ann")
	app.signIn(t, "two", "bob")
	ann, bob := s.carrying(t, "one").open(t, "/events/io"), s.carrying(t, "two").open(t, "/events/io")
	ann.listen(t, "news")
	app.signOut(t, "one")
	ann.wantClose(t, shared.CloseSessionEnded)
	bob.listen(t, "news")
}

// While the application can't be asked, nobody new gets in, and whoever is in stays for
// the grace and no longer. When it can be asked again, all is well again.
func TestApplicationIsAway(t *testing.T) {
	app := newWebApplication(t)
	s := startGateway(t, testenv.Postgres(t), app, "--recheck", "1s", "--auth-grace", "6s", "--auth-timeout", "2s", "--auth-cache", "0s")
	app.signIn(t, "one", "ann")
	ann := s.carrying(t, "one").open(t, "/events/io")
	ann.listen(t, "news")
	app.set(func() { app.hangs = true })
	if _, err := s.carrying(t, "one").dial(t, "/events/io", ""); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("meanwhile: got %v, want 503", err)
	}
	ann.wantClose(t, wire.TryAgainLater)
	s.waitLog(t, "whether you are still signed in could not be found out for 6s; come back")
	s.waitLog(t, "those whose sockets are open can't be confirmed")
	app.set(func() { app.hangs = false })
	testenv.Eventually(t, patience, "ann to get in again", func() bool { // the last question may still hang
		c, err := s.carrying(t, "one").dial(t, "/events/io", "")
		if err == nil {
			c.listen(t, "news")
		}
		return err == nil
	})
	testenv.Eventually(t, patience, "the log to tell that it is over", func() bool {
		return strings.Contains(s.log.String(), "those whose sockets are open can be confirmed again")
	})
}

// An application that is away at the start is no reason not to start: nobody gets in
// until it is there.
func TestApplicationIsAwayAtStart(t *testing.T) {
	app := newWebApplication(t)
	app.hangs = true
	app.signIn(t, "one", "ann")
	s := startGateway(t, testenv.Postgres(t), app, "--auth-timeout", "200ms")
	s.waitLog(t, "nobody gets in until it can")
	if _, err := s.carrying(t, "one").dial(t, "/events/io", ""); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want 503", err)
	}
	app.set(func() { app.hangs = false })
	testenv.Eventually(t, patience, "ann to get in", func() bool {
		_, err := s.carrying(t, "one").dial(t, "/events/io", "")
		return err == nil
	})
}

// What can't work, or lets everybody in, is told at the start, in one line that shows no
// password.
func TestAuthorityFlags(t *testing.T) {
	dsn := testenv.Postgres(t)
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"user":"guest"}`))
	}))
	t.Cleanup(open.Close)
	gateway := []string{"--serve", "gateway", "--notify-database", dsn}
	for _, test := range []struct {
		args []string
		want string
	}{
		{gateway, "needs --auth"},
		{[]string{"--auth", "forward:http://localhost/"}, "goes with --serve gateway"},
		{append(gateway, "--auth", "ldap://user:secret@localhost"), "begins with forward:"},
		{append(gateway, "--auth", "forward:localhost"), "a whole one"},
		{append(gateway, "--auth", "forward:"+open.URL), "takes whoever shows nothing for a user"},
		{append(gateway, "--auth", dsn), "--auth-cookie"},
		{append(gateway, "--auth", dsn, "--auth-cookie", "sid"), "needs --auth-sql"},
		{append(gateway, "--auth", dsn, "--auth-cookie", "sid", "--auth-sql", "SELECT name FROM none WHERE id = $1"), "does not exist"},
		{append(gateway, "--auth", dsn, "--auth-cookie", "sid", "--auth-sql", "SELECT 'root', 'admin' WHERE $1 = ''"), "takes whoever shows nothing for a user"},
		{append(gateway, "--auth", "redis://user:secret@localhost", "--auth-cookie", "sid"), "{cookie}"},
		{append(gateway, "--auth", "redis://user:secret@localhost/x", "--auth-cookie", "sid", "--auth-redis-key", "sess:{cookie}"), "not the address of a Redis"},
		{append(gateway, "--auth", "forward:http://localhost/", "--auth-sql", "SELECT"), "--auth-sql goes with"},
		{append(gateway, "--auth", "forward:http://localhost/", "--auth-role", "sales=boss"), "--auth-role is THEIRS=OURS"},
		{append(gateway, "--auth", "forward:http://localhost/", "--auth-timeout", "1m"), "--auth-timeout is from"},
		{append(gateway, "--auth", "forward:http://localhost/", "--auth-cache", "1h"), "--auth-cache is from"},
		{append(gateway, "--auth", "forward:http://localhost/", "--recheck", "0s"), "--recheck is from"},
		{append(gateway, "--auth", "forward:http://localhost/", "--auth-grace", "30s"), "--auth-grace is from"},
		{append(gateway, "--auth", "forward:http://localhost/", "--sessions", "redis://localhost"), "--sessions is for shoppers"},
		{[]string{"--sessions", "memcached://user:secret@localhost"}, "--sessions: this is not the address of a Redis"},
	} {
		status, _, stderr := call(t, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...)...)
		if status != 2 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "secret") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: got status %d, %s; want 2 and one line with %q", test.args, status, stderr, test.want)
		}
	}
}

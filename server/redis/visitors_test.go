package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"cartline/server/foreign"
	"cartline/server/internal/testenv"
	"cartline/server/redis"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// client is for what an application does.
func client(t *testing.T, server *testenv.RedisServer) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: server.Address()})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func openVisitors(t *testing.T, config redis.VisitorsConfig) *redis.Visitors {
	t.Helper()
	v, err := redis.NewVisitors(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func ask(t *testing.T, v *redis.Visitors, cookie string) (foreign.Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return v.Ask(ctx, cookie)
}

func TestVisitors(t *testing.T) {
	server := testenv.Redis(t)
	app := client(t, server)
	until := time.Date(2099, 11, 21, 18, 0, 0, 0, time.UTC)
	for key, value := range map[string]string{
		"sess:a":       `{"cookie":{"expires":"2099-11-21T18:00:00.000Z"},"passport":{"user":{"name":"ann","roles":["event_listener","admin"]}}}`,
		"sess:list":    `[{"name":"ann"}]`,
		"sess:guest":   `{"cookie":{}}`,
		"sess:empty":   `{"passport":{"user":{"name":""}}}`,
		"sess:lie":     `{"passport":{"user":{"name":{"first":"ann"}}}}`,
		"sess:php":     `user|s:3:"ann";`,
		"sess:large":   `{"padding":"` + strings.Repeat("x", 10<<20) + `"}`,
		"other:secret": `{"passport":{"user":{"name":"root","roles":["admin"]}}}`,
	} {
		if err := app.Set(t.Context(), key, value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := app.RPush(t.Context(), "sess:other", "a list").Err(); err != nil {
		t.Fatal(err)
	}
	config := redis.VisitorsConfig{URL: server.URL(), Cookie: "sid", Key: "sess:{cookie}", User: "passport.user.name", Roles: "passport.user.roles", Expires: "cookie.expires"}
	byNumber := config
	byNumber.User = "0.name"
	for _, test := range []struct {
		name, cookie string
		config       redis.VisitorsConfig
		want         foreign.Answer
		code         shared.Code
		fails        string
	}{
		{name: "somebody", cookie: "a", config: config, want: foreign.Answer{User: "ann", Roles: []string{"event_listener", "admin"}, Expires: until}},
		{name: "in a list", cookie: "list", config: byNumber, want: foreign.Answer{User: "ann"}},
		{name: "no session", cookie: "b", config: config, code: shared.CodeUnauthorized},
		{name: "another key", cookie: "../other:secret", config: config, code: shared.CodeUnauthorized},
		{name: "nobody yet", cookie: "guest", config: config, code: shared.CodeUnauthorized},
		{name: "an empty name", cookie: "empty", config: config, code: shared.CodeUnauthorized},
		{name: "elsewhere in it", cookie: "list", config: config, code: shared.CodeUnauthorized},
		{name: "a name of parts", cookie: "lie", config: config, fails: "an object"},
		{name: "no JSON", cookie: "php", config: config, fails: "not JSON"},
		{name: "10 MB", cookie: "large", config: config, fails: "more than"},
		{name: "no text", cookie: "other", config: config, fails: "WRONGTYPE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ask(t, openVisitors(t, test.config), test.cookie)
			var problem *shared.Problem
			switch {
			case test.code != "":
				if !errors.As(err, &problem) || problem.Code != test.code {
					t.Errorf("got %+v, %v; want %s", got, err, test.code)
				}
			case test.fails != "":
				if err == nil || errors.As(err, &problem) || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %+v, %v; want an error with %q", got, err, test.fails)
				}
			case err != nil || !reflect.DeepEqual(got, test.want):
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

// A session ends with its key, whatever it says.
func TestVisitorsExpireWithTheirKey(t *testing.T) {
	server := testenv.Redis(t)
	session, err := json.Marshal(map[string]string{"user": "ann", "expires": "2099-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	if err := client(t, server).Set(t.Context(), "sess:a", session, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "expires"} {
		v := openVisitors(t, redis.VisitorsConfig{URL: server.URL(), Cookie: "sid", Key: "sess:{cookie}", User: "user", Expires: path})
		got, err := ask(t, v, "a")
		if left := time.Until(got.Expires); err != nil || left > time.Hour || left < time.Hour-patience {
			t.Errorf("path %q: got %v left, %v; want an hour", path, left, err)
		}
	}
}

// Redis is away at start, comes, goes and comes back: nobody gets in meanwhile, and
// whoever may, gets in then.
func TestVisitorsWhileRedisIsAway(t *testing.T) {
	server := testenv.Redis(t)
	server.Kill()
	v := openVisitors(t, redis.VisitorsConfig{URL: server.URL(), Cookie: "sid", Key: "sess:{cookie}", User: "user"})
	for range 2 {
		if _, err := ask(t, v, "a"); !redis.Unavailable(err) {
			t.Fatalf("got %v, want that Redis is away", err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		if err := client(t, server).Set(t.Context(), "sess:a", `{"user":"ann"}`, 0).Err(); err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "ann to get in", func() bool {
			answer, err := ask(t, v, "a")
			return err == nil && answer.User == "ann"
		})
		server.Kill()
	}
}

func TestVisitorsHang(t *testing.T) {
	server := testenv.Redis(t)
	link := testenv.NewLink(t, server.Address())
	link.Stall()
	v := openVisitors(t, redis.VisitorsConfig{URL: "redis://" + link.Address(), Cookie: "sid", Key: "sess:{cookie}", User: "user"})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := v.Ask(ctx, "a"); !redis.Unavailable(err) {
		t.Errorf("got %v, want that Redis doesn't answer", err)
	}
}

func TestNewVisitors(t *testing.T) {
	good := redis.VisitorsConfig{URL: "redis://localhost", Cookie: "sid", Key: "sess:{cookie}", User: "user"}
	for name, spoil := range map[string]func(*redis.VisitorsConfig){
		"no cookie in the key":   func(c *redis.VisitorsConfig) { c.Key = "sess:" },
		"nothing but the cookie": func(c *redis.VisitorsConfig) { c.Key = "{cookie}" },
		"no user":                func(c *redis.VisitorsConfig) { c.User = "" },
		"another scheme":         func(c *redis.VisitorsConfig) { c.URL = "http://user:secret@localhost" },
		"no number":              func(c *redis.VisitorsConfig) { c.URL = "redis://user:secret@localhost/none" },
	} {
		config := good
		spoil(&config)
		if _, err := redis.NewVisitors(config); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error that tells no password", name, err)
		}
	}
	v := openVisitors(t, good)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sid=a")
	if got := v.Proof(r); got != "a" {
		t.Errorf("got the proof %q, want a", got)
	}
}

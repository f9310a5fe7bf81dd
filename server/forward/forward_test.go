package forward_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/foreign"
	"cartline/server/forward"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

func open(t *testing.T, config forward.Config) *forward.Source {
	t.Helper()
	s, err := forward.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func serve(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL + "/whoami"
}

func ask(t *testing.T, s *forward.Source, proof string) (foreign.Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Ask(ctx, proof)
}

func answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const json = "application/json"

func TestAsk(t *testing.T) {
	at := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		handle http.HandlerFunc
		want   foreign.Answer
		code   shared.Code
		fails  string // part of the error
	}{
		{name: "somebody", handle: answer(200, json+"; charset=utf-8", `{"user":"ann","roles":["event_listener"],"expires":"2026-11-21T18:00:00Z","more":{"of":"theirs"}}`),
			want: foreign.Answer{User: "ann", Roles: []string{"event_listener"}, Expires: at}},
		{name: "the least", handle: answer(200, json, `{"user":17}`), want: foreign.Answer{User: "17"}},
		{name: "nobody", handle: answer(401, "text/html", strings.Repeat("sign in ", 1<<20)), code: shared.CodeUnauthorized},
		{name: "not you", handle: answer(403, json, `{"user":"ann"}`), code: shared.CodeForbidden},
		{name: "an error", handle: answer(500, json, `{"user":"ann"}`), fails: "500"},
		{name: "not there", handle: answer(404, json, `{"user":"ann"}`), fails: "404"},
		{name: "another success", handle: answer(204, json, ""), fails: "204"},
		{name: "a page", handle: answer(200, "text/html", `{"user":"ann"}`), fails: "application/json"},
		{name: "no JSON", handle: answer(200, json, "ann"), fails: "not JSON"},
		{name: "a list", handle: answer(200, json, `["ann"]`), fails: "not JSON"},
		{name: "two", handle: answer(200, json, `{"user":"ann"}{"user":"bob"}`), fails: "after"},
		{name: "nobody's user", handle: answer(200, json, `{"roles":["admin"]}`), fails: "no user"},
		{name: "empty", handle: answer(200, json, ""), fails: "not JSON"},
		{name: "10 MB", handle: answer(200, json, `{"user":"ann","padding":"`+strings.Repeat("x", 10<<20)+`"}`), fails: "more than"},
		{name: "without an end", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", json)
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, `{"user":"ann"} `)
			}
		}, fails: "more than"},
		{name: "a redirect", handle: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/whoami" {
				t.Errorf("the cookies went to %s", r.URL)
			}
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, fails: "elsewhere"},
		{name: "a header of 1 MB", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", json)
			for range 16 {
				w.Header().Add("Padding", strings.Repeat("x", 64<<10))
			}
			_, _ = io.WriteString(w, `{"user":"ann"}`)
		}, fails: "header"},
		{name: "packed, though we can't unpack", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", json)
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{"user":"ann","padding":"`+strings.Repeat("x", 10<<20)+`"}`)
			_ = z.Close()
		}, fails: "not JSON"},
		{name: "half of it", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", json)
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"user":"ann"}`)
		}, fails: "breaks off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, forward.Config{URL: serve(t, test.handle)})
			got, err := ask(t, s, `{"Cookie":["sid=secret"]}`)
			var problem *shared.Problem
			switch {
			case test.code != "":
				if !errors.As(err, &problem) || problem.Code != test.code {
					t.Errorf("got %+v, %v; want %s", got, err, test.code)
				}
			case test.fails != "":
				if err == nil || errors.As(err, &problem) || !strings.Contains(err.Error(), test.fails) || strings.Contains(err.Error(), "secret") {
					t.Errorf("got %+v, %v; want an error with %q", got, err, test.fails)
				}
			case err != nil || !reflect.DeepEqual(got, test.want):
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

// What is asked has what the visitor's request had, as far as it is meant for the
// application.
func TestWhatIsHandedOn(t *testing.T) {
	var seen atomic.Pointer[http.Header]
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(&r.Header)
		answer(200, json, `{"user":"ann"}`)(w, r)
	})
	visit := httptest.NewRequest("GET", "/events/io", nil)
	visit.Header["Cookie"] = []string{`sid="a b"; theme=dark`, "other=c; list=a,b c"}
	visit.Header.Set("Authorization", "Bearer x")
	visit.Header["X-Team"] = []string{"one", "two"}
	visit.Header.Set("User-Agent", "a browser")
	for _, test := range []struct {
		name   string
		config forward.Config
		want   http.Header
	}{
		{"cookies", forward.Config{}, http.Header{"Cookie": {`sid="a b"; theme=dark`, "other=c; list=a,b c"}}},
		{"some", forward.Config{Cookies: []string{"other", "sid"}}, http.Header{"Cookie": {`sid="a b"; other=c`}}},
		{"a comma", forward.Config{Cookies: []string{"list"}}, http.Header{"Cookie": {"list=a,b c"}}},
		{"a browser's name", forward.Config{Cookies: []string{"nothing"}, Headers: []string{"user-agent"}}, http.Header{"User-Agent": {"a browser"}}},
		{"none", forward.Config{Cookies: []string{"nothing"}, Headers: []string{"authorization"}}, http.Header{"Authorization": {"Bearer x"}}},
		{"all", forward.Config{Headers: []string{"authorization", "x-team"}}, http.Header{"Cookie": {`sid="a b"; theme=dark`, "other=c; list=a,b c"}, "Authorization": {"Bearer x"}, "X-Team": {"one", "two"}}},
	} {
		test.config.URL, test.config.UserAgent = address, "cartline/1"
		s := open(t, test.config)
		if _, err := ask(t, s, s.Proof(visit)); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		got := *seen.Load()
		if test.want["User-Agent"] == nil {
			test.want.Set("User-Agent", "cartline/1") // it is us who ask
		}
		test.want.Set("Accept", json)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	s := open(t, forward.Config{URL: address})
	if got := s.Proof(httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("who shows nothing: got %q", got)
	}
}

func TestGone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = ask(t, open(t, forward.Config{URL: address}), "")
	var problem *shared.Problem
	if err == nil || errors.As(err, &problem) {
		t.Errorf("got %v, want that it can't be found out", err)
	}
}

func TestHang(t *testing.T) {
	asked := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	s := open(t, forward.Config{URL: address})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := s.Ask(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it ended with its context", err)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []forward.Config{
		{URL: ""}, {URL: "whoami"}, {URL: "localhost:8000"}, {URL: "ftp://localhost/"}, {URL: "http://"}, {URL: "http://[::1"},
		{URL: "http://localhost/", Headers: []string{"cookie"}}, {URL: "http://localhost/", Headers: []string{"Host"}}, {URL: "http://localhost/", Headers: []string{""}},
	} {
		if _, err := forward.New(config); err == nil {
			t.Errorf("%+v: got no error", config)
		}
	}
}

package terminal_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"cartline/server/terminal"
	"cartline/shared"
)

// door is a server with a sign-in.
func door(t *testing.T, answer func(w http.ResponseWriter, method, body string)) (url string) {
	return serveHTTP(t, func(_ context.Context, w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/staff/session" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s %s, %v", r.Method, r.URL, err)
		}
		answer(w, r.Method, string(body))
	})
}

func signIn(t *testing.T, url string) (*terminal.Visit, error) {
	t.Helper()
	address, err := terminal.Address(url + "/events/io?a=b")
	if err != nil {
		t.Fatal(err)
	}
	return terminal.SignIn(t.Context(), address, shared.SignIn{Username: "ann", Password: `correct "horse"`})
}

func TestSignInAndOut(t *testing.T) {
	asked := make(chan string, 10)
	url := door(t, func(w http.ResponseWriter, method, body string) {
		asked <- method
		if method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		var got shared.SignIn
		if err := json.Unmarshal([]byte(body), &got); err != nil || got != (shared.SignIn{Username: "ann", Password: `correct "horse"`}) {
			t.Errorf("got %s, %v", body, err)
		}
		http.SetCookie(w, &http.Cookie{Name: "one", Value: "1", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "two", Value: "2", Path: "/"})
	})
	visit, err := signIn(t, url)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Cookie": {"three=3"}}
	visit.AddTo(header)
	origin := "http" + strings.TrimPrefix(url, "ws")
	if got := header.Get("Cookie"); got != "one=1; two=2; three=3" || len(header["Cookie"]) != 1 || header.Get("Origin") != origin {
		t.Errorf("got %v, want all cookies, and the origin %s", header, origin)
	}
	header = http.Header{"Origin": {"https://shop.example"}}
	visit.AddTo(header)
	if got := header.Get("Origin"); got != "https://shop.example" {
		t.Errorf("got the origin %s, want that which was asked for", got)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel() // by Ctrl-C
	if err := visit.SignOut(over); err != nil {
		t.Error(err)
	}
	for _, want := range []string{http.MethodPost, http.MethodDelete} {
		if got := receive(t, want, asked); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSignInRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(http.ResponseWriter)
		want   string
	}{
		{"wrong password", func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":"bad_credentials","detail":"Username or\u001b password is wrong."}`) // a test that fails tells
		}, `sign in as ann: Username or\x1b password is wrong.`},
		{"another server", func(w http.ResponseWriter) { http.Error(w, "what?", http.StatusNotFound) }, "sign in as ann: the server answered 404 Not Found"},
		{"sent elsewhere", func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "sign in as ann: the server answered 307 Temporary Redirect"},
		{"no cookie", func(http.ResponseWriter) {}, "has set no cookie for 127.0.0.1:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := door(t, func(w http.ResponseWriter, _, _ string) { test.answer(w) })
			if _, err := signIn(t, url); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "horse") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if _, err := signIn(t, "ws://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "sign in as ann: dial tcp 127.0.0.1:1") {
		t.Errorf("got %v, want that nobody is there", err)
	}
}

func TestSignOutRefused(t *testing.T) {
	url := door(t, func(w http.ResponseWriter, method, _ string) {
		if method == http.MethodDelete {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "one", Value: "1"})
	})
	visit, err := signIn(t, url)
	if err != nil {
		t.Fatal(err)
	}
	if err := visit.SignOut(t.Context()); err == nil || !strings.Contains(err.Error(), "sign out: the server answered 503") {
		t.Errorf("got %v", err)
	}
}

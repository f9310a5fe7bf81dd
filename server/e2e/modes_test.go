package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
)

// misdirected is what a page meets that keeps for later what another process serves.
const misdirected = "failed resource: status 421"

// Beside an application with its own sign-in, the page of the events is for whoever is
// signed in there.
func TestGatewayPage(t *testing.T) {
	t.Parallel()
	database := testenv.Postgres(t)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("sid")
		switch {
		case r.URL.Path == "/login":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "4711", Path: "/", HttpOnly: true})
			_, _ = w.Write([]byte("Signed in."))
		case r.URL.Path == "/whoami" && err == nil && cookie.Value == "4711":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"user":"ann","roles":["event_listener"]}`))
		case r.URL.Path == "/whoami":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(shop.Close)
	s := testenv.StartServer(t, testenv.ServerOptions{Env: patient, Args: []string{
		"--serve", "gateway", "--notify-database", database, "--auth", "forward:" + shop.URL + "/whoami", "--auth-cookie", "sid",
	}})
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{misdirected}})
	tab.Navigate(s.BaseURL + "/events")
	tab.WaitText("h1", "Sign in")
	fillSignIn(tab, "ann", "a password")
	tab.WaitContains(".message.error", "in your application")

	tab.Navigate(shop.URL + "/login")
	tab.WaitContains("body", "Signed in.")
	tab.Navigate(s.BaseURL + "/events")
	tab.WaitText("#who", "ann")
	tab.WaitText("#connections", "Serving 1 connections")
	tab.WaitContains(".facts", "gateway")
	tab.WaitContains("#feed", "Listening to cart_activity")
	notify(t, database, `{"hello":1}`)
	tab.WaitContains("#feed li:last-child .raw", `["cart_activity",{"hello":1},`)
}

// The page tells which process has its connection, and what all of them serve.
func TestProcessesPage(t *testing.T) {
	t.Parallel()
	database := testenv.Postgres(t)
	app := startGateway(t, "--serve", "app", "--database", database)
	events := testenv.StartServer(t, testenv.ServerOptions{Args: []string{"--serve", "events", "--database", database}})
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{misdirected}})
	signIn(tab, events.BaseURL, "demo", app.password)
	tab.WaitText("#connections", "Serving 1 connections")
	tab.WaitText("#all", "2 processes serve 1 connection in all, and 0 echo connections")
	tab.WaitContains("#processes tbody tr:first-child td:first-child", "(this page's)")
	tab.WaitText("#processes tbody tr:first-child td:nth-child(2)", "events")
	tab.WaitText("#processes tbody tr:last-child td:nth-child(2)", "app")
	newCaller(t, app.BaseURL).put("MUG-BLUE", 2)
	tab.WaitContains("#feed li:last-child", "2 × Blue mug added")

	// The process that has ended is forgotten, and this one alone again.
	app.Stop(t)
	testenv.Eventually(t, commandTimeout, "one process", func() bool {
		return !strings.Contains(testenv.Eval[string](tab, `document.querySelector("main").textContent`), "processes serve")
	})
}

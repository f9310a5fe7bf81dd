package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// elsewhere serves the first article's page from an origin that is not ours.
func elsewhere(t *testing.T) (origin string) {
	t.Helper()
	body := fixture(t, "article-echo.html")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { page("text/html", body)(w, r, nil) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// The first article's page works against our echo, if its origin is allowed.
func TestFirstArticle(t *testing.T) {
	t.Parallel()
	origin := elsewhere(t)
	g := startGateway(t, "--allow-origin", origin)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(origin + "/")
	tab.WaitText("#status", "Not Connected")
	waitEnabled(tab, "open")

	tab.Fill("#url", "ws://"+g.host()+"/echo")
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	waitEnabled(tab, "close send")
	tab.WaitText("#message", "Server Says: Echo Initiated")

	tab.Fill("#text", "hello ☕")
	tab.Click("#send")
	tab.WaitText("#message", "Server Says: hello ☕")
	if got := tab.Value("#text"); got != "" {
		t.Errorf("after sending, the field has %q, want none", got)
	}

	tab.Click("#close")
	tab.WaitText("#status", "Not Connected")
	waitEnabled(tab, "open")
	if got := tab.Text("#message"); got != "" {
		t.Errorf("after disconnecting, message = %q, want none", got)
	}
	tab.Click("#open")
	tab.WaitText("#message", "Server Says: Echo Initiated")
}

func TestFirstArticleNotAllowed(t *testing.T) {
	t.Parallel()
	origin := elsewhere(t)
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(origin + "/")
	testenv.Eval[chromedp.Void](tab, `(() => {
		window.statuses = []
		new MutationObserver(() => statuses.push(status.textContent)).observe(document.getElementById("status"), {childList: true})
	})()`)
	tab.Fill("#url", "ws://"+g.host()+"/echo")
	tab.Click("#open")
	tab.WaitContains("#message", "Error: ")
	waitEnabled(tab, "open")
	tab.WaitText("#status", "Not Connected")
	g.WaitLog(t, "path=/echo status=403")
	if testenv.Eval[bool](tab, `statuses.includes("Connected")`) {
		t.Error("the page was connected for a while")
	}
}

// serveSecondArticle puts the second article's page in the place of ours, with a
// stand-in for the jQuery that it loads.
func serveSecondArticle(t *testing.T, g *gateway) *front {
	t.Helper()
	f := startFront(t, g.BaseURL)
	f.handle("/events", page("text/html", fixture(t, "article-events.html")))
	f.handle("/(redacted)/jquery-3.4.0.js", page("text/javascript", fixture(t, "jquery-standin.js")))
	return f
}

// The second article's page, served under our origin, shows cart changes.
func TestSecondArticle(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := serveSecondArticle(t, g)
	tab := testenv.Browser(t, testenv.BrowserOptions{})

	// Without a session its socket closes before it was open.
	tab.Navigate(f.URL + "/events")
	tab.WaitFunc("liveupdate.ws.readyState === WebSocket.CLOSED")
	g.WaitLog(t, "path=/events/io status=403")

	credentials, err := json.Marshal(shared.SignIn{Username: "demo", Password: g.password})
	if err != nil {
		t.Fatal(err)
	}
	const post = `fetch("/api/staff/session", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(%)}).then((r) => r.status)`
	if got, want := testenv.Eval[int](tab, strings.Replace(post, "%", string(credentials), 1)), http.StatusOK; got != want {
		t.Fatalf("signing in: status %d, want %d", got, want)
	}
	tab.Navigate(f.URL + "/events")
	tab.WaitFunc("liveupdate.ws.readyState === WebSocket.OPEN")

	tab.Fill(".chatline", `{"listen":"cart_activity"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("body", `["listening",{"channel":"cart_activity"`)
	if got := tab.Value(".chatline"); got != "" {
		t.Errorf("after sending, the line has %q, want none", got)
	}
	newCaller(t, f.URL).put("MUG-BLUE", 2)
	tab.WaitContains("body", `["cart_activity",{`)
	tab.WaitContains("body", `"sku":"MUG-BLUE"`)
}

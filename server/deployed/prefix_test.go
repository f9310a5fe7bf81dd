package deployed

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"cartline/server/internal/testenv"
)

// neighbour is the existing shop, at whose host Cartline is below /live.
type neighbour struct {
	mu       sync.Mutex
	requests []string // method, path, and the names of the cookies
}

func (n *neighbour) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	line := r.Method + " " + r.URL.Path
	for _, cookie := range r.Cookies() {
		line += " " + cookie.Name
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = append(n.requests, line)
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<!doctype html><title>The existing shop</title>")) // an error means that the client is gone
}

func (n *neighbour) seen() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.requests)
}

// TestPrefix uses shop, desk and console below a path of an existing shop, behind nginx. No
// request goes to that shop, and none of our cookies.
func TestPrefix(t *testing.T) {
	t.Parallel()
	beside := new(neighbour)
	existing := httptest.NewServer(beside)
	t.Cleanup(existing.Close)
	address, folder := testenv.FreeAddress(t), t.TempDir()
	origin := "http://" + address
	server := testenv.StartServer(t, testenv.ServerOptions{Args: []string{
		"--public-url", origin + "/live", "--trusted-proxy", "127.0.0.1", "--demo", "--demo-shoppers", "2",
	}})
	// Without TLS, as Chromium would have to trust its certificate.
	nginxWith(t, folder, replaced(t, "nginx-prefix.conf",
		"127.0.0.1:8080", strings.TrimPrefix(server.BaseURL, "http://"), "127.0.0.1:3000", strings.TrimPrefix(existing.URL, "http://"),
		"listen 443 ssl", "listen "+address, "shop.example;", "localhost;",
		"ssl_certificate     /etc/ssl/shop.example.pem;", "", "ssl_certificate_key /etc/ssl/shop.example.key;", ""))
	answers(t, origin+"/live")
	found := regexp.MustCompile(`as  (\S+)  with the password  (\S+)`).FindStringSubmatch(server.Output())
	if found == nil {
		t.Fatalf("there is no password in\n%s", server.Output())
	}
	if !strings.Contains(server.Output(), "  Shop       "+origin+"/live/shop\n") {
		t.Errorf("got %s, want the addresses below /live", server.Output())
	}

	shop := testenv.Browser(t, testenv.BrowserOptions{})
	shop.SetViewport(1280, 900, false)
	shop.Navigate(origin + "/live/shop")
	shop.WaitFunc(`document.getElementById("call-us")?.disabled === false`)
	shop.Click(`a[href="/live/shop/p/blue-mug"]`)
	shop.WaitFunc(`location.pathname === "/live/shop/p/blue-mug" && document.getElementById("call-us")?.disabled === false`)
	shop.Click(".buy")
	shop.WaitText(`#cart-drawer [data-sku="MUG-BLUE"] .qty`, "1")
	shop.WaitFunc(`[...document.images].every((image) => image.complete && image.naturalWidth > 0)`)
	const scope = `navigator.serviceWorker.ready.then((r) => new URL(r.scope).pathname)`
	if got := testenv.Eval[string](shop, scope); got != "/live/" {
		t.Errorf("the service worker reaches %s", got)
	}
	id := testenv.Eval[string](shop, `fetch("/live/api/cart").then((r) => r.json()).then((cart) => cart.id)`)

	desk := testenv.Browser(t, testenv.BrowserOptions{})
	desk.SetViewport(1280, 900, false)
	desk.Navigate(origin + "/live/desk")
	desk.Fill("#username", found[1])
	desk.Fill("#password", found[2])
	desk.Click("#signin")
	desk.WaitText("#freshness", "Connected")
	desk.WaitFunc(fmt.Sprintf(`document.querySelector('[data-id=%q]') !== null`, id))
	desk.Click(fmt.Sprintf(`[data-id=%q]`, id))
	desk.WaitFunc(fmt.Sprintf(`location.pathname === "/live/desk/cart/%s"`, id))
	// What the shopper does is shown, and which page they look at, by its name.
	shop.Click(`#cart-drawer [aria-label="One Blue mug more"]`)
	desk.WaitContains("#cart-panel", "from 1 to 2")
	// Loaded again, the address opens the cart again.
	desk.Navigate(origin + "/live/desk/cart/" + id)
	desk.WaitContains("#cart-panel", "Blue mug")

	desk.Navigate(origin + "/live/events")
	desk.WaitText("#who", found[1])
	desk.Navigate(origin + "/live")
	desk.WaitFunc(`location.pathname === "/live/" && document.getElementById("open")?.disabled === false`)
	if got, want := desk.Value("#url"), "ws://"+address+"/live/echo"; got != want {
		t.Errorf("the console offers %s, want %s", got, want)
	}
	desk.Click("#open")
	desk.WaitText("#message", "Server Says: Echo Initiated")
	desk.Fill("#text", "below")
	desk.Press("\r")
	desk.WaitContains("#message", "below")

	if got := beside.seen(); len(got) != 0 {
		t.Errorf("the existing shop was asked for %q", got)
	}
	// The visitors of both are told apart by the existing shop's own cookies alone.
	for _, tab := range []*testenv.Tab{shop, desk} {
		tab.Navigate(origin + "/")
	}
	for _, request := range beside.seen() {
		if strings.Contains(request, "cartline") {
			t.Errorf("the existing shop got our cookie: %s", request)
		}
	}
	if strings.Contains(server.Log(), "status=404") {
		t.Errorf("something isn't there:\n%s", server.Log())
	}
}

package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"cartline/server/internal/testenv"
)

// loader is where go-app shows how far the WebAssembly has come.
const loader = "#app-wasm-loader-label"

// What is prerendered can be read without WebAssembly, and promises nothing
// that needs it.
func TestPrerendered(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	for _, tt := range []struct{ path, heading, title, says string }{
		{"/", "WebSocket console", "WebSocket console · Cartline", "Connect to an endpoint, send a message, and see what comes back."},
		{"/events", "Cart events", "Cart events · Cartline", "sign-in"},
	} {
		tab.Navigate(g.BaseURL + tt.path + "?wasm=false")
		tab.WaitFunc(`document.getElementById("app-wasm-loader") === null`)
		if got := tab.Text("h1"); got != tt.heading {
			t.Errorf("%s: heading = %q, want %q", tt.path, got, tt.heading)
		}
		if got := testenv.Eval[string](tab, "document.title"); got != tt.title {
			t.Errorf("%s: title = %q, want %q", tt.path, got, tt.title)
		}
		if got := tab.Text("main"); !strings.Contains(got, tt.says) {
			t.Errorf("%s: the page says %q, want %q in it", tt.path, got, tt.says)
		}
		if n := testenv.Eval[int](tab, `document.querySelectorAll("button:enabled, input:read-write:enabled").length`); n > 0 {
			t.Errorf("%s: %d controls look as if they worked", tt.path, n)
		}
	}
}

// While the WebAssembly loads, the page tells how far it is.
func TestLoadingProgress(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	release := make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free) // before the front waits for its requests
	f.handle(wasmPath, holdBack(release))
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(f.URL + "/")
	tab.WaitFunc(fmt.Sprintf(`/^Loading [1-9]\d? %%$/.test(document.querySelector(%q).textContent)`, loader))
	if got, want := tab.Text("h1"), "WebSocket console"; got != want {
		t.Errorf("while loading, heading = %q, want %q", got, want)
	}
	if !tab.Disabled("#open") {
		t.Error("while loading, Connect looks as if it worked")
	}

	free()
	waitEnabled(tab, "open")
	tab.WaitFunc(`document.getElementById("app-wasm-loader") === null`)
}

// Every page is painted while its WebAssembly is still on the way.
func TestPaintedBeforeWasm(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	never := make(chan struct{})
	f.handle(wasmPath, holdBack(never))
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	for path, heading := range map[string]string{"/": "WebSocket console", "/desk": "Desk", "/shop": "Good, plain things for the house and the garden.", "/events": "Cart events"} {
		tab.Navigate(f.URL + path)
		tab.WaitFunc(`performance.getEntriesByName("first-contentful-paint").length === 1`)
		if got := tab.Text("h1"); got != heading {
			t.Errorf("%s: the heading is %q, want %q", path, got, heading)
		}
		if testenv.Eval[bool](tab, `document.getElementById("app-wasm-loader") === null`) {
			t.Errorf("%s: the program has started, which was held back", path)
		}
	}
	if f.requests("/app-worker.js") > 0 {
		t.Error("the service worker, which fetches all pages, came before the program")
	}
}

// transferred is an expression for how many bytes of the page's WebAssembly came over the
// network, once it is there.
const transferred = `performance.getEntriesByType("resource").filter((e) => /\/app\.[0-9a-f]+\.wasm$/.test(e.name) && e.decodedBodySize > 0).map((e) => e.transferSize)`

// Where there are no service workers, the browser's own cache has the WebAssembly from
// the second visit on: it is not even asked for.
func TestSecondVisitWithoutServiceWorker(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	f.handle("/app-worker.js", func(w http.ResponseWriter, r *http.Request, _ http.Handler) { http.NotFound(w, r) })
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{"failed resource: status 404"}})
	openConsole(tab, f.URL)
	if got := testenv.Eval[[]int](tab, transferred); len(got) != 1 || got[0] < 1_000_000 {
		t.Errorf("at the first visit the WebAssembly came with %d bytes, want all", got)
	}
	for _, path := range []string{"/", "/desk"} {
		tab.Navigate(f.URL + path)
		tab.WaitFunc(`document.getElementById("app-wasm-loader") === null`)
		if got := testenv.Eval[[]int](tab, transferred); len(got) != 1 || got[0] != 0 {
			t.Errorf("%s: %d bytes of the WebAssembly came over the network, want none", path, got)
		}
	}
	if got := f.requests(wasmPath); got != 1 {
		t.Errorf("the server was asked for the WebAssembly %d times, want once", got)
	}
}

// When the WebAssembly doesn't come, the page says so.
func TestLoadingFails(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	f.handle(wasmPath, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "out of order", http.StatusServiceUnavailable)
	})
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{"failed resource: status 503"}})
	tab.Navigate(f.URL + "/")
	tab.WaitFunc(fmt.Sprintf(`getComputedStyle(document.querySelector(%q), "::before").content.includes("could not be loaded")`, loader))
	if got, want := tab.Text("h1"), "WebSocket console"; got != want {
		t.Errorf("heading = %q, want %q", got, want)
	}
}

// waitKept waits until the service worker has all that the pages need.
func waitKept(t testing.TB, tab *testenv.Tab) {
	t.Helper()
	testenv.Eventually(t, commandTimeout, "the service worker to have kept the pages", func() bool {
		return testenv.Eval[bool](tab, `(async () => {
			const registration = await navigator.serviceWorker.ready
			const kept = await Promise.all(["/", "/events", "/wasm_exec.js", "/app.js"].map((path) => caches.match(path)))
			return registration.active.state === "activated" && kept.every(Boolean)
		})()`)
	})
}

// From the second visit on the WebAssembly comes from the service worker's
// cache. The browser's own may not keep it here, so it can't help.
func TestSecondVisit(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	f.handle(wasmPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(noStore{w}, r)
	})
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, f.URL)
	waitKept(t, tab)
	first := f.requests(wasmPath)
	if first == 0 {
		t.Fatal("at the first visit nobody asked for the WebAssembly")
	}

	openConsole(tab, f.URL)
	tab.Navigate(f.URL + "/events")
	tab.WaitText("h1", "Sign in")
	if !testenv.Eval[bool](tab, "navigator.serviceWorker.controller !== null") {
		t.Error("the service worker has not taken over")
	}
	if got := testenv.Eval[[]int](tab, transferred); len(got) != 1 || got[0] != 0 {
		t.Errorf("%d bytes of the WebAssembly came over the network, want none", got)
	}
	if n := f.requests(wasmPath) - first; n > 0 {
		t.Errorf("after the first visit the server was asked for the WebAssembly %d times, want none", n)
	}
}

// noStore forbids browsers to keep an answer.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

func (w noStore) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Both pages open while the server is away, and say that it is.
func TestOffline(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, closing}})
	openConsole(tab, g.BaseURL)
	waitKept(t, tab)
	settleWorker(tab)
	g.Stop(t)

	openConsole(tab, g.BaseURL)
	tab.Click("#open")
	tab.WaitText("#message", "Error: This server can't be reached. Is it still running?")

	tab.Navigate(g.BaseURL + "/events")
	tab.WaitText("main .message.error", "The server can't be reached. Is it still running?")
	g.restart(t)
	tab.Click("main button")
	tab.WaitText("h1", "Sign in")
}

// A page that is open learns of a new version, and the visitor decides when.
func TestNewVersion(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	f := startFront(t, g.BaseURL)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, f.URL)
	waitKept(t, tab)
	openConsole(tab, f.URL) // now in the hands of the service worker
	testenv.Eval[chromedp.Void](tab, "window.loadedOnce = true")

	version := regexp.MustCompile(`cartline-[0-9a-f]{16}`)
	f.handle("/app-worker.js", change(func(body []byte) []byte {
		return version.ReplaceAll(body, []byte("cartline-ffffffffffffffff"))
	}))
	testenv.Eval[chromedp.Void](tab, "navigator.serviceWorker.getRegistration().then((r) => r.update())")
	tab.WaitText(".notice p", "A new version is ready.")
	tab.Click(".notice button")
	tab.WaitFunc("window.loadedOnce === undefined")
	waitEnabled(tab, "open")
}

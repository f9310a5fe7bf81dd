package routes_test

import (
	"bytes"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/routes"
	"cartline/app/shop"
)

// identity leaves references as they are and, not being an http.Handler, makes
// go-app serve no files.
type identity struct{}

func (identity) Resolve(path string) string { return path }

// handler is go-app's, as the server would use it. Routes are registered once in
// a process, so all tests share it.
var handler = sync.OnceValue(func() http.Handler {
	routes.Register()
	h := routes.Handler()
	h.Version = "v1"
	h.Resources = identity{}
	h.WasmContentLength = "1"
	return h
})

func get(t *testing.T, target string) (status int, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler().ServeHTTP(recorder, httptest.NewRequest("GET", target, nil))
	reply, err := io.ReadAll(recorder.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, string(reply)
}

// What the content security policy forbids must not be there to begin with.
func TestPrerenderedPagesKeepTheirPolicy(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"an inline style":      regexp.MustCompile(`(?i)<[^>]*\sstyle=|<style`),
		"an inline handler":    regexp.MustCompile(`(?i)<[^>]*\son[a-z]+=`),
		"an inline script":     regexp.MustCompile(`(?is)<script[^>]*>\s*[^\s<]`),
		"a script from afar":   regexp.MustCompile(`(?i)<script[^>]*src="(https?:)?//`),
		"a link to afar":       regexp.MustCompile(`(?i)<link[^>]*href="(https?:)?//`),
		"an image from afar":   regexp.MustCompile(`(?i)<img[^>]*src="(https?:|data:|//)`),
		"a form with a target": regexp.MustCompile(`(?i)<form[^>]*\saction=`),
	}
	for _, path := range routes.Paths {
		t.Run(path, func(t *testing.T) {
			status, html := get(t, path)
			if status != http.StatusOK {
				t.Fatalf("got status %d", status)
			}
			for what, pattern := range forbidden {
				if found := pattern.FindString(html); found != "" {
					t.Errorf("%s: %s", what, found)
				}
			}
			for _, want := range []string{"<title>", `lang="en"`, `id="main"`, "<h1>", "/web/app.css", "Cartline", `id="app-wasm-loader"`} {
				if !strings.Contains(html, want) {
					t.Errorf("no %s", want)
				}
			}
		})
	}
}

// go-app doesn't escape attributes when it prerenders, so nothing that a request
// brings may show: the page is the same for all of them.
func TestPrerenderingDependsOnThePathAlone(t *testing.T) {
	for _, path := range routes.Paths {
		_, plain := get(t, path)
		_, odd := get(t, "http://evil.example"+path+"?q=%22+onfocus=alert(1)+x=%22&url=ws://evil.example/")
		if strings.Contains(odd, "evil") || strings.Contains(odd, "alert") {
			t.Errorf("%s: what was asked shows in the answer", path)
		}
		if got, want := tokens(odd), tokens(plain); !slices.Equal(got, want) {
			t.Errorf("%s: another host and query make another page", path)
		}
	}
}

// tokens lists the words of a document in an order that doesn't depend on that
// of attributes, which go-app takes from a map.
func tokens(html string) []string {
	words := regexp.MustCompile(`[^\s<>]+`).FindAllString(html, -1)
	slices.Sort(words)
	return words
}

// Of the shop's pages there is one shell, in which the server puts the page, its title
// and its description.
func TestShopShell(t *testing.T) {
	handler()
	h := routes.ShopHandler()
	h.Version, h.Resources, h.WasmContentLength = "v1", identity{}, "1"
	for _, path := range []string{"/shop", "/shop/cart", "/shop/p/blue-mug"} {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		html := recorder.Body.String()
		for want, times := range map[string]int{
			`<div id="` + shop.Marker + `"></div>`: 1, "<title>" + shop.MarkTitle + "</title>": 1, shop.MarkDescription: 2,
			"/web/app.css": 1, "/web/shop.css": 1,
		} {
			if got := strings.Count(html, want); got != times {
				t.Errorf("%s: %d times %s, want %d", path, got, want, times)
			}
		}
	}
}

func TestTitles(t *testing.T) {
	seen := map[string]string{}
	for _, path := range routes.Paths {
		_, html := get(t, path)
		title := regexp.MustCompile(`<title>([^<]*)</title>`).FindStringSubmatch(html)[1]
		if other, twice := seen[title]; twice || !strings.HasSuffix(title, " · Cartline") {
			t.Errorf("%s is called %q, as is %q", path, title, other)
		}
		seen[title] = path
	}
}

func TestOtherPathsAreNone(t *testing.T) {
	for _, path := range []string{"/nope", "/events/", "/events/io", "/echo"} {
		if status, _ := get(t, path); status != http.StatusNotFound {
			t.Errorf("%s: got status %d, want 404", path, status)
		}
	}
}

func TestWorker(t *testing.T) {
	status, js := get(t, "/app-worker.js")
	if status != http.StatusOK {
		t.Fatalf("got status %d", status)
	}
	if strings.Contains(js, "{{") {
		t.Errorf("a place was not filled in: %s", regexp.MustCompile(`.*\{\{.*`).FindString(js))
	}
	for _, want := range []string{
		`const cacheName = "cartline-v1";`,
		`const pages = ["/","/desk","/desk/audit","/events"];`,
		`const shop = ["/shop","/shop/cart"];`,
		`"/web/shop.css"`,
		`"/web/app.css"`, `"/web/app.wasm"`, `"/wasm_exec.js"`, `"/app.js"`, `"/web/icon-192.png"`, `"/web/icon.svg"`,
		"event.waitUntil",
		"Promise.allSettled",
	} {
		if !strings.Contains(js, want) {
			t.Errorf("no %s", want)
		}
	}
	// Claiming the page of a first visit would look like an update to go-app.
	if strings.Contains(js, "clients.claim") {
		t.Error("the worker claims pages")
	}
}

// static is where the files are that pages refer to.
const static = "../../web/static"

func TestStaticFilesAreThere(t *testing.T) {
	h := routes.Handler()
	styles := append(h.Styles, routes.ShopHandler().Styles...)
	for _, path := range append([]string{h.Icon.Default, h.Icon.Large, h.Icon.SVG, h.Icon.Maskable, h.Image, "/web/favicon.ico"}, append(styles, h.CacheableResources...)...) {
		name, ours := strings.CutPrefix(path, "/web/")
		if !ours {
			t.Errorf("%s is not under /web/", path)
		}
		if _, err := os.Stat(filepath.Join(static, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestIcons(t *testing.T) {
	tests := []struct {
		path string
		size int
	}{
		{routes.Handler().Icon.Default, 192},
		{routes.Handler().Icon.Large, 512},
		{routes.Handler().Icon.Maskable, 512},
	}
	for _, test := range tests {
		file, err := os.ReadFile(filepath.Join(static, strings.TrimPrefix(test.path, "/web/")))
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", test.path, err)
		}
		if got.Width != test.size || got.Height != test.size {
			t.Errorf("%s: got %d × %d, want %d", test.path, got.Width, got.Height, test.size)
		}
		if len(file) > 16<<10 {
			t.Errorf("%s has %d bytes", test.path, len(file))
		}
	}
}

// The names of files get their hash by way of the handler. A reference in the
// stylesheet would go around that, and one to another host is not wanted at all.
func TestStylesheetRefersToNothing(t *testing.T) {
	css := append(stylesheets(t, routes.Handler()), stylesheets(t, routes.ShopHandler())...)
	for _, reference := range []string{"url(", "@import", "http:", "https:"} {
		if bytes.Contains(css, []byte(reference)) {
			t.Errorf("the stylesheet has %s", reference)
		}
	}
}

// stylesheets returns what a page is dressed by.
func stylesheets(t *testing.T, h *app.Handler) (css []byte) {
	t.Helper()
	for _, style := range h.Styles {
		file, err := os.ReadFile(filepath.Join(static, strings.TrimPrefix(style, "/web/")))
		if err != nil {
			t.Fatal(err)
		}
		css = append(css, file...)
	}
	return css
}

// Each class that a page uses and go-app doesn't bring has a rule, so that a
// name that was mistyped is found.
func TestClassesHaveRules(t *testing.T) {
	css := stylesheets(t, routes.Handler())
	// These mark what scripts, tests or other rules look for.
	bare := []string{"connect", "figures", "folds", "gateway", "intro", "log-card", "notice-region", "off", "send", "summary"}
	for _, path := range routes.Paths {
		_, html := get(t, path)
		for _, class := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(html, -1) {
			for _, name := range strings.Fields(class[1]) {
				rule := regexp.MustCompile(`\.` + regexp.QuoteMeta(name) + `[^-\w]`)
				if !rule.Match(css) && !slices.Contains(bare, name) {
					t.Errorf("%s: no rule for the class %s", path, name)
				}
			}
		}
	}
}

package page

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/routes"
)

// holePath is a page made as go-app's documentation has it: it shows a part of its
// own address.
const holePath = "/hole"

type hole struct {
	app.Compo
	name string
}

func (h *hole) OnPreRender(ctx app.Context) { h.name = ctx.Page().URL().Query().Get("q") }

func (h *hole) Render() app.UI { return app.Div().DataSet("name", h.name) }

func registerHole() { app.Route(holePath, func() app.Composer { return &hole{} }) }

// raw is go-app's handler as it is to be used by those who build no wall.
func raw(t *testing.T) http.Handler {
	t.Helper()
	newPages(t) // which registers the routes
	handler := routes.Handler()
	handler.Version = "v1"
	return handler
}

// TestWall holds the holes of go-app's handler against ours. Each must be open
// there, or the wall could go, and closed here.
func TestWall(t *testing.T) {
	for _, test := range []struct {
		name string
		open func(*testing.T, http.Handler) bool
	}{
		{"files outside of web, dots encoded", func(t *testing.T, h http.Handler) bool {
			return bytes.Contains(ask(h, "GET", "/web/%2e%2e/wall_test.go").Body.Bytes(), []byte("package page"))
		}},
		{"files outside of web, dots plain", func(t *testing.T, h http.Handler) bool {
			return bytes.Contains(ask(h, "GET", "/web/../wall_test.go").Body.Bytes(), []byte("package page"))
		}},
		{"the same through a ServeMux", func(t *testing.T, h http.Handler) bool {
			mux := http.NewServeMux()
			mux.Handle("/", h)
			return bytes.Contains(ask(mux, "GET", "/web/%2e%2e/wall_test.go").Body.Bytes(), []byte("package page"))
		}},
		{"robots.txt from a forged Host", func(t *testing.T, h http.Handler) bool { return asksForgedHost(t, h, "/robots.txt") }},
		{"sitemap.xml from a forged Host", func(t *testing.T, h http.Handler) bool { return asksForgedHost(t, h, "/sitemap.xml") }},
		{"ads.txt from a forged Host", func(t *testing.T, h http.Handler) bool { return asksForgedHost(t, h, "/ads.txt") }},
		{"attributes that a query ends", func(t *testing.T, h http.Handler) bool {
			w := ask(h, "GET", holePath+"?q=%22+onfocus%3Dalert(1)+autofocus+x%3D%22")
			if w.Code != http.StatusOK {
				t.Fatalf("got status %d", w.Code)
			}
			return bytes.Contains(decoded(t, w), []byte("onfocus=alert(1)"))
		}},
		{"one ETag for every path", func(t *testing.T, h http.Handler) bool {
			etag := ask(h, "GET", "/").Header().Get("ETag")
			if etag == "" {
				t.Fatal("got no ETag")
			}
			return ask(h, "GET", "/events", "If-None-Match", etag).Code == http.StatusNotModified
		}},
		{"an ETag before routing", func(t *testing.T, h http.Handler) bool {
			etag := ask(h, "GET", "/").Header().Get("ETag")
			return ask(h, "GET", "/no/such/page", "If-None-Match", etag).Code == http.StatusNotModified
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !test.open(t, raw(t)) {
				t.Error("go-app's own handler has lost this hole; so the test shows nothing any more")
			}
			if test.open(t, newPages(t)) {
				t.Error("the hole is open")
			}
		})
	}
}

// asksForgedHost reports whether a handler asks the host that a request names, and
// then serves everyone what that host has answered.
func asksForgedHost(t *testing.T, h http.Handler, path string) bool {
	t.Helper()
	var asked atomic.Bool
	forged := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Store(true)
		_, _ = io.WriteString(w, "from elsewhere")
	}))
	defer forged.Close()
	// go-app asks with the client that everything shares.
	defer http.DefaultClient.CloseIdleConnections()
	r := httptest.NewRequest("GET", path, nil)
	r.Host = strings.TrimPrefix(forged.URL, "http://")
	h.ServeHTTP(httptest.NewRecorder(), r)
	served := ask(h, "GET", path).Body.String()
	return asked.Load() || served == "from elsewhere"
}

// TestNothingOfTheRequest asks for a page with all that a request can say. The
// answer is the same for everyone.
func TestNothingOfTheRequest(t *testing.T) {
	p := newPages(t)
	for _, path := range []string{"/", "/events", "/app.js", "/manifest.webmanifest", "/app-worker.js"} {
		want := ask(p, "GET", path).Body.Bytes()
		r := httptest.NewRequest("GET", path+"?wasm=false&q=%22%3E%3Cscript%3E", nil)
		r.Host = "evil.example"
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "User-Agent", "Cookie", "Accept-Language", "Referer", "Origin"} {
			r.Header.Set(name, "evil.example")
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if !bytes.Equal(w.Body.Bytes(), want) {
			t.Errorf("%s: the answer depends on the request", path)
		}
		if strings.Contains(string(want), "evil") {
			t.Errorf("%s: got something of the request", path)
		}
	}
}

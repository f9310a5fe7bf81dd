package page

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cartline/app/base"
)

// newBelow returns pages below /live. Of what is below, there is one in a process, so the
// other tests get theirs back.
func newBelow(t *testing.T) *Pages {
	t.Helper()
	newPages(t) // not while there is another base
	t.Setenv("GOAPP_ROOT_PREFIX", os.Getenv("GOAPP_ROOT_PREFIX"))
	t.Cleanup(func() { base.Set("") })
	p, err := NewBelow("/live", shelf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBelow: pages that are served below a path lead to nothing beside it, and all that
// they refer to is there.
func TestBelow(t *testing.T) {
	p := newBelow(t)
	links := 0
	for _, name := range []string{"/", "/desk", "/desk/audit", "/events", "/shop", "/shop?q=mug", "/shop/cart", "/shop/p/mug-1"} {
		for _, tag := range tagsOf(get(t, p, name)) {
			for _, attribute := range []string{"href", "src", "action"} {
				address, ok := tag.attributes[attribute]
				if !ok || strings.HasPrefix(address, "#") || strings.HasPrefix(address, "tel:") {
					continue
				}
				path, below := strings.CutPrefix(address, "/live")
				if !below || strings.HasPrefix(path, "/live") {
					t.Errorf("%s: <%s %s=%q> isn't below", name, tag.name, attribute, address)
					continue
				}
				links++
				path, _, _ = strings.Cut(strings.ReplaceAll(path, "&amp;", "&"), "#")
				if strings.HasPrefix(path, "/api/") {
					continue
				}
				if got := ask(p, "GET", path).Code; got != 200 {
					t.Errorf("%s: <%s %s=%q>: got %d", name, tag.name, attribute, address, got)
				}
			}
		}
	}
	if links < 100 {
		t.Errorf("looked at %d links only", links)
	}
	missing := string(decoded(t, ask(p, "GET", "/nothing")))
	for _, want := range []string{`href="/live/web/app.`, `href="/live/"`, `href="/live/events"`} {
		if !strings.Contains(missing, want) {
			t.Errorf("the page for what is missing has no %s: %s", want, missing)
		}
	}
}

// TestBelowScripts: so do the scripts and the manifest.
func TestBelowScripts(t *testing.T) {
	p := newBelow(t)
	loader := string(get(t, p, "/app.js"))
	for _, want := range []string{`"GOAPP_ROOT_PREFIX":"/live/"`, `"GOAPP_STATIC_RESOURCES_URL":"/live/web"`, `"/live/app-worker.js"`, `fetchWithProgress("/live` + hashedPath(t, p, "/web/app.wasm") + `"`} {
		if !strings.Contains(loader, want) {
			t.Errorf("the loader has no %s", want)
		}
	}
	worker := string(get(t, p, "/app-worker.js"))
	for _, want := range []string{`const base = "/live";`, `const cacheName = "cartline/live-`, `const pages = ["/live/","/live/desk",`, `const shop = ["/live/shop","/live/shop/cart"];`} {
		if !strings.Contains(worker, want) {
			t.Errorf("the worker has no %s", want)
		}
	}
	var resources []string
	found := regexp.MustCompile(`const resources = (\[.*\]);`).FindStringSubmatch(worker)
	if found == nil || json.Unmarshal([]byte(found[1]), &resources) != nil || !slices.Contains(resources, "/live/app.js") {
		t.Errorf("the worker keeps %v", found)
	}
	for _, address := range resources {
		path, below := strings.CutPrefix(address, "/live")
		if !below || ask(p, "GET", path).Code != 200 {
			t.Errorf("the worker keeps %s, which isn't there", address)
		}
	}
	var manifest struct {
		Scope string
		Start string `json:"start_url"`
		Icons []struct{ Src string }
	}
	if err := json.Unmarshal(get(t, p, "/manifest.webmanifest"), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Scope != "/live/" || manifest.Start != "/live/" || len(manifest.Icons) != 4 {
		t.Errorf("got manifest %+v", manifest)
	}
	for _, icon := range manifest.Icons {
		if path, below := strings.CutPrefix(icon.Src, "/live"); !below || ask(p, "GET", path).Code != 200 {
			t.Errorf("got icon %s, which isn't there", icon.Src)
		}
	}
}

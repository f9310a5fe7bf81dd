package page

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cartline/app/routes"
)

// htmlPages are the pages that visitors get.
var htmlPages = []string{"/", "/events"}

var (
	tagPattern       = regexp.MustCompile(`<([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>`)
	attributePattern = regexp.MustCompile(`([^\s"'=/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?`)
	addressPattern   = regexp.MustCompile(`(?i)\b(?:https?|wss?|ftp):(?:\\?/){2}[^\s"'<>)\x60]*`)
)

// tag is an opening tag in HTML.
type tag struct {
	name       string
	attributes map[string]string
}

func tagsOf(html []byte) (tags []tag) {
	for _, found := range tagPattern.FindAllStringSubmatch(string(html), -1) {
		t := tag{strings.ToLower(found[1]), make(map[string]string)}
		for _, a := range attributePattern.FindAllStringSubmatch(found[2], -1) {
			t.attributes[strings.ToLower(a[1])] = strings.Trim(a[2], `"'`)
		}
		tags = append(tags, t)
	}
	return tags
}

// TestNothingInline holds the pages to what their policy allows.
func TestNothingInline(t *testing.T) {
	p := newPages(t)
	pages := map[string][]byte{"404": p.notFound.plain}
	for _, name := range htmlPages {
		pages[name] = get(t, p, name)
	}
	for name, html := range pages {
		tags := tagsOf(html)
		if len(tags) < 10 {
			t.Errorf("%s: got %d tags, which is no page: %s", name, len(tags), html)
		}
		for _, tag := range tags {
			switch src := tag.attributes["src"]; tag.name {
			case "style", "base", "iframe", "object", "embed":
				t.Errorf("%s: got <%s>", name, tag.name)
			case "script":
				if !strings.HasPrefix(src, "/") {
					t.Errorf("%s: got an inline script, or one of elsewhere: %v", name, tag.attributes)
				}
			}
			for attribute, value := range tag.attributes {
				if attribute == "style" || strings.HasPrefix(attribute, "on") || strings.HasPrefix(strings.ToLower(value), "javascript:") {
					t.Errorf("%s: <%s> has %s=%q", name, tag.name, attribute, value)
				}
			}
		}
	}
}

// TestNoHalfAddress: what is told to other sites is told with a host or not at
// all, and the host isn't known here.
func TestNoHalfAddress(t *testing.T) {
	p := newPages(t)
	for _, name := range htmlPages {
		described := false
		for _, tag := range tagsOf(get(t, p, name)) {
			switch property := tag.attributes["property"]; property {
			case "og:url", "og:image":
				t.Errorf("%s: got %s %q", name, property, tag.attributes["content"])
			case "og:title":
				described = tag.attributes["content"] != ""
			}
		}
		if !described {
			t.Errorf("%s has no title for other sites", name)
		}
	}
}

// TestReferences follows every reference in the pages and the manifest.
func TestReferences(t *testing.T) {
	p := newPages(t)
	exists := func(where, address string) {
		t.Helper()
		if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
			t.Errorf("%s: %q is not an address of ours", where, address)
		} else if got := ask(p, "GET", address).Code; got != 200 {
			t.Errorf("%s: %s: got %d", where, address, got)
		}
	}
	for _, name := range append(htmlPages, "/nothing") {
		found := 0
		for _, tag := range tagsOf(ask(p, "GET", name).Body.Bytes()) {
			for _, attribute := range []string{"href", "src"} {
				address, has := tag.attributes[attribute]
				if !has || strings.HasPrefix(address, "#") {
					continue
				}
				found++
				exists(name, address)
				if tag.name == "link" && strings.HasPrefix(address, "/web/") && !strings.Contains(ask(p, "GET", address).Header().Get("Cache-Control"), "immutable") {
					t.Errorf("%s: %s can't be kept for good", name, address)
				}
			}
		}
		if found < 3 {
			t.Errorf("%s: got %d references, want some", name, found)
		}
	}
	var manifest struct {
		Name, Scope string
		StartURL    string `json:"start_url"`
		Icons       []struct{ Src, Type, Sizes string }
	}
	if err := json.Unmarshal(get(t, p, "/manifest.webmanifest"), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Name != "Cartline" || manifest.StartURL != "/" || manifest.Scope != "/" || len(manifest.Icons) < 3 {
		t.Errorf("got manifest %+v", manifest)
	}
	for _, icon := range manifest.Icons {
		exists("manifest", icon.Src)
	}
}

// TestNoForeignAddress: no request leaves for any other host.
func TestNoForeignAddress(t *testing.T) {
	p := newPages(t)
	names := map[string]bool{ // of XML; nobody fetches them
		"http://www.w3.org/2000/svg":           true,
		"http://www.w3.org/1999/xlink":         true,
		"http://www.w3.org/1998/Math/MathML":   true,
		"http://www.w3.org/XML/1998/namespace": true,
	}
	scanned := 0
	for name := range p.assets {
		switch path.Ext(name) {
		case ".png", ".ico", ".wasm":
			continue
		}
		scanned++
		text := string(get(t, p, name))
		if path.Ext(name) == ".js" || path.Ext(name) == ".css" {
			text = withoutComments(text)
		}
		for _, address := range addressPattern.FindAllString(text, -1) {
			if !names[address] {
				t.Errorf("%s names %s", name, address)
			}
		}
	}
	if scanned < 10 {
		t.Errorf("scanned %d files, want all", scanned)
	}
}

var commentPattern = regexp.MustCompile(`(?s)/\*.*?\*/|(?m)^\s*//.*$|\s//\s.*$`)

func withoutComments(code string) string { return commentPattern.ReplaceAllString(code, "") }

// TestServiceWorker reads what the worker keeps. One missing file would be a page
// without it when there is no network.
func TestServiceWorker(t *testing.T) {
	p := newPages(t)
	worker := string(get(t, p, "/app-worker.js"))
	if strings.Contains(worker, "{{") || strings.Contains(worker, "}}") {
		t.Error("the template was not filled in")
	}
	list := func(name string) (values []string) {
		t.Helper()
		found := regexp.MustCompile(`(?s)const ` + name + ` = (\[.*?\]);`).FindStringSubmatch(worker)
		if found == nil {
			t.Fatalf("there is no list of %s in the worker", name)
		}
		if err := json.Unmarshal([]byte(found[1]), &values); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return values
	}
	kept := list("resources")
	for _, address := range slices.Concat(kept, list("pages"), list("shop")) {
		if got := ask(p, "HEAD", address).Code; got != 200 {
			t.Errorf("%s: got %d", address, got)
		}
	}
	for _, need := range []string{hashedPath(t, p, "/web/app.wasm"), hashedPath(t, p, "/web/app.css"), "/wasm_exec.js", "/app.js"} {
		if !strings.Contains(strings.Join(kept, " "), need) {
			t.Errorf("the worker doesn't keep %s: %v", need, kept)
		}
	}
	if want := len(routes.Paths); len(list("pages")) != want {
		t.Errorf("got pages %v, want %d", list("pages"), want)
	}
	if !strings.Contains(string(get(t, p, "/app.js")), hashedPath(t, p, "/web/app.wasm")) {
		t.Error("app.js loads another module")
	}
}

// TestVersion: what the browser keeps is replaced when a file has changed.
func TestVersion(t *testing.T) {
	build := func(css string) string {
		p := &Pages{assets: make(map[string]*asset)}
		if err := p.addStatic(fstest.MapFS{"app.css": {Data: []byte(css)}}, resolver{hashed: make(map[string]string)}); err != nil {
			t.Fatal(err)
		}
		return p.version()
	}
	if one, same, other := build("a"), build("a"), build("b"); one != same || one == other {
		t.Errorf("got versions %s, %s for the same files and %s for others", one, same, other)
	}
}

func TestUnknownKindOfFile(t *testing.T) {
	p := &Pages{assets: make(map[string]*asset)}
	if err := p.addStatic(fstest.MapFS{"photo.unheard": {}}, resolver{hashed: make(map[string]string)}); err == nil {
		t.Error("got no error for a file whose media type is not known")
	}
}

// The service worker waits for the program, and a loader that can't be told so is an
// error rather than a slow page.
func TestLaterWorker(t *testing.T) {
	script := string(newPages(t).assets["/app.js"].plain)
	run, begin := strings.Index(script, "go.run("), strings.Index(script, "    goappInitServiceWorker();")
	if run < 0 || begin < run || strings.Count(script, "goappInitServiceWorker()") != 2 {
		t.Errorf("the program runs at %d, the service worker begins at %d", run, begin)
	}
	for _, other := range []string{"", "\ngoappInitServiceWorker();\n", "    go.run(wasm.instance);\n", script} {
		if _, err := laterWorker([]byte(other)); err == nil {
			t.Errorf("a loader of %d bytes was taken for the one that is known", len(other))
		}
	}
}

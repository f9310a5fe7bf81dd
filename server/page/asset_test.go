package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"cartline/web"
)

// hashedPath finds the address with a hash of a file.
func hashedPath(t *testing.T, p *Pages, plain string) string {
	t.Helper()
	before, after, _ := strings.Cut(plain, ".")
	for path := range p.assets {
		if path != plain && strings.HasPrefix(path, before+".") && strings.HasSuffix(path, "."+after) {
			return path
		}
	}
	t.Fatalf("%s has no address with a hash", plain)
	return ""
}

// TestEncodings negotiates about a file that is kept in every form.
func TestEncodings(t *testing.T) {
	forms := map[string][]byte{"": []byte("as it is"), "gzip": []byte("by gzip"), "br": []byte("by brotli")}
	p := &Pages{assets: map[string]*asset{"/file": {kind: "text/plain", etag: "tag", plain: forms[""], gzip: forms["gzip"], brotli: forms["br"]}}}
	for accept, want := range map[string]string{
		"":                        "",
		"gzip, deflate, br, zstd": "br",
		"BR":                      "br",
		"gzip":                    "gzip",
		"gzip;q=0.5, br;q=0":      "gzip",
		"gzip;q=0.5, br;q=0.1":    "br", // both will do; the smaller is taken
		"br;q=1":                  "br",
		"br ; q=1":                "br",
		"br; q=0.000":             "",
		"br;q=0,gzip;q=0":         "",
		"br;q=":                   "",
		"br;q=x":                  "",
		"brotli, xgzip":           "",
		"identity":                "",
	} {
		w := ask(p, "GET", "/file", "Accept-Encoding", accept)
		header := w.Header()
		if got := header.Get("Content-Encoding"); w.Code != 200 || got != want || !bytes.Equal(w.Body.Bytes(), forms[want]) {
			t.Errorf("%q: got %d, %q, %s, want %q", accept, w.Code, got, w.Body, want)
		}
		if header.Get("Vary") != "Accept-Encoding" || header.Get("Content-Length") != strconv.Itoa(len(forms[want])) {
			t.Errorf("%q: got %v, want Vary and the length", accept, header)
		}
		head := ask(p, "HEAD", "/file", "Accept-Encoding", accept)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != header.Get("Content-Length") || head.Header().Get("ETag") != header.Get("ETag") {
			t.Errorf("%q: HEAD got %d, %d bytes, %v", accept, head.Code, head.Body.Len(), head.Header())
		}
	}
}

// TestCompressed looks at which files are worth compressing, and that they come
// out as they went in.
func TestCompressed(t *testing.T) {
	p := newPages(t)
	for path, want := range map[string]string{
		"/web/app.css":      "gzip",
		"/":                 "gzip",
		"/wasm_exec.js":     "gzip",
		"/web/robots.txt":   "", // too small
		"/web/icon-192.png": "", // is compressed as it is
	} {
		w := ask(p, "GET", path, "Accept-Encoding", "gzip, br")
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		if !bytes.Equal(decoded(t, w), get(t, p, path)) {
			t.Errorf("%s: what is compressed differs from what isn't", path)
		}
	}
}

func TestModule(t *testing.T) {
	module, ok := web.Wasm()
	if !ok {
		t.Fatal("the program was built without its WebAssembly; run make wasm")
	}
	p := newPages(t)
	for accept, want := range map[string][]byte{"gzip, br": module.Brotli, "gzip": module.Gzip} {
		if w := ask(p, "GET", "/web/app.wasm", "Accept-Encoding", accept); !bytes.Equal(w.Body.Bytes(), want) || w.Header().Get("Content-Encoding") == "" {
			t.Errorf("%s: got %d bytes, want %d", accept, w.Body.Len(), len(want))
		}
	}
	if head := ask(p, "HEAD", "/web/app.wasm"); head.Code != 200 || head.Body.Len() != 0 {
		t.Errorf("HEAD: got %d, %d bytes", head.Code, head.Body.Len())
	}
	// It is kept in no other form than those; who takes neither gets it unpacked.
	body := get(t, p, "/web/app.wasm")
	sum := sha256.Sum256(body)
	if got := hex.EncodeToString(sum[:]); got != module.SHA256 || int64(len(body)) != module.Size {
		t.Errorf("got %d bytes with hash %s, want %d, %s", len(body), got, module.Size, module.SHA256)
	}
	if !bytes.HasPrefix(body, []byte("\x00asm")) {
		t.Errorf("got %q…, want WebAssembly", body[:4])
	}
	if got, want := hashedPath(t, p, "/web/app.wasm"), "/web/app."+module.SHA256[:16]+".wasm"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestETags(t *testing.T) {
	p := newPages(t)
	seen := make(map[string]string)
	for _, path := range []string{"/", "/events", "/web/app.css", "/web/app.wasm", "/app.js", "/app-worker.js"} {
		for _, encoding := range []string{"", "gzip", "br"} {
			w := ask(p, "HEAD", path, "Accept-Encoding", encoding)
			etag := w.Header().Get("ETag")
			if !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) {
				t.Errorf("%s: got ETag %s, want a strong one", path, etag)
			}
			key := path + " " + w.Header().Get("Content-Encoding")
			if other, ok := seen[etag]; ok && other != key {
				t.Errorf("%q and %q have the same ETag", key, other)
			}
			seen[etag] = key
			for match, status := range map[string]int{
				etag:                    304,
				"W/" + etag:             304,
				`"other", ` + etag:      304,
				"*":                     304,
				`"other"`:               200,
				strings.Trim(etag, `"`): 200,
				"":                      200,
			} {
				got := ask(p, "HEAD", path, "Accept-Encoding", encoding, "If-None-Match", match)
				if got.Code != status {
					t.Errorf("%s, %q, If-None-Match %s: got %d, want %d", path, encoding, match, got.Code, status)
				}
				if status == 304 && (got.Body.Len() != 0 || got.Header().Get("ETag") != etag || got.Header().Get("Cache-Control") == "" || got.Header().Get("Vary") == "") {
					t.Errorf("%s: 304 with %d bytes and %v", path, got.Body.Len(), got.Header())
				}
			}
		}
	}
}

func TestCaching(t *testing.T) {
	p := newPages(t)
	const always, forever = "no-cache", "public, max-age=31536000, immutable"
	for _, plain := range []string{"/web/app.css", "/web/app.wasm", "/web/icon.svg", "/web/icon-512.png"} {
		hashed := hashedPath(t, p, plain)
		got, same := ask(p, "HEAD", hashed).Header(), ask(p, "HEAD", plain).Header()
		if got.Get("Cache-Control") != forever {
			t.Errorf("%s: got Cache-Control %q, want %q", hashed, got.Get("Cache-Control"), forever)
		}
		if got.Get("ETag") != same.Get("ETag") || got.Get("Content-Type") != same.Get("Content-Type") {
			t.Errorf("%s and %s differ: %v, %v", hashed, plain, got, same)
		}
		// One with the hash of something else must not be kept as if it were this.
		wrong := strings.Replace(hashed, hashed[len(hashed)-10:len(hashed)-6], "0000", 1)
		if got := ask(p, "GET", wrong).Code; got != 404 {
			t.Errorf("%s: got %d, want 404", wrong, got)
		}
	}
	for _, path := range []string{"/", "/events", "/web/app.css", "/web/app.wasm", "/app.js", "/app-worker.js", "/robots.txt", "/nothing"} {
		if got := ask(p, "HEAD", path).Header().Get("Cache-Control"); got != always {
			t.Errorf("%s: got Cache-Control %q, want %q", path, got, always)
		}
	}
}

func TestServe(t *testing.T) {
	p := newPages(t)
	for _, test := range []struct {
		method, path string
		status       int
		kind         string
		location     string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", ""},
		{"GET", "/events", 200, "text/html; charset=utf-8", ""},
		{"GET", "/events/", 301, "", "/events"},
		{"GET", "/events//", 301, "", "/events"},
		{"GET", "//evil.example/", 404, "", ""},
		{"HEAD", "/web/app.wasm", 200, "application/wasm", ""},
		{"GET", "/web/app.css", 200, "text/css; charset=utf-8", ""},
		{"GET", "/web/icon.svg", 200, "image/svg+xml", ""},
		{"GET", "/web/icon-192.png", 200, "image/png", ""},
		{"GET", "/favicon.ico", 200, "image/x-icon", ""},
		{"GET", "/robots.txt", 200, "text/plain; charset=utf-8", ""},
		{"GET", "/app.js", 200, "", ""},
		{"GET", "/app.css", 200, "", ""},
		{"GET", "/wasm_exec.js", 200, "", ""},
		{"GET", "/app-worker.js", 200, "", ""},
		{"GET", "/manifest.webmanifest", 200, "application/manifest+json", ""},
		{"GET", "/web/", 404, "", ""},
		{"GET", "/web", 404, "", ""},
		{"GET", "/web/dist/app.json", 404, "", ""},
		{"GET", "/sitemap.xml", 404, "", ""},
		{"GET", "/Events", 404, "", ""},
		{"GET", "/nothing", 404, "text/html; charset=utf-8", ""},
		{"HEAD", "/", 200, "text/html; charset=utf-8", ""},
		{"HEAD", "/nothing", 404, "text/html; charset=utf-8", ""},
		{"POST", "/", 405, "", ""},
		{"PUT", "/web/app.css", 405, "", ""},
		{"DELETE", "/nothing", 405, "", ""},
		{"OPTIONS", "/", 405, "", ""},
	} {
		w := ask(p, test.method, "http://localhost"+test.path)
		header := w.Header()
		if w.Code != test.status || test.kind != "" && header.Get("Content-Type") != test.kind || header.Get("Location") != test.location {
			t.Errorf("%s %s: got %d, %q, Location %q, want %d, %q, %q", test.method, test.path, w.Code, header.Get("Content-Type"), header.Get("Location"), test.status, test.kind, test.location)
		}
		if header.Get("Content-Type") == "" && test.status == 200 {
			t.Errorf("%s %s: got no Content-Type", test.method, test.path)
		}
		if allow := header.Get("Allow"); (allow == "GET, HEAD") != (test.status == 405) {
			t.Errorf("%s %s: got Allow %q", test.method, test.path, allow)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s %s: got %s %q, want %q", test.method, test.path, name, got, want)
			}
		}
	}
	if w := ask(p, "GET", "/nothing"); w.Header().Get("ETag") != "" || !strings.Contains(w.Body.String(), "nothing at this address") {
		t.Errorf("404: got %v, %s", w.Header(), w.Body)
	}
	if w := ask(p, "GET", "/nothing", "If-None-Match", "*"); w.Code != http.StatusNotFound {
		t.Errorf("404 with If-None-Match: got %d", w.Code)
	}
}

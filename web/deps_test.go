package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// banned are packages that must not get into the UI's module, each with its
// price or the rule that it breaks. Sizes are what linking it added to a small
// program, raw and after Brotli, as measured with Go 1.26. A path that ends in
// a slash stands for everything below it.
var banned = []struct{ path, reason string }{
	{"cartline/server/", "the UI may know of the server only what shared says"},
	{"cartline/web", "the UI would contain itself"},
	{"encoding/gob", "323 kB, 49 kB; messages are JSON"},
	{"encoding/xml", "nothing here is XML"},
	{"expvar", "starts HTTP handlers"},
	{"github.com/andybalholm/brotli", "the browser decompresses"},
	{"github.com/maxence-charriere/go-app/v10/pkg/ui", "52 kB, 5 kB; writes style attributes, which the CSP refuses"},
	{"go/", "nothing here parses Go"},
	{"html/template", "3.3 MB, 408 kB; markup is made by components"},
	{"log/slog", "179 kB, 34 kB; print to the console"},
	{"crypto/", "what net/http brought: 1.5 MB, 330 kB; only hashes and random numbers, as below"},
	{"mime", "what net/http brought"},
	{"net/http/httputil", "there is no proxy in a browser"},
	{"net/http/pprof", "starts HTTP handlers"},
	{"os/exec", "there are no programs in a browser"},
	{"testing", "registers flags"},
	{"text/template", "3.3 MB, 408 kB; format with fmt or strconv"},
	{"time/tzdata", "366 kB, 59 kB; the browser knows the time zone"},
}

// allowed are the exceptions of banned: what a library of the UI uses itself.
var allowed = []string{
	"crypto/cipher", "crypto/aes", "crypto/fips140", "crypto/internal/", "crypto/md5", "crypto/rand", "crypto/sha1", "crypto/subtle",
}

// bannedByUs may be needed by a library, but our own code must not import it.
var bannedByUs = []struct{ path, reason string }{
	{"net/http", "there is only a stand-in for it; call the browser's fetch"},
}

// bannedSymbols are functions that show which part of an imported package was
// linked.
var bannedSymbols = []struct{ name, reason string }{
	{"net/http.(*Client).do", "net/http itself: build.sh puts web/nethttp in its place"},
	{"crypto/tls.(*Conn).clientHandshake", "TLS: the browser does it"},
}

// TestWasmDependencies keeps the module small by looking at what it is made of.
// A total, as in TestWasmFitsBudget, would only tell that it grew.
func TestWasmDependencies(t *testing.T) {
	importers := wasmImporters(t)
	for _, b := range banned {
		for path, by := range importers {
			if covers(b.path, path) && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, path) }) {
				t.Errorf("%s is imported by %s: %s", path, strings.Join(by, ", "), b.reason)
			}
		}
	}
	for _, b := range bannedByUs {
		for _, by := range importers[b.path] {
			if strings.HasPrefix(by, "cartline/") {
				t.Errorf("%s is imported by %s: %s", b.path, by, b.reason)
			}
		}
	}
}

// covers says whether a path is meant by another, which ends in a slash if it stands
// for everything below.
func covers(rule, path string) bool {
	return path == rule || strings.HasSuffix(rule, "/") && strings.HasPrefix(path, rule)
}

// wasmImporters returns each package that the UI consists of with the packages
// that import it.
func wasmImporters(t *testing.T) map[string][]string {
	t.Helper()
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	replace := exec.CommandContext(t.Context(), "go", "run", "./web/overlay")
	replace.Dir = ".."
	replaced, err := replace.Output()
	if err != nil {
		t.Fatalf("web/overlay: %v", err)
	}
	if err := os.WriteFile(overlay, replaced, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-overlay", overlay, "-deps", "-json=ImportPath,Imports", "./app")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	importers := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			importers[path] = append(importers[path], pkg.ImportPath)
		}
	}
	// An empty list would pass every check above.
	if len(importers["syscall/js"]) == 0 {
		t.Fatal("go list found no user of syscall/js: this is not the UI")
	}
	return importers
}

// TestWasmSymbols looks for functions in the module itself: their names are in
// the tables that the runtime prints stack traces from, which stay there when
// symbols are stripped.
func TestWasmSymbols(t *testing.T) {
	gz, err := gzip.NewReader(bytes.NewReader(built(t).Gzip))
	if err != nil {
		t.Fatal(err)
	}
	module, err := io.ReadAll(gz)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(module, []byte("runtime.gopanic\x00")) {
		t.Fatal("the module has no function names: this test would find nothing")
	}
	for _, b := range bannedSymbols {
		if bytes.Contains(module, []byte(b.name+"\x00")) {
			t.Errorf("%s is linked: %s", b.name, b.reason)
		}
	}
}

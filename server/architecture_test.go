package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// libraries are what some packages may not know, as docs/architecture.md calls it, and the
// imports that would show that they do.
var libraries = map[string][]string{
	"SQL":       {"database/sql", "github.com/jackc/pgx", "github.com/pressly/goose", "modernc.org/sqlite"},
	"HTTP":      {"net/http"},
	"sockets":   {"github.com/coder/websocket", "cartline/server/socket"},
	"WebSocket": {"github.com/coder/websocket", "cartline/server/socket"},
}

// layer is a row of the table of packages.
type layer struct {
	packages []string // without the module's name; "app/…" is app and all below it
	mayNot   []string
}

// has tells whether a package is in the row, and whether it is named there itself.
func (l layer) has(path string) (has, named bool) {
	for _, name := range l.packages {
		folder, below := strings.CutSuffix(name, "/…")
		if path == name {
			return true, true
		}
		has = has || below && (path == folder || strings.HasPrefix(path, folder+"/"))
	}
	return has, false
}

// TestArchitecture holds the packages to what docs/architecture.md says of them: each is
// told of there, those of its table import nothing of ours from further down, and no
// library that they may not know.
func TestArchitecture(t *testing.T) {
	layers, others := readArchitecture(t)
	place := func(path string) int {
		found := -1
		for i, l := range layers {
			if has, named := l.has(path); named || has && found < 0 {
				found = i
			}
		}
		return found
	}
	packages := importsOf(t, "./...")
	for path, imports := range importsOf(t, "./app/...", "GOOS=js", "GOARCH=wasm") {
		packages[path] = append(packages[path], imports...)
	}
	if len(layers) < 25 || len(packages) < 50 {
		t.Fatalf("got %d rows and %d packages only", len(layers), len(packages))
	}
	for path, imports := range packages {
		at := place(path)
		if at < 0 {
			if !slices.ContainsFunc(others, func(o string) bool { return path == o || strings.HasPrefix(path, o+"/") }) {
				t.Errorf("docs/architecture.md doesn't tell of %s", path)
			}
			continue
		}
		for _, imported := range imports {
			ours, isOurs := strings.CutPrefix(imported, "cartline/")
			if of := place(ours); isOurs && (of < 0 || of > at) {
				t.Errorf("%s imports %s, which isn't above it in docs/architecture.md", path, ours)
			} else if isOurs && of == at && path != ours && slices.Contains(layers[at].mayNot, "each other") {
				t.Errorf("%s and %s may not know each other", path, ours)
			}
			for _, library := range layers[at].mayNot {
				for _, unwanted := range libraries[library] {
					if imported == unwanted || strings.HasPrefix(imported, unwanted+"/") {
						t.Errorf("%s may not know %s, and imports %s", path, library, imported)
					}
				}
			}
			if path == "shared" && strings.Contains(imported, ".") {
				t.Errorf("shared imports %s, which isn't of the standard library", imported)
			}
		}
	}
}

// readArchitecture returns the rows of the table of packages, and the packages that are told
// of behind it, which are for tests and tools.
func readArchitecture(t *testing.T) (layers []layer, others []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Packages\n")
	section, _, _ = strings.Cut(section, "\n## ")
	code := regexp.MustCompile("`([^`]+)`")
	names := func(text string) (found []string) {
		for _, match := range code.FindAllStringSubmatch(text, -1) {
			found = append(found, match[1])
		}
		return found
	}
	end := 0
	for _, row := range regexp.MustCompile(`(?m)^\| (\S[^|]*) \| [^|]* \|([^|]*)\|$`).FindAllStringSubmatchIndex(section, -1) {
		l := layer{packages: names(section[row[2]:row[3]])}
		for part := range strings.FieldsFuncSeq(section[row[4]:row[5]], func(r rune) bool { return r == ',' || r == ';' }) {
			l.mayNot = append(l.mayNot, strings.TrimSpace(part))
		}
		if len(l.packages) > 0 {
			layers = append(layers, l)
		}
		end = row[1]
	}
	return layers, names(section[end:])
}

// importsOf lists what each package imports, but for its tests.
func importsOf(t *testing.T, pattern string, environment ...string) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, pattern)
	list.Dir = ".."
	list.Env = append(os.Environ(), environment...)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		packages[strings.TrimPrefix(words[0], "cartline/")] = words[1:]
	}
	return packages
}

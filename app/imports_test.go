package main

import (
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What the program in the browser must not import, and why. go-app itself brings
// a part of net/http along; a client of it, with all that TLS needs, is another
// 800 KB of download.
var banned = map[string]string{
	"net/http":            "use browser.Fetch; 830 KB compressed",
	"log/slog":            "34 KB compressed",
	"text/template":       "408 KB compressed",
	"html/template":       "more than text/template",
	"encoding/gob":        "49 KB compressed",
	"time/tzdata":         "59 KB compressed; browsers know their zone",
	"cartline/server":     "pages reach the server over HTTP and WebSockets only",
	"cartline/web":        "those are the server's files",
	"os/exec":             "there are no programs in a browser",
	"database/sql":        "there is no database in a browser",
	"github.com/jackc":    "there is no database in a browser",
	"modernc.org":         "there is no database in a browser",
	"golang.org/x/crypto": "passwords are hashed by the server",
}

func TestImports(t *testing.T) {
	browser := build.Default
	browser.GOOS, browser.GOARCH = "js", "wasm"
	files := 0
	for _, root := range []string{".", "../shared"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if built, err := browser.MatchFile(filepath.Dir(path), entry.Name()); err != nil || !built {
				return err
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				for prefix, why := range banned {
					if name == prefix || strings.HasPrefix(name, prefix+"/") {
						t.Errorf("%s imports %s: %s", path, name, why)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Errorf("looked at %d files only", files)
	}
}

package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/andybalholm/brotli"

	"cartline/web"
)

// maxBrotli is how much a browser may have to fetch before the UI answers: 1.6 MB.
// With the shop and the desk the module had 1.52 MB, of which go-app and Go's own
// runtime are three quarters.
const maxBrotli = 1_600_000

// built returns the UI's module. The tests of this package judge the result
// of a build, so without one they fail.
func built(t *testing.T) web.Module {
	t.Helper()
	m, ok := web.Wasm()
	if !ok {
		t.Fatal("web/dist has no WebAssembly: run make wasm first, or make test")
	}
	return m
}

func TestWasmFitsBudget(t *testing.T) {
	if got := len(built(t).Brotli); got > maxBrotli {
		t.Errorf("app.wasm.br has %d bytes, the budget is %d", got, maxBrotli)
	}
}

// Both encodings hold the module that app.json describes.
func TestWasmEncodings(t *testing.T) {
	m := built(t)
	gz, err := gzip.NewReader(bytes.NewReader(m.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		r    io.Reader
	}{
		{"brotli", brotli.NewReader(bytes.NewReader(m.Brotli))},
		{"gzip", gz},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hash := sha256.New()
			size, err := io.Copy(hash, tt.r)
			if err != nil {
				t.Fatal(err)
			}
			if size != m.Size {
				t.Errorf("size = %d, want %d", size, m.Size)
			}
			if got := hex.EncodeToString(hash.Sum(nil)); got != m.SHA256 {
				t.Errorf("SHA-256 = %s, want %s", got, m.SHA256)
			}
		})
	}
}

// The root is the folder itself, so that no path names how it is embedded.
func TestStatic(t *testing.T) {
	entries, err := fs.ReadDir(web.Static(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) == 0 {
		t.Error("there are no static files")
	}
	if _, err := fs.Stat(web.Static(), "dist"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("dist can be reached among the static files: %v", err)
	}
}

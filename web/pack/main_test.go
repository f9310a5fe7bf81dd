package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// write puts a stand-in for the module into a new directory and returns its
// path.
func write(t *testing.T, module string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.wasm")
	if err := os.WriteFile(path, []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustPack packs and returns what it told.
func mustPack(t *testing.T, path, dir string) string {
	t.Helper()
	var out strings.Builder
	if err := pack(&out, path, dir); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestPack(t *testing.T) {
	const module = "\x00asm, more or less"
	dir := t.TempDir()
	mustPack(t, write(t, module), dir)

	var info about
	if err := json.Unmarshal(read(t, filepath.Join(dir, "app.json")), &info); err != nil {
		t.Fatal(err)
	}
	if got, want := info.Size, int64(len(module)); got != want {
		t.Errorf("size = %d, want %d", got, want)
	}
	if got, want := len(info.SHA256), 64; got != want {
		t.Errorf("checksum has %d digits, want %d", got, want)
	}
	gz, err := gzip.NewReader(bytes.NewReader(read(t, filepath.Join(dir, "app.wasm.gz"))))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"gzip":   gz,
		"brotli": brotli.NewReader(bytes.NewReader(read(t, filepath.Join(dir, "app.wasm.br")))),
	} {
		if got, err := io.ReadAll(r); err != nil || string(got) != module {
			t.Errorf("%s: decodes to %q, %v; want %q", name, got, err, module)
		}
	}
}

// The work is done again exactly when its result would be another, or when
// something was lost.
func TestPackSkipsUnchanged(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(t *testing.T, module, dir string)
		skipped bool
	}{
		{"nothing changed", func(*testing.T, string, string) {}, true},
		{"module changed", func(t *testing.T, module, _ string) {
			if err := os.WriteFile(module, []byte("two"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"brotli file lost", remove("app.wasm.br"), false},
		{"gzip file lost", remove("app.wasm.gz"), false},
		{"description lost", remove("app.json"), false},
		{"description cut off", func(t *testing.T, _, dir string) {
			if err := os.Truncate(filepath.Join(dir, "app.json"), 10); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			module, dir := write(t, "one"), t.TempDir()
			mustPack(t, module, dir)
			tt.change(t, module, dir)
			out := mustPack(t, module, dir)
			if got := strings.Contains(out, "unchanged"); got != tt.skipped {
				t.Errorf("skipped = %v, want %v; it told:\n%s", got, tt.skipped, out)
			}
		})
	}
}

func remove(name string) func(*testing.T, string, string) {
	return func(t *testing.T, _, dir string) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// When compressing fails, nothing describes the files as usable.
func TestPackFailureLeavesNoDescription(t *testing.T) {
	module, dir := write(t, "one"), t.TempDir()
	mustPack(t, module, dir)
	// A directory where the file should be cannot be created over.
	gz := filepath.Join(dir, "app.wasm.gz")
	if err := os.Remove(gz); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(gz, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(module, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := pack(io.Discard, module, dir); err == nil {
		t.Error("packing succeeded over a directory")
	}
	if _, err := os.Stat(filepath.Join(dir, "app.json")); err == nil {
		t.Error("app.json is still there")
	}
}

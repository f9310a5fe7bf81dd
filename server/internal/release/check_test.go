package release

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// makeRelease makes a folder as build.sh dist does, with a small program.
func makeRelease(t *testing.T) (folder, binary string) {
	t.Helper()
	source := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example.com/program\n\ngo 1.26\n\nrequire example.com/part v1.2.3\n\nreplace example.com/part => ./part\n",
		"main.go":      "package main\n\nimport \"example.com/part\"\n\nvar version string\n\nfunc main() { println(part.Name, version, \"(go)\") }\n",
		"part/go.mod":  "module example.com/part\n\ngo 1.26\n",
		"part/part.go": "package part\n\nvar Name = \"cartline\"\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(source, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder = t.TempDir()
	binary = fmt.Sprintf("cartline_1.2.3-dev+g0_%s_%s", runtime.GOOS, runtime.GOARCH)
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.version=1.2.3-dev+g0", "-o", filepath.Join(folder, binary), ".")
	build.Dir = source
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := List(folder); err != nil {
		t.Fatal(err)
	}
	sumUp(t, folder)
	return folder, binary
}

func list(t *testing.T, folder, binary, format string) {
	t.Helper()
	content, err := json.Marshal(map[string]any{"bomFormat": format, "components": []any{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, binary+".cdx.json"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sumUp writes the checksums.
func sumUp(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, entry := range entries {
		if entry.Name() == sums {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), entry.Name())
	}
	if err := os.WriteFile(filepath.Join(folder, sums), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	folder, binary := makeRelease(t)
	binaries, ran, err := Check(t.Context(), folder)
	if err != nil || len(binaries) != 1 || binaries[0] != binary || len(ran) != 1 {
		t.Errorf("got %q, %q, %v", binaries, ran, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	original, binary := makeRelease(t)
	for _, test := range []struct {
		name  string
		spoil func(folder string) error
		again bool // the checksums are made anew
		says  string
	}{
		{"a file was changed", func(folder string) error { return os.WriteFile(filepath.Join(folder, binary+".cdx.json"), nil, 0o600) }, false, "doesn't have the checksum"},
		{"a file is missing", func(folder string) error { return os.Remove(filepath.Join(folder, binary+".cdx.json")) }, false, "does not exist"},
		{"a file was added", func(folder string) error { return os.WriteFile(filepath.Join(folder, "more"), nil, 0o600) }, false, "doesn't have the checksum"},
		{"no list of modules", func(folder string) error { return os.Remove(filepath.Join(folder, binary+".cdx.json")) }, true, "no such file"},
		{"an empty list", func(folder string) error { list(t, folder, binary, "CycloneDX"); return nil }, true, "lacks ./part"},
		{"another list", func(folder string) error { list(t, folder, binary, "SPDX"); return nil }, true, `format "SPDX"`},
		{"another platform", func(folder string) error {
			other := strings.Replace(binary, runtime.GOARCH, "riscv64", 1)
			return os.Rename(filepath.Join(folder, binary), filepath.Join(folder, other))
		}, true, "GOARCH"},
		{"another version", func(folder string) error {
			other := strings.Replace(binary, "1.2.3", "1.2.4", 1)
			if err := os.Rename(filepath.Join(folder, binary), filepath.Join(folder, other)); err != nil {
				return err
			}
			return List(folder)
		}, true, "want the version 1.2.4"},
		{"no binary", func(folder string) error { return os.Remove(filepath.Join(folder, binary)) }, true, "no binary"},
	} {
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(original)); err != nil {
			t.Fatal(err)
		}
		if err := test.spoil(folder); err != nil {
			t.Fatal(err)
		}
		if test.again {
			sumUp(t, folder)
		}
		if _, _, err := Check(t.Context(), folder); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.says)
		}
	}
}

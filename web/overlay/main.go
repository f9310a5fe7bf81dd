// Command overlay prints the overlay with which the pages are compiled: for "go build
// -overlay", package web/nethttp in place of net/http. Run it in the module's folder.
//
//	go run ./web/overlay > bin/overlay.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
}

func run() error {
	stand, err := filepath.Abs(filepath.Join("web", "nethttp", "http.go"))
	if err != nil {
		return err
	}
	list := exec.Command("go", "list", "-f", "{{.Dir}}\n{{range .GoFiles}}{{.}}\n{{end}}", "net/http")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	list.Stderr = os.Stderr
	listed, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	dir, files, _ := strings.Cut(strings.TrimSpace(string(listed)), "\n")
	// A file that is replaced with nothing isn't there.
	replace := map[string]string{filepath.Join(dir, "http.go"): stand}
	for file := range strings.SplitSeq(files, "\n") {
		if path := filepath.Join(dir, file); replace[path] == "" {
			replace[path] = ""
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"Replace": replace})
}

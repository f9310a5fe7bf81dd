package release

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The pages are in the binary as WebAssembly, of whose modules Go writes nothing down. All
// of them are the server's as well, so that its list has them.
func TestPagesHaveNoOtherModules(t *testing.T) {
	server := modulesOf(t, "cartline/server")
	for _, module := range modulesOf(t, "cartline/app", "GOOS=js", "GOARCH=wasm") {
		if !slices.Contains(server, module) {
			t.Errorf("%s is in the pages, and not in the list of a release", module)
		}
	}
}

func modulesOf(t *testing.T, of string, environment ...string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", of)
	list.Env = append(os.Environ(), environment...)
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(string(out))
	if !slices.Contains(modules, "cartline") {
		t.Fatalf("got %q", modules)
	}
	return modules
}

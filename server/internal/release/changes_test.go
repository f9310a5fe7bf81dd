package release

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cartline/shared"
)

const root = "../../.."

// The list of changes begins with the version that is being made, and tells its schemas
// and its protocol, as docs/upgrading.md tells what older programs can do with those.
func TestChangesTellTheVersion(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	schema := func(database string) int {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(root, "server", database, "migrations", "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("got %q, %v", files, err)
		}
		var newest int
		if _, err := fmt.Sscanf(filepath.Base(files[len(files)-1]), "%d_", &newest); err != nil {
			t.Fatal(err)
		}
		return newest
	}
	postgres, sqlite := schema("postgres"), schema("sqlite")
	_, changes, _ := strings.Cut(read("CHANGELOG.md"), "\n## ")
	changes, _, _ = strings.Cut(changes, "\n## ")
	version := strings.TrimSpace(read("VERSION"))
	if !strings.HasPrefix(changes, version+",") && !strings.HasPrefix(changes, version+"\n") {
		t.Errorf("the newest changes are of %.20q, and VERSION is %s", changes, version)
	}
	want := fmt.Sprintf("Protocol %d, PostgreSQL schema %d, SQLite schema %d.", shared.ProtocolVersion, postgres, sqlite)
	if !strings.Contains(changes, want) {
		t.Errorf("the newest changes don't say %q", want)
	}
	upgrading := read("docs/upgrading.md")
	for _, part := range []string{fmt.Sprintf("\n| %d |", postgres), fmt.Sprintf(" | %d | ", sqlite)} {
		if !strings.Contains(upgrading, part) {
			t.Errorf("docs/upgrading.md has no row %q", part)
		}
	}
}

package release

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// bill says what a binary is made of, as CycloneDX 1.6 wants it:
// https://cyclonedx.org/docs/1.6/json/. It has neither a time nor a serial number, so
// that everybody who makes the release makes the same.
type bill struct {
	Format      string `json:"bomFormat"`
	SpecVersion string `json:"specVersion"`
	Version     int    `json:"version"`
	Metadata    struct {
		Component component `json:"component"`
	} `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type component struct {
	Ref     string `json:"bom-ref"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
	Hashes  []sum  `json:"hashes,omitempty"`
}

type sum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// List writes beside each binary of a folder which modules are in it.
func List(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		parts := namePattern.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		text, err := describe(path, parts[1])
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
		if err := os.WriteFile(listOf(path), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// listOf names the list of a binary.
func listOf(path string) string { return strings.TrimSuffix(path, ".exe") + ".cdx.json" }

// describe makes the list of a binary's modules from what Go has written into it.
func describe(path, version string) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(content)
	b := bill{Format: "CycloneDX", SpecVersion: "1.6", Version: 1}
	program := newComponent("application", info.Main.Path, "v"+version)
	program.Version = version
	program.Hashes = []sum{{"SHA-256", hex.EncodeToString(digest[:])}}
	b.Metadata.Component = program
	b.Components = []component{newComponent("library", "std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		c, err := ofModule(m)
		if err != nil {
			return nil, err
		}
		b.Components = append(b.Components, c)
	}
	// Which module needs which, a binary doesn't say; all are in it.
	needs := dependency{Ref: program.Ref}
	for _, c := range b.Components {
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{needs}
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

func newComponent(kind, name, version string) component {
	// https://github.com/package-url/purl-spec
	purl := "pkg:golang/" + name + "@" + url.PathEscape(version)
	return component{Ref: purl, Type: kind, Name: name, Version: version, PURL: purl}
}

// ofModule describes a module with the hash of its files that go.sum has.
func ofModule(m *debug.Module) (component, error) {
	if m.Replace != nil {
		m = m.Replace
	}
	c := newComponent("library", m.Path, m.Version)
	if encoded, ok := strings.CutPrefix(m.Sum, "h1:"); ok {
		digest, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return component{}, fmt.Errorf("the hash of %s: %w", m.Path, err)
		}
		c.Hashes = []sum{{"SHA-256", hex.EncodeToString(digest)}}
	}
	return c, nil
}

package release

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// sums is the file of the checksums, as sha256sum writes it.
const sums = "SHA256SUMS"

// namePattern is what a binary is called: cartline_VERSION_OS_ARCH.
var namePattern = regexp.MustCompile(`^cartline_(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)_([a-z]+)_([a-z0-9]+)(?:\.exe)?$`)

// runTimeout bounds how long a binary may take to tell its version.
const runTimeout = time.Minute

// Check looks at a folder: that each file has its checksum; that each binary is for the
// platform and of the version that its name says, and needs no library; that the list
// beside it has all of its modules; and that one for this machine runs. It returns the
// names of the binaries, and of those that were run.
func Check(ctx context.Context, folder string) (binaries, ran []string, err error) {
	if err := checkSums(folder); err != nil {
		return nil, nil, err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		parts := namePattern.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		version, system, arch := parts[1], parts[2], parts[3]
		if err := checkBinary(path, system, arch); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		binaries = append(binaries, entry.Name())
		if system != runtime.GOOS || arch != runtime.GOARCH {
			continue
		}
		if err := run(ctx, path, version); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		ran = append(ran, entry.Name())
	}
	if len(binaries) == 0 {
		return nil, nil, errors.New("there is no binary")
	}
	return binaries, ran, nil
}

// checkSums finds that each file has its checksum, and each checksum its file.
func checkSums(folder string) error {
	list, err := os.ReadFile(filepath.Join(folder, sums))
	if err != nil {
		return err
	}
	want := map[string]string{}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			return fmt.Errorf("%s: %q is no checksum with a name", sums, line)
		}
		want[name] = sum
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == sums {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		if want[entry.Name()] != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("%s doesn't have the checksum that %s says", entry.Name(), sums)
		}
		delete(want, entry.Name())
	}
	for name := range want {
		return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return nil
}

// checkBinary looks into a binary, whatever it is for.
func checkBinary(path, system, arch string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{"GOOS": system, "GOARCH": arch, "CGO_ENABLED": "0", "-trimpath": "true"} {
		if settings[key] != want {
			return fmt.Errorf("built with %s=%s, want %s", key, settings[key], want)
		}
	}
	if system == "linux" {
		if err := checkStatic(path); err != nil {
			return err
		}
	}
	var modules []string
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		modules = append(modules, m.Path+"@"+m.Version)
	}
	return checkList(listOf(path), modules)
}

// checkStatic finds that a binary of Linux asks for no loader and no library.
func checkStatic(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			return errors.New("it is not static")
		}
	}
	return nil
}

// checkList finds every module of a binary in the list beside it (CycloneDX).
func checkList(path string, modules []string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list bill
	if err := json.Unmarshal(content, &list); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if list.Format != "CycloneDX" {
		return fmt.Errorf("%s is of the format %q", filepath.Base(path), list.Format)
	}
	var listed []string
	for _, c := range list.Components {
		listed = append(listed, c.Name+"@"+c.Version)
	}
	for _, module := range modules {
		if !slices.Contains(listed, module) {
			return fmt.Errorf("%s lacks %s", filepath.Base(path), module)
		}
	}
	return nil
}

// run has a binary tell its version.
func run(ctx context.Context, path, version string) error {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	said, err := exec.CommandContext(ctx, absolute, "version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("it doesn't run: %w: %s", err, said)
	}
	if !strings.HasPrefix(string(said), "cartline "+version+" ") {
		return fmt.Errorf("it says %q, want the version %s", said, version)
	}
	return nil
}

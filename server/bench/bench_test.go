//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cartline/server/bench/chart"
	"cartline/server/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// rivals returns the path of what docs/bench builds, as "make test" does.
func rivals(t *testing.T) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(testenv.Binary(t)), "rivals")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the rivals are needed for this test, run make rivals first: %v", err)
	}
	return path
}

// One of each kind of scenario, small and short, with everyone who takes part: each is
// measured, and everything is delivered to all.
func TestTrial(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "images"), 0o755); err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(folder, documentName)
	if err := os.WriteFile(document, []byte("# Page\n<!-- bench machine -->\n<!-- /bench -->\n<!-- bench paths -->\nold\n<!-- /bench -->\nend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	names := []string{"fanout-100x10000", "echo-32", "idle-1000", "paths", "interest"}
	results := filepath.Join(folder, "results.json")
	var out, notes bytes.Buffer
	err := run(t.Context(), []string{
		"--quick", "--binary", testenv.Binary(t), "--rivals", rivals(t),
		"--scenarios", strings.Join(names, ","), "--json", results, "--docs", folder,
	}, &out, &notes)
	if err != nil {
		t.Fatalf("%v\n%s", err, notes.String())
	}

	r, err := readReport(results)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Quick {
		t.Error("the report doesn't say that it was a trial")
	}
	for _, s := range scenarios() {
		if !slices.Contains(names, s.name) {
			continue
		}
		m := r.measured(s.name)
		if m == nil {
			t.Errorf("%s was not measured", s.name)
			continue
		}
		for _, c := range s.contenders {
			for _, name := range []string{"delivered", "second", "kib"} {
				all := m.column(c.name, name)
				if len(all) > 1 || len(all) == 1 && all[0] == 0 {
					t.Errorf("%s, %s: %s is %v, want one figure", s.name, c.name, name, all)
				}
				if name == "delivered" && len(all) == 1 && all[0] != 100 {
					t.Errorf("%s, %s: %v %% were delivered, want all", s.name, c.name, all[0])
				}
			}
		}
		if got, want := len(m.Samples), len(s.contenders); got != want {
			t.Errorf("%s: %d measurements, want %d", s.name, got, want)
		}
		if !strings.Contains(out.String(), s.title) {
			t.Errorf("what is printed has nothing of %q", s.title)
		}
	}

	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Page\n", "This was a trial", "| **Cartline**, bare NOTIFY", "\nend\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") {
		t.Errorf("the page still has what was there:\n%s", text)
	}
	if _, err := os.Stat(filepath.Join(folder, "images", "bench-fanout.svg")); err != nil {
		t.Error(err)
	}
}

// Whoever presses Ctrl-C doesn't wait, and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	notes := &calling{substring: "(echo-32)", call: cancel}
	err := run(ctx, []string{"--binary", testenv.Binary(t), "--rivals", rivals(t), "--scenarios", "echo-32", "--duration", "1h"}, new(bytes.Buffer), notes)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was interrupted", err)
	}
}

// calling calls a function once something is written.
type calling struct {
	substring string
	call      func()
}

func (c *calling) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.substring) {
		c.call()
	}
	return len(p), nil
}

func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"more"}, `"more" is not understood`},
		{[]string{"--scenarios", "nothing"}, `there is no "nothing"`},
		{[]string{"--scenarios", "["}, "is no pattern"},
		{[]string{"--servers", "apache"}, `there is no "apache"`},
		{[]string{"--rounds", "0"}, "--rounds"},
		{[]string{"--duration", "-1s"}, "--duration"},
		{[]string{"--from", "nowhere.json"}, "nowhere.json"},
		{[]string{"--binary", "nowhere/cartline"}, "run make load"},
	} {
		err := run(t.Context(), tt.args, new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want it to say %s", tt.args, err, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--list"}, &out, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fanout-1000x50", "interest", "cartline-batch", "gws"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %s in\n%s", want, out.String())
		}
	}
}

// Every name fits into the charts, and every scenario has somebody to compare with.
func TestScenarios(t *testing.T) {
	for _, s := range scenarios() {
		for _, c := range s.contenders {
			if n := utf8.RuneCountInString(plain(c.title)); n > chart.MaxLabel {
				t.Errorf("%s: %q has %d characters, want up to %d", s.name, c.title, n, chart.MaxLabel)
			}
		}
		if !slices.ContainsFunc(s.contenders, func(c contender) bool { return c.name == s.baseline }) {
			t.Errorf("%s: there is no %q to compare with", s.name, s.baseline)
		}
	}
}

// What a page of the documentation shows is what the results beside it say.
func TestDocumentation(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	r, err := readReport(filepath.Join(docs, "bench", "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(docs, documentName))
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.fill(string(page))
	if err != nil {
		t.Fatal(err)
	}
	files := r.charts()
	files[documentName] = want
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("docs/%s isn't made of docs/bench/results.json: run bin/bench --from docs/bench/results.json --docs docs", name)
		}
	}
	for _, d := range drawings {
		if !strings.Contains(string(page), "images/"+d.file) {
			t.Errorf("docs/%s doesn't show %s", documentName, d.file)
		}
	}
	for _, s := range scenarios() {
		if !strings.Contains(string(page), markBegin+s.name+markClose) {
			t.Errorf("docs/%s has no place for %s", documentName, s.name)
		}
	}
}

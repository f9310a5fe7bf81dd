//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// documentName is the page in which the tables stand, each between two marks:
//
//	<!-- bench NAME -->
//	<!-- /bench -->
//
// NAME is a scenario's, machine for what all of it was measured on, or summary for one
// table of the most important figures.
const documentName = "performance.md"

const (
	markBegin = "<!-- bench "
	markClose = " -->\n"
	markEnd   = "<!-- /bench -->"
)

// refresh writes the tables and charts into the documentation in a folder.
func (r *report) refresh(folder string) error {
	path := filepath.Join(folder, documentName)
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	after, err := r.fill(string(before))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	files := r.charts()
	files[documentName] = after
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fill replaces what stands between the marks of a page.
func (r *report) fill(page string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(page, markBegin)
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, rest, found := strings.Cut(rest, markClose)
		_, after, ended := strings.Cut(rest, markEnd)
		if !found || !ended {
			return "", fmt.Errorf("the mark of %.40q has no end", name)
		}
		text, err := r.section(name)
		if err != nil {
			return "", err
		}
		b.WriteString(markBegin + name + markClose + text + markEnd)
		page = after
	}
}

// section is what belongs between the marks of a name.
func (r *report) section(name string) (string, error) {
	if name == "machine" {
		text := fmt.Sprintf("Measured on %s; %s.\n", r.Machine, r.Version)
		if r.Quick {
			text += "**This was a trial: the figures mean nothing.**\n"
		}
		return text, nil
	}
	if name == "summary" {
		return r.summary(), nil
	}
	for _, s := range scenarios() {
		if s.name != name {
			continue
		}
		m := r.measured(name)
		if m == nil {
			return "Not measured yet.\n", nil
		}
		return m.text(s), nil
	}
	return "", errors.New("there is no scenario " + name)
}

// text is a scenario with its table.
func (m *measurement) text(s scenario) string {
	return fmt.Sprintf("%s\n\n%s\n%s\n", s.about, table(s, m), m.when())
}

// when tells when and how often it was measured.
func (m *measurement) when() string {
	rounds := 0
	for _, one := range m.Samples {
		rounds = max(rounds, one.Round)
	}
	if rounds == 1 {
		return fmt.Sprintf("%s, one round.", m.At.Format("2006-01-02 15:04 MST"))
	}
	return fmt.Sprintf("%s; medians of %d rounds of %g s, in parentheses the least and the most.", m.At.Format("2006-01-02 15:04 MST"), rounds, m.Seconds)
}

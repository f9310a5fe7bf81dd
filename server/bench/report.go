package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// report is everything that was measured, as it is written with --json.
type report struct {
	Version string  `json:"version"` // of Cartline
	Machine machine `json:"machine"`
	// Quick says that it was a trial, whose figures mean nothing.
	Quick     bool          `json:"quick,omitempty"`
	Scenarios []measurement `json:"scenarios"`
}

// measurement is what became of a scenario.
type measurement struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"` // that one server's turn takes
	Samples []sample  `json:"samples"`
}

// measured returns what became of a scenario, or nil.
func (r *report) measured(name string) *measurement {
	for i := range r.Scenarios {
		if r.Scenarios[i].Name == name {
			return &r.Scenarios[i]
		}
	}
	return nil
}

// keepOf adds what an earlier report, if there is one, has of scenarios that this one
// hasn't.
func (r *report) keepOf(path string) error {
	earlier, err := readReport(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range earlier.Scenarios {
		if r.measured(m.Name) == nil {
			r.Scenarios = append(r.Scenarios, m)
			r.Quick = r.Quick || earlier.Quick
		}
	}
	return nil
}

// sample is one server's in one round.
type sample struct {
	Server string             `json:"server"`
	Round  int                `json:"round"`
	Values map[string]float64 `json:"values"`
}

// column returns a figure of all of a server's rounds.
func (m *measurement) column(server, name string) []float64 {
	var all []float64
	for _, s := range m.Samples {
		if value, ok := s.Values[name]; ok && s.Server == server {
			all = append(all, value)
		}
	}
	return all
}

// ratios returns a figure of a server beside another's of the same round.
func (m *measurement) ratios(server, beside, name string) []float64 {
	theirs := map[int]float64{}
	for _, s := range m.Samples {
		if value, ok := s.Values[name]; ok && s.Server == beside && value != 0 {
			theirs[s.Round] = value
		}
	}
	var all []float64
	for _, s := range m.Samples {
		value, ok := s.Values[name]
		if other, both := theirs[s.Round]; ok && both && s.Server == server {
			all = append(all, value/other)
		}
	}
	return all
}

// write writes the report into a file.
func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// readReport reads what write has written.
func readReport(path string) (*report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(report)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

//go:build linux

package main

import "slices"

// summed are the figures that the summary has of each server.
var summed = []struct{ scenario, column, title string }{
	{"fanout-1000x50", "cpu", "1,000 clients × 50/s, µs"},
	{"fanout-100x1000", "cpu", "100 × 1,000/s, µs"},
	{"fanout-100x10000", "cpu", "100 × 10,000/s, µs"},
	{"idle-10000", "kib", "idle, KiB"},
	{"echo-32", "percpu", "echo 32 B, per CPU second"},
	{"echo-4096", "percpu", "echo 4 KiB"},
}

// summary is one table of what was measured of everyone, with the ratios to the baseline
// in parentheses. It is "" if there is nothing to sum up.
func (r *report) summary() string {
	rows := [][]string{{"server"}}
	for _, c := range everyone {
		rows = append(rows, []string{c.title})
	}
	for _, figure := range summed {
		m := r.measured(figure.scenario)
		all := scenarios()
		i := slices.IndexFunc(all, func(s scenario) bool { return s.name == figure.scenario })
		if m == nil || i < 0 {
			continue
		}
		rows[0] = append(rows[0], figure.title)
		digits := all[i].digits(figure.column)
		for j, c := range everyone {
			text := number(median(m.column(c.name, figure.column)), digits)
			if ratios := m.ratios(c.name, baseline, figure.column); len(ratios) > 0 && c.name != baseline {
				text += " (" + number(median(ratios), 2) + " ×)"
			}
			rows[j+1] = append(rows[j+1], text)
		}
	}
	if len(rows[0]) == 1 {
		return ""
	}
	return aligned(rows)
}

// digits is how exactly a column is told.
func (s scenario) digits(name string) int {
	for _, c := range s.columns {
		if c.name == name {
			return c.digits
		}
	}
	return 0
}

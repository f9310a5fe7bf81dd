//go:build linux

package main

import (
	"path/filepath"
	"slices"
	"strings"

	"cartline/server/bench/chart"
)

// drawing is a chart of one figure of some scenarios.
type drawing struct {
	file, title string
	column      string
	scenarios   []string
	unit        string
}

var drawings = []drawing{
	{file: "bench-fanout.svg", title: "Processor time per delivered event, µs: shorter is better", column: "cpu", unit: "µs",
		scenarios: []string{"fanout-1000x50", "fanout-100x1000", "fanout-100x10000"}},
	{file: "bench-latency.svg", title: "From COMMIT to the client, p99 in ms: shorter is better", column: "p99", unit: "ms",
		scenarios: []string{"fanout-1000x50", "paths"}},
	{file: "bench-memory.svg", title: "Memory per idle listener, KiB: shorter is better", column: "kib", unit: "KiB",
		scenarios: []string{"idle-1000", "idle-10000"}},
	{file: "bench-echo.svg", title: "Echoes per second of processor time: longer is better", column: "percpu",
		scenarios: []string{"echo-32", "echo-4096"}},
	{file: "bench-interest.svg", title: "Processor time per cart change, µs: what others listen to costs nothing", column: "change", unit: "µs",
		scenarios: []string{"interest"}},
}

// charts draws what was measured, by the files' names. Of what wasn't, there is no chart.
func (r *report) charts() map[string]string {
	files := map[string]string{}
	for _, d := range drawings {
		c := chart.Chart{Title: d.title}
		for _, s := range scenarios() {
			if m := r.measured(s.name); m != nil && slices.Contains(d.scenarios, s.name) {
				c.Panels = append(c.Panels, d.panel(s, m))
			}
		}
		if len(c.Panels) > 0 {
			files[filepath.Join("images", d.file)] = c.SVG()
		}
	}
	return files
}

// panel is one scenario's part of a chart.
func (d drawing) panel(s scenario, m *measurement) chart.Panel {
	p := chart.Panel{Title: s.title}
	for _, one := range s.contenders {
		numbers := m.column(one.name, d.column)
		if len(numbers) == 0 {
			continue
		}
		sum := spreadOf(numbers)
		p.Bars = append(p.Bars, chart.Bar{
			Label: plain(one.title), Value: sum.Median, Low: sum.Min, High: sum.Max,
			Text: strings.TrimSpace(number(sum.Median, s.digits(d.column)) + " " + d.unit), Ours: one.rival == "",
		})
	}
	return p
}

// plain is a title without Markdown.
func plain(title string) string { return strings.ReplaceAll(title, "**", "") }

//go:build linux

package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table returns what was measured as a table of Markdown, which can also be read as it
// is.
func table(s scenario, m *measurement) string {
	head := []string{"server"}
	var measured []column
	for _, c := range s.columns {
		if slices.ContainsFunc(m.Samples, func(one sample) bool { _, ok := one.Values[c.name]; return ok }) {
			measured = append(measured, c)
		}
	}
	compared := slices.ContainsFunc(m.Samples, func(one sample) bool { return one.Server == s.baseline })
	for _, c := range measured {
		head = append(head, c.title)
		if c.ratio && compared {
			head = append(head, "× "+s.beside)
		}
	}
	rows := [][]string{head}
	for _, contender := range s.contenders {
		if !slices.ContainsFunc(m.Samples, func(one sample) bool { return one.Server == contender.name }) {
			continue
		}
		row := []string{contender.title}
		for _, c := range measured {
			row = append(row, cell(c, spreadOf(m.column(contender.name, c.name))))
			if c.ratio && compared {
				row = append(row, number(median(m.ratios(contender.name, s.baseline, c.name)), 2))
			}
		}
		rows = append(rows, row)
	}
	return aligned(rows)
}

// cell is a figure with its spread.
func cell(c column, s spread) string {
	text := number(s.Median, c.digits)
	if c.spread && s.Rounds > 1 {
		text += " (" + number(s.Min, c.digits) + "–" + number(s.Max, c.digits) + ")"
	}
	return text
}

// number writes a figure as people read it; there is none for NaN.
func number(value float64, digits int) string {
	if math.IsNaN(value) {
		return "–"
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 1000 {
		return text
	}
	if rest != "" {
		rest = "." + rest
	}
	return grouped(n) + rest
}

// grouped writes a whole number with its thousands apart.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// aligned makes a table of Markdown whose columns stand under one another: the first is
// text, the others are numbers.
func aligned(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for i, row := range rows {
		for j, text := range row {
			space := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text))
			if j == 0 {
				b.WriteString("| " + text + space)
			} else {
				b.WriteString(" | " + space + text)
			}
		}
		b.WriteString(" |\n")
		if i == 0 {
			for j, width := range widths {
				if j == 0 {
					b.WriteString("|" + strings.Repeat("-", width+2))
				} else {
					b.WriteString("|" + strings.Repeat("-", width+1) + ":")
				}
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

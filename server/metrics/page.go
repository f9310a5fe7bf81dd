package metrics

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ContentType is that of Prometheus' text format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page is one answer to a scrape. Each metric is written once, with all its samples. The
// zero value is empty.
type Page struct{ text bytes.Buffer }

// Bytes returns the page.
func (p *Page) Bytes() []byte { return p.text.Bytes() }

// Write adds what something else has written in the same format.
func (p *Page) Write(text []byte) (int, error) { return p.text.Write(text) }

// Labels are pairs of a name and a value, in the order in which they are written.
type Labels []string

// Sample is a value of a metric.
type Sample struct {
	Labels Labels
	Value  float64
}

// Gauge writes what goes up and down, and Counter what only goes up, whose name ends in
// _total.
func (p *Page) Gauge(name, help string, samples ...Sample)   { p.write(name, help, "gauge", samples) }
func (p *Page) Counter(name, help string, samples ...Sample) { p.write(name, help, "counter", samples) }

func (p *Page) write(name, help, kind string, samples []Sample) {
	p.head(name, help, kind)
	lines := make([]string, 0, len(samples))
	for _, s := range samples {
		lines = append(lines, line(name, s.Labels, number(s.Value)))
	}
	slices.Sort(lines) // so that two answers can be compared
	for _, line := range lines {
		p.text.WriteString(line)
	}
}

// Durations is a distribution with its labels.
type Durations struct {
	Labels       Labels
	Distribution *Distribution
}

// Histogram writes distributions of durations, in seconds.
func (p *Page) Histogram(name, help string, all ...Durations) {
	p.head(name, help, "histogram")
	slices.SortFunc(all, func(a, b Durations) int { return slices.Compare(a.Labels, b.Labels) })
	for _, one := range all {
		var sum uint64
		for i, count := range one.Distribution.counts {
			sum += count
			le := "+Inf"
			if i < len(bounds) {
				le = number(bounds[i].Seconds())
			}
			p.text.WriteString(line(name+"_bucket", append(slices.Clone(one.Labels), "le", le), strconv.FormatUint(sum, 10)))
		}
		p.text.WriteString(line(name+"_sum", one.Labels, number(one.Distribution.sum.Seconds())))
		p.text.WriteString(line(name+"_count", one.Labels, strconv.FormatUint(sum, 10)))
	}
}

func (p *Page) head(name, help, kind string) {
	fmt.Fprintf(&p.text, "# HELP %s %s\n# TYPE %s %s\n", name, escape(help), name, kind)
}

func line(name string, labels Labels, value string) string {
	var b strings.Builder
	b.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(labels[i])
		b.WriteString(`="`)
		b.WriteString(strings.ReplaceAll(escape(strings.ToValidUTF8(labels[i+1], "\uFFFD")), `"`, `\"`))
		b.WriteByte('"')
	}
	if len(labels) > 1 {
		b.WriteByte('}')
	}
	b.WriteByte(' ')
	b.WriteString(value)
	b.WriteByte('\n')
	return b.String()
}

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

func escape(text string) string { return escaper.Replace(text) }

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

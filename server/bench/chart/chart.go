// Package chart draws bars as SVG, for pages that may be light or dark.
//
// It knows nothing of what is measured. A file stands for itself: it has no scripts, asks
// for nothing, and says in words what it shows. Start with [Chart].
package chart

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// Chart is panels of bars, one below the other.
type Chart struct {
	Title  string
	Panels []Panel
}

// Panel is bars that are measured by one scale, which begins at 0.
type Panel struct {
	Title string
	Bars  []Bar
}

// MaxLabel is how many characters a label has room for.
const MaxLabel = 45

// Bar is one value.
type Bar struct {
	Label string // of up to MaxLabel characters
	Value float64
	// Low and High are the spread that is drawn over the bar, if they differ.
	Low, High float64
	// Text is what is written behind it.
	Text string
	// Ours is drawn in the other colour.
	Ours bool
}

// Where things are, in pixels.
const (
	width      = 820
	labelWidth = 350
	barsWidth  = 350
	barHeight  = 16
	lineHeight = 24
	titleSpace = 34
	panelSpace = 30
	margin     = 14
)

// style suits both kinds of pages, as far as the browser tells which it is.
const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .page { fill: #ffffff }
    .title { font-size: 16px; font-weight: 600 }
    .panel { font-weight: 600 }
    .label { text-anchor: end }
    .other { fill: #8c959f }
    .ours { fill: #0969da }
    .spread { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .page { fill: #0d1117 }
      .other { fill: #6e7681 }
      .ours { fill: #4493f8 }
      .spread { stroke: #e6edf3 }
    }
`

// SVG returns the chart as a file.
func (c Chart) SVG() string {
	var body strings.Builder
	y := margin + 16
	fmt.Fprintf(&body, "  <text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", margin, y, escape(c.Title))
	y += titleSpace - 16
	for _, panel := range c.Panels {
		y = panel.draw(&body, y)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", width, y+margin, width, y+margin)
	fmt.Fprintf(&b, "  <title>%s</title>\n  <desc>%s</desc>\n  <style>%s  </style>\n", escape(c.Title), escape(c.words()), style)
	// The page may be dark while the system is light, or the other way round.
	b.WriteString("  <rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n")
	b.WriteString(body.String())
	b.WriteString("</svg>\n")
	return b.String()
}

// draw draws a panel from a height on, and returns where it ends.
func (p Panel) draw(b *strings.Builder, y int) int {
	if p.Title != "" {
		fmt.Fprintf(b, "  <text class=\"panel\" x=\"%d\" y=\"%d\">%s</text>\n", margin, y+16, escape(p.Title))
		y += panelSpace
	}
	most := 0.0
	for _, bar := range p.Bars {
		most = max(most, finite(bar.Value), finite(bar.High))
	}
	at := func(value float64) float64 {
		if most == 0 {
			return labelWidth
		}
		return labelWidth + finite(value)/most*barsWidth
	}
	for _, bar := range p.Bars {
		class := "other"
		if bar.Ours {
			class = "ours"
		}
		middle := y + lineHeight/2
		fmt.Fprintf(b, "  <text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n", labelWidth-8, middle+4, escape(bar.Label))
		fmt.Fprintf(b, "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
			class, labelWidth, middle-barHeight/2, at(bar.Value)-labelWidth, barHeight)
		end := at(bar.Value)
		if bar.High > bar.Low {
			fmt.Fprintf(b, "  <line class=\"spread\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", at(bar.Low), middle, at(bar.High), middle)
			end = max(end, at(bar.High))
		}
		fmt.Fprintf(b, "  <text x=\"%.1f\" y=\"%d\">%s</text>\n", end+6, middle+4, escape(bar.Text))
		y += lineHeight
	}
	return y + margin
}

// words says what the bars show, for whom a picture is nothing.
func (c Chart) words() string {
	var parts []string
	for _, panel := range c.Panels {
		for _, bar := range panel.Bars {
			parts = append(parts, fmt.Sprintf("%s: %s", bar.Label, bar.Text))
		}
		if panel.Title != "" && len(panel.Bars) > 0 {
			first := len(parts) - len(panel.Bars)
			parts[first] = panel.Title + ". " + parts[first]
		}
	}
	return strings.Join(parts, "; ") + "."
}

// finite is a value that can be drawn.
func finite(value float64) float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return 0
	}
	return value
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"cartline/server/bench/chart"
)

// Whatever it is given, it draws a file that is well-formed, and in which nothing but text
// came of text.
func TestSVGIsWellFormed(t *testing.T) {
	hostile := `</text><script>alert("1")</script> & ' ]]>`
	c := chart.Chart{Title: hostile, Panels: []chart.Panel{
		{Title: hostile, Bars: []chart.Bar{
			{Label: hostile, Value: 1, Low: 0.5, High: 2, Text: hostile, Ours: true},
			{Label: "none", Value: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), Text: "–"},
			{Label: "negative", Value: -3},
		}},
		{Bars: []chart.Bar{{Label: "zero"}}},
		{},
	}}
	svg := c.SVG()
	elements := map[string]int{}
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
			for _, attribute := range start.Attr {
				if strings.Contains(attribute.Value, "NaN") || strings.Contains(attribute.Value, "Inf") || strings.HasPrefix(attribute.Value, "-") {
					t.Errorf("<%s> has %s=%q", start.Name.Local, attribute.Name.Local, attribute.Value)
				}
			}
		}
	}
	for element, want := range map[string]int{"svg": 1, "title": 1, "desc": 1, "rect": 5, "script": 0} {
		if got := elements[element]; got != want {
			t.Errorf("there are %d elements <%s>, want %d", got, element, want)
		}
	}
}

// The longest bar takes all the room, and the others their share of it.
func TestBarsAreToScale(t *testing.T) {
	svg := chart.Chart{Panels: []chart.Panel{{Bars: []chart.Bar{{Label: "a", Value: 4}, {Label: "b", Value: 1}}}}}.SVG()
	for _, want := range []string{`width="350.0"`, `width="87.5"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no bar with %s in\n%s", want, svg)
		}
	}
}

func TestWordsSayWhatIsShown(t *testing.T) {
	svg := chart.Chart{Title: "Cost", Panels: []chart.Panel{{Title: "100 clients", Bars: []chart.Bar{{Label: "raw", Value: 4, Text: "4 µs"}, {Label: "ours", Value: 1, Text: "1 µs"}}}}}.SVG()
	if want := "<desc>100 clients. raw: 4 µs; ours: 1 µs.</desc>"; !strings.Contains(svg, want) {
		t.Errorf("there is no %s in\n%s", want, svg)
	}
}

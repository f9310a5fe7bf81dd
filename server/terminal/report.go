package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cartline/shared/lab"
)

// Result is what a Bench has found out. Times are in milliseconds.
type Result struct {
	URL         string `json:"url"`
	Connections int    `json:"connections"`
	Size        int    `json:"size"`
	Binary      bool   `json:"binary"`

	// Opened connections were; Failed ones were refused, or had no first echo. Broken
	// are those that ended after that, or whose echo didn't come.
	Opened int `json:"opened"`
	Failed int `json:"failed"`
	Broken int `json:"broken"`
	// WrongEchoes were not what had been sent; each ended its connection.
	WrongEchoes int `json:"wrong_echoes"`
	// OtherMessages are none that had been sent, like a greeting.
	OtherMessages int `json:"other_messages"`
	// FirstFailure is why the first connection failed, broke, or got a wrong echo.
	FirstFailure string `json:"first_failure,omitempty"`

	Seconds  float64 `json:"seconds"`
	Messages int     `json:"messages"`
	// MessagesPerSecond and MegabytesPerSecond count each message once, though it went
	// both ways; a megabyte has 1,000,000 bytes.
	MessagesPerSecond  float64 `json:"messages_per_second"`
	MegabytesPerSecond float64 `json:"megabytes_per_second"`

	P50       float64        `json:"p50_ms"`
	P95       float64        `json:"p95_ms"`
	P99       float64        `json:"p99_ms"`
	Max       float64        `json:"max_ms"`
	Histogram []HistogramBar `json:"histogram"`
}

// HistogramBar is how many round trips took so long. Of very many, not all are counted.
type HistogramBar struct {
	From  float64 `json:"from_ms"`
	To    float64 `json:"to_ms"`
	Count int     `json:"count"`
}

const histogramBars = 12

func (r *Result) reckon(took time.Duration, round *lab.RoundTrips) {
	r.Seconds = took.Seconds()
	r.Messages = round.Count()
	if r.Seconds > 0 {
		r.MessagesPerSecond = float64(r.Messages) / r.Seconds
		r.MegabytesPerSecond = r.MessagesPerSecond * float64(r.Size) / 1e6
	}
	r.P50, r.P95, r.P99 = millis(round.Percentile(50)), millis(round.Percentile(95)), millis(round.Percentile(99))
	r.Max = millis(round.Longest())
	r.Histogram = []HistogramBar{}
	for _, bar := range round.Histogram(histogramBars) {
		r.Histogram = append(r.Histogram, HistogramBar{millis(bar.From), millis(bar.To), bar.Count})
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func fromMillis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// Err returns why the result is none to rely on, or nil.
func (r *Result) Err() error {
	switch {
	case r.WrongEchoes > 0:
		return fmt.Errorf("%d echoes were not what had been sent", r.WrongEchoes)
	case r.Opened == 0 && r.FirstFailure != "":
		return fmt.Errorf("no connection: %s", r.FirstFailure)
	case r.Opened == 0:
		return errors.New("no connection was open yet")
	case r.Messages == 0:
		return errors.New("no echo came back")
	}
	return nil
}

// WriteJSON writes the result as one JSON object.
func (r *Result) WriteJSON(to io.Writer) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = to.Write(append(text, '\n'))
	return err
}

// WriteText writes the result for people.
func (r *Result) WriteText(to io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", r.URL)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-16s"+format+"\n", append([]any{name}, args...)...)
	}
	row("connections", "%d open of %d", r.Opened, r.Connections)
	if r.FirstFailure != "" {
		row("failures", "%d not opened, %d broken, %d with a wrong echo", r.Failed, r.Broken, r.WrongEchoes)
		row("the first", "%s", r.FirstFailure)
	}
	if r.OtherMessages > 0 {
		row("other messages", "%d", r.OtherMessages)
	}
	row("messages", "%d of %d bytes in %.1f s", r.Messages, r.Size, r.Seconds)
	row("throughput", "%.0f messages/s, %.2f MB/s each way", r.MessagesPerSecond, r.MegabytesPerSecond)
	row("round trip", "p50 %s   p95 %s   p99 %s   max %s",
		lab.Millis(fromMillis(r.P50)), lab.Millis(fromMillis(r.P95)), lab.Millis(fromMillis(r.P99)), lab.Millis(fromMillis(r.Max)))
	most, all := 0, 0
	for _, bar := range r.Histogram {
		most, all = max(most, bar.Count), all+bar.Count
	}
	if all > 0 {
		b.WriteString("\n")
	}
	for _, bar := range r.Histogram {
		row := fmt.Sprintf("%9s to %9s  %5.1f %%  %s", lab.Millis(fromMillis(bar.From)), lab.Millis(fromMillis(bar.To)),
			100*float64(bar.Count)/float64(all), lab.Blocks(bar.Count, most, 40))
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	_, err := io.WriteString(to, b.String())
	return err
}

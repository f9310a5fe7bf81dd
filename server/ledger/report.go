package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report is how a run went.
type Report struct {
	Findings     *Findings
	Activities   int // in the log
	Acknowledged int
	Unanswered   int // writes whose writer doesn't know what became of them
	Listeners    int
	Reconnected  int // by listeners
	Delivered    int // events, to all of them
	ReplacedBy   int // of these, those that stand for others
	Streamed     int // messages, over NATS
	Faults       map[string]int
	Took         time.Duration
	// Delays are from commit to arrival.
	Delays Delays
}

// Delays are quantiles of many delays.
type Delays struct{ Median, P99, Max time.Duration }

// DelaysOf tells what many delays are like. It sorts them.
func DelaysOf(all []time.Duration) Delays {
	if len(all) == 0 {
		return Delays{}
	}
	slices.Sort(all)
	at := func(share float64) time.Duration {
		return all[int(share*float64(len(all)-1))].Round(10 * time.Microsecond)
	}
	return Delays{Median: at(0.5), P99: at(0.99), Max: at(1)}
}

// String tells the figures, one to a line.
func (r *Report) String() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%-24s %v\n", name, value) }
	line("took", r.Took.Round(time.Millisecond))
	line("activities in the log", r.Activities)
	line("acknowledged", r.Acknowledged)
	line("unanswered", r.Unanswered)
	faults := make([]string, 0, len(r.Faults))
	for name := range r.Faults {
		faults = append(faults, name)
	}
	slices.Sort(faults)
	for _, name := range faults {
		line(name, r.Faults[name])
	}
	line("listeners", r.Listeners)
	line("reconnections", r.Reconnected)
	line("delivered", r.Delivered)
	line("  standing for others", r.ReplacedBy)
	if r.Streamed > 0 {
		line("over NATS", r.Streamed)
	}
	line("delay, median", r.Delays.Median)
	line("delay, 99 of 100", r.Delays.P99)
	f := r.Findings
	line("acknowledged, not kept", f.Unkept)
	line("versions out of sequence", f.Unsequenced)
	line("lost", f.Lost)
	line("not heard in the end", f.Behind)
	line("repeated", f.Repeated)
	line("out of order", f.Disordered)
	line("heard, not in the log", f.Invented)
	line("stand for wrongly", f.Misstated)
	line("told of a loss", f.Unrecovered)
	return b.String()
}

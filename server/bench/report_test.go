//go:build linux

package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = ` S 1 2 3 4 5 6 7 8 9 10 1234 66 0 0 20 0 9 0 77 1 2`
	for _, tt := range []struct {
		line string
		want time.Duration
		ok   bool
	}{
		{"42 (cartline)" + rest, 13 * time.Second, true},
		{"42 (a b) (c) 9 9)" + rest, 13 * time.Second, true},
		{"42 (cartline) S 1 2", 0, false},
		{"42 cartline" + rest, 0, false},
		{"42 (cartline) S 1 2 3 4 5 6 7 8 9 10 many 66 0", 0, false},
		{"", 0, false},
	} {
		got, err := parseStat([]byte(tt.line))
		if (err == nil) != tt.ok || got != tt.want {
			t.Errorf("%q: got %v, %v, want %v, %v", tt.line, got, err, tt.want, tt.ok)
		}
	}
}

func TestParseResident(t *testing.T) {
	got, err := parseResident("Name:\tcartline\nVmHWM:\t  9000 kB\nVmRSS:\t  1234 kB\nThreads:\t8\n")
	if err != nil || got != 1234<<10 {
		t.Errorf("got %d, %v, want 1234 KiB", got, err)
	}
	if _, err := parseResident("Name:\tzombie\n"); err == nil {
		t.Error("there is none, and no error")
	}
}

// This process is at work, and somewhere in memory.
func TestOwnProcess(t *testing.T) {
	cpu, err := cpuTime(1 << 30)
	if err == nil {
		t.Errorf("a process that isn't there has taken %v", cpu)
	}
	if size, err := resident(os.Getpid()); err != nil || size < 1<<20 {
		t.Errorf("got %d bytes, %v, want some for this process", size, err)
	}
	m := thisMachine()
	if m.Cores < 1 || m.Memory == 0 || m.Kernel == "" {
		t.Errorf("got %+v, want everything of this machine", m)
	}
}

func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		numbers []float64
		want    spread
	}{
		{[]float64{3}, spread{3, 3, 3, 1}},
		{[]float64{5, 1, 3}, spread{3, 1, 5, 3}},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4, 4}},
	} {
		if got := spreadOf(tt.numbers); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.numbers, got, tt.want)
		}
	}
	if got := spreadOf(nil); !math.IsNaN(got.Median) || got.Rounds != 0 {
		t.Errorf("of nothing: got %v, want no number", got)
	}
}

// samples are two rounds, in which the machine was twice as slow the second time.
func samples() *measurement {
	one := func(server string, round int, cpu float64) sample {
		return sample{Server: server, Round: round, Values: values{"cpu": cpu, "delivered": 100}}
	}
	return &measurement{Name: "fanout-1000x50", Seconds: 8, Samples: []sample{
		one("raw", 1, 5), one("cartline", 1, 2), one("raw", 2, 10), one("cartline", 2, 5), one("cartline", 3, 7),
	}}
}

// A ratio is between measurements of one round.
func TestRatios(t *testing.T) {
	m := samples()
	if got, want := m.ratios("cartline", "raw", "cpu"), []float64{0.4, 0.5}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := m.ratios("cartline", "raw", "kib"); got != nil {
		t.Errorf("of what wasn't measured: got %v", got)
	}
	if got, want := m.column("cartline", "cpu"), []float64{2, 5, 7}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTable(t *testing.T) {
	s := scenario{
		contenders: []contender{{name: "raw", title: "raw"}, {name: "gws", title: "not measured"}, {name: "cartline", title: "**Cartline** ×"}},
		baseline:   "raw", beside: "raw",
		columns: []column{{name: "cpu", title: "CPU µs", digits: 1, ratio: true, spread: true}, {name: "kib", title: "not measured"}, {name: "delivered", title: "delivered %"}},
	}
	const want = `| server         |         CPU µs | × raw | delivered % |
|----------------|---------------:|------:|------------:|
| raw            | 7.5 (5.0–10.0) |  1.00 |         100 |
| **Cartline** × |  5.0 (2.0–7.0) |  0.45 |         100 |
`
	if got := table(s, samples()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The summary has a row for everyone, and a column for what was measured.
func TestSummary(t *testing.T) {
	r := &report{Scenarios: []measurement{*samples()}}
	text := r.summary()
	if got, want := strings.Count(text, "\n"), len(everyone)+2; got != want {
		t.Errorf("%d lines, want %d:\n%s", got, want, text)
	}
	for _, want := range []string{" 7.50 |\n", " 5.00 (0.45 ×) |\n", " – |\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if got := new(report).summary(); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		value  float64
		digits int
		want   string
	}{
		{0, 0, "0"}, {999.96, 1, "1,000.0"}, {1234567.8, 0, "1,234,568"}, {1e6, 2, "1,000,000.00"}, {-0.5, 1, "-0.5"}, {math.NaN(), 2, "–"},
	} {
		if got := number(tt.value, tt.digits); got != tt.want {
			t.Errorf("number(%v, %d) = %s, want %s", tt.value, tt.digits, got, tt.want)
		}
	}
}

// What is measured anew takes the place of what was there, and the rest stays.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.json")
	earlier := &report{Scenarios: []measurement{{Name: "a", Seconds: 1}, {Name: "b", Seconds: 1}}}
	if err := earlier.write(path); err != nil {
		t.Fatal(err)
	}
	r := &report{Scenarios: []measurement{{Name: "b", Seconds: 2}}}
	if err := errors.Join(r.keepOf(path), r.keepOf(path+".none")); err != nil {
		t.Fatal(err)
	}
	if got, want := len(r.Scenarios), 2; got != want {
		t.Errorf("got %d scenarios, want %d", got, want)
	}
	if got := r.measured("b").Seconds; got != 2 {
		t.Errorf("b is that of before")
	}
	if r.measured("a") == nil {
		t.Errorf("a is lost")
	}
}

func TestFillRefuses(t *testing.T) {
	for _, tt := range []struct{ page, want string }{
		{"<!-- bench machine -->\n", "has no end"},
		{"<!-- bench machine", "has no end"},
		{"<!-- bench nothing -->\n<!-- /bench -->", "no scenario nothing"},
	} {
		if _, err := new(report).fill(tt.page); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.page, err, tt.want)
		}
	}
	got, err := new(report).fill("a\n<!-- bench interest -->\nold<!-- /bench -->\nb")
	if want := "a\n<!-- bench interest -->\nNot measured yet.\n<!-- /bench -->\nb"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// No two payloads of a transaction are the same, and each has the size that is told.
func TestPayload(t *testing.T) {
	seen := map[string]bool{}
	for i := range 100 {
		p := payload("sent=1234567890123456789", i, eventSize)
		if len(p) != eventSize || seen[p] {
			t.Errorf("%s: %d bytes, seen %v", p, len(p), seen[p])
		}
		seen[p] = true
	}
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	for _, tt := range []struct {
		name            string
		events          []string
		want            string
		passed          int
		failed, skipped string
	}{
		{
			name: "a passing test is not told, its package is",
			events: []string{
				`{"Action":"start","Package":"p"}`,
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: chatter\n"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"--- PASS: TestA (0.00s)\n"}`,
				`{"Action":"pass","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Output":"PASS\n"}`,
				`{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}`,
				`{"Action":"pass","Package":"p"}`,
			},
			want:   "ok  \tp\t0.1s\n",
			passed: 1,
		},
		{
			name: "a failing test is told in full, and only that one",
			events: []string{
				`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: got 1\n"}`,
				`{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:1: chatter\n"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:2: want 2\n"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}`,
				`{"Action":"pass","Package":"p","Test":"TestB"}`,
				`{"Action":"fail","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Output":"FAIL\n"}`,
				`{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}`,
				`{"Action":"fail","Package":"p"}`,
			},
			want:   "    a_test.go:1: got 1\n    a_test.go:2: want 2\n--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tp\t0.1s\n",
			passed: 1,
			failed: "TestA",
		},
		{
			name: "a skipped test counts, also in a package that passes",
			events: []string{
				`{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}`,
				`{"Action":"skip","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}`,
				`{"Action":"pass","Package":"p"}`,
			},
			want:    "--- SKIP: TestA (0.00s)\nok  \tp\t0.1s\n",
			skipped: "TestA",
		},
		{
			name: "a package without tests is not a skipped test",
			events: []string{
				`{"Action":"output","Package":"p","Output":"?   \tp\t[no test files]\n"}`,
				`{"Action":"skip","Package":"p"}`,
			},
			want: "?   \tp\t[no test files]\n",
		},
		{
			name: "a test that never ended is told with its package",
			events: []string{
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"last words\n"}`,
				`{"Action":"output","Package":"p","Output":"FAIL\tp\t600s\n"}`,
				`{"Action":"fail","Package":"p"}`,
			},
			want: "FAIL\tp\t600s\nunfinished: TestA\nlast words\n",
		},
		{
			name: "a compiler's complaint and a plain line are passed on",
			events: []string{
				`{"Action":"build-output","ImportPath":"p","Output":"a.go:1: undefined: x\n"}`,
				`plain`,
			},
			want: "a.go:1: undefined: x\nplain\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			r := reporter{out: &out, output: map[test][]string{}}
			if err := r.read(strings.NewReader(strings.Join(tt.events, "\n"))); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != tt.want {
				t.Errorf("told\n%s\nwant\n%s", got, tt.want)
			}
			if r.passed != tt.passed {
				t.Errorf("passed = %d, want %d", r.passed, tt.passed)
			}
			if got := names(r.failed); got != tt.failed {
				t.Errorf("failed = %q, want %q", got, tt.failed)
			}
			if got := names(r.skipped); got != tt.skipped {
				t.Errorf("skipped = %q, want %q", got, tt.skipped)
			}
		})
	}
}

// A second run makes good for a test that failed by an accident, and for nothing else.
func TestAgain(t *testing.T) {
	const (
		fails  = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: got 1\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestA/sub"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestA"}` + "\n"
		passes = `{"Action":"pass","Package":"p","Test":"TestA/sub"}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n"
	)
	bad := errors.New("exit status 1")
	for _, tt := range []struct {
		name          string
		first, second string
		secondErr     error
		flaky         string // is run again, and passes
	}{
		{"passes", fails, passes, nil, "TestA"},
		{"fails again", fails, fails, bad, ""},
		{"isn't there", fails, "", nil, ""},
		{"is skipped", fails, `{"Action":"skip","Package":"p","Test":"TestA"}`, nil, ""},
		{"races the second time", fails, `{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}` + "\n" + passes, nil, ""},
		{"too many", fails + strings.ReplaceAll(fails, "TestA", "TestB") + strings.ReplaceAll(fails, "TestA", "TestC"), passes, nil, ""},
		{"a race", `{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}` + "\n" + fails, passes, nil, ""},
		{"a panic", fails + `{"Action":"output","Package":"p","Test":"TestB","Output":"panic: no\n"}`, passes, nil, ""},
		{"a fault of the runtime", fails + `{"Action":"output","Package":"p","Output":"fatal error: all goroutines are asleep\n"}`, passes, nil, ""},
		{"a package that failed by itself", fails + `{"Action":"fail","Package":"q"}`, passes, nil, ""},
		{"a test that never ended", fails + `{"Action":"output","Package":"p","Test":"TestB","Output":"words\n"}` + "\n" + `{"Action":"fail","Package":"p"}`, passes, nil, ""},
		{"a package that ended early", `{"Action":"fail","Package":"p"}`, passes, nil, ""},
		{"what does not compile", fails + `{"Action":"build-output","Output":"undefined: x\n"}`, passes, nil, ""},
		{"a package that could not be built", fails + `{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}`, passes, nil, ""},
		{"a skipped one", fails + `{"Action":"skip","Package":"p","Test":"TestB"}`, passes, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			r := reporter{out: &out, output: map[test][]string{}}
			if err := r.read(strings.NewReader(tt.first)); err != nil {
				t.Fatal(err)
			}
			err := r.again(2, bad, func(again test, second *reporter) error {
				if want := (test{"p", "TestA"}); again != want {
					t.Errorf("ran %v again, want %v", again, want)
				}
				if err := second.read(strings.NewReader(tt.second)); err != nil {
					t.Error(err)
				}
				return tt.secondErr
			})
			if got := names(r.flaky); got != tt.flaky {
				t.Errorf("flaky = %q, want %q", got, tt.flaky)
			}
			if passed := err == nil && len(r.failed) == 0; passed != (tt.flaky != "") {
				t.Errorf("error %v and %d failed; is that passed?", err, len(r.failed))
			}
			r.sum(time.Second)
			if told := strings.Contains(out.String(), "FLAKY p TestA"); told != (tt.flaky != "") {
				t.Errorf("told\n%s", out.String())
			}
		})
	}
	want := []string{"-race", "-p", "3", "-run", "^TestA$", "p"}
	if got := only([]string{"-race", "-p", "3", "./x", "./..."}, test{"p", "TestA"}); !slices.Equal(got, want) {
		t.Errorf("only one test: %q, want %q", got, want)
	}
}

func names(tests []test) string {
	var names []string
	for _, t := range tests {
		names = append(names, t.name)
	}
	return strings.Join(names, " ")
}

// What takes longest is told, so that a run stays short.
func TestSlow(t *testing.T) {
	var out strings.Builder
	r := reporter{out: &out, output: map[test][]string{}}
	events := []string{`{"Action":"pass","Package":"p","Test":"TestQuick","Elapsed":19.9}`, `{"Action":"pass","Package":"p","Test":"TestLong/part","Elapsed":90}`}
	for i := range slowest + 1 {
		events = append(events, fmt.Sprintf(`{"Action":"pass","Package":"p","Test":"Test%d","Elapsed":%d}`, i, slowSeconds+i))
	}
	if err := r.read(strings.NewReader(strings.Join(events, "\n"))); err != nil {
		t.Fatal(err)
	}
	r.sum(time.Minute)
	_, told, _ := strings.Cut(out.String(), "\n")
	lines := strings.Split(strings.TrimSpace(told), "\n")
	if len(lines) != slowest || lines[0] != "slow:  28 s p Test8" || lines[slowest-1] != "slow:  21 s p Test1" {
		t.Errorf("told %q", lines)
	}
}

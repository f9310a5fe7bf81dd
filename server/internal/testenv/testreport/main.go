// Command testreport runs go test with its own arguments and tells the result
// so that nothing can be overlooked: a line for each package, failures in
// full, and a skipped test as the failure that it is here. Without -v, go test
// would not mention it; with -v, it would bury everything.
//
//	testreport -race ./...
//
// As many as CARTLINE_TEST_AGAIN says (default: none) may fail and are run once more, each
// alone, when all others have ended: see [reporter.again]. Its exit status is 0 when all
// tests ran and passed, and 1 otherwise.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	// On an interrupt go test, which gets it too, shall say where it was.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	start := time.Now()
	r := reporter{out: os.Stdout, output: map[test][]string{}}
	args := os.Args[1:]
	err := run(&r, args)
	if limit := os.Getenv("CARTLINE_TEST_AGAIN"); err != nil && limit != "" {
		n, badLimit := strconv.Atoi(limit)
		if badLimit != nil {
			fmt.Fprintln(os.Stderr, "testreport: CARTLINE_TEST_AGAIN is not a number:", limit)
			os.Exit(2)
		}
		err = r.again(n, err, func(t test, r *reporter) error { return run(r, only(args, t)) })
	}
	r.sum(time.Since(start).Round(time.Second))
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport: go test:", err)
	}
	if err != nil || len(r.failed)+len(r.skipped) > 0 {
		os.Exit(1)
	}
}

// run runs go test and hands its events to r. Its error includes that a test
// failed.
func run(r *reporter, args []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := r.read(events)
	if err := cmd.Wait(); err != nil {
		return err
	}
	return readErr
}

// event is what go test -json writes, one to a line (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds, of a test that has ended
}

// test names a test; the name is empty for the package itself.
type test struct{ pkg, name string }

// reporter turns events into lines for people.
type reporter struct {
	out     io.Writer
	output  map[test][]string // of the tests that still run
	passed  int
	failed  []test
	skipped []test
	grave   []string // what happened that no second run makes good
	flaky   []test   // failed, and passed when run again
	slow    []slowTest
}

// slowTest is a test that took longer than others can wait for.
type slowTest struct {
	test
	seconds float64
}

const (
	slowSeconds = 20 // whether a test is slow
	slowest     = 8  // how many of those are told
)

// sum tells the result.
func (r *reporter) sum(took time.Duration) {
	r.print(fmt.Sprintf("%d tests passed, %d failed, %d skipped in %v\n", r.passed, len(r.failed), len(r.skipped), took))
	for _, t := range r.skipped {
		r.print(fmt.Sprintf("SKIPPED %s %s: a test that cannot run here must fail\n", t.pkg, t.name))
	}
	for _, t := range r.flaky {
		r.print(fmt.Sprintf("FLAKY %s %s: it failed, and passed when it was run again; see above, and mend it\n", t.pkg, t.name))
	}
	slices.SortFunc(r.slow, func(a, b slowTest) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, t := range r.slow[:min(len(r.slow), slowest)] {
		r.print(fmt.Sprintf("slow: %3.0f s %s %s\n", t.seconds, t.pkg, t.name))
	}
}

// read handles events until the end of the input.
func (r *reporter) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.handle(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// handle handles one line. What is no event is passed on as it is.
func (r *reporter) handle(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		r.print(string(bytes.TrimRight(line, "\n")) + "\n")
		return
	}
	t := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		r.grave = append(r.grave, "something does not compile")
		r.print(e.Output)
	case "output":
		if what := graveOutput(e.Output); what != "" {
			r.grave = append(r.grave, what+" in "+t.pkg)
		}
		switch {
		case t.name != "":
			if !strings.HasPrefix(e.Output, "=== ") {
				r.output[t] = append(r.output[t], e.Output)
			}
		case e.Output != "PASS\n": // the line that follows says the same
			r.print(e.Output)
		}
	case "pass":
		if t.name != "" {
			r.passed++
			delete(r.output, t)
			if e.Elapsed >= slowSeconds && !strings.Contains(t.name, "/") {
				r.slow = append(r.slow, slowTest{t, e.Elapsed})
			}
		}
	case "fail":
		if t.name == "" {
			r.flush(t.pkg)
			if !slices.ContainsFunc(r.failed, func(f test) bool { return f.pkg == t.pkg }) {
				r.grave = append(r.grave, t.pkg+" failed by itself")
			}
			return
		}
		r.failed = append(r.failed, t)
		r.tell(t)
	case "skip":
		// A package is skipped when it has no tests.
		if t.name != "" {
			r.skipped = append(r.skipped, t)
			r.tell(t)
		}
	}
}

// flush tells what the tests of a failed package wrote that never came to
// their end, because the package timed out or exited.
func (r *reporter) flush(pkg string) {
	var left []test
	for t := range r.output {
		if t.pkg == pkg {
			left = append(left, t)
		}
	}
	slices.SortFunc(left, func(a, b test) int { return strings.Compare(a.name, b.name) })
	for _, t := range left {
		r.grave = append(r.grave, t.name+" never ended")
		r.print("unfinished: " + t.name + "\n")
		r.tell(t)
	}
}

// tell prints what a test wrote.
func (r *reporter) tell(t test) {
	for _, s := range r.output[t] {
		r.print(s)
	}
	delete(r.output, t)
}

func (r *reporter) print(s string) {
	// Nowhere is left to tell that the output cannot be written.
	_, _ = io.WriteString(r.out, s)
}

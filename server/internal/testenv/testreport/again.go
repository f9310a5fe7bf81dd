package main

import (
	"fmt"
	"regexp"
	"strings"
)

// again gives tests that failed a second chance, each alone: on a machine with few cores,
// where a browser or a database may not get its turn for a minute, some test sooner or
// later runs into the end of its patience. It is told all the same, as flaky, with what it
// wrote when it failed. There is no second chance
//
//   - if more than limit tests failed: that is no accident;
//   - after a data race, a panic, a package that ended early, or what does not compile;
//   - after a test was skipped.
//
// The error is that of the first run, or nil if what failed there now passed.
func (r *reporter) again(limit int, first error, run func(test, *reporter) error) error {
	var tests []test
	for _, t := range r.failed {
		if !strings.Contains(t.name, "/") { // its subtests failed with it
			tests = append(tests, t)
		}
	}
	if len(tests) == 0 || len(tests) > limit || len(r.grave)+len(r.skipped) > 0 {
		return first
	}
	for _, t := range tests {
		r.print(fmt.Sprintf("again: %s %s\n", t.pkg, t.name))
		second := reporter{out: r.out, output: map[test][]string{}}
		if err := run(t, &second); err != nil || len(second.failed)+len(second.skipped)+len(second.grave) > 0 || second.passed == 0 {
			return first
		}
		r.flaky = append(r.flaky, t)
		r.passed += second.passed
	}
	r.failed = nil
	return nil
}

// graveOutput tells what a line of a test's output means if no second run may make good
// for it. A server's log is indented in it, Go's own words are not.
func graveOutput(line string) string {
	switch {
	case strings.Contains(line, "WARNING: DATA RACE"):
		return "a data race"
	case strings.HasPrefix(line, "panic: "), strings.HasPrefix(line, "fatal error: "):
		return "a panic"
	case strings.HasPrefix(line, "FAIL\t") && strings.HasSuffix(line, " failed]\n"): // [build failed], [setup failed]
		return "a failed build"
	}
	return ""
}

// only returns the arguments of go test that run one test where args run packages, which
// are those that begin with a dot.
func only(args []string, t test) []string {
	var flags []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, ".") {
			flags = append(flags, arg)
		}
	}
	return append(flags, "-run", "^"+regexp.QuoteMeta(t.name)+"$", t.pkg)
}

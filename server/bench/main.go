//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	signalled, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancelCause(context.Background())
	// As in Cartline itself, a second signal kills; the children then end by themselves.
	context.AfterFunc(signalled, func() {
		restore()
		stop(errors.New("interrupted"))
	})
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the program, but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := options{Notes: stderr}
	var only, what, out, from, keep, docs string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Binary, "binary", "bin/cartline", "`path` of the program to measure")
	flags.StringVar(&o.Rivals, "rivals", "bin/rivals", "`path` of the rivals, built of docs/bench")
	flags.StringVar(&what, "scenarios", "", "`names` of the scenarios, separated by commas, like fanout-*; all if there are none. --list lists them")
	flags.StringVar(&only, "servers", "", "`names` of the servers, separated by commas; all if there are none")
	flags.IntVar(&o.Rounds, "rounds", 3, "how often each server has its turn")
	flags.DurationVar(&o.Duration, "duration", 8*time.Second, "how long one measurement takes")
	flags.BoolVar(&o.Quick, "quick", false, "try everything once, small and short; the figures mean nothing")
	flags.BoolVar(&o.OneCore, "one-core", false, "keep every server on one processor")
	serverArgs := flags.String("server-args", "", "more `flags` for Cartline, separated by spaces")
	flags.StringVar(&out, "json", "", "`file` to write everything that was measured to")
	flags.StringVar(&from, "from", "", "`file` of an earlier --json, in place of measuring anything")
	flags.StringVar(&keep, "keep", "", "`file` of an earlier --json, of which what isn't measured now is kept; it need not be there")
	flags.StringVar(&docs, "docs", "", "`folder` with performance.md, whose tables and charts are to be made anew")
	list := flags.Bool("list", false, "list the scenarios and the servers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not understood; see bench --help", flags.Arg(0))
	}
	if *list {
		return printList(stdout)
	}
	if o.Quick {
		o.Rounds, o.Duration = 1, 100*time.Millisecond
	}
	o.Only, o.ServerArgs = split(only), strings.Fields(*serverArgs)
	if err := o.check(); err != nil {
		return err
	}
	r, err := result(ctx, o, split(what), from)
	if r == nil {
		return err
	}
	if keep != "" {
		err = errors.Join(err, r.keepOf(keep))
	}
	err = errors.Join(err, r.print(stdout))
	if ctx.Err() != nil { // files keep what is whole
		return err
	}
	if out != "" {
		err = errors.Join(err, r.write(out))
	}
	if docs != "" {
		err = errors.Join(err, r.refresh(docs))
	}
	return err
}

// result reads what was measured from a file or, if there is none, measures it. What was
// measured before an error is returned with it.
func result(ctx context.Context, o options, patterns []string, from string) (*report, error) {
	if from != "" {
		return readReport(from)
	}
	wanted, err := choose(patterns)
	if err != nil {
		return nil, err
	}
	return measure(ctx, o, wanted)
}

// check finds what is wrong with the flags.
func (o options) check() error {
	if o.Rounds < 1 {
		return errors.New("--rounds is at least 1")
	}
	if o.Duration < 0 {
		return errors.New("--duration is a time like 8s")
	}
	for _, name := range o.Only {
		if !slices.ContainsFunc(everyone, func(c contender) bool { return c.name == name }) {
			return fmt.Errorf("--servers: there is no %q; --list lists them", name)
		}
	}
	return nil
}

// measure measures. What was measured before an error is returned with it.
func measure(ctx context.Context, o options, wanted []scenario) (_ *report, err error) {
	for _, path := range []*string{&o.Binary, &o.Rivals} {
		if *path, err = program(*path); err != nil {
			return nil, err
		}
	}
	b, err := newBench(ctx, o)
	if ctx.Err() != nil && err != nil { // whatever has failed, it was for this
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	return b.run(ctx, wanted)
}

// choose returns the scenarios with names that match a pattern.
func choose(patterns []string) ([]scenario, error) {
	if len(patterns) == 0 {
		return scenarios(), nil
	}
	var all []scenario
	for _, pattern := range patterns {
		before := len(all)
		for _, s := range scenarios() {
			match, err := path.Match(pattern, s.name)
			if err != nil {
				return nil, fmt.Errorf("--scenarios: %q is no pattern: %w", pattern, err)
			}
			if match {
				all = append(all, s)
			}
		}
		if len(all) == before {
			return nil, fmt.Errorf("--scenarios: there is no %q; --list lists them", pattern)
		}
	}
	return all, nil
}

// split splits at commas.
func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}

// printList prints what can be measured.
func printList(to io.Writer) error {
	var text strings.Builder
	text.WriteString("Scenarios:\n")
	for _, s := range scenarios() {
		fmt.Fprintf(&text, "  %-20s %s\n", s.name, s.title)
	}
	text.WriteString("\nServers:\n")
	for _, c := range everyone {
		fmt.Fprintf(&text, "  %-20s %s\n", c.name, plain(c.title))
	}
	_, err := io.WriteString(to, text.String())
	return err
}

// print prints the tables.
func (r *report) print(to io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n", r.Version, r.Machine)
	if r.Quick {
		text.WriteString("A trial: the figures mean nothing.\n")
	}
	for _, s := range scenarios() {
		if m := r.measured(s.name); m != nil {
			fmt.Fprintf(&text, "\n%s (%s)\n\n%s\n%s\n", s.title, s.name, table(s, m), m.when())
		}
	}
	if sum := r.summary(); sum != "" && len(r.Scenarios) > 1 {
		text.WriteString("\nAll in one, with the ratios to " + baseline + ":\n\n" + sum)
	}
	_, err := io.WriteString(to, text.String())
	return err
}

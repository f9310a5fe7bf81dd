//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"cartline/server/internal/testenv"
)

// options are what was asked for.
type options struct {
	Binary, Rivals string // paths of programs
	ServerArgs     []string
	Duration       time.Duration // of one measurement
	Rounds         int
	Quick          bool
	OneCore        bool
	Only           []string // servers; all if there are none
	Notes          io.Writer
}

// bench is measuring under way.
type bench struct {
	options
	pin     bool // servers run on one processor
	cluster *testenv.Cluster
	main    *database
	folder  string
	files   uint64     // that a process may have open
	noting  sync.Mutex // Notes

	interest *database // nil before it is needed
	shoppers []shopper
}

// newBench starts what every scenario needs. Close ends it.
func newBench(ctx context.Context, o options) (_ *bench, err error) {
	b := &bench{options: o, pin: o.OneCore}
	if b.files, err = raiseFiles(); err != nil {
		return nil, err
	}
	if b.folder, err = os.MkdirTemp("", "cartline-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	b.logf("starting PostgreSQL")
	if b.cluster, err = testenv.StartCluster("shared_buffers=128MB"); err != nil {
		return nil, err
	}
	b.main, err = b.newDatabase(ctx, "bench")
	return b, err
}

func (b *bench) close() error {
	var errs []error
	for _, d := range []*database{b.main, b.interest} {
		if d != nil {
			errs = append(errs, d.store.Close())
		}
	}
	if b.cluster != nil {
		errs = append(errs, b.cluster.Remove())
	}
	return errors.Join(append(errs, os.RemoveAll(b.folder))...)
}

// run measures some scenarios. What can't be measured is told, and the rest goes on.
func (b *bench) run(ctx context.Context, wanted []scenario) (*report, error) {
	r := &report{Version: b.version(ctx), Machine: thisMachine(), Quick: b.Quick}
	left := time.Duration(0)
	for _, s := range wanted {
		left += b.time(s)
	}
	var errs []error
	for _, s := range wanted {
		if ctx.Err() != nil {
			break
		}
		b.logf("%s (%s): about %v, of %v that are left", s.title, s.name, b.time(s).Round(time.Second), left.Round(time.Second))
		left -= b.time(s)
		m, err := b.runOne(ctx, s)
		errs = append(errs, err)
		if len(m.Samples) > 0 {
			r.Scenarios = append(r.Scenarios, m)
		}
	}
	if ctx.Err() != nil { // whatever else has failed, it was for this
		return r, context.Cause(ctx)
	}
	return r, errors.Join(errs...)
}

// runOne measures a scenario.
func (b *bench) runOne(ctx context.Context, s scenario) (measurement, error) {
	m := measurement{Name: s.name, At: time.Now().UTC().Truncate(time.Second), Seconds: b.Duration.Seconds()}
	b.pin = b.OneCore || s.oneCore
	var errs []error
	for round := 1; round <= b.rounds(s) && ctx.Err() == nil; round++ {
		samples, err := b.round(ctx, s, round)
		m.Samples = append(m.Samples, samples...)
		errs = append(errs, err)
	}
	return m, errors.Join(errs...)
}

// round gives each server its turn.
func (b *bench) round(ctx context.Context, s scenario, number int) ([]sample, error) {
	var turns sync.WaitGroup
	taking := b.taking(s)
	found, errs := make([]values, len(taking)), make([]error, len(taking))
	for i, c := range taking {
		turns.Go(func() {
			if ctx.Err() != nil {
				return
			}
			if found[i], errs[i] = s.measure(ctx, b, c); errs[i] != nil {
				errs[i] = fmt.Errorf("%s, %s, round %d: %w", s.name, c.name, number, errs[i])
				found[i] = nil
				if ctx.Err() == nil {
					b.logf("  %v", errs[i])
				}
				return
			}
			b.logf("  %d of %d  %-15s %s", number, b.rounds(s), c.name, found[i].line(s.columns))
		})
		if !s.together {
			turns.Wait()
		}
	}
	turns.Wait()
	var samples []sample
	for i, c := range taking {
		if found[i] != nil {
			samples = append(samples, sample{Server: c.name, Round: number, Values: found[i]})
		}
	}
	return samples, errors.Join(errs...)
}

// line is the values in one line.
func (v values) line(columns []column) string {
	var parts []string
	for _, c := range columns {
		if value, ok := v[c.name]; ok {
			parts = append(parts, c.title+" "+number(value, c.digits))
		}
	}
	return strings.Join(parts, ", ")
}

// taking returns who takes part in a scenario.
func (b *bench) taking(s scenario) []contender {
	return slices.DeleteFunc(slices.Clone(s.contenders), func(c contender) bool {
		return len(b.Only) > 0 && !slices.ContainsFunc(b.Only, c.is)
	})
}

// is tells whether a name in the flags means this contender.
func (c contender) is(name string) bool {
	return name == c.name || c.rival == "" && !c.batch && name == cartline.name
}

func (b *bench) rounds(s scenario) int {
	if s.once {
		return 1
	}
	return b.Rounds
}

// time is about how long a scenario takes.
func (b *bench) time(s scenario) time.Duration {
	const starting = time.Second
	turns := b.rounds(s) * len(b.taking(s))
	if s.together {
		turns = min(turns, b.rounds(s))
	}
	return time.Duration(turns) * (s.takes(b) + starting)
}

// scaled is a number of clients, or a few of them in a trial; but 0 stays 0.
func (b *bench) scaled(n int) int {
	if b.Quick {
		return (n + 99) / 100
	}
	return n
}

// quickly is a time, or a shorter one in a trial.
func (b *bench) quickly(d, inTrial time.Duration) time.Duration {
	if b.Quick {
		return inTrial
	}
	return d
}

// version is Cartline's own.
func (b *bench) version(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, b.Binary, "version").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(strings.Replace(string(out), "cartline", "Cartline", 1))
}

func (b *bench) logf(format string, args ...any) {
	b.noting.Lock()
	defer b.noting.Unlock()
	_, _ = fmt.Fprintf(b.Notes, format+"\n", args...) // there is nowhere left to tell that it fails
}

// ended ends a server, and adds to an error what it wrote.
func (s *server) ended(err error) error {
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, s.logEnd())
	}
	return errors.Join(err, s.stop())
}

// raiseFiles allows this process, and those it starts, as many open files as it may
// have, and returns how many that is.
func raiseFiles() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	limit.Cur = limit.Max
	return limit.Cur, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}

package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"cartline/server/identity"
	"cartline/server/throttle"
	"cartline/shared"
)

// processTable is where the processes that share a database tell of themselves.
type processTable interface {
	// Beat notes what the process with an id says of itself, and returns the others that
	// live, and the database's time.
	Beat(ctx context.Context, id string, p shared.ProcessStatus) (others []shared.ProcessStatus, now time.Time, err error)
	// Gone forgets the process with an id.
	Gone(ctx context.Context, id string) error

	throttle.Shared
}

// joinProcesses makes this process one of those that share a database, if that can have
// several: they know of each other, and count together what may be tried only so often.
func (s *server) joinProcesses(customers *identity.Customers) {
	table := s.database.processes
	if table == nil {
		return
	}
	s.processes = newProcesses(table, s.self, s.events.Note, s.logger)
	failed := func(err error) {
		s.logger.Warn("tries can't be counted together with those at other processes; this one counts its own", "error", err)
	}
	s.staff.ShareAttempts(table, failed)
	customers.ShareAttempts(table, failed)
	s.desk.ShareThrottles(table, failed)
}

// processes tells the others that this process lives, and knows of those that do.
type processes struct {
	table    processTable
	id       string
	describe func() shared.ProcessStatus
	changed  func()
	logger   *slog.Logger

	mu     sync.Mutex
	others []shared.ProcessStatus
	known  bool // the database has told of them lately
}

// The times of the processes' heartbeats.
const (
	beatInterval = 2 * time.Second
	beatTimeout  = 5 * time.Second
	// maxSkew is how far clocks may be apart before it is told. Presence goes by them:
	// somebody's pages are noted by one process, and missed by another.
	maxSkew = 5 * time.Second
)

// newProcesses makes what knows of the processes, which does nothing until run. Describe
// tells of this one, and changed is called when others have said something new.
func newProcesses(table processTable, describe func() shared.ProcessStatus, changed func(), logger *slog.Logger) *processes {
	return &processes{table: table, id: rand.Text(), describe: describe, changed: changed, logger: logger}
}

// run beats until the context ends, and then takes the process out of the table.
func (p *processes) run(ctx context.Context) {
	failing, skewed := false, false // so that each is logged once
	every(ctx, beatInterval, func() {
		skew, err := p.beat(ctx)
		switch {
		case ctx.Err() != nil: // we stop
		case err != nil && !failing:
			p.logger.Error("can't tell other processes of this one; trying again", "error", err)
		case err == nil && failing:
			p.logger.Info("other processes are told of this one again")
		}
		failing = err != nil
		if err == nil && (skew.Abs() > maxSkew) != skewed {
			skewed = !skewed
			p.noteSkew(skew, skewed)
		}
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatTimeout)
	defer cancel()
	if err := p.table.Gone(last, p.id); err != nil {
		p.logger.Warn("can't tell other processes that this one ends; they will notice", "error", err)
	}
}

// noteSkew logs that the clocks are apart, or aren't any more.
func (p *processes) noteSkew(skew time.Duration, skewed bool) {
	if !skewed {
		p.logger.Info("this machine's clock and the database's agree again")
		return
	}
	p.logger.Warn("this machine's clock and the database's differ; staff may be released from carts that they have open, and sessions end early or late: have both set by NTP",
		"ahead", skew.Round(time.Millisecond))
}

// beat tells of this process and asks for the others. It returns how far this machine's
// clock is ahead of the database's.
func (p *processes) beat(ctx context.Context) (ahead time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, beatTimeout)
	defer cancel()
	began := time.Now()
	others, now, err := p.table.Beat(ctx, p.id, p.describe())
	p.learn(others, err == nil)
	if err != nil {
		return 0, err
	}
	// The database looked at its clock somewhen in between.
	return began.Add(time.Since(began) / 2).Sub(now), nil
}

// learn takes what there is to know of the others.
func (p *processes) learn(others []shared.ProcessStatus, known bool) {
	p.mu.Lock()
	before := total(p.others)
	news := known != p.known || len(others) != len(p.others) || total(others) != before
	p.others, p.known = others, known
	p.mu.Unlock()
	if news {
		p.changed()
	}
}

// with adds the others to what this process says of itself. It returns nil if they aren't
// known; p may be nil.
func (p *processes) with(self shared.ProcessStatus) *shared.AllProcesses {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	others, known := p.others, p.known
	p.mu.Unlock()
	if !known {
		return nil
	}
	all := append([]shared.ProcessStatus{self}, others...)
	sum := total(all)
	return &shared.AllProcesses{
		Connections: sum.Connections,
		Echo:        sum.Echo,
		Count:       len(all),
		Processes:   all[:min(len(all), shared.MaxListedProcesses)],
	}
}

// total adds up what processes serve.
func total(processes []shared.ProcessStatus) (sum shared.ProcessStatus) {
	for _, p := range processes {
		sum.Connections += p.Connections
		sum.Echo += p.Echo
	}
	return sum
}

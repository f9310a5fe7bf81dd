package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/throttle"
	"cartline/shared"
)

// processList is a table of processes that says what it is told to.
type processList struct {
	throttle.Shared

	mu     sync.Mutex
	others []shared.ProcessStatus
	behind time.Duration // the database's clock
	err    error
	gone   []string
}

func (l *processList) Beat(_ context.Context, id string, p shared.ProcessStatus) ([]shared.ProcessStatus, time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.others, time.Now().Add(-l.behind), l.err
}

func (l *processList) Gone(_ context.Context, id string) error {
	l.gone = append(l.gone, id)
	return nil
}

// A process tells of itself every two seconds, and knows what others said as long as the
// database can be asked; those who watch hear of each change, and of nothing else.
func TestProcessesBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log output
		table := new(processList)
		var news atomic.Int32
		self := shared.ProcessStatus{Process: "box/1", Connections: 3, Echo: 1}
		p := newProcesses(table, func() shared.ProcessStatus { return self }, func() { news.Add(1) }, slog.New(slog.NewTextHandler(&log, nil)))
		if got := p.with(self); got != nil {
			t.Errorf("before it has asked, it knows %+v", got)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); p.run(ctx) }()
		for _, step := range []struct {
			name        string
			change      func()
			count       int // 0: not known
			connections int
			news        int32
			logged      string // once, if at all
		}{
			{"alone", func() {}, 1, 3, 1, ""},
			{"still alone", func() {}, 1, 3, 1, ""},
			{"another", func() { table.others = []shared.ProcessStatus{{Process: "box/2", Connections: 4}} }, 2, 7, 2, ""},
			{"another who serves more", func() { table.others = []shared.ProcessStatus{{Process: "box/2", Connections: 5}} }, 2, 8, 3, ""},
			{"the database is away", func() { table.err = errors.New("away") }, 0, 0, 4, "can't tell other processes"},
			{"still away", func() {}, 0, 0, 4, "can't tell other processes"},
			{"back", func() { table.err = nil }, 2, 8, 5, "are told of this one again"},
			{"a clock that is ahead", func() { table.behind = maxSkew + time.Second }, 2, 8, 5, "NTP"},
			{"still ahead", func() {}, 2, 8, 5, "NTP"},
			{"set", func() { table.behind = 0 }, 2, 8, 5, "agree again"},
			{"a clock that is behind", func() { table.behind = -maxSkew - time.Second }, 2, 8, 5, "ahead=-6s"},
		} {
			time.Sleep(beatInterval / 2) // between two beats
			table.mu.Lock()
			step.change()
			table.mu.Unlock()
			time.Sleep(beatInterval / 2)
			synctest.Wait()
			all := p.with(self)
			switch {
			case step.count == 0 && all != nil:
				t.Errorf("%s: it knows %+v", step.name, all)
			case step.count > 0 && (all == nil || all.Count != step.count || all.Connections != step.connections || all.Echo != 1 || all.Processes[0] != self):
				t.Errorf("%s: it knows %+v, want %d who serve %d", step.name, all, step.count, step.connections)
			}
			if got := news.Load(); got != step.news {
				t.Errorf("%s: %d changes were told, want %d", step.name, got, step.news)
			}
			if step.logged != "" && strings.Count(log.String(), step.logged) != 1 {
				t.Errorf("%s: the log has %q", step.name, log.String())
			}
		}
		stop()
		<-done
		if len(table.gone) != 1 || table.gone[0] != p.id {
			t.Errorf("at the end, it took out %q, want itself", table.gone)
		}
	})
}

// However many there are, a bounded number is listed, and all are counted.
func TestManyProcesses(t *testing.T) {
	p := newProcesses(new(processList), nil, func() {}, slog.New(slog.DiscardHandler))
	p.learn(make([]shared.ProcessStatus, 200), true)
	if all := p.with(shared.ProcessStatus{Connections: 2}); all.Count != 201 || len(all.Processes) != shared.MaxListedProcesses || all.Connections != 2 {
		t.Errorf("got %d, %d listed", all.Count, len(all.Processes))
	}
	var none *processes
	if none.with(shared.ProcessStatus{}) != nil || none.with(shared.ProcessStatus{}).Several() {
		t.Error("there are others on SQLite")
	}
}

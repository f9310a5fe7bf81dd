package nats_test

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/internal/testenv"
	"cartline/server/nats"
	"cartline/server/postgres"
)

// process is what of a process follows the log, with lines of its own.
type process struct {
	w      *world
	name   string
	relay  *nats.Relay
	toNATS *testenv.Link
	toDB   *testenv.Link
	stop   func()
	// offices is how often it was elected.
	offices atomic.Int64

	mu     sync.Mutex
	began  cart.Position
	got    []string // cursors
	resets int
	heard  []string
	missed int
}

// run starts a process.
func (w *world) run(name string, alter ...func(*nats.Config)) *process {
	w.t.Helper()
	p := &process{w: w, name: name}
	toNATS, err := url.Parse(w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	toDB, err := url.Parse(w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	p.toNATS, p.toDB = testenv.NewLink(w.t, toNATS.Host), testenv.NewLink(w.t, toDB.Host)
	toNATS.Host, toDB.Host = p.toNATS.Address(), p.toDB.Address()
	dsn := toDB.String()
	log := openStore(w.t, dsn)
	logger := slog.New(slog.NewTextHandler(logWriter{w.t}, nil)).With("process", name)
	config := nats.Config{
		URL: toNATS.String(), Stream: "test", Subject: "test", MaxAge: time.Hour, MaxBytes: 64 << 20, Replicas: 1,
		Process: name, Log: log,
		Elect: func(ctx context.Context) (nats.Office, error) {
			office, err := postgres.Elect(ctx, dsn)
			if office == nil {
				return nil, err
			}
			p.offices.Add(1)
			return office, err
		},
		Listener: func(heard func(channel, payload string), again func()) (nats.Listener, error) {
			return postgres.NewListener(dsn, heard, again, logger)
		},
		Channels: []string{"news"}, Waking: postgres.ChannelLog,
		Heard:  func(_, payload string) { p.set(func() { p.heard = append(p.heard, payload) }) },
		Missed: func() { p.set(func() { p.missed++ }) },
		Logger: logger,
	}
	for _, alter := range alter {
		alter(&config)
	}
	if p.relay, err = nats.New(config); err != nil {
		w.t.Fatal(err)
	}
	tail := event.NewTail(log, p, logger)
	tail.Take(p.relay)
	p.stop = inBackground(w.t, func(ctx context.Context) {
		var running sync.WaitGroup
		running.Go(func() { p.relay.Run(ctx) })
		running.Go(func() { tail.Run(ctx) })
		running.Wait()
	})
	<-tail.Started()
	return p
}

// logWriter writes a log to the test's.
type logWriter struct{ t testing.TB }

func (l logWriter) Write(text []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(text)))
	return len(text), nil
}

func (p *process) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *process) look() (heard []string, missed, resets int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heard), p.missed, p.resets
}

// Reset implements event.Follower.
func (p *process) Reset(head cart.Position) {
	p.set(func() {
		if p.resets++; p.resets == 1 {
			p.began = head
		}
	})
}

// Publish implements event.Follower.
func (p *process) Publish(entry cart.Entry) {
	p.set(func() { p.got = append(p.got, entry.Position.Cursor()) })
}

// position is how far a process has told the log.
func (p *process) position() cart.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.got) == 0 {
		return p.began
	}
	position, err := cart.ParseCursor(p.got[len(p.got)-1])
	if err != nil {
		p.w.t.Error(err)
	}
	return position
}

// follows waits until a process has no need to read the log.
func (p *process) follows() {
	p.w.t.Helper()
	testenv.Eventually(p.w.t, patience, p.name+" to follow the stream", func() bool { return p.relay.Keeps(p.position()) })
}

// offices counts elections.
func offices(processes ...*process) (all int64) {
	for _, p := range processes {
		all += p.offices.Load()
	}
	return all
}

// elected waits until one of the processes is the elected one, and returns it.
func elected(t testing.TB, processes ...*process) *process {
	t.Helper()
	var found *process
	testenv.Eventually(t, patience, "somebody to be elected", func() bool {
		for _, p := range processes {
			if strings.HasSuffix(processes[0].relay.State(), "come over NATS from "+p.name) {
				found = p
			}
		}
		return found != nil
	})
	return found
}

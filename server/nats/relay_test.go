package nats_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	lib "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/internal/testenv"
	"cartline/server/nats"
)

// Everybody gets the log, and what is notified, and one alone asks the database for it.
func TestOneReadsForAll(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	w := newWorld(t, server.URL())
	all := []*process{w.run("one"), w.run("two"), w.run("three")}
	one := elected(t, all...)
	for _, p := range all {
		p.follows()
	}
	reads := make(map[*process]int64)
	for _, p := range all {
		reads[p] = p.log.reads.Load()
	}
	w.change(50)
	w.check(all...)
	for _, p := range all {
		// A beat may come late on a busy machine: then it is read once more.
		if more := p.log.reads.Load() - reads[p]; p != one && more > 5 {
			t.Errorf("%s has read the log %d times meanwhile", p.name, more)
		}
	}
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint("news ", i))
		w.notify("news", want[i])
	}
	for _, p := range all {
		testenv.Eventually(t, patience, p.name+" to hear the news", func() bool {
			heard, _, _ := p.look()
			return len(heard) >= len(want)
		})
		if heard, _, _ := p.look(); !slices.Equal(heard, want) {
			t.Errorf("%s heard %q", p.name, heard)
		}
	}
	// Nobody else listens, or holds anything.
	var listening int
	conn := connect(t, w.dsn)
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('cartline listener', 'cartline elected')`).Scan(&listening); err != nil || listening != 2 {
		t.Errorf("%d connections listen or hold the office, want 2, %v", listening, err)
	}
}

// Whatever happens to the elected one, to NATS and to the lines between, what everybody
// gets is the log, and afterwards it comes over NATS again.
func TestFaults(t *testing.T) {
	for name, broken := range map[string]func(one *process) (mend func()){
		"the elected one stops": func(one *process) func() {
			one.stop()
			return func() {}
		},
		"the elected one is cut off from NATS": func(one *process) func() {
			one.toNATS.Cut()
			return one.toNATS.Mend
		},
		"its line to NATS holds everything back": func(one *process) func() {
			one.toNATS.Stall()
			return one.toNATS.Mend
		},
		"the elected one is cut off from the database": func(one *process) func() {
			one.toDB.Cut()
			return one.toDB.Mend
		},
		"its line to the database is dead": func(one *process) func() {
			one.toDB.Die()
			return one.toDB.Bury
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testenv.NewNATS(t)
			w := newWorld(t, server.URL())
			all := []*process{w.run("one"), w.run("two"), w.run("three")}
			one := elected(t, all...)
			stop := w.write()
			before := offices(all...)
			mend := broken(one)
			// It may be the same one, over another line.
			testenv.Eventually(t, patience, "another election", func() bool { return offices(all...) > before })
			if strings.HasSuffix(name, "stops") {
				all = slices.DeleteFunc(all, func(p *process) bool { return p == one })
			}
			others := slices.DeleteFunc(slices.Clone(all), func(p *process) bool { return p == one })
			for _, p := range others {
				p.follows()
			}
			mend()
			for _, p := range all {
				p.follows()
			}
			stop()
			w.check(all...)
		})
	}
}

// NATS is killed, loses its stream, or isn't there at the beginning: events go on, as the
// log is read by everybody then; and when it is back they come over NATS.
func TestNATSAway(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	server.Kill()
	w := newWorld(t, server.URL())
	all := []*process{w.run("one"), w.run("two")}
	w.change(10)
	w.check(all...)
	for _, p := range all {
		if !strings.Contains(p.relay.State(), "read from the database") {
			t.Errorf("without NATS: %s", p.relay.State())
		}
	}
	follow := func() {
		t.Helper()
		elected(t, all...)
		for _, p := range all {
			p.follows()
		}
	}
	restart := func() {
		t.Helper()
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	restart()
	follow()
	for range 2 {
		stop := w.write()
		server.Kill()
		testenv.Eventually(t, patience, "NATS to be missed", func() bool { return !all[0].relay.Keeps(all[0].position()) })
		w.notify("news", "lost")
		_, missed, _ := all[0].look()
		restart()
		follow()
		stop()
		w.check(all...)
		testenv.Eventually(t, patience, "word of the notification that was missed", func() bool {
			_, now, _ := all[0].look()
			return now > missed
		})
	}
	js := jetStream(t, server)
	stop := w.write()
	if err := js.DeleteStream(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "another stream", func() bool {
		stream, err := js.Stream(t.Context(), "test")
		return err == nil && stream.CachedInfo().State.Msgs > 3
	})
	follow()
	stop()
	w.check(all...)
}

// Of three servers that are a cluster, one can be killed, and then another.
func TestCluster(t *testing.T) {
	t.Parallel()
	servers := testenv.NewNATSCluster(t, 3)
	w := newWorld(t, servers[0].URL())
	replicated := func(c *nats.Config) { c.Replicas = 3 }
	all := []*process{w.run("one", replicated), w.run("two", replicated)}
	elected(t, all...)
	for _, s := range servers[:2] {
		stop := w.write()
		for _, p := range all {
			p.follows()
		}
		s.Kill()
		w.change(20)
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		elected(t, all...)
		for _, p := range all {
			p.follows()
		}
		stop()
		w.check(all...)
	}
	js := jetStream(t, servers[2])
	testenv.Eventually(t, patience, "the stream to be on three servers", func() bool {
		stream, err := js.Stream(t.Context(), "test") // there may be no leader for a moment
		return err == nil && stream.CachedInfo().Config.Replicas == 3
	})
}

func jetStream(t testing.TB, server *testenv.NATS) jetstream.JetStream {
	t.Helper()
	closed := make(chan struct{})
	conn, err := lib.Connect(server.URL(), lib.ClosedHandler(func(*lib.Conn) { close(closed) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-closed })
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

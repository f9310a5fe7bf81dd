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
)

// Everybody gets the log, and what is notified, and one alone needs the database for it.
func TestOneReadsForAll(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	w := newWorld(t, server.URL())
	all := []*process{w.run("one"), w.run("two"), w.run("three")}
	one := elected(t, all...)
	for _, p := range all {
		p.follows()
	}
	// Nobody else needs the database, not even for what they missed of the stream.
	others := slices.DeleteFunc(slices.Clone(all), func(p *process) bool { return p == one })
	for _, p := range others {
		p.toDB.Cut()
	}
	w.change(50)
	w.check(all...)
	others[0].toNATS.Cut()
	w.change(50)
	others[0].toNATS.Mend()
	w.check(all...)
	for _, p := range others {
		p.toDB.Mend()
	}
	for round := 0; !w.spread(fmt.Sprint("news ", round, "."), all); round++ {
	}
	// Nobody else listens, or holds anything, unless another is just being elected.
	conn := connect(t, w.dsn)
	testenv.Eventually(t, patience, "two connections that listen or hold the office", func() bool {
		var connections int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('cartline listener', 'cartline elected')`).Scan(&connections)
		return err == nil && connections == 2
	})
}

// spread notifies, and tells whether every process has heard all of it, once and in order.
// Who is told that some may be lost, as when another was just elected, may lack some.
func (w *world) spread(prefix string, processes []*process) bool {
	w.t.Helper()
	missed := make([]int, len(processes))
	for i, p := range processes {
		_, missed[i], _ = p.look()
	}
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint(prefix, i))
		w.notify("news", want[i])
	}
	whole := true
	for i, p := range processes {
		var got []string
		lost := false
		testenv.Eventually(w.t, patience, p.name+" to hear the news", func() bool {
			heard, now, _ := p.look()
			got = slices.DeleteFunc(heard, func(text string) bool { return !strings.HasPrefix(text, prefix) })
			lost = now > missed[i]
			return lost || len(got) >= len(want)
		})
		if !lost && !slices.Equal(got, want) {
			w.t.Fatalf("%s heard %q", p.name, got)
		}
		whole = whole && !lost
	}
	return whole
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

// by tells whether the log comes to a process from the one with a name.
func by(p *process, name string) bool {
	return strings.HasSuffix(p.relay.State(), "come over NATS from "+name)
}

func jetStream(t testing.TB, server *testenv.NATS) jetstream.JetStream {
	t.Helper()
	return jetStreamAt(t, server.URL())
}

func jetStreamAt(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	closed := make(chan struct{})
	conn, err := lib.Connect(url, lib.ClosedHandler(func(*lib.Conn) { close(closed) }))
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

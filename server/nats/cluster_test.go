package nats_test

import (
	"slices"
	"testing"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/nats"
)

// Of three servers that are a cluster, one can be killed, and then another: two are
// enough.
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
		before := w.head()
		s.Kill()
		w.published(servers[2], before)
		elected(t, all...)
		for _, p := range all {
			p.follows()
		}
		if err := s.Start(); err != nil {
			t.Fatal(err)
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

// When the server of the elected one is cut off from the others of its cluster, it can't
// publish any more, though everybody reaches a server: another is elected, and who is left
// behind reads the log until it is over.
func TestClusterPartitioned(t *testing.T) {
	t.Parallel()
	servers := testenv.NewNATSCluster(t, 3)
	w := newWorld(t, servers[0].URL())
	at := make(map[*process]*testenv.NATS)
	var all []*process
	for i, name := range []string{"one", "two", "three"} {
		p := w.run(name, func(c *nats.Config) { c.URL, c.Replicas = servers[i].URL(), 3 })
		at[p] = servers[i]
		all = append(all, p)
	}
	stop := w.write()
	one := elected(t, all...)
	for _, p := range all {
		p.follows()
	}
	others := slices.DeleteFunc(slices.Clone(all), func(p *process) bool { return p == one })
	at[one].Part()
	testenv.Eventually(t, patience, "one of the others to be elected", func() bool {
		return by(others[0], others[0].name) || by(others[0], others[1].name)
	})
	w.published(at[others[0]], w.head())
	for _, p := range others {
		p.follows()
	}
	// Nobody is without the log meanwhile.
	before := one.position()
	testenv.Eventually(t, patience, "the log to go on where nobody publishes it", func() bool { return before.Before(one.position()) })
	at[one].Join()
	for _, p := range all {
		p.follows()
	}
	stop()
	w.check(all...)
}

// published waits until something beyond a position is in the stream.
func (w *world) published(server *testenv.NATS, position cart.Position) {
	w.t.Helper()
	js := jetStream(w.t, server)
	testenv.Eventually(w.t, patience, "more in the stream", func() bool {
		stream, err := js.Stream(w.t.Context(), "test") // there may be no leader for a moment
		if err != nil {
			return false
		}
		last, err := stream.GetLastMsgForSubject(w.t.Context(), "test.log")
		if err != nil {
			return false
		}
		link, err := nats.DecodeLink(last.Data)
		return err == nil && position.Before(link.Entry.Position)
	})
}

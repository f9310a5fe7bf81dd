package nats_test

import (
	"context"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/server/nats"
)

// Two that take themselves for elected can't spoil the stream, and nobody gets anything
// twice.
func TestTwoElected(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	w := newWorld(t, server.URL())
	usurp := func(c *nats.Config) {
		c.Elect = func(context.Context) (nats.Office, error) { return &pretended{term: 1 << 60}, nil }
	}
	all := []*process{w.run("one"), w.run("two")}
	elected(t, all...)
	usurper := w.run("usurper", usurp)
	stop := w.write()
	for !by(all[0], "usurper") {
		// It doesn't hear anybody while its line is cut, and takes the office if it is back
		// before the next beat of the elected one.
		usurper.toNATS.Cut()
		testenv.Eventually(t, patience, "the usurper to hear nobody", func() bool { return strings.Contains(usurper.relay.State(), "nobody") })
		usurper.toNATS.Mend()
		testenv.Eventually(t, patience, "the usurper to hear somebody", func() bool {
			return by(all[0], "usurper") || by(usurper, "one") || by(usurper, "two")
		})
	}
	usurper.follows()
	stop()
	w.check(append(all, usurper)...)
	links := stored(t, server)
	for i, link := range links[1:] {
		if link.after != links[i].cursor && !link.anew {
			t.Fatalf("message %d of the stream doesn't follow the one before", i+1)
		}
	}
}

// pretended is an office that somebody took without a lock.
type pretended struct{ term int64 }

func (p *pretended) Term() int64 { return p.term }
func (p *pretended) Leave()      {}
func (p *pretended) Hold(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// message is what is looked at of a message of the stream.
type message struct {
	after, cursor string
	anew          bool
}

// stored returns what is in the stream.
func stored(t *testing.T, server *testenv.NATS) (all []message) {
	t.Helper()
	stream, err := jetStream(t, server).Stream(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	for number := uint64(1); number <= stream.CachedInfo().State.LastSeq; number++ {
		raw, err := stream.GetMsg(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		link, err := nats.DecodeLink(raw.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, message{link.After.Cursor(), link.Entry.Position.Cursor(), link.Anew})
	}
	return all
}
